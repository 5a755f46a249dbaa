package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const connections = 16

// load is a request that all connections repeat.
type load struct {
	name    string
	request []byte
}

func loads() []load {
	return []load{
		{"GET", []byte("GET /hello/ada HTTP/1.1\r\nHost: bench\r\n\r\n")},
		{"POST", []byte("POST /orders HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n" +
			`{"item":"chair","quantity":2,"note":"red"}`)},
	}
}

// run repeats the request on every connection for a window and counts the answers.
func (l load) run(ctx context.Context, addr string, window time.Duration) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, window)
	defer cancel()
	var answers atomic.Int64
	failed := make(chan error, connections)
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			n, err := l.repeat(ctx, addr)
			answers.Add(n)
			failed <- err
		})
	}
	all.Wait()
	close(failed)
	var err error
	for e := range failed {
		err = errors.Join(err, e)
	}
	return answers.Load(), err
}

func (l load) repeat(ctx context.Context, addr string) (n int64, err error) {
	conn, err := dial(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer conn.close()
	for ; ctx.Err() == nil; n++ {
		if err := conn.ask(l.request); err != nil {
			return n, err
		}
	}
	return n, nil
}

// client is one kept-alive connection that reads no more of HTTP than it must: the client shall cost little.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(ctx context.Context, addr string) (*client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReader(conn)}, nil
}

func (c *client) close() { _ = c.conn.Close() }

// ask sends the request and reads the answer, which must be a 2xx with a Content-Length.
func (c *client) ask(request []byte) error {
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	length, status := -1, ""
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if status == "" {
			status = string(line)
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	if len(status) < 10 || status[9] != '2' || length < 0 {
		return fmt.Errorf("unexpected answer %q with length %d", status, length)
	}
	_, err := io.CopyN(io.Discard, c.in, int64(length))
	return err
}
