// Package auth lets those write who have an API key.
package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"unicode/utf8"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
)

// DevelopmentKey is the API key where APP_ENV=dev and none is set.
const DevelopmentKey = "dev-key"

// Config holds the settings of this package.
type Config struct {
	APIKeys []config.Secret `envconfig:"TICKETDESK_API_KEYS" desc:"Keys that may write, separated by commas; each 8 characters or more. Where APP_ENV=dev and none is set: dev-key." example:"4c1d9f0e7a,b80f5c2d61"`
	Env     config.Stage    `envconfig:"APP_ENV" default:"prod"`
}

// Validate refuses a service that nobody can write to, and keys that can be guessed.
func (c Config) Validate() error {
	if len(c.APIKeys) == 0 && c.Env == config.Prod {
		return config.Fault{Name: "TICKETDESK_API_KEYS", Problem: "is not set: nobody could write", Example: "4c1d9f0e7a,b80f5c2d61"}
	}
	for _, key := range c.APIKeys {
		if utf8.RuneCountInString(key.Reveal()) < 8 {
			return config.Fault{Name: "TICKETDESK_API_KEYS", Value: "***", Problem: "has a key of fewer than 8 characters", Example: "4c1d9f0e7a,b80f5c2d61"}
		}
	}
	return nil
}

// Keys checks API keys. It is safe for concurrent use.
type Keys struct {
	sums [][sha256.Size]byte
}

// NewKeys returns a check for the configured keys.
func NewKeys(cfg Config) *Keys {
	keys := cfg.APIKeys
	if len(keys) == 0 && cfg.Env == config.Dev {
		keys = []config.Secret{DevelopmentKey}
	}
	k := &Keys{}
	for _, key := range keys {
		k.sums = append(k.sums, sha256.Sum256([]byte(key.Reveal())))
	}
	return k
}

// Check is the guard of routes that write: it wants a key as X-API-Key or as Authorization: Bearer.
func (k *Keys) Check(ctx context.Context, r *app.Request) (context.Context, error) {
	key := r.Header("X-API-Key")
	if key == "" {
		key = bearer(r.Header("Authorization"))
	}
	if key == "" {
		return nil, app.Unauthorized("this needs an API key: send it as X-API-Key, or as Authorization: Bearer")
	}
	if !k.match(key) {
		return nil, app.Unauthorized("the API key is none of this service's keys")
	}
	return ctx, nil
}

// bearer returns the token of an Authorization header; the scheme's case does not matter (RFC 9110, 11.1).
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// match takes the same time for every key of any length, right or wrong.
func (k *Keys) match(key string) bool {
	sum, found := sha256.Sum256([]byte(key)), 0
	for i := range k.sums {
		found |= subtle.ConstantTimeCompare(sum[:], k.sums[i][:])
	}
	return found == 1
}
