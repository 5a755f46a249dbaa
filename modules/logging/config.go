package logging

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/holdfast-go/holdfast/config"
)

// Config says what is logged, and how.
type Config struct {
	// Level is the least level that is logged: debug, info, warn or error.
	// Empty is info.
	Level string `envconfig:"LOG_LEVEL" default:"info" oneof:"debug info warn error" desc:"Least level that is logged."`

	// Levels holds the levels of single modules, by the name in their "module"
	// attribute.
	Levels map[string]string `envconfig:"LOG_LEVELS" oneof:"debug info warn error" example:"autotask:debug,database:warn" desc:"Levels of single modules, in place of LOG_LEVEL."`

	// Format is json or text. Empty is text in development, else json.
	Format string `envconfig:"LOG_FORMAT" oneof:"json text" example:"json" desc:"Form of a log line. Unset, it is text with APP_ENV=dev and json elsewhere."`

	// Env decides the format where none is given.
	Env config.Stage `envconfig:"APP_ENV" default:"prod" desc:"What the process runs for."`
}

// Validate reports every word in the settings that means nothing.
func (c Config) Validate() error {
	var errs []error
	if _, err := parseLevel(c.Level); err != nil {
		errs = append(errs, config.Fault{Name: "LOG_LEVEL", Value: c.Level, Problem: err.Error(), Example: "info"})
	}
	for module, level := range c.Levels {
		_, err := parseLevel(level)
		if module == "" {
			err = errors.New("a module without a name")
		}
		if err != nil {
			errs = append(errs, config.Fault{
				Name: "LOG_LEVELS", Value: module + ":" + level, Problem: err.Error(), Example: "autotask:debug",
			})
		}
	}
	if c.Format != "" && c.Format != "json" && c.Format != "text" {
		errs = append(errs, config.Fault{Name: "LOG_FORMAT", Value: c.Format, Problem: "must be json or text", Example: "json"})
	}
	return errors.Join(errs...)
}

// text reports whether lines are for a person at a terminal.
func (c Config) text() bool {
	return c.Format == "text" || c.Format == "" && c.Env == config.Dev
}

func parseLevel(word string) (slog.Level, error) {
	switch word {
	case "debug":
		return slog.LevelDebug, nil
	case "info", "":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	default:
		return 0, fmt.Errorf("must be debug, info, warn or error, not %q", word)
	}
}
