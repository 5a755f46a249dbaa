//go:build unix

package stoptest

import (
	"net"
	"syscall"
)

// open reports whether an idle connection still stands: there is nothing to read from it, not even its end.
func open(c net.Conn) bool {
	tcp, ok := c.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	quiet := false
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		_, err := syscall.Read(int(fd), one[:])
		quiet = err == syscall.EAGAIN
		return true
	})
	return err == nil && quiet
}
