package submissions

import (
	"fmt"
	"log/slog"

	"github.com/imednetgo/imednet/internal/shown"
)

// What can hold data of a subject says who it is without it when it is printed or logged whole, with
// any verb of package fmt. It holds for log/slog too, but not for a slice or struct of items given to a
// slog.JSONHandler, which is written as JSON.

// String names the item by its place, and says its state and why: without its payload, its keys and the
// server's words.
func (i Item) String() string {
	text := fmt.Sprintf("%s (%s)", itemName(i.Index), i.place())
	if i.Line == 0 {
		text = i.place()
	}
	if i.FormKey != "" {
		text += ", form " + i.FormKey
	}
	text += ": " + i.stateText()
	if i.RecordID != 0 {
		text += fmt.Sprintf(", record id %d", i.RecordID)
	}
	if i.Reason != "" {
		text += ": " + i.Reason
	}
	return text
}

// LogValue returns what String returns.
func (i Item) LogValue() slog.Value { return slog.StringValue(i.String()) }

// Format writes what String returns, whatever the verb.
func (i Item) Format(to fmt.State, verb rune) { shown.Format(to, verb, i.String()) }

// String names the item that the change is about, its new state and why.
func (c Change) String() string {
	return fmt.Sprintf("%s becomes %s: %s", itemName(c.Index), c.To, c.Reason)
}

// LogValue returns what String returns.
func (c Change) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Format writes what String returns, whatever the verb.
func (c Change) Format(to fmt.State, verb rune) { shown.Format(to, verb, c.String()) }

// LogValue returns what String returns.
func (r Receipt) LogValue() slog.Value { return slog.StringValue(r.String()) }

// LogValue returns what String returns.
func (p RecordProblem) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Format writes what String returns, whatever the verb.
func (p RecordProblem) Format(to fmt.State, verb rune) { shown.Format(to, verb, p.String()) }

// String counts the records of the batch and gives its size.
func (b PlannedBatch) String() string {
	return fmt.Sprintf("batch of %s from %s on, %d bytes", records(b.Count), itemName(b.First), len(b.Payload))
}

// LogValue returns what String returns.
func (b PlannedBatch) LogValue() slog.Value { return slog.StringValue(b.String()) }

// Format writes what String returns, whatever the verb.
func (b PlannedBatch) Format(to fmt.State, verb rune) { shown.Format(to, verb, b.String()) }

// String names the subject only by its id.
func (s RegisteredSubject) String() string { return fmt.Sprintf("subject id %d", s.SubjectID) }

// LogValue returns what String returns.
func (s RegisteredSubject) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Format writes what String returns, whatever the verb.
func (s RegisteredSubject) Format(to fmt.State, verb rune) { shown.Format(to, verb, s.String()) }
