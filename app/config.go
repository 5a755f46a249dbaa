package app

import (
	"errors"
	"net"
	"time"

	"github.com/holdfast-go/holdfast/app/admin"
	"github.com/holdfast-go/holdfast/config"
)

// Config holds the settings of the application itself. New reads it from the
// environment before any constructor runs.
type Config struct {
	// Env is the stage: dev, test or prod.
	Env config.Stage `envconfig:"APP_ENV" default:"prod"`

	// HTTPAddr is the address the routes are served on, host:port. Port 0 picks a free one.
	HTTPAddr string `envconfig:"HTTP_ADDR" default:"127.0.0.1:3000" desc:"address the routes are served on" example:":3000"`

	// AdminAddr is the address of health, metrics and the other operator's
	// pages, host:port. Anything but a loopback address needs AdminToken.
	AdminAddr string `envconfig:"ADMIN_ADDR" default:"127.0.0.1:9090" desc:"address of health, metrics and admin; beyond loopback it needs ADMIN_TOKEN" example:":9090"`

	// AdminToken is asked of those who change something on the admin
	// listener (unless Env is dev), and of every reader, health aside, where
	// AdminAddr is not loopback.
	AdminToken config.Secret `envconfig:"ADMIN_TOKEN" desc:"bearer token of the admin listener"`

	// StartTimeout bounds the OnStart hooks together. When it is over they
	// are cancelled and what has started is stopped again.
	StartTimeout time.Duration `envconfig:"APP_START_TIMEOUT" default:"60000" min:"1000" desc:"longest start, all OnStart hooks together"`
}

// Validate checks the addresses, and that an admin listener beyond loopback
// has a token.
func (c Config) Validate() error {
	var faults []error
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		faults = append(faults, config.Fault{Name: "HTTP_ADDR", Value: c.HTTPAddr, Problem: "is not host:port", Example: ":3000"})
	}
	if _, _, err := net.SplitHostPort(c.AdminAddr); err != nil {
		faults = append(faults, config.Fault{Name: "ADMIN_ADDR", Value: c.AdminAddr, Problem: "is not host:port", Example: "127.0.0.1:9090"})
		return errors.Join(faults...)
	}
	faults = append(faults, c.admin().Validate())
	return errors.Join(faults...)
}

// admin is the part of the settings that the admin listener has.
func (c Config) admin() admin.Config {
	return admin.Config{Addr: c.AdminAddr, Token: c.AdminToken, Env: c.Env}
}
