package extraction_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
)

// plainSource lists records and nothing else; it fails after some of them when err is set.
type plainSource struct {
	records extraction.RecordList
	after   int
	err     error
}

func (s plainSource) Records(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i, record := range s.records {
			if s.err != nil && i == s.after {
				yield(imednet.Record{}, s.err)
				return
			}
			if opts.Filter.MatchRecord(&record) && !yield(record, nil) {
				return
			}
		}
	}
}

// groupedSource serves its records as they stand, grouped or not.
type groupedSource struct{ plainSource }

func (s groupedSource) RecordsBySubject(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return s.Records(ctx, studyKey, opts)
}

// clientSource lists subjects and counts records, as a Client does.
type clientSource struct {
	plainSource
	subjects []imednet.Subject
	total    int64
}

func (s clientSource) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return func(yield func(imednet.Subject, error) bool) {
		for _, subject := range s.subjects {
			if !yield(subject, nil) {
				return
			}
		}
	}
}

func (s clientSource) ProbeRecords(context.Context, string, imednet.Filter) (imednet.Probe, error) {
	return imednet.Probe{Total: s.total}, nil
}

func (s clientSource) RecordRevisions(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(yield func(imednet.RecordRevision, error) bool) {
		for _, r := range s.records {
			for revision := range int64(3) {
				rev := imednet.RecordRevision{RecordID: imednet.Some(r.RecordID), RecordRevision: imednet.Some(revision + 1), SubjectID: r.SubjectID}
				if !yield(rev, nil) {
					return
				}
			}
		}
	}
}

func readConfiguration(tb testing.TB, path string) imednet.StudyConfiguration {
	tb.Helper()
	document, err := os.ReadFile(path)
	require.NoError(tb, err)
	cfg, err := imednet.ParseStudyConfiguration(document, imednet.ConfigurationOptions{})
	require.NoError(tb, err)
	return cfg
}

func leftOut(t *testing.T) (handStudy, *extraction.Engine) {
	t.Helper()
	study := readStudy(t, "testdata/studies/left_out.json")
	engine, err := extraction.NewEngine(study.Configuration)
	require.NoError(t, err)
	return study, engine
}

func TestSourcesGiveTheSameRows(t *testing.T) {
	study, engine := leftOut(t)
	records := study.records(t)
	want, err := engine.Extract(t.Context(), records, extraction.Options{})
	require.NoError(t, err)

	inMemory, err := engine.Extract(t.Context(), plainSource{records: records}, extraction.Options{InMemory: true})
	require.NoError(t, err)
	require.Equal(t, digest(t, want), digest(t, inMemory))
	require.Equal(t, want.Report, inMemory.Report)

	client := clientSource{plainSource: plainSource{records: records}, subjects: []imednet.Subject{{SubjectID: 1}, {SubjectID: 2}}, total: int64(len(records))}
	var progress []int64
	listed, err := engine.Extract(t.Context(), client, extraction.Options{Revisions: client, Progress: func(p imednet.Progress) { progress = append(progress, p.Done) }})
	require.NoError(t, err)
	require.Len(t, listed.AdverseEvents, 3, "the record without a subject id is not listed")
	require.Equal(t, int64(2), listed.Report.Records.Excluded[extraction.ExcludedNoSubject], "but counted")
	require.EqualValues(t, len(records), listed.Report.Records.In)
	require.Equal(t, []int64{5}, progress)
	lineage, ok := listed.AdverseEvents[0].Lineage("aeTerm")
	require.True(t, ok)
	require.EqualValues(t, 3, lineage.Origin.Revision)
	require.True(t, listed.Report.Balanced())
}

func TestFilterAndDeleted(t *testing.T) {
	study, engine := leftOut(t)
	records := study.records(t)
	opts := extraction.Options{IncludeDeleted: true, Filter: imednet.Where("formKey", imednet.Equal, "AE_FORM")}
	for name, src := range map[string]imednet.RecordSource{
		"grouped": records,
		"client":  clientSource{plainSource: plainSource{records: records}, subjects: []imednet.Subject{{SubjectID: 1}}},
	} {
		result, err := engine.Extract(t.Context(), src, opts)
		require.NoError(t, err)
		terms := []string{}
		for _, e := range result.AdverseEvents {
			if e.SubjectID == 1 {
				terms = append(terms, e.AETerm)
			}
		}
		require.Equal(t, []string{"a", "b", "c", "d"}, terms, name)
	}
}

