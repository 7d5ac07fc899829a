package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// proof compares what the fleet has stored with what the server has.
type proof struct {
	*world
	*worker // which only reads
}

func newProof(ctx context.Context, w *world, t task) (*proof, error) {
	t.Name = "proof"
	reader, err := newWorker(ctx, t, io.Discard)
	return &proof{w, reader}, err
}

func (p *proof) close() error { return p.db.Close() }

// mark returns the mark of a study in the ledger, and that of its mirror, in this order: the ledger's
// must not be ahead at any moment.
func (p *proof) mark(ctx context.Context, study string) (ledgers, mirrors time.Time, err error) {
	ledgers, _, err = p.marks.LastTimestamp(ctx, study, stream)
	if err != nil {
		return ledgers, mirrors, err
	}
	status, err := p.mirror.Status(ctx, study)
	return ledgers, status.Mark, err
}

// marksAhead counts the marks that promise more than their mirror holds.
func (p *proof) marksAhead(ctx context.Context) (ahead int, err error) {
	for _, study := range p.keys {
		promised, held, err := p.mark(ctx, study)
		if err != nil {
			return 0, err
		}
		if promised.After(held) {
			ahead++
		}
	}
	return ahead, nil
}

// tally is of how many studies, or subjects, something holds.
type tally struct{ equal, level, standing, once int }

// print prints what holds in the end, and verifies the chains of ledger and journal.
func (p *proof) print(ctx context.Context, out io.Writer) error {
	var n tally
	for i := range p.keys {
		if err := p.compare(ctx, i, &n); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "  %d of %d mirrors equal the server, byte for byte\n", n.equal, studyCount)
	fmt.Fprintf(out, "  %d of %d marks are level with their mirror\n", n.level, studyCount)
	fmt.Fprintf(out, "  %d of %d subjects stand by the journal, %d of them once on the server\n", n.standing, studyCount*p.Subjects, n.once)
	if _, err := p.marks.Verify(ctx, ledger.VerifyOptions{}); err != nil {
		return err
	}
	if _, err := p.journal.Verify(ctx, ""); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "  the ledger and the journal are intact")
	return err
}

// compare compares what is stored of a study with the server.
func (p *proof) compare(ctx context.Context, i int, n *tally) error {
	study := p.keys[i]
	verified, err := p.mirror.Verify(ctx, study)
	if err != nil {
		return err
	}
	if verified.OK() && verified.Compared == int64(p.studies[i].Count(imednet.Records)) {
		n.equal++
	}
	promised, held, err := p.mark(ctx, study)
	if err != nil {
		return err
	}
	if !promised.IsZero() && promised.Equal(held) {
		n.level++
	}
	items, err := p.journal.Items(ctx, submissions.Query{StudyKey: study, States: []submissions.State{submissions.Standing}})
	n.standing += len(items)
	n.once += registeredOnce(p.studies[i])
	return err
}

// registeredOnce counts the subjects that the server was sent, and stored exactly once.
func registeredOnce(study *imednettest.Study) (once int) {
	stored := map[string]int{}
	for _, batch := range study.Submissions() {
		for _, item := range batch.Items {
			if item.Stored {
				stored[string(item.Raw)]++
			}
		}
	}
	for _, times := range stored {
		if times == 1 {
			once++
		}
	}
	return once
}
