package tables_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// tableSource is a study in memory: a tables.Source.
type tableSource struct {
	forms     []imednet.Form
	variables []imednet.Variable
	subjects  []imednet.Subject
	records   []imednet.Record
	failAfter int // records after which the listing fails; 0 never
	failure   error
	asked     []imednet.ListOptions
}

func (s *tableSource) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return studytest.RowsOf(s.forms)
}

func (s *tableSource) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return studytest.RowsOf(s.variables)
}

func (s *tableSource) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return studytest.RowsOf(s.subjects)
}

func (s *tableSource) Records(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	s.asked = append(s.asked, opts)
	return func(yield func(imednet.Record, error) bool) {
		for i, r := range s.records {
			if s.failure != nil && i == s.failAfter {
				yield(imednet.Record{}, s.failure)
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// question is a variable in short form.
func question(id int64, form, name, typ, label string) imednet.Variable {
	return imednet.Variable{
		VariableID: id, FormKey: imednet.Some(form), VariableName: imednet.Some(name),
		VariableType: imednet.Some(typ), Label: imednet.Some(label), Sequence: imednet.Some(id),
		Revision: imednet.Some[int64](1),
	}
}

func formOf(id int64, key string) imednet.Form {
	return imednet.Form{FormID: id, FormKey: imednet.Some(key), FormName: imednet.Some("Form " + key)}
}

// answer is a record in short form; data is its recordData, "" for none.
func answer(t testing.TB, id int64, form, data string) imednet.Record {
	t.Helper()
	r := imednet.Record{RecordID: id, FormKey: imednet.Some(form), SubjectKey: imednet.Some("S-1"), SubjectID: imednet.Some[int64](7)}
	if data != "" {
		d, err := imednet.NewRecordData([]byte(data))
		require.NoError(t, err)
		r.RecordData = d
	}
	return r
}

// pilotSource serves the pilot study from its files, or skips the test.
func pilotSource(t *testing.T) tables.Source {
	t.Helper()
	return studytest.PilotServer(t).Client()
}
