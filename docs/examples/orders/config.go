package orders

import (
	"time"

	"github.com/holdfast-go/holdfast/config"
)

// Config holds the settings of this package.
type Config struct {
	// BankURL is where payments go.
	BankURL string `envconfig:"SHOP_BANK_URL" default:"https://bank.example" desc:"Where payments go."`
	// BankKey opens the bank's interface.
	BankKey config.Secret `envconfig:"SHOP_BANK_KEY" required:"true" desc:"Key of the bank's interface."`
	// BankTimeout bounds one payment.
	BankTimeout time.Duration `envconfig:"SHOP_BANK_TIMEOUT" default:"1500" min:"100" max:"1m" desc:"Longest time of one payment."`
	// Currencies are those that are taken.
	Currencies []string `envconfig:"SHOP_CURRENCIES" default:"EUR" oneof:"EUR USD CHF" desc:"Currencies that are taken."`
	// Deposit is the share that is paid at once.
	Deposit config.Ratio `envconfig:"SHOP_DEPOSIT" default:"20%" desc:"Share of the price that is paid at once."`
	// Env is the stage.
	Env config.Stage `envconfig:"APP_ENV" default:"prod"`
}

// Validate says what the tags cannot.
func (c Config) Validate() error {
	if c.Env == config.Prod && c.Deposit == 0 {
		return config.Fault{Name: "SHOP_DEPOSIT", Value: c.Deposit.String(), Problem: "must be above 0 in production", Example: "20%"}
	}
	return nil
}
