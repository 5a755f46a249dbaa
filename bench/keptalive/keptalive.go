// Package keptalive is an HTTP/1.1 client that costs next to nothing: one kept connection, which reads no more of an answer
// than it must. What is measured with it is the server.
package keptalive

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
)

// maxError is how much of the body of a bad answer is told.
const maxError = 1 << 10 // bytes

// Client is one connection. One goroutine may use it at a time.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
}

// Dial connects to a TCP address.
func Dial(ctx context.Context, addr string) (*Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Client{conn, bufio.NewReaderSize(conn, 64<<10)}, nil
}

// Close closes the connection.
func (c *Client) Close() { _ = c.conn.Close() }

// Ask sends a whole request and reads its answer, which must be a 2xx with a Content-Length; the error tells what came.
func (c *Client) Ask(request []byte) error {
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	status, length, err := c.head()
	if err != nil {
		return err
	}
	if len(status) < 10 || status[9] != '2' || length < 0 {
		body, _ := io.ReadAll(io.LimitReader(c.in, int64(min(max(length, 0), maxError))))
		return fmt.Errorf("unexpected answer %q with length %d: %s", status, length, body)
	}
	_, err = io.CopyN(io.Discard, c.in, int64(length))
	return err
}

// head reads up to the body. length is -1 where the answer does not tell it.
func (c *Client) head() (status string, length int, err error) {
	for length = -1; ; {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return status, length, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			return status, length, nil
		}
		if status == "" {
			status = string(line)
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return status, length, err
			}
		}
	}
}
