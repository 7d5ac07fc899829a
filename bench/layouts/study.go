package main

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/imednetgo/imednet"
)

const studyKey = "WIDE"

// size is how large a study is.
type size struct{ Forms, Variables, Records int }

// study makes its records when they are asked for. Its forms take turns, which is the hardest order
// for tables.
type study struct{ size }

func formKey(i int) string { return fmt.Sprintf("F%03d", i) }

func (s study) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return func(yield func(imednet.Form, error) bool) {
		for i := range s.size.Forms {
			if !yield(imednet.Form{FormID: int64(i + 1), FormKey: imednet.Some(formKey(i))}, nil) {
				return
			}
		}
	}
}

// Variables are half numbers, and else dates and texts.
func (s study) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		for i := range s.size.Forms {
			for j := range s.size.Variables {
				v := imednet.Variable{
					VariableID: int64(i*s.size.Variables + j + 1), FormID: imednet.Some(int64(i + 1)), FormKey: imednet.Some(formKey(i)),
					VariableName: imednet.Some(fmt.Sprintf("F%03dV%03d", i, j)), VariableType: imednet.Some(kindOf(j)), Sequence: imednet.Some(int64(j)),
				}
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

func kindOf(variable int) string { return []string{"FLOAT", "TEXT", "FLOAT", "DATE"}[variable%4] }

func (s study) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	answers := make([]imednet.RecordData, s.size.Forms)
	for i := range answers {
		answers[i] = s.answers(i)
	}
	return func(yield func(imednet.Record, error) bool) {
		for i := range s.size.Records {
			form := i % s.size.Forms
			r := imednet.Record{
				RecordID: int64(i + 1), FormID: imednet.Some(int64(form + 1)), FormKey: imednet.Some(formKey(form)),
				SubjectID: imednet.Some(int64(i % 900)), SubjectKey: imednet.Some(fmt.Sprint("S-", i%900)), RecordData: answers[form],
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// answers fill every variable of a form.
func (s study) answers(form int) imednet.RecordData {
	var b strings.Builder
	for j := range s.size.Variables {
		value := fmt.Sprintf("%d.%d", j, form%10)
		switch kindOf(j) {
		case "TEXT":
			value = fmt.Sprintf("answer %d of a question", j)
		case "DATE":
			value = fmt.Sprintf("2013-%02d-%02d", j%12+1, form%28+1)
		}
		fmt.Fprintf(&b, `,"F%03dV%03d":%q`, form, j, value)
	}
	data, err := imednet.NewRecordData([]byte("{" + b.String()[1:] + "}"))
	if err != nil {
		panic(err)
	}
	return data
}
