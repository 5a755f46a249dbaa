package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdfast-go/holdfast/bench/keptalive"
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
	conn, err := keptalive.Dial(ctx, addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	for ; ctx.Err() == nil; n++ {
		if err := conn.Ask(l.request); err != nil {
			return n, err
		}
	}
	return n, nil
}
