package stoptest

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// longestBuild bounds Build: a machine without a build cache takes minutes.
const longestBuild = 10 * time.Minute

// Build compiles commands into the folder dir, without cgo, as they are shipped. Packages are named as for go build; each
// becomes a file in dir with the last part of its path for a name. Call it once, from TestMain or the first test that asks.
func Build(dir string, packages ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), longestBuild)
	defer cancel()
	args := append([]string{"build", "-o", dir + "/"}, packages...)
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // what is built is what the test names
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}
