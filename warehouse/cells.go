package warehouse

import (
	"bytes"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// cellChange is one variable of a record that differs from the state before.
type cellChange struct {
	recordID   int64
	version    int64
	formID     imednet.Opt[int64]
	name       string
	occurrence int64 // 0, or the number of the repetition of a name inside one recordData
	change     string
	old, new   cell
}

// What happened to a variable.
const (
	firstSeen = "first seen" // with the record's first state that was seen
	added     = "added"
	changed   = "changed"
	removed   = "removed"
)

// notUnicode is the kind of a value that no text column can hold. The payload of the record's state does.
const notUnicode = "not Unicode"

// cell is a value as text and the kind of JSON it was: string, number, boolean, null, array or
// object. An absent value has no kind; null has no text, and neither has what is notUnicode.
type cell struct {
	kind    string
	text    []byte // of the record's memory, where it can be
	hasText bool
}

// position tells cells of one record apart; a name can be repeated inside one object.
type position struct {
	name       string
	occurrence int64
}

// cellDiff finds the variables in which states differ from those before. Its memory serves one state after the
// other.
type cellDiff struct {
	names   map[string]string // as spelledName has them
	seen    map[string]int64  // how often a name came in the state at hand
	old     map[position][]byte
	order   []position // of old
	members answers.Scanner
	at      cellChange // the one that is emitted
}

func newCellDiff() *cellDiff {
	return &cellDiff{names: map[string]string{}, seen: map[string]int64{}, old: map[position][]byte{}}
}

// emit emits the variables in which a state differs from the one before: in the order of the new state, then those
// that were removed.
func (d *cellDiff) emit(row *recordRow, emit func(*cellChange) error) error {
	clear(d.old)
	d.order = d.order[:0]
	for p, raw := range d.positions(row.previous) {
		d.old[p] = raw
		d.order = append(d.order, p)
	}
	for p, raw := range d.positions(row.RecordData) {
		before, existed := d.old[p]
		delete(d.old, p)
		if existed && sameValue(before, raw) {
			continue
		}
		change := added
		switch {
		case row.first:
			change = firstSeen
		case existed:
			change = changed
		}
		d.at = row.cell(p, change, before, raw)
		if err := emit(&d.at); err != nil {
			return err
		}
	}
	for _, p := range d.order {
		before, gone := d.old[p]
		if !gone {
			continue
		}
		d.at = row.cell(p, removed, before, nil)
		if err := emit(&d.at); err != nil {
			return err
		}
	}
	return nil
}

// positions yields every member with its place.
func (d *cellDiff) positions(data imednet.RecordData) iter.Seq2[position, []byte] {
	return func(yield func(position, []byte) bool) {
		clear(d.seen)
		for d.members.Reset(data.Raw()); d.members.Next(); {
			name := d.name(d.members.Name)
			p := position{name, d.seen[name]}
			d.seen[name]++
			if !yield(p, d.members.Raw) {
				return
			}
		}
	}
}

// knownNames bounds what is remembered of names.
const knownNames = 10_000

// name is spelledName, of the memory that an earlier record with the same name took.
func (d *cellDiff) name(spelled []byte) string {
	name, known := d.names[string(spelled)]
	if !known {
		name = spelledName(spelled)
		if len(d.names) < knownNames {
			d.names[string(spelled)] = name
		}
	}
	return name
}

// spelledName is a member's name, with \xff for a byte that is no UTF-8. Half a surrogate pair is spelled as
// in the JSON already.
func spelledName(name []byte) string {
	if utf8.Valid(name) {
		return string(name)
	}
	var b strings.Builder
	for len(name) > 0 {
		r, n := utf8.DecodeRune(name)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, name[0])
		} else {
			b.Write(name[:n])
		}
		name = name[n:]
	}
	return b.String()
}

// sameValue compares what a value says, not how its string was escaped; number text counts. Of what is not
// Unicode every byte counts.
func sameValue(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if jsontext.Value(a).Kind() != jsontext.Value(b).Kind() {
		return false
	}
	textA, unicodeA := answers.Unquote(a, nil)
	textB, unicodeB := answers.Unquote(b, nil)
	return unicodeA && unicodeB && bytes.Equal(textA, textB)
}

// cell is a change from a value to another; an absent one is nil.
func (r *recordRow) cell(p position, change string, before, after []byte) cellChange {
	return cellChange{
		recordID: r.RecordID, version: r.version, formID: r.FormID,
		name: p.name, occurrence: p.occurrence, change: change, old: cellOf(before), new: cellOf(after),
	}
}

func cellOf(raw []byte) cell {
	if len(raw) == 0 {
		return cell{}
	}
	text, isUnicode := answers.Unquote(raw, nil)
	kind := jsontext.Value(raw).Kind()
	switch {
	case !isUnicode:
		return cell{kind: notUnicode}
	case kind == 'n':
		return cell{kind: kindWord(kind)}
	}
	return cell{kindWord(kind), text, true}
}

func kindWord(kind jsontext.Kind) string {
	switch kind {
	case 't', 'f':
		return "boolean"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return kind.String() // string, number or null
}

// kindColumn is NULL for an absent value.
func kindColumn(name string, get func(*cellChange) *cell) column[cellChange] {
	return column[cellChange]{name: name, typ: duckdb.TYPE_VARCHAR, of: newValues[string], add: func(to vector, c *cellChange) {
		if kind := get(c).kind; kind != "" {
			to.(*values[string]).add(kind)
			return
		}
		to.(*values[string]).addNull()
	}}
}

// cellText is NULL for a value without a text. All texts are Unicode.
func cellText(name string, get func(*cellChange) *cell) column[cellChange] {
	return column[cellChange]{name: name, typ: duckdb.TYPE_VARCHAR, of: newValues[[]byte], add: func(to vector, c *cellChange) {
		if v := get(c); v.hasText {
			to.(*values[[]byte]).add(v.text)
			return
		}
		to.(*values[[]byte]).addNull()
	}}
}

// firstCellColumns are all that differs from cell to cell in first states.
var firstCellColumns = []column[cellChange]{
	intColumn("record_id", func(c *cellChange) int64 { return c.recordID }),
	intColumn("version", func(c *cellChange) int64 { return c.version }),
	intMember("form_id", func(c *cellChange) *imednet.Opt[int64] { return &c.formID }),
	textColumn("variable_name", func(c *cellChange) string { return c.name }),
	intColumn("occurrence", func(c *cellChange) int64 { return c.occurrence }),
	kindColumn("value_kind", func(c *cellChange) *cell { return &c.new }),
	cellText("value", func(c *cellChange) *cell { return &c.new }),
}

var cellColumns = append(slices.Clone(firstCellColumns),
	textColumn("change", func(c *cellChange) string { return c.change }),
	kindColumn("old_kind", func(c *cellChange) *cell { return &c.old }),
	cellText("old_value", func(c *cellChange) *cell { return &c.old }))

var (
	cellInsert      = `INSERT INTO bronze_cell_changes (study_key, ` + names(cellColumns) + `) SELECT ?, ` + names(cellColumns) + ` FROM %s`
	firstCellInsert = `INSERT INTO bronze_cell_changes (study_key, change, ` + names(firstCellColumns) + `) SELECT ?, '` + firstSeen + `', ` + names(firstCellColumns) + ` FROM %s`
)
