package journaltest_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/journaltest"
)

// countedJournal is a journal of one's own: it keeps entries in memory and counts what is sent.
type countedJournal struct {
	submissions.Journal
	sendings atomic.Int64
}

func (j *countedJournal) Send(ctx context.Context, s submissions.Sending) ([]submissions.Item, error) {
	j.sendings.Add(1)
	return j.Journal.Send(ctx, s)
}

func openCounted(t *testing.T, clock imednet.Clock) submissions.Journal {
	memory, err := submissions.NewMemoryJournal(clock)
	if err != nil {
		t.Fatal(err)
	}
	return &countedJournal{Journal: memory}
}

// ExampleRun is the body of a test of one's own.
func ExampleRun() {
	TestCountedJournal := func(t *testing.T) { journaltest.Run(t, openCounted) }
	_ = TestCountedJournal
}

func TestAJournalOfOnesOwn(t *testing.T) { journaltest.Run(t, openCounted) }
