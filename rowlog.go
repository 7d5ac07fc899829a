package imednet

import (
	"fmt"
	"log/slog"
	"reflect"

	"github.com/imednetgo/imednet/internal/shown"
)

// Models that can hold data of a person name themselves by their own id alone when they are
// printed or logged whole, so that a careless line in a log reveals nothing about anyone. It holds
// for fmt with any verb, log and log/slog; not for a slice or struct of rows given to a slog.JSONHandler, which
// is written as JSON.

// String names the record by its id and shows none of its data.
func (r Record) String() string { return byID(&r) }

// LogValue returns what String returns.
func (r Record) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r Record) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }

// String names the revision by its id and shows none of its data.
func (r RecordRevision) String() string { return byID(&r) }

// LogValue returns what String returns.
func (r RecordRevision) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r RecordRevision) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }

// String names the query by its id and shows none of its data.
func (q Query) String() string { return byID(&q) }

// LogValue returns what String returns.
func (q Query) LogValue() slog.Value { return slog.StringValue(q.String()) }

// Format writes String, whatever the verb.
func (q Query) Format(to fmt.State, verb rune) { shown.Format(to, verb, q.String()) }

// String names the comment by its sequence and shows none of its data.
func (c QueryComment) String() string {
	if n, ok := c.Sequence.Get(); ok {
		return fmt.Sprintf("QueryComment sequence=%d", n)
	}
	return "QueryComment without sequence"
}

// LogValue returns what String returns.
func (c QueryComment) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Format writes String, whatever the verb.
func (c QueryComment) Format(to fmt.State, verb rune) { shown.Format(to, verb, c.String()) }

// String names the coding by its id and shows none of its data.
func (c Coding) String() string { return byID(&c) }

// LogValue returns what String returns.
func (c Coding) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Format writes String, whatever the verb.
func (c Coding) Format(to fmt.State, verb rune) { shown.Format(to, verb, c.String()) }

// String names the subject by its id and shows none of its data.
func (s Subject) String() string { return byID(&s) }

// LogValue returns what String returns.
func (s Subject) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Format writes String, whatever the verb.
func (s Subject) Format(to fmt.State, verb rune) { shown.Format(to, verb, s.String()) }

// String names the visit by its id and shows none of its data.
func (v Visit) String() string { return byID(&v) }

// LogValue returns what String returns.
func (v Visit) LogValue() slog.Value { return slog.StringValue(v.String()) }

// Format writes String, whatever the verb.
func (v Visit) Format(to fmt.State, verb rune) { shown.Format(to, verb, v.String()) }

// String names the user by id and shows none of their data.
func (u User) String() string { return byID(&u) }

// LogValue returns what String returns.
func (u User) LogValue() slog.Value { return slog.StringValue(u.String()) }

// Format writes String, whatever the verb.
func (u User) Format(to fmt.State, verb rune) { shown.Format(to, verb, u.String()) }

// String returns the size of the answers and never an answer.
func (d RecordData) String() string { return fmt.Sprintf("recordData of %d bytes", len(d.raw)) }

// LogValue returns what String returns.
func (d RecordData) LogValue() slog.Value { return slog.StringValue(d.String()) }

// Format writes String, whatever the verb.
func (d RecordData) Format(to fmt.State, verb rune) { shown.Format(to, verb, d.String()) }

// String returns the kind and size of the value, never its content; see [Value.Text].
func (v Value) String() string {
	if len(v.raw) == 0 {
		return "no value"
	}
	return fmt.Sprintf("%s of %d bytes", kindName(v.Kind()), len(v.raw))
}

// LogValue returns what String returns.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// Format writes String, whatever the verb.
func (v Value) Format(to fmt.State, verb rune) { shown.Format(to, verb, v.String()) }

// byID writes a model as in "Record recordId=7".
func byID(m model) string {
	v := reflect.ValueOf(m).Elem()
	name, _ := m.ownID()
	return fmt.Sprintf("%s %s=%v", v.Type().Name(), name, v.Field(modelShapes[v.Type()].index[name]))
}
