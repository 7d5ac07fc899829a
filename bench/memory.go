package main

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/imednetgo/imednet"
)

// inMemory is a study whose records need no decoding: a few different ones are repeated under new ids.
// Its forms take turns, which is the hardest order for tables.
type inMemory struct {
	forms, variables, rows int
	different              []imednet.Record
}

// differentRecords is how many records of all forms differ, at least one of each.
const differentRecords = 1000

func newInMemory(forms, variables, rows int) *inMemory {
	s := &inMemory{forms: forms, variables: variables, rows: rows}
	for i := range forms * max(1, differentRecords/forms) {
		s.different = append(s.different, s.record(i))
	}
	return s
}

func formKey(form int) string { return fmt.Sprintf("F%02d", form) }

func variableName(form, variable int) string { return fmt.Sprintf("F%02dV%02d", form, variable) }

// kindOf makes half of the variables numbers, an eighth dates and the others texts.
func kindOf(variable int) string {
	switch {
	case variable%8 == 7:
		return "DATE"
	case variable%2 == 1:
		return "TEXT"
	}
	return "FLOAT"
}

// record fills every variable of the form whose turn it is.
func (s *inMemory) record(i int) imednet.Record {
	form := i % s.forms
	var b strings.Builder
	for j := range s.variables {
		fmt.Fprintf(&b, `,%q:%q`, variableName(form, j), answerOf(j, i*7+j*3))
	}
	data, err := imednet.NewRecordData([]byte("{" + b.String()[1:] + "}"))
	if err != nil {
		panic(err)
	}
	return imednet.Record{
		FormKey: imednet.Some(formKey(form)), FormID: imednet.Some(int64(form + 1)), RecordData: data,
		SubjectKey: imednet.Some(fmt.Sprint("S-", i%300)), SubjectID: imednet.Some(int64(i % 300)), VisitID: imednet.Some(int64(i % 20)),
	}
}

func answerOf(variable, n int) string {
	switch kindOf(variable) {
	case "FLOAT":
		return fmt.Sprintf("%d.%d", n%200, n%10)
	case "DATE":
		return fmt.Sprintf("2013-%02d-%02d", n%12+1, n%28+1)
	}
	return fmt.Sprintf("answer %d of a question", n%50)
}

// Records yields the records in order of their ids.
func (s *inMemory) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i := range s.rows {
			record := s.different[i%len(s.different)]
			record.RecordID = int64(i + 1)
			if !yield(record, nil) {
				return
			}
		}
	}
}

// Forms yields all forms.
func (s *inMemory) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(yield func(imednet.Form, error) bool) {
		for i := range s.forms {
			if !yield(imednet.Form{FormID: int64(i + 1), FormKey: imednet.Some(formKey(i))}, nil) {
				return
			}
		}
	}
}

// Variables yields the variables of all forms.
func (s *inMemory) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		for i := range s.forms * s.variables {
			form, variable := i/s.variables, i%s.variables
			v := imednet.Variable{
				VariableID: int64(i + 1), FormID: imednet.Some(int64(form + 1)), FormKey: imednet.Some(formKey(form)), Sequence: imednet.Some(int64(variable)),
				VariableName: imednet.Some(variableName(form, variable)), VariableType: imednet.Some(kindOf(variable)),
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}
