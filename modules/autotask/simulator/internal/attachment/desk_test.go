package attachment_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/holdfast-go/holdfast/modules/autotask/registry"
	"github.com/holdfast-go/holdfast/modules/autotask/simulator/internal/attachment"
)

func TestIs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var got int
	for _, e := range registry.Entities() {
		if attachment.Is(d.table(e.Name)) {
			got++
			require.True(t, strings.HasSuffix(e.Name, "Attachments"), e.Name)
		}
	}
	require.Equal(t, 19, got)
	require.False(t, attachment.Is(d.table("AttachmentInfo")))
	require.False(t, attachment.Is(d.table("Tickets")))
}

func TestColumnsAreAllButTheData(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	table := d.table("TicketAttachments")
	data, _ := table.Ordinal("data")
	shown := attachment.Columns(table)
	require.Len(t, shown, len(table.Columns())-1)
	require.NotContains(t, shown, data)
	require.Len(t, attachment.Columns(d.table("AttachmentInfo")), 14)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const (
		noData = "Missing Required Field: data."
		bad    = "The value of field: data is not a valid base64 string."
		large  = "The attachment exceeds the maximum size of 7000000 bytes."
	)
	tests := map[string]struct {
		values map[string]any
		want   []string
	}{
		"file":            {map[string]any{"attachmentType": "FILE_ATTACHMENT", "data": "aGVsbG8="}, nil},
		"without data":    {map[string]any{"attachmentType": "FILE_ATTACHMENT"}, []string{noData}},
		"empty data":      {map[string]any{"attachmentType": "file_attachment", "data": ""}, []string{noData}},
		"link":            {map[string]any{"attachmentType": "FILE_LINK"}, nil},
		"link with data":  {map[string]any{"attachmentType": "FILE_LINK", "data": "?"}, []string{bad}},
		"nothing":         {nil, nil},
		"not base64":      {map[string]any{"data": "aGVsbG8!"}, []string{bad}},
		"no padding":      {map[string]any{"data": "aGVsbG8"}, []string{bad}},
		"behind padding":  {map[string]any{"data": "YQ==YQ=="}, []string{bad}},
		"other alphabet":  {map[string]any{"data": "-_-_"}, []string{bad}},
		"broken in lines": {map[string]any{"data": "aGVs\r\nbG8="}, nil},
		"largest":         {map[string]any{"data": zeros(7_000_000)}, nil},
		"too large":       {map[string]any{"data": zeros(7_000_001)}, []string{large}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			row := d.row("TicketAttachments", tc.values)
			require.Equal(t, tc.want, d.Check(d.table("TicketAttachments"), row, noon))
		})
	}
	d := newDesk(t)
	require.Empty(t, d.Check(d.table("TicketAttachments"), nil, noon), "a record that is shorter than its table")
}

func TestVolumeOfFiveMinutes(t *testing.T) {
	t.Parallel()
	const million = 1_000_000
	blocked := []string{
		"More than 10000000 bytes of attachments were added in 5 minutes. No attachment can be added for 5 minutes.",
	}
	steps := map[string][]struct {
		at    time.Duration
		bytes int
		want  []string
	}{
		"all of it": {
			{0, 7 * million, nil},
			{time.Minute, 3 * million, nil},
			{5*time.Minute - 1, 0, []string{"Missing Required Field: data."}},
			{5 * time.Minute, 7 * million, nil},
			{6 * time.Minute, 3 * million, nil},
		},
		"a byte more": {
			{0, 7 * million, nil},
			{time.Minute, 3*million + 1, blocked},
			{2 * time.Minute, 1, blocked},
			{5 * time.Minute, 1, blocked}, // though the window is empty by now
			{6*time.Minute - time.Millisecond, 1, blocked},
			{6 * time.Minute, 7 * million, nil},
		},
		"too large does not count": {
			{0, 7 * million, nil},
			{0, 7*million + 1, []string{"The attachment exceeds the maximum size of 7000000 bytes."}},
			{0, 3 * million, nil},
			{0, 1, blocked},
		},
		"the first goes first": {
			{0, 5 * million, nil},
			{4 * time.Minute, 5 * million, nil},
			{5 * time.Minute, 5 * million, nil},
			{5 * time.Minute, 1, blocked},
		},
		"a clock that stumbles back": {
			{time.Minute, 7 * million, nil},
			{0, 3 * million, nil},
			{6*time.Minute - time.Millisecond, 1, blocked},
		},
	}
	for name, steps := range steps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			for i, step := range steps {
				require.Equal(t, step.want, d.check(noon.Add(step.at), step.bytes), "step %d", i)
			}
		})
	}
}

func TestResetForgets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 2 {
		require.Empty(t, d.check(noon, 7_000_000))
		require.NotEmpty(t, d.check(noon, 7_000_000))
		d.Reset()
	}
}

func TestConcurrentUploads(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 5 {
				if len(d.check(noon.Add(time.Duration(i)*time.Second), 999_999)) == 0 {
					taken.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, int64(10), taken.Load())
}
