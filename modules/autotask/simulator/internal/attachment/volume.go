package attachment

import "time"

const (
	maxVolume = 10_000_000 // bytes that may come within span
	minutes   = 5
	span      = int64(minutes * time.Minute / time.Millisecond)
)

// volume is what came in lately. All moments are milliseconds since 1970.
type volume struct {
	at      int64    // the latest moment
	uploads []upload // of the last five minutes, oldest first; one for each millisecond that had any
	sum     int      // of uploads
	blocked int64    // nothing is taken before that
}

type upload struct {
	at    int64
	bytes int
}

// take counts bytes; false is too many of them, now or lately.
func (v *volume) take(now int64, bytes int) bool {
	v.at = max(v.at, now)
	if v.at < v.blocked {
		return false
	}
	v.expire()
	if v.sum+bytes > maxVolume {
		v.blocked = v.at + span
		return false
	}
	v.count(bytes)
	return true
}

func (v *volume) expire() {
	gone := 0
	for gone < len(v.uploads) && v.at-v.uploads[gone].at >= span {
		v.sum -= v.uploads[gone].bytes
		gone++
	}
	if v.uploads = v.uploads[gone:]; len(v.uploads) == 0 {
		v.uploads = nil
	}
}

func (v *volume) count(bytes int) {
	if bytes == 0 {
		return
	}
	v.sum += bytes
	if last := len(v.uploads) - 1; last >= 0 && v.uploads[last].at == v.at {
		v.uploads[last].bytes += bytes
		return
	}
	v.uploads = append(v.uploads, upload{v.at, bytes})
}
