package submissions_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// desk is a study on a test server, a journal, and workflows that never sleep.
type desk struct {
	testing.TB
	study   *imednettest.Study
	server  *imednettest.Server
	client  *imednettest.Client
	clock   *imednettest.Clock
	journal submissions.Journal
	update  *submissions.RecordUpdate
	subject string
	made    int
}

func newDesk(t testing.TB, opts ...submissions.Option) *desk {
	t.Helper()
	d := &desk{TB: t, study: imednettest.Generate(imednettest.GenerateOptions{Records: 300}), clock: imednettest.NewClock(start)}
	d.server = imednettest.NewServer(d.study)
	d.server.SetClock(d.clock)
	d.client = d.server.Client()
	journal, err := submissions.NewMemoryJournal(d.clock)
	require.NoError(t, err)
	d.journal = journal
	d.update = d.process(d.client, opts...)
	for s, err := range d.client.Subjects(t.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		if !s.IsDeleted() {
			d.subject = s.SubjectKey.Or("")
			break
		}
	}
	return d
}

// process returns a workflow as another process would have it: with the same journal.
func (d *desk) process(client submissions.Client, opts ...submissions.Option) *submissions.RecordUpdate {
	d.Helper()
	opts = append([]submissions.Option{
		submissions.WithJournal(d.journal, "anna"), submissions.WithClock(d.clock), submissions.WithIDs(func() string {
			d.made++
			return fmt.Sprintf("s%d", d.made)
		})}, opts...)
	u, err := submissions.NewRecordUpdate(client, opts...)
	require.NoError(d, err)
	return u
}

// overHTTP returns a workflow over a client that reads what the server really sends.
func (d *desk) overHTTP() *submissions.RecordUpdate {
	d.Helper()
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(d, d.server)), rest.WithClock(d.clock))
	require.NoError(d, err)
	return d.process(client)
}

// event is a new adverse event of a subject.
func (d *desk) event(term string) imednet.Submission {
	return imednet.Submission{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: d.subject, Data: map[string]any{"AETERM": term}}
}

func (d *desk) events(terms ...string) []imednet.Submission {
	var out []imednet.Submission
	for _, term := range terms {
		out = append(out, d.event(term))
	}
	return out
}

func (d *desk) submit(records []imednet.Submission, opts submissions.Options) (submissions.Receipt, error) {
	return d.update.CreateOrUpdateRecords(d.Context(), d.study.Key(), records, opts)
}

func (d *desk) resume(opts submissions.ResumeOptions) ([]submissions.Resumed, error) {
	return d.update.Resume(d.Context(), d.study.Key(), opts)
}

// vitals returns a record of a visit and the name of a number on its form.
func (d *desk) vitals() (record imednet.Record, weight string) {
	for rec, err := range d.client.Records(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		if rec.IntervalID.Or(0) != 0 && rec.FormKey.Or("") == "VS" && !rec.IsDeleted() {
			record = rec
			break
		}
	}
	for v, err := range d.client.Variables(d.Context(), d.study.Key(), imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "VS")}) {
		require.NoError(d, err)
		if v.VariableType.Or("") == "NUMBER" && !v.Retired() {
			weight = v.VariableName.Or("")
		}
	}
	return record, weight
}

// standing counts the events with a term that stand on the server.
func (d *desk) standing(term string) int {
	n := 0
	for rec, err := range d.client.Records(d.Context(), d.study.Key(), imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "AE")}) {
		require.NoError(d, err)
		if v, _ := rec.RecordData.Lookup("AETERM"); v.Text() == term && !rec.IsDeleted() {
			n++
		}
	}
	return n
}

// states are the states of all items of the journal, in order.
func (d *desk) states() []submissions.State {
	items, err := d.journal.Items(d.Context(), submissions.Query{})
	require.NoError(d, err)
	return statesOf(items)
}

func statesOf(items []submissions.Item) []submissions.State {
	var out []submissions.State
	for _, i := range items {
		out = append(out, i.State)
	}
	return out
}

func incomplete(t testing.TB, err error) *submissions.IncompleteError {
	t.Helper()
	var e *submissions.IncompleteError
	require.ErrorAs(t, err, &e)
	require.NotContains(t, err.Error(), "Headache", "no subject data in an error")
	return e
}

func pointer[T any](v T) *T { return &v }

type states = []submissions.State

var wait = submissions.Options{Wait: true}
