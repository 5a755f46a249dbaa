package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
)

// shop has a field of every kind.
type shop struct {
	Name     string                   `envconfig:"SHOP_NAME" default:"corner" desc:"Name over the door."`
	Key      config.Secret            `envconfig:"SHOP_KEY" desc:"Key of the bank."`
	Keys     []config.Secret          `envconfig:"SHOP_KEYS" desc:"Keys of the customers."`
	Open     bool                     `envconfig:"SHOP_OPEN" default:"true" desc:"Whether it is open."`
	Attempts int                      `envconfig:"SHOP_ATTEMPTS" default:"3" min:"1" max:"10" desc:"Calls per order."`
	Slots    uint8                    `envconfig:"SHOP_SLOTS" default:"7" desc:"Shelves."`
	Factor   float64                  `envconfig:"SHOP_FACTOR" default:"2" min:"1" desc:"Growth of the wait."`
	Wait     time.Duration            `envconfig:"SHOP_WAIT" default:"1500" max:"1m" desc:"Wait between calls."`
	Waits    []config.Millis          `envconfig:"SHOP_WAITS" default:"500,1s" desc:"Waits, one by one."`
	Share    config.Ratio             `envconfig:"SHOP_SHARE" default:"50%" desc:"Share of the bank."`
	Kind     string                   `envconfig:"SHOP_KIND" default:"food" oneof:"food books" desc:"What it sells."`
	Shelves  []string                 `envconfig:"SHOP_SHELVES" default:"bread,milk" desc:"What is on the shelves."`
	Prices   map[string]int           `envconfig:"SHOP_PRICES" example:"bread:2,milk:1" desc:"Prices."`
	Moods    map[string]string        `envconfig:"SHOP_MOODS" oneof:"good bad" desc:"Moods of the staff."`
	Env      config.Stage             `envconfig:"APP_ENV" default:"prod" desc:"What the process runs for."`
	Since    time.Time                `envconfig:"SHOP_SINCE" example:"2024-01-02T03:04:05Z" desc:"First day."`
	Delays   map[string]config.Millis `envconfig:"SHOP_DELAYS" default:"a:1s" desc:"Delays."`
	Till     till
	Clock    func() time.Time // code only
}

type till struct {
	Limit int64 `envconfig:"SHOP_TILL_LIMIT" default:"1000" desc:"Money in the till."`
}

func load[T any](t *testing.T, vars map[string]string) (T, error) {
	t.Helper()
	values, err := config.Load(config.Environment{Vars: vars}, config.SpecOf[T]())
	if err != nil {
		var zero T
		return zero, err
	}
	return config.Get[T](values)
}

// faults returns the lines of the error that loading T gives.
func faults[T any](t *testing.T, vars map[string]string) []string {
	t.Helper()
	_, err := load[T](t, vars)
	if err == nil {
		return nil
	}
	var all *config.Error
	require.ErrorAs(t, err, &all)
	lines := make([]string, len(all.Faults))
	for i, f := range all.Faults {
		lines[i] = f.Error()
	}
	return lines
}
