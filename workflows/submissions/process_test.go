package submissions_test

import (
	"context"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// intercepted does something before every POST.
type intercepted struct {
	*imednettest.Client
	before func()
}

func (i *intercepted) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	i.before()
	return i.Client.SubmitRecords(ctx, study, items, opts)
}

// sentTimes counts how often an event with each term was posted.
func (d *desk) sentTimes(terms ...string) []int {
	out := make([]int, len(terms))
	for _, sub := range d.study.Submissions() {
		for _, item := range sub.Items {
			for i, term := range terms {
				if strings.Contains(string(item.Raw), `"`+term+`"`) {
					out[i]++
				}
			}
		}
	}
	return out
}

// killed is the panic with which a process of a test dies.
type killed struct{}

// mortal is a client and a journal whose process dies at one of its steps: nothing that it does
// afterwards has any effect.
type mortal struct {
	left int
	dead bool
}

func (m *mortal) step() {
	if m.left--; m.left < 0 {
		m.dead = true
		panic(killed{})
	}
}

type mortalClient struct {
	*imednettest.Client
	*mortal
}

func (m mortalClient) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	m.step()
	job, err := m.Client.SubmitRecords(ctx, study, items, opts)
	m.step()
	return job, err
}

// dieAt runs a process that dies at one of its steps: before the first POST, after it, before the
// second one, after it.
func (d *desk) dieAt(step int, run func(*submissions.RecordUpdate)) {
	d.Helper()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(killed); !ok {
				panic(r)
			}
		}
	}()
	run(d.process(mortalClient{d.client, &mortal{left: step}}))
}
