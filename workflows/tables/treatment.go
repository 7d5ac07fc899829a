package tables

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// treatment is what de-identification does with the answers to a question. There is one for each
// kind of column, and [cover.treat] is the one place that applies it: to cells, to rejects and to
// the hierarchy alike.
type treatment uint8

const (
	treatNothing   treatment = iota // no de-identification, or text that the caller lets pass
	treatDrop                       // the column is left out
	treatMask                       // every answer becomes Mask
	treatPseudonym                  // equal answers become equal pseudonyms
	treatShift                      // a date moves; what is no date is masked
	treatNumber                     // a number that fits passes; all else is masked
	treatAge                        // as treatNumber, and ages above MaxAge become one group
	treatBool                       // true and false pass
	treatCode                       // a code of the column's codelist passes
)

// treatmentOf returns the treatment of a column. What no rule calls safe is masked.
func (d *deidentifier) treatmentOf(c *Column) treatment {
	if d == nil {
		return treatNothing
	}
	switch d.action(c) {
	case PHIDrop:
		return treatDrop
	case PHIMask:
		return treatMask
	case PHIPseudonymise:
		return treatPseudonym
	}
	switch {
	case d.passes.Has(c.Form, c.Name):
		return treatNothing
	case c.Extra:
		return treatDrop // its very name was typed by somebody
	case c.Type == TypeDate, c.Type == TypeDate32, c.Type == TypeTimestamp:
		return treatShift
	case c.Type.isNumber() && d.ages.Has(c.Form, c.Name):
		return treatAge
	case c.Type.isNumber():
		return treatNumber
	case c.Type == TypeBool:
		return treatBool
	case len(c.Codelist) > 0:
		return treatCode
	}
	return treatMask
}

// column is a column as it is after the treatment.
func (t treatment) column(c *Column) *Column {
	if t != treatMask && t != treatPseudonym || c.Type == TypeText {
		return c
	}
	treated := *c
	treated.Type = TypeText
	return &treated
}

// String is what the metadata of a treated field say; "" for a field whose answers stay as they
// are.
func (t treatment) String() string {
	switch t {
	case treatDrop:
		return string(PHIDrop)
	case treatMask:
		return string(PHIMask)
	case treatPseudonym:
		return string(PHIPseudonymise)
	case treatShift:
		return "shift"
	case treatAge:
		return "group"
	case treatCode:
		return "code"
	}
	return ""
}

// treat returns an answer as it may be shown, and whether it had to be masked. reason says why the
// answer could not even be read; it is masked then, as is one of a column without a treatment.
func (c *cover) treat(t treatment, column *Column, answer cell, reason Reason) (treated cell, masked bool) {
	if reason == "" {
		if treated, ok := c.safe(t, column, answer); ok {
			return treated, false
		}
	}
	return cell{'"', []byte(Mask)}, true
}

// safe returns the answer in a form that may be shown, if it has one.
func (c *cover) safe(t treatment, column *Column, answer cell) (cell, bool) {
	switch t {
	case treatPseudonym:
		return cell{'"', []byte(c.textPseudonym(string(answer.text)))}, true
	case treatShift:
		moved, ok := c.date(answer)
		return cell{'"', []byte(moved)}, ok
	case treatNumber, treatAge:
		if c.isOwn(answer) {
			return cell{}, false
		}
		return safeNumber(t, column.Type, answer)
	case treatBool:
		word := string(answer.text)
		return answer, word == "true" || word == "false"
	case treatCode:
		_, known := column.Codelist[string(answer.text)]
		return answer, known
	}
	return cell{}, false
}

// MaxAge is the highest age that is kept as it is. HIPAA's Safe Harbor method puts all higher ages
// into one group.
const MaxAge = 89

// safeNumber returns a number that its column can hold, without what was written around it. Ages
// above MaxAge become MaxAge+1, which stands for "90 or older".
func safeNumber(t treatment, typ ColumnType, answer cell) (cell, bool) {
	n, ok := numberOf(answer)
	if !ok {
		return cell{}, false
	}
	_, accuracy := n.Float64()
	if typ == TypeInt64 {
		_, accuracy = n.Int64()
	}
	if accuracy != imednet.Exact {
		return cell{}, false
	}
	if t == treatAge && n.Compare(imednet.NewNumber(MaxAge+1)) >= 0 {
		n = imednet.NewNumber(MaxAge + 1)
	}
	return cell{'0', n.AppendCanonical(nil)}, true
}

// rawOf returns a treated answer as JSON.
func rawOf(c cell) jsontext.Value {
	if c.kind != '"' {
		return jsontext.Value(c.text).Clone()
	}
	raw, _ := jsontext.AppendQuote(nil, c.text)
	return raw
}

// maskedRaw is Mask as JSON.
func maskedRaw() jsontext.Value { return jsontext.Value(`"` + Mask + `"`) }
