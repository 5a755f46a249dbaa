package shutdown

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// startHooks runs the hooks of a phase beside the sequence, and closes the phase
// to further ones.
func (s *Service) startHooks(phase State, end time.Time) {
	for _, h := range s.registry.takeHooks(phase) {
		s.pendingHooks.Add(1)
		s.hooks.Go(func() {
			defer notify(s.work.wake)
			defer s.pendingHooks.Add(-1)
			ctx, cancel := context.WithDeadline(context.Background(), end)
			defer cancel()
			s.supervise(ctx, TaskReport{Kind: kindHook, Name: h.name, Phase: phase}, s.patience, h.run)
		})
	}
}

// cleanUp runs the hooks of CLEANUP, then the tasks, band by band.
func (s *Service) cleanUp(end time.Time) {
	s.startHooks(Cleanup, earlier(time.Now().Add(s.cfg.TaskTimeout), end))
	s.hooks.Wait() // those of other phases were given up at the end of the drain
	for _, band := range plan(s.registry.takeTasks()) {
		s.runBand(band, end)
	}
}

// runBand runs tasks side by side, each after those that it needs, and returns
// when all have ended or were abandoned.
func (s *Service) runBand(band []*job, end time.Time) {
	var running sync.WaitGroup
	for _, j := range band {
		running.Go(func() {
			defer close(j.done)
			for _, need := range j.needs {
				<-need.done // of this band or one above, and never of a cycle
			}
			j.report = s.runJob(j, end)
		})
	}
	running.Wait()
}

func (s *Service) runJob(j *job, end time.Time) TaskReport {
	report := TaskReport{Kind: kindTask, Name: j.Name, Phase: Cleanup, Priority: j.band}
	if err := j.obstacle(end); err != nil {
		report.Result, report.Err = ResultSkipped, err
		s.record(s.base, report)
		return report
	}
	ctx, cancel := context.WithDeadline(context.Background(), earlier(time.Now().Add(j.Timeout), end))
	defer cancel()
	if err := j.failures(); err != nil {
		ctx = context.WithValue(ctx, dependencyKey{}, err)
	}
	return s.supervise(ctx, report, s.patience, j.Run)
}

// obstacle is why the job cannot run. What it needs was skipped: then it is
// skipped too, for what holds the one back holds the other back as well.
func (j *job) obstacle(end time.Time) error {
	for _, need := range j.needs {
		switch {
		case need.report.Result == ResultSkipped:
			return fmt.Errorf("not run: %q, on which it depends, was skipped: %w", need.Name, need.report.Err)
		case need.Critical && need.report.Result != ResultOK:
			return fmt.Errorf("not run: %q, on which it depends, is critical and failed: %w", need.Name, need.report.Err)
		}
	}
	if !time.Now().Before(end) {
		return errNoTime
	}
	return nil
}

// failures is what the jobs failed with that this one needs.
func (j *job) failures() error {
	var faults []error
	for _, need := range j.needs {
		if need.report.Result != ResultOK {
			faults = append(faults, fmt.Errorf("cleanup task %q: %w", need.Name, need.report.Err))
		}
	}
	return errors.Join(faults...)
}
