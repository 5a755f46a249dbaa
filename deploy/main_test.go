// Package deploy_test keeps the image and the manifests in step with the program: it reads both, and the settings, and fails
// where the numbers do not add up, a name is none, or the binary does not run the way they run it.
package deploy_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
