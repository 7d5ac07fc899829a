package profiles

import (
	"fmt"
	"log/slog"

	"github.com/imednetgo/imednet/internal/page"
	"github.com/imednetgo/imednet/internal/shown"
)

// Profiles print as one line of counts, so that a line in a log holds no answer even where a profile
// does.

// String returns one line of counts, such as "500 records; 3 deleted ones left out". Records of no
// form, and contradictions, are named if there are any.
func (p StudyProfile) String() string {
	text := fmt.Sprintf("%d records; %d deleted ones left out", p.Records, p.Deleted)
	if p.Doubtful > 0 {
		text += fmt.Sprintf(", %d of them with a flag that cannot be read", p.Doubtful)
	}
	homeless, contradicting := int64(0), int64(0)
	for i := range p.NoForm {
		homeless += p.NoForm[i].Records
	}
	for _, n := range p.Contradictions {
		contradicting += n
	}
	if homeless > 0 {
		text += fmt.Sprintf("; %d of no form", homeless)
	}
	if contradicting > 0 {
		text += fmt.Sprintf("; %d contradict the study's forms", contradicting)
	}
	return text
}

// LogValue returns what String returns.
func (p StudyProfile) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Format writes String, whatever the verb.
func (p StudyProfile) Format(to fmt.State, verb rune) { shown.Format(to, verb, p.String()) }

// String returns one line of counts, such as "AE: 12 records, 20 fields".
func (f FormProfile) String() string {
	return fmt.Sprintf("%s: %s, %s", f.FormKey, page.Plural(f.Records, "record"), page.Plural(int64(len(f.Fields)), "field"))
}

// LogValue returns what String returns.
func (f FormProfile) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Format writes String, whatever the verb.
func (f FormProfile) Format(to fmt.State, verb rune) { shown.Format(to, verb, f.String()) }

// String returns one line of counts, such as "AESTDTC: 11 answers, 1 misfit".
func (f FieldProfile) String() string {
	return fmt.Sprintf("%s: %s, %s", f.Variable, page.Plural(f.Populated, "answer"), page.Plural(f.Misfits, "misfit"))
}

// LogValue returns what String returns.
func (f FieldProfile) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Format writes String, whatever the verb.
func (f FieldProfile) Format(to fmt.State, verb rune) { shown.Format(to, verb, f.String()) }

// String returns the count and never the answer.
func (v ValueCount) String() string { return page.Plural(v.Count, "answer") }

// LogValue returns what String returns.
func (v ValueCount) LogValue() slog.Value { return slog.StringValue(v.String()) }

// Format writes String, whatever the verb.
func (v ValueCount) Format(to fmt.State, verb rune) { shown.Format(to, verb, v.String()) }
