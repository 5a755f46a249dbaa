// Package logging makes the program's *slog.Logger: JSON or text, one level
// for everything and another where a module asks for it, both changeable while
// the program runs.
//
//	log.With(slog.String("module", "retry"))      LOG_LEVEL=info
//	                     |                        LOG_LEVELS=retry:debug
//	                     v
//	record --> level of "retry", if it has one --> JSON or text --> writer
//	           else the root level
//
// A constructor that takes a *slog.Logger adds the attribute "module" to it
// first; from then on the logger is judged by that module's level. A later
// "module" replaces an earlier one. The attribute counts where it stands at the
// top level, not inside a group.
//
// Asking a logger for a level that is off costs two atomic loads and allocates
// nothing.
package logging
