package apierror_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/apierror"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	body := []byte(errs("contactID: Value 5 does not exist or is invalid", "second"))
	err := apierror.Classify(t.Context(), create(), apierror.Answer{Status: 500, Body: body, Attempt: 1})
	require.EqualError(t, err,
		"autotask: POST Tickets: validation (status 500): contactID: Value 5 does not exist or is invalid; second")
	err = apierror.Classify(t.Context(), create(), apierror.Answer{Err: errors.New("reset"), Sent: true})
	require.EqualError(t, err, "autotask: POST Tickets: network: reset (it may have taken effect)")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	err = apierror.Classify(gone, create(), apierror.Answer{Err: errors.New("reset"), Sent: true})
	require.EqualError(t, err, "autotask: POST Tickets: given up: context canceled (it may have taken effect)")
}

// What a caller of the service reads: Autotask's words for what the caller can mend, else nothing of the service's setup.
func TestPublicDetail(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   string
	}{
		"validation":         {500, errs("Title is required.", "Status is required."), "Title is required. Status is required."},
		"validation, silent": {400, "", "Autotask refused the record."},
		"permission":         {403, errs("user api@example.com"), "The Autotask user of the service lacks the permission for this."},
		"auth":               {401, "", "Autotask refused the credentials of the service."},
		"server":             {503, "db01 is down", "Autotask is out of order. The record may have been created all the same."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var public interface{ PublicDetail() string }
			err := apierror.Classify(t.Context(), create(), apierror.Answer{Status: test.status, Body: []byte(test.body)})
			require.ErrorAs(t, err, &public)
			require.Equal(t, test.want, public.PublicDetail())
		})
	}
}

func TestInvalidAndUnreadable(t *testing.T) {
	t.Parallel()
	var invalid *apierror.ValidationError
	require.ErrorAs(t, apierror.Invalid(create(), "id is required"), &invalid)
	require.Equal(t, 422, invalid.StatusCode())
	require.Equal(t, "id is required", invalid.PublicDetail())

	cause := errors.New("unexpected end of JSON input")
	err := apierror.Unreadable(create(), cause)
	require.ErrorIs(t, err, cause)
	d, _ := apierror.Of(err)
	require.True(t, d.Ambiguous)
	d, _ = apierror.Of(apierror.Unreadable(get(), cause))
	require.False(t, d.Ambiguous)
}

func TestOutcomeOfOtherErrors(t *testing.T) {
	t.Parallel()
	_, ok := apierror.Of(errors.New("other"))
	require.False(t, ok)
	require.Equal(t, failure, apierror.Outcome(errors.New("other")))
	require.Equal(t, excluded, apierror.Outcome(context.Canceled))
	require.Equal(t, "unknown", apierror.Kind(0).String())
	wrapped := fmt.Errorf("get the ticket: %w", apierror.Invalid(get()))
	require.Equal(t, success, apierror.Outcome(wrapped))
}

func ExampleClassify() {
	request := apierror.Request{Op: apierror.Create, Entity: "Tickets", Method: http.MethodPost, Path: "Tickets"}
	answer := apierror.Answer{Status: 500, Body: []byte(`{"errors":["Title is required."]}`)}
	err := apierror.Classify(context.Background(), request, answer)
	if refused, ok := errors.AsType[*apierror.ValidationError](err); ok {
		fmt.Println(refused.Messages[0], refused.StatusCode(), refused.Transient())
	}
	// Output: Title is required. 422 false
}
