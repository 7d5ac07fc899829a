package imednettest

import (
	"context"
	"errors"
	"iter"

	"github.com/imednetgo/imednet"
)

// ErrUnimplemented is the error of every method of [Unimplemented].
var ErrUnimplemented = errors.New("the fake does not implement this method")

// Unimplemented is an [imednet.Client] whose every method fails with [ErrUnimplemented]. A fake embeds it
// and has only the methods that its test is about:
//
//	type fake struct{ imednettest.Unimplemented }
//
//	func (fake) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
//		return imednettest.Rows(imednet.Query{AnnotationID: 1})
//	}
//
// So a call that a test did not expect is an error that names its cause, and a method that a later version
// adds to the interface does not break the fake.
type Unimplemented struct{}

var _ imednet.Client = Unimplemented{}

// Rows is a listing of these rows, for fakes.
func Rows[T any](rows ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

func unimplemented[T any]() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, ErrUnimplemented)
	}
}

// Studies fails.
func (Unimplemented) Studies(context.Context, imednet.ListOptions) iter.Seq2[imednet.Study, error] {
	return unimplemented[imednet.Study]()
}

// Sites fails.
func (Unimplemented) Sites(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return unimplemented[imednet.Site]()
}

// Forms fails.
func (Unimplemented) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return unimplemented[imednet.Form]()
}

// Intervals fails.
func (Unimplemented) Intervals(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return unimplemented[imednet.Interval]()
}

// Variables fails.
func (Unimplemented) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return unimplemented[imednet.Variable]()
}

// Users fails.
func (Unimplemented) Users(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.User, error] {
	return unimplemented[imednet.User]()
}

// Subjects fails.
func (Unimplemented) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return unimplemented[imednet.Subject]()
}

// Visits fails.
func (Unimplemented) Visits(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return unimplemented[imednet.Visit]()
}

// Records fails.
func (Unimplemented) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return unimplemented[imednet.Record]()
}

// RecordRevisions fails.
func (Unimplemented) RecordRevisions(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return unimplemented[imednet.RecordRevision]()
}

// Codings fails.
func (Unimplemented) Codings(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Coding, error] {
	return unimplemented[imednet.Coding]()
}

// Queries fails.
func (Unimplemented) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return unimplemented[imednet.Query]()
}

// SubmitRecords fails: nothing was sent.
func (Unimplemented) SubmitRecords(context.Context, string, []imednet.Submission, imednet.SubmitOptions) (imednet.Job, error) {
	return imednet.Job{}, ErrUnimplemented
}

// Job fails.
func (Unimplemented) Job(context.Context, string, string) (imednet.Job, error) {
	return imednet.Job{}, ErrUnimplemented
}
