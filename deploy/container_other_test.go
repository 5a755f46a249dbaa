//go:build !linux

package deploy_test

import "testing"

func runInContainer(t *testing.T, _ *stack, _ string) {
	t.Helper()
	t.Skip("containers need Linux: run it there, as root")
}

func runSimulator(t *testing.T, _ *stage, _ string) {
	t.Helper()
	t.Skip("containers need Linux: run it there, as root")
}