func TestSourceFaults(t *testing.T) {
	study, engine := leftOut(t)
	records := study.records(t)
	broken := errors.New("broken")
	cases := map[string]struct {
		src  imednet.RecordSource
		opts extraction.Options
		want error
	}{
		"no subjects":   {plainSource{records: records}, extraction.Options{}, extraction.ErrNoSubjects},
		"in memory":     {plainSource{records: records, after: 3, err: broken}, extraction.Options{InMemory: true}, broken},
		"grouped":       {groupedSource{plainSource{records: records, after: 3, err: broken}}, extraction.Options{}, broken},
		"client":        {clientSource{plainSource: plainSource{records: records, after: 1, err: broken}, subjects: []imednet.Subject{{SubjectID: 1}}}, extraction.Options{}, broken},
		"not grouped":   {groupedSource{plainSource{records: scattered(records)}}, extraction.Options{}, extraction.ErrUngrouped},
		"fewer counted": {clientSource{plainSource: plainSource{records: records}, subjects: []imednet.Subject{{SubjectID: 1}}, total: 2}, extraction.Options{}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var last error
			run := engine.Run(t.Context(), c.src, c.opts)
			for subject, err := range run.Subjects() {
				require.NoError(t, last, "an error comes last")
				if last = err; err != nil {
					require.Zero(t, subject)
				}
			}
			require.Error(t, last)
			if c.want != nil {
				require.ErrorIs(t, last, c.want)
			}
			var typed *imednet.Error
			require.ErrorAs(t, last, &typed)
			require.Equal(t, "S", typed.StudyKey)
			require.Zero(t, run.Report(), "a run that failed reports nothing")
			result, err := engine.Extract(t.Context(), c.src, c.opts)
			require.Error(t, err)
			require.Nil(t, result)
		})
	}
}

// scattered puts a record of the first subject behind one of the second.
func scattered(records extraction.RecordList) extraction.RecordList {
	list := slices.Clone(records[:2])
	other := records[0]
	other.SubjectID = imednet.Some[int64](2)
	return append(list[:1:1], other, list[1])
}

func TestStreamCanBeLeft(t *testing.T) {
	study, engine := leftOut(t)
	for subject, err := range engine.Run(t.Context(), study.records(t), extraction.Options{}).Subjects() {
		require.NoError(t, err)
		require.NotEmpty(t, subject.Rows)
		break
	}
}

// TestGeneratedStudy reads a generated study over the client's interface, one listing a subject,
// and in one listing, and compares with the records themselves.
func TestGeneratedStudy(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	client := imednettest.NewServer(study).Client()
	structure, err := extraction.ReadStructure(t.Context(), client, study.Key())
	require.NoError(t, err)
	require.NotEmpty(t, structure.Forms)
	require.NotEmpty(t, structure.Intervals)
	engine, err := extraction.NewEngine(readConfiguration(t, "../examples/safety/demo.json"), extraction.WithStructure(structure))
	require.NoError(t, err)

	want := map[int64]string{}
	for _, id := range study.RecordIDs() {
		record, ok := study.Record(id)
		require.True(t, ok)
		if record.FormKey.Or("") == "AE" && !record.IsDeleted() {
			term, _ := record.RecordData.Lookup("AETERM")
			want[id] = term.Text()
		}
	}
	require.NotEmpty(t, want)
	bySubject, err := engine.Extract(t.Context(), client, extraction.Options{Revisions: client})
	require.NoError(t, err)
	inMemory, err := engine.Extract(t.Context(), client, extraction.Options{InMemory: true})
	require.NoError(t, err)
	for _, result := range []*extraction.ExtractionResult{bySubject, inMemory} {
		require.EqualValues(t, len(study.RecordIDs()), result.Report.Records.In)
		require.EqualValues(t, len(want), result.Report.Domains[extraction.AE].In)
		for _, e := range result.AdverseEvents {
			require.Equal(t, want[e.RecordID()], e.AETerm)
		}
		require.Len(t, result.AdverseEvents, len(want)-int(result.Report.Domains[extraction.AE].Rejected))
	}
}

// TestEveryStreamOfARunFillsItsReport reads one run by batches and by subjects, and leaves one early.
func TestEveryStreamOfARunFillsItsReport(t *testing.T) {
	study, engine := leftOut(t)
	want, err := engine.Extract(t.Context(), study.records(t), extraction.Options{})
	require.NoError(t, err)
	require.NotZero(t, want.Report.Records.In)
	run := engine.Run(t.Context(), study.records(t), extraction.Options{})
	require.Zero(t, run.Report(), "nothing has been read")
	for _, err := range run.Batches(extraction.BatchOptions{}) {
		require.NoError(t, err)
	}
	require.Equal(t, want.Report, run.Report())
	for range run.Subjects() {
		break
	}
	require.Zero(t, run.Report(), "a stream that was left counts for nothing")
	for _, err := range run.Subjects() {
		require.NoError(t, err)
	}
	require.Equal(t, want.Report, run.Report())
}
