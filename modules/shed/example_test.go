package shed_test

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/holdfast-go/holdfast/modules/bulkhead"
	"github.com/holdfast-go/holdfast/modules/shed"
)

func ExampleNew() {
	s, err := shed.New(shed.Config{MaxInFlight: 10}, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 7 {
		if err := s.Admit(bulkhead.Low); err != nil {
			fmt.Println(err)
			return
		}
		defer s.Done()
	}
	var refused *shed.OverloadedError
	if err := s.Admit(bulkhead.Low); errors.As(err, &refused) {
		fmt.Println(refused.StatusCode(), refused.Reason)
	}
	fmt.Println(s.Admit(bulkhead.Normal))
	s.Done()
	// Output:
	// 503 in-flight
	// <nil>
}
