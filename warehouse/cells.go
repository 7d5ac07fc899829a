package warehouse

import (
	"bytes"
	"fmt"
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
	kind, text *string
}

// position tells cells of one record apart; a name can be repeated inside one object.
type position struct {
	name       string
	occurrence int64
}

// diffCells emits the variables in which a state differs from the one before: in the order of the
// new state, then those that were removed.
func diffCells(row *recordRow, emit func(cellChange) error) error {
	old := map[position]imednet.Value{}
	order := positions(row.previous, func(p position, v imednet.Value) { old[p] = v })
	var err error
	positions(row.RecordData, func(p position, v imednet.Value) {
		before, existed := old[p]
		delete(old, p)
		if err != nil || existed && sameValue(before, v) {
			return
		}
		change := added
		switch {
		case row.first:
			change = firstSeen
		case existed:
			change = changed
		}
		err = emit(row.cell(p, change, before, v))
	})
	for _, p := range order {
		if before, gone := old[p]; gone && err == nil {
			err = emit(row.cell(p, removed, before, imednet.Value{}))
		}
	}
	return err
}

// positions visits every member and returns the places in order.
func positions(data imednet.RecordData, visit func(position, imednet.Value)) []position {
	var order []position
	var members answers.Scanner
	seen := map[string]int64{}
	for members.Reset(data.Raw()); members.Next(); {
		name := spelledName(members.Name)
		p := position{name, seen[name]}
		seen[name]++
		order = append(order, p)
		visit(p, imednet.NewValue(members.Raw))
	}
	return order
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
func sameValue(a, b imednet.Value) bool {
	if bytes.Equal(a.Raw(), b.Raw()) {
		return true
	}
	return a.Kind() == b.Kind() && a.IsUnicode() && b.IsUnicode() && a.Text() == b.Text()
}

func (r *recordRow) cell(p position, change string, before, after imednet.Value) cellChange {
	return cellChange{
		recordID: r.RecordID, version: r.version, formID: r.FormID,
		name: p.name, occurrence: p.occurrence, change: change, old: cellOf(before), new: cellOf(after),
	}
}

func cellOf(v imednet.Value) cell {
	if v.Kind() == 0 {
		return cell{}
	}
	if !v.IsUnicode() {
		return cell{kind: new(notUnicode)}
	}
	kind, text := kindWord(v.Kind()), v.Text()
	if v.Kind() == 'n' {
		return cell{kind: &kind}
	}
	return cell{&kind, &text}
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

var cellColumns = []column[cellChange]{
	intColumn("record_id", func(c *cellChange) int64 { return c.recordID }),
	intColumn("version", func(c *cellChange) int64 { return c.version }),
	optionalColumn("form_id", duckdb.TYPE_BIGINT, func(c *cellChange) *imednet.Opt[int64] { return &c.formID }),
	textColumn("variable_name", func(c *cellChange) string { return c.name }),
	intColumn("occurrence", func(c *cellChange) int64 { return c.occurrence }),
	textColumn("change", func(c *cellChange) string { return c.change }),
	nullableColumn("old_kind", func(c *cellChange) *string { return c.old.kind }),
	nullableColumn("old_value", func(c *cellChange) *string { return c.old.text }),
	nullableColumn("value_kind", func(c *cellChange) *string { return c.new.kind }),
	nullableColumn("value", func(c *cellChange) *string { return c.new.text }),
}

var cellInsert = `INSERT INTO bronze_cell_changes (study_key, ` + names(cellColumns) + `) SELECT ?, ` + names(cellColumns) + ` FROM %s`
