package dictionary

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Severity is the severity of a [Finding].
type Severity string

// The severities.
const (
	// Error: a file cannot be read. The corresponding part of the dictionary is missing.
	Error Severity = "error"
	// Warning: something is ambiguous or refers to something that does not exist.
	Warning Severity = "warning"
	// Note: something new or unusual that has no consequences.
	Note Severity = "note"
)

// Code identifies a kind of finding. Codes are stable across versions.
type Code string

// The findings about files.
const (
	FileMissing     Code = "file-missing"
	FileTwice       Code = "file-twice"
	NotUnicode      Code = "not-unicode"
	CellTooLong     Code = "cell-too-long"
	TableTooLarge   Code = "table-too-large"
	QuoteOpen       Code = "quote-open"
	TextBehindQuote Code = "text-behind-quote"
	RowTooLong      Code = "row-too-long"
	ColumnTwice     Code = "column-twice"
	ColumnMissing   Code = "column-missing"
	ColumnUnknown   Code = "column-unknown"
)

// The findings about the design.
const (
	FormsMissing          Code = "forms-missing" // there is none
	FormWithoutKey        Code = "form-without-key"
	FormTwice             Code = "form-twice"
	FormsDifferInCase     Code = "forms-differ-in-case"
	FormUnknown           Code = "form-unknown"
	QuestionWithoutName   Code = "question-without-name"
	QuestionTwice         Code = "question-twice"
	QuestionsDifferInCase Code = "questions-differ-in-case"
	QuestionUnknown       Code = "question-unknown"
	ChoiceCodeTwice       Code = "choice-code-twice"
	ChoiceTextTwice       Code = "choice-text-twice"
	ChoicesDifferInCase   Code = "choices-differ-in-case"
	ChoiceCodesMixed      Code = "choice-codes-mixed"
	ChoiceTextIsCode      Code = "choice-text-is-code"
	ChoicePosition        Code = "choice-position"
	ChoiceType            Code = "choice-type"
	ChoicesMissing        Code = "choices-missing"
	WordUnknown           Code = "word-unknown"
	RuleTwice             Code = "rule-twice"
	RuleIDShared          Code = "rule-id-shared"
	RuleInError           Code = "rule-in-error"
	RuleWithoutLogic      Code = "rule-without-logic"
	LogicBroken           Code = "logic-broken"
	LogicUnknown          Code = "logic-unknown" // is not of the grammar of real exports
	LogicLost             Code = "logic-lost"    // a document was written without the XML of its rules
	MemberUnknown         Code = "member-unknown"
	LogicNamesNothing     Code = "logic-names-nothing"
	LogicValueNoChoice    Code = "logic-value-no-choice"
	GeneratedRuleMismatch Code = "generated-rule-mismatch"
)

// Finding is something wrong or unusual in an export. It holds names of forms, questions and
// columns and ids of rules, never the contents of a cell that may name a person.
type Finding struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	File     string   `json:"file,omitempty"`
	Row      int      `json:"row,omitempty"`    // number of the data row, from 1; 0 means the header or the whole file
	Column   string   `json:"column,omitempty"` // or the member of a document
	Form     string   `json:"form,omitempty"`
	Question string   `json:"question,omitempty"`
	Rule     string   `json:"rule,omitempty"` // its id
	Message  string   `json:"message"`
}

// String returns one line, such as "warning form-twice: FORMS.csv row 9: form VIS: the key occurs
// twice".
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: ", f.Severity, f.Code)
	if f.File != "" {
		b.WriteString(f.File)
		if f.Row > 0 {
			fmt.Fprintf(&b, " row %d", f.Row)
		}
		if f.Column != "" {
			fmt.Fprintf(&b, ", column %s", f.Column)
		}
		b.WriteString(": ")
	} else if f.Column != "" {
		fmt.Fprintf(&b, "member %s: ", f.Column)
	}
	switch {
	case f.Question != "":
		fmt.Fprintf(&b, "question %s.%s: ", f.Form, f.Question)
	case f.Form != "":
		fmt.Fprintf(&b, "form %s: ", f.Form)
	}
	if f.Rule != "" {
		fmt.Fprintf(&b, "rule %s: ", f.Rule)
	}
	return b.String() + f.Message
}

// findings collects them in order.
type findings struct{ list []Finding }

func (f *findings) add(finding Finding) { f.list = append(f.list, finding) }

// badText reports where a file stops being UTF-8.
func (f *findings) badText(file, data string) {
	from := 0
	for from < len(data) {
		r, n := utf8.DecodeRuneInString(data[from:])
		if r == 0 || r == utf8.RuneError && n <= 1 {
			break
		}
		from += n
	}
	row, column := placeAt(data[:from])
	line := strings.Count(data[:from], "\n") + 1
	message := fmt.Sprintf("line %d is not UTF-8; name the charset (windows-1252 is the likely one)", line)
	switch {
	case strings.HasPrefix(data, "\xff\xfe") || strings.HasPrefix(data, "\xfe\xff"):
		message = "the file begins with the mark of UTF-16: write it as UTF-8"
	case from < len(data) && data[from] == 0:
		message = fmt.Sprintf("line %d holds a byte 0, as UTF-16 does: write the file as UTF-8", line)
	}
	f.add(Finding{Code: NotUnicode, Severity: Error, File: file, Row: row, Column: column, Message: message})
}

// placeAt is the data row and the column of the cell in which what comes after a part of a file stands; row 0 is the
// header.
func placeAt(before string) (row int, column string) {
	t := scanTable("", before+"?", &findings{}, false)
	if len(t.Rows) == 0 {
		return 0, ""
	}
	last := t.Rows[len(t.Rows)-1]
	if at := len(last.Cells) - 1; at < len(t.Header) {
		column = t.Header[at]
	}
	return last.Number, column
}
