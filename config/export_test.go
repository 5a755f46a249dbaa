package config

// Neighbour is a Config of another package than that of the tests.
type Neighbour struct {
	Env  Stage `envconfig:"APP_ENV" default:"prod" desc:"What the process runs for."`
	Size int   `envconfig:"NEIGHBOUR_SIZE" default:"1" desc:"Size of the neighbour."`
}
