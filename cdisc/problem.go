package cdisc

import (
	"fmt"
	"strings"
)

// Rule is a requirement of a format or a submission.
type Rule string

// The rules, each with its possible solution.
const (
	RuleDatasetName   Rule = "dataset-name"      // a name map
	RuleVariableName  Rule = "variable-name"     // a name map
	RuleSameName      Rule = "same-name"         // a name map
	RuleLabelLength   Rule = "label-length"      // a label map, or labels cut on request
	RuleLabelText     Rule = "label-text"        // a label map
	RuleTextLength    Rule = "text-length"       // splitting on request, or another format
	RuleControl       Rule = "control-character" // escaping on request, or another format
	RuleXMLCharacter  Rule = "xml-character"     // escaping on request
	RuleUTF8          Rule = "utf-8"             // the source
	RuleEncoding      Rule = "encoding"          // another encoding, or another format
	RuleHeaderText    Rule = "header-text"       // another format
	RuleFinite        Rule = "finite-number"     // the source
	RuleNumberRange   Rule = "number-range"      // another format
	RuleExactNumber   Rule = "exact-number"      // text on request, or another format
	RuleDecimal       Rule = "decimal"           // the source
	RuleCalendar      Rule = "calendar"          // the source
	RuleLastRow       Rule = "last-row-blank"    // another format
	RuleVariableCount Rule = "variable-count"    // the source
	RuleKey           Rule = "key-not-unique"    // other key variables
	RuleKeySequence   Rule = "key-sequence"      // the source
	RuleCodelist      Rule = "code-list"         // a code list with all values
	RuleType          Rule = "type"              // the source
	RuleFormat        Rule = "display-format"    // the source
	RuleMandatory     Rule = "mandatory"         // the source
	RuleSubject       Rule = "subject"           // the source
	RuleRejected      Rule = "rejected-values"   // accepting them on request
	RuleStandard      Rule = "standard"          // a standard of the options
	RuleSubmission    Rule = "submission"        // the source
	RuleTerm          Rule = "term"              // a word that the schema of Define-XML accepts
	RuleOID           Rule = "oid"               // other OIDs
	RuleNames         Rule = "name-map"          // a name map that names only what exists
)

// Problem is a kind of data that a format cannot hold, with its place and count. It never contains
// values.
type Problem struct {
	Dataset  string `json:"dataset"`
	Variable string `json:"variable,omitempty"`
	Rule     Rule   `json:"rule"`
	Count    int64  `json:"count"`
	Message  string `json:"message"`
}

// String returns text such as "AE.AETERM: text-length (3): longer than 200 bytes".
func (p Problem) String() string {
	place := p.Dataset
	if p.Variable != "" {
		place += "." + p.Variable
	}
	return fmt.Sprintf("%s: %s (%d): %s", place, p.Rule, p.Count, p.Message)
}

// UnfitError lists everything that prevents an export. It is returned before any file is written.
type UnfitError struct {
	Problems []Problem
}

// Error lists every problem on a separate line.
func (e *UnfitError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the data do not fit: %d %s", len(e.Problems), pick(len(e.Problems) == 1, "problem", "problems"))
	for _, p := range e.Problems {
		b.WriteString("\n  " + p.String())
	}
	return b.String()
}

// LossKind is the kind of a [Loss].
type LossKind string

// The kinds of losses, which are counted and are not errors.
const (
	LossEmptyText       LossKind = "empty-text"      // "" reads as missing
	LossTrailingBlank   LossKind = "trailing-blanks" // not distinguishable from padding
	LossBlankText       LossKind = "blank-text"      // text that is only blanks reads as missing
	LossNegativeZero    LossKind = "negative-zero"   // written as 0
	LossDigits          LossKind = "written-digits"  // 70.50 becomes 70.5
	LossPartialDate     LossKind = "partial-date"    // a numeric date is missing if its day is unknown
	LossLabel           LossKind = "label-cut"
	LossLabelBlank      LossKind = "label-blanks" // at the end of a label, not distinguishable from padding
	LossEscaped         LossKind = "escaped-text"
	LossSplit           LossKind = "split-text"     // written to numbered variables
	LossNumber          LossKind = "number-as-text" // of a numeric variable that became text
	LossBlankForMissing LossKind = "blank-for-missing"
)

// Loss counts the information about a variable that a format cannot express.
type Loss struct {
	Dataset  string   `json:"dataset"`
	Variable string   `json:"variable,omitempty"`
	Kind     LossKind `json:"kind"`
	Format   Format   `json:"format,omitempty"`
	Count    int64    `json:"count"`
}
