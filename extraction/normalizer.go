package extraction

import (
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
)

// NormalizationResult is a row with canonical terms and booleans.
type NormalizationResult struct {
	NormalizedRecord CanonicalRow
	Warnings         []TermFinding
}

// TermFinding is a text that is not in its terminology.
type TermFinding struct {
	Field      string         `json:"field"`
	Message    string         `json:"message"` // in the words of the Python package; names the subject
	Domain     Domain         `json:"domain"`
	RecordID   int64          `json:"recordId,omitzero"`
	SubjectKey string         `json:"subjectKey"`
	Term       CanonicalValue `json:"term"` // the text; masked if its variable is a PHI field
}

// CategoricalNormalizer maps raw terms to canonical ones. The zero value knows the boolean fields
// of the canonical domains.
type CategoricalNormalizer struct {
	// Booleans lists additional fields, as "DOMAIN.field", whose text is read as a boolean. Text of
	// all other fields remains text: subject "1" and severity "y" are not booleans.
	Booleans []string
}

// NormalizeRecord looks up text by "DOMAIN.field" first and then by field, trimmed and in upper
// case, and reads booleans in fields that are declared boolean. Text that is not in its terminology
// is unchanged and gives a warning, unless it is already one of the terminology's canonical terms.
// Numbers are never looked up.
func (n CategoricalNormalizer) NormalizeRecord(row CanonicalRow, terminologyLookups map[string]map[string]string) NormalizationResult {
	return n.normalize(row, newTerminologies(terminologyLookups))
}

// newTerminologies prepares terminologies by "DOMAIN.field" or field.
func newTerminologies(lookups map[string]map[string]string) map[string]*terminology {
	all := make(map[string]*terminology, len(lookups))
	for field, table := range lookups {
		all[field] = newTerminology(table)
	}
	return all
}

func (n CategoricalNormalizer) normalize(row CanonicalRow, lookups map[string]*terminology) NormalizationResult {
	result := NormalizationResult{NormalizedRecord: row}
	cells := slices.Clone(row.cells)
	result.NormalizedRecord.cells = cells
	for i := range cells {
		c := &cells[i]
		if c.value.Kind() != KindText {
			continue
		}
		table := terminologyOf(row.Domain, c.field, func(name string) *terminology { return lookups[name] })
		if table != nil {
			canonical, known := table.find(c.value)
			if known {
				c.value = TextValue(canonical)
			} else {
				result.Warnings = append(result.Warnings, unmappedWarning(row, *c))
			}
			continue
		}
		if n.isBoolean(row.Domain, c.field) && !c.value.Missing() {
			if flag, ok := c.value.Flag(); ok {
				c.value = FlagValue(flag)
			}
		}
	}
	return result
}

func unmappedWarning(row CanonicalRow, c cell) TermFinding {
	message := fmt.Sprintf("record %s is unmapped", c.field)
	if !imednet.IsMissing(row.SubjectKey) {
		message = fmt.Sprintf("Subject %s %s", row.SubjectKey, message)
	}
	term := c.value
	if c.trace.masked() {
		term = hidden(term)
	}
	return TermFinding{Field: c.field, Message: message, Domain: row.Domain, RecordID: row.RecordID(), SubjectKey: row.SubjectKey, Term: term}
}

func (n CategoricalNormalizer) isBoolean(domain Domain, field string) bool {
	return domain.spec(field).kind == flagKind || slices.Contains(n.Booleans, string(domain)+"."+field)
}
