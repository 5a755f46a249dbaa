package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/app"
	"github.com/holdfast-go/holdfast/config"
)

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		http, admin, token string
		want               []string
	}{
		"defaults":               {"127.0.0.1:3000", "127.0.0.1:9090", "", nil},
		"localhost":              {":3000", "localhost:9090", "", nil},
		"reachable with a token": {":3000", ":9090", "t", nil},
		"reachable without":      {":3000", ":9090", "", []string{"ADMIN_TOKEN"}},
		"no ports":               {"localhost", "localhost", "", []string{"HTTP_ADDR", "ADMIN_ADDR"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := app.Config{HTTPAddr: tt.http, AdminAddr: tt.admin, AdminToken: config.Secret(tt.token)}.Validate()
			if tt.want == nil {
				require.NoError(t, err)
			}
			for _, name := range tt.want {
				require.ErrorContains(t, err, name)
			}
		})
	}
}
