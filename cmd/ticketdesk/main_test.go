package main_test

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/holdfast-go/holdfast/app/apptest/stoptest"
)

// The tests of this package drive the programs as they are shipped, built once and without cgo.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ticketdesk")
	if err != nil {
		panic(err)
	}
	build = sync.OnceValues(func() (string, error) { return dir, stoptest.Build(dir, ".", "../autotasksim") })
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code) //nolint:forbidigo // goleak leaves it to its cleanup
	}))
}

// build returns the folder of the programs.
var build func() (string, error)

// program returns the path of a program, which the first test that asks waits for.
func program(t *testing.T, name string) string {
	t.Helper()
	dir, err := build()
	require.NoError(t, err)
	return filepath.Join(dir, name)
}

// listen takes a port until the end of the test.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}
