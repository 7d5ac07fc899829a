package lake

import (
	"context"
	"time"
)

// MaintainPolicy is the policy of [Lake.Maintain].
type MaintainPolicy struct {
	Compact CompactPolicy
	Expire  ExpirePolicy
	// KeepAll removes no moment, so that whoever opens a table reads of every snapshot that it ever had.
	KeepAll bool
}

// MaintainReport is the result of [Lake.Maintain].
type MaintainReport struct {
	Compaction CompactReport `json:"compaction"`
	Expiry     *ExpireReport `json:"expiry"` // nil if nothing was to be removed
}

// String returns the lines that the command prints.
func (r MaintainReport) String() string {
	if r.Expiry == nil {
		return r.Compaction.String() + "; all moments kept"
	}
	return r.Compaction.String() + "\n" + r.Expiry.String()
}

// Maintain is [Lake.Compact] and then [Lake.Expire], which together make a scan as cheap as that of a lake that was
// written at once: of many small files, and of each moment that is kept, every reader bears the cost. Tagged moments
// are kept. Nothing is done under a policy of which either would refuse a part.
func (l *Lake) Maintain(ctx context.Context, studyKey string, policy MaintainPolicy, now time.Time) (report MaintainReport, err error) {
	if checked := policy.Expire; !policy.KeepAll {
		if err := checked.complete(); err != nil {
			return report, failure("maintain", studyKey, "", err, "")
		}
	}
	if report.Compaction, err = l.Compact(ctx, studyKey, policy.Compact); err != nil || policy.KeepAll {
		return report, err
	}
	expiry, err := l.Expire(ctx, studyKey, policy.Expire, now)
	report.Expiry = &expiry
	return report, err
}
