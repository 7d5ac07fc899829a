package scenarios

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
)

// census looks for every answer of the source in what was written, without the code that wrote it.
type census struct {
	rows    map[string]map[int64]map[string]json.RawMessage // form → record → column → cell
	rejects map[int64][]reject

	Answers, Cells, Rejects, Blank, Lost int
	LostIn                               map[string]int // form and variable
}

// reject is a line of the list of rejects.
type reject struct {
	variable      string
	value, base64 []byte // its JSON, in one of two ways
}

func newCensus() *census {
	return &census{rows: map[string]map[int64]map[string]json.RawMessage{}, rejects: map[int64][]reject{}, LostIn: map[string]int{}}
}

// addRow notes a row of a table.
func (c *census) addRow(form string, text []byte) error {
	var cells map[string]json.RawMessage
	if err := json.Unmarshal(text, &cells); err != nil {
		return err
	}
	var id int64
	if err := json.Unmarshal(cells["recordId"], &id); err != nil {
		return err
	}
	if c.rows[form] == nil {
		c.rows[form] = map[int64]map[string]json.RawMessage{}
	}
	c.rows[form][id] = cells
	return nil
}

func (c *census) addReject(text []byte) error {
	var r struct {
		RecordID   int64
		Variable   string
		JSON       string
		JSONBase64 string
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	decoded, err := base64.StdEncoding.DecodeString(r.JSONBase64)
	c.rejects[r.RecordID] = append(c.rejects[r.RecordID], reject{r.Variable, []byte(r.JSON), decoded})
	return err
}

// count looks for the answers of a record.
func (c *census) count(form string, recordID int64, answers []answer) {
	for _, a := range answers {
		if bytes.Equal(a.value, []byte("null")) || bytes.Equal(a.value, []byte(`""`)) {
			continue
		}
		c.Answers++
		switch {
		case c.inCell(c.rows[form][recordID], form, a):
			c.Cells++
		case c.inReject(recordID, a):
			c.Rejects++
		case isBlank(a.value):
			c.Blank++
		default:
			c.Lost++
			c.LostIn[form+"."+a.variable]++
		}
	}
}

func (c *census) inCell(cells map[string]json.RawMessage, form string, a answer) bool {
	for _, name := range []string{a.variable, form + "." + a.variable} {
		if cell, exists := cells[name]; exists && means(cell, a.value) {
			return true
		}
	}
	for name, cell := range cells {
		if strings.EqualFold(name, a.variable) && means(cell, a.value) {
			return true
		}
	}
	return false
}

func (c *census) inReject(recordID int64, a answer) bool {
	for _, r := range c.rejects[recordID] {
		if strings.EqualFold(r.variable, a.variable) && (bytes.Equal(r.value, a.value) || bytes.Equal(r.base64, a.value)) {
			return true
		}
	}
	return false
}

// means reports whether a cell says what an answer says: the same text, number, flag, or JSON.
func means(cell, value json.RawMessage) bool {
	if bytes.Equal(cell, []byte("null")) {
		return false
	}
	if bytes.Equal(cell, value) {
		return true
	}
	text, isText := textOf(value)
	if !isText {
		text = string(value)
	}
	if shown, ok := textOf(cell); ok {
		return shown == text
	}
	if bytes.Equal(cell, []byte("true")) || bytes.Equal(cell, []byte("false")) {
		return strings.EqualFold(strings.TrimSpace(text), string(cell))
	}
	number, ok := new(big.Rat).SetString(strings.TrimSpace(text))
	in, isNumber := new(big.Rat).SetString(string(cell))
	return ok && isNumber && number.Cmp(in) == 0
}

func textOf(value json.RawMessage) (string, bool) {
	var text string
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &text) != nil {
		return "", false
	}
	return text, true
}

func isBlank(value json.RawMessage) bool {
	text, isText := textOf(value)
	return isText && strings.TrimSpace(text) == ""
}

// answer is a member of recordData, in its order; a key can be there several times.
type answer struct {
	variable string
	value    json.RawMessage
}

// answersOf reads the members of recordData of a record as the server sent it.
func answersOf(record []byte) (r row, answers []answer, err error) {
	var whole struct {
		row
		RecordData json.RawMessage
	}
	if err := json.Unmarshal(record, &whole); err != nil {
		return r, nil, err
	}
	if len(whole.RecordData) == 0 || whole.RecordData[0] != '{' {
		return whole.row, nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(whole.RecordData))
	if _, err := decoder.Token(); err != nil {
		return r, nil, err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return r, nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return r, nil, err
		}
		answers = append(answers, answer{key.(string), value})
	}
	return whole.row, answers, nil
}
