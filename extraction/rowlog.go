package extraction

import (
	"fmt"
	"log/slog"

	"github.com/imednetgo/imednet/internal/shown"
)

// What holds data of a subject names itself by its record alone when it is printed or logged whole, as the
// models of the root do. Lineage is the exception: its String is the sentence that explains a value.

// String names the row by domain and record and shows none of its data.
func (r CanonicalRow) String() string { return byRecord(r.Domain, r.RecordID()) }

// LogValue returns what String returns.
func (r CanonicalRow) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r CanonicalRow) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }

// String names the row by domain and record and shows none of its data.
func (r RejectedRow) String() string { return "rejected " + byRecord(r.Domain, r.RecordID) }

// LogValue returns what String returns.
func (r RejectedRow) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r RejectedRow) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }

// String names the finding by code, field and record and shows no values.
func (f Finding) String() string {
	return f.Code + " in " + f.Field + " of " + byRecord(f.Domain, f.RecordID)
}

// LogValue returns what String returns.
func (f Finding) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Format writes String, whatever the verb.
func (f Finding) Format(to fmt.State, verb rune) { shown.Format(to, verb, f.String()) }

// String names the finding by rule and record and shows no values.
func (f RuleFinding) String() string { return f.Rule + " in " + byRecord(f.Domain, f.RecordID) }

// LogValue returns what String returns.
func (f RuleFinding) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Format writes String, whatever the verb.
func (f RuleFinding) Format(to fmt.State, verb rune) { shown.Format(to, verb, f.String()) }

// String counts what the subject's records gave and shows no data.
func (s SubjectRows) String() string {
	return fmt.Sprintf("subject %d: %d rows, %d rejected, %d findings", s.SubjectID, len(s.Rows), len(s.Rejected), len(s.Findings))
}

// LogValue returns what String returns.
func (s SubjectRows) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Format writes String, whatever the verb.
func (s SubjectRows) Format(to fmt.State, verb rune) { shown.Format(to, verb, s.String()) }

// String is the line of the report and shows no data.
func (x ExtractionResult) String() string { return x.Report.String() }

// LogValue returns what String returns.
func (x ExtractionResult) LogValue() slog.Value { return slog.StringValue(x.String()) }

// Format writes String, whatever the verb.
func (x ExtractionResult) Format(to fmt.State, verb rune) { shown.Format(to, verb, x.String()) }

// LogValue names the value by its field and shows none of it, unlike String.
func (l Lineage) LogValue() slog.Value { return slog.StringValue("lineage of " + l.Field) }

// byRecord is a row by its domain and record; a row of ADSL comes from several.
func byRecord(d Domain, record int64) string {
	if record == 0 {
		return fmt.Sprintf("%s row", d)
	}
	return fmt.Sprintf("%s row of record %d", d, record)
}
