package logging

import (
	"log/slog"
	"sync"
	"sync/atomic"
)

// Levels holds the level of every module. A change is seen by all loggers at
// once. All methods may be called concurrently.
type Levels struct {
	root slog.LevelVar

	mu      sync.RWMutex
	modules map[string]*moduleLevel
}

// moduleLevel is what a handler asks: the module's own level, or the root's.
type moduleLevel struct {
	root *slog.LevelVar
	own  atomic.Pointer[slog.Level] // nil = the root's
}

// Level returns the level that holds for the module.
func (m *moduleLevel) Level() slog.Level {
	if own := m.own.Load(); own != nil {
		return *own
	}
	return m.root.Level()
}

// Set gives a module its own level; "" sets the root level, which holds for
// every module without one. A module need not have logged before. Beyond 1,000
// modules, further ones obey the root level whatever is set.
func (l *Levels) Set(module string, level slog.Level) {
	if module == "" {
		l.root.Set(level)
		return
	}
	l.module(module).own.Store(&level)
}

// Unset takes a module's own level away: the root level holds for it again.
func (l *Levels) Unset(module string) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if m, ok := l.modules[module]; ok {
		m.own.Store(nil)
	}
}

// Level returns the level that holds for a module; that of "", and of a module
// that never logged, is the root level.
func (l *Levels) Level(module string) slog.Level {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if m, ok := l.modules[module]; ok {
		return m.Level()
	}
	return l.root.Level()
}

// All returns the level that holds for each module that has a logger or a level
// of its own, and the root level under "". The map is the caller's.
func (l *Levels) All() map[string]slog.Level {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make(map[string]slog.Level, len(l.modules)+1)
	all[""] = l.root.Level()
	for name, m := range l.modules {
		all[name] = m.Level()
	}
	return all
}

// maxModules bounds the entries: a program has fewer modules, and who puts what
// a request says under the key "module" must not fill the memory.
const maxModules = 1000

// module returns the entry of a module, which stays the same from then on; one
// that nobody can change beyond maxModules.
func (l *Levels) module(name string) *moduleLevel {
	l.mu.RLock()
	m, ok := l.modules[name]
	l.mu.RUnlock()
	if ok {
		return m
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if m, ok = l.modules[name]; ok {
		return m
	}
	if l.modules == nil {
		l.modules = make(map[string]*moduleLevel)
	}
	m = &moduleLevel{root: &l.root}
	if len(l.modules) < maxModules {
		l.modules[name] = m
	}
	return m
}
