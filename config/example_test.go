package config_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/config"
)

// What the file says, uncommented or not, is what holds without it.
func TestExampleLoads(t *testing.T) {
	t.Parallel()
	type quoted struct {
		A string `envconfig:"QUOTED_A" default:"two words"`
		B string `envconfig:"QUOTED_B" default:"a#b $HOME"`
		C string `envconfig:"QUOTED_C" default:"it's \"$5\" \\n"`
		D string `envconfig:"QUOTED_D" default:"x=y:z"`

		Secret config.Secret `envconfig:"QUOTED_SECRET" default:"hush" example:"hush"`
	}
	specs := []config.Spec{config.SpecOf[shop](), config.SpecOf[quoted]()}
	want, err := config.Load(config.Environment{}, specs...)
	require.NoError(t, err)

	text := config.Example(specs...)
	require.NotContains(t, text, "hush")
	copied, err := godotenv.Unmarshal(text)
	require.NoError(t, err)
	require.Empty(t, copied, "a copy changes nothing")

	uncommented := regexp.MustCompile(`(?m)^#([A-Z_]+=.+)$`).ReplaceAllString(text, "$1")
	file, err := godotenv.Unmarshal(uncommented)
	require.NoError(t, err)
	for _, name := range []string{"SHOP_PRICES", "SHOP_SINCE"} { // have an example, and no default
		require.Contains(t, file, name)
		delete(file, name)
	}
	got, err := config.Load(config.Environment{File: file}, specs...)
	require.NoError(t, err)
	for i, v := range got.All() {
		require.Equal(t, want.All()[i].Value, v.Value, v.Name)
		require.Equal(t, v.Default != "" && !v.Secret, v.Source == config.File, v.Name)
		require.Equal(t, 1, strings.Count(text, "\n#"+v.Name+"="), v.Name)
	}
}

func TestSharedSettings(t *testing.T) {
	t.Parallel()
	type mine struct {
		First string       `envconfig:"MINE_FIRST" desc:"élan of the first"`
		Env   config.Stage `envconfig:"APP_ENV" default:"prod"`
	}
	specs := []config.Spec{config.SpecOf[mine](), config.SpecOf[config.Neighbour]()}
	require.Equal(t, `
# ---- shared ----

# What the process runs for.
# Allowed: one of: dev, test, prod.
#APP_ENV=prod

# ---- config ----

# Size of the neighbour.
# Allowed: a whole number.
#NEIGHBOUR_SIZE=1

# ---- config_test ----

# Élan of the first.
#MINE_FIRST=
`, config.Example(specs...)[strings.Index(config.Example(specs...), "\n\n")+1:])

	values, err := config.Load(config.Environment{}, specs...)
	require.NoError(t, err)
	require.Equal(t, "config, config_test", values.All()[0].Owner)
	require.Equal(t, "What the process runs for.", values.All()[0].Desc)
	require.Equal(t, []string{"config", "config_test"}, []string{specs[1].Owner(), specs[0].Owner()})
}

func ExampleLoad() {
	type Config struct {
		Attempts int           `envconfig:"BANK_ATTEMPTS" default:"3" min:"1" max:"10"`
		Wait     time.Duration `envconfig:"BANK_WAIT" default:"1500"`
		Key      config.Secret `envconfig:"BANK_KEY" required:"true"`
	}
	env := config.Environment{Vars: map[string]string{"BANK_ATTEMPTS": "0", "BANK_WIAT": "5s"}}
	_, err := config.Load(env, config.SpecOf[Config]())
	fmt.Println(err)

	env = config.Environment{Vars: map[string]string{"BANK_WAIT": "5s", "BANK_KEY": "hush"}}
	values, err := config.Load(env, config.SpecOf[Config]())
	if err != nil {
		return
	}
	for _, v := range values.All() {
		fmt.Printf("%s=%s (%s)\n", v.Name, v.Value, v.Source)
	}
	cfg, err := config.Get[Config](values)
	fmt.Println(cfg.Wait, cfg.Key, err)
	// Output:
	// 3 settings are wrong:
	//   BANK_ATTEMPTS="0": must be a whole number, from 1 to 10, for example BANK_ATTEMPTS=3
	//   BANK_KEY: is required: give it a text
	//   BANK_WIAT: is no setting: did you mean BANK_WAIT?
	// BANK_ATTEMPTS=3 (default)
	// BANK_WAIT=5s (environment)
	// BANK_KEY=*** (environment)
	// 5s *** <nil>
}

func ExampleExample() {
	type Config struct {
		Attempts int           `envconfig:"BANK_ATTEMPTS" default:"3" min:"1" max:"10" desc:"Calls to the bank per order."`
		Key      config.Secret `envconfig:"BANK_KEY" required:"true" desc:"Key of the bank's interface, which is sent with every call."`
	}
	fmt.Print(config.Example(config.SpecOf[Config]()))
	// Output:
	// # Settings. Copy this file to .env and take away the # before what you change.
	// # The file is read with APP_ENV=dev only; the environment of the process wins
	// # over it. A name that is set must have a value.
	//
	// # ---- config_test ----
	//
	// # Calls to the bank per order.
	// # Allowed: a whole number, from 1 to 10.
	// #BANK_ATTEMPTS=3
	//
	// # Key of the bank's interface, which is sent with every call.
	// # Required.
	// #BANK_KEY=
}
