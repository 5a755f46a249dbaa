package shutdown_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdfast-go/holdfast/shutdown"
)

// stopping is a service with no time for anybody's sake but its own.
func stopping(tasks ...shutdown.Task) *shutdown.Service {
	cfg := shutdown.DefaultConfig()
	cfg.HealthGracePeriod = 0
	stop, err := shutdown.NewService(cfg, discard(), tasks...)
	if err != nil {
		panic(err)
	}
	stop.Ready()
	return stop
}

func ExampleNewService() {
	stop := stopping(shutdown.Task{
		Name:     "outbox",
		Priority: shutdown.PriorityFlush,
		Run: func(context.Context) error {
			fmt.Println("outbox flushed")
			return nil
		},
	})
	stop.Request("SIGTERM")
	fmt.Println("error:", stop.Wait(context.Background()))
	stop.Finish()
	fmt.Println(stop.State())
	// Output:
	// outbox flushed
	// error: <nil>
	// stopped
}

// A loop that takes jobs until it is told to end. The job that it has taken is
// done before the process stops.
func ExampleService_Worker() {
	stop := stopping()
	worker, err := stop.Worker(context.Background(), "jobs")
	if err != nil {
		panic(err)
	}
	jobs := make(chan string, 1)
	jobs <- "send the invoice"
	taken := make(chan struct{})
	go func() {
		defer worker.Done()
		job := <-jobs
		close(taken)
		<-worker.Context().Done()
		fmt.Println("done:", job)
	}()
	<-taken
	stop.Request("SIGTERM")
	fmt.Println("error:", stop.Wait(context.Background()))
	stop.Finish()
	// Output:
	// done: send the invoice
	// error: <nil>
}

// A task that runs after another one, whatever came of that.
func ExampleDependencyError() {
	stop := stopping(
		shutdown.Task{Name: "flush", Run: func(context.Context) error { return errors.New("disk full") }},
		shutdown.Task{Name: "close", DependsOn: []string{"flush"}, Run: func(ctx context.Context) error {
			if err := shutdown.DependencyError(ctx); err != nil {
				fmt.Println("closed without a marker:", err)
			}
			return nil
		}},
	)
	stop.Request("SIGTERM")
	fmt.Println(stop.Wait(context.Background()))
	stop.Finish()
	// Output:
	// closed without a marker: cleanup task "flush": disk full
	// cleanup failed: flush (failed)
}
