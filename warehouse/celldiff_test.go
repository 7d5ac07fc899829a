package warehouse

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// plainMember is a member of recordData as package jsontext reads it, with its place.
type plainMember struct {
	position
	raw jsontext.Value
}

func plainMembers(t *testing.T, text string) (members []plainMember) {
	if text == "" {
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewBufferString(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	_, err := dec.ReadToken()
	require.NoError(t, err)
	seen := map[string]int64{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		require.NoError(t, err)
		key := name.String()
		raw, err := dec.ReadValue()
		require.NoError(t, err)
		members = append(members, plainMember{position{key, seen[key]}, raw.Clone()})
		seen[key]++
	}
	return members
}

// plainText is a value as its row has it: the kind, and the text or NULL.
func plainText(raw jsontext.Value) string {
	kinds := map[jsontext.Kind]string{'n': "null", 't': "boolean", 'f': "boolean", '"': "string", '0': "number", '{': "object", '[': "array"}
	switch kind := raw.Kind(); {
	case raw == nil:
		return "NULL NULL"
	case kind == 'n':
		return "null NULL"
	case kind != '"':
		if !utf8.Valid(raw) {
			return "not Unicode NULL"
		}
		return kinds[kind] + " " + string(raw)
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return "not Unicode NULL"
	}
	return "string " + string(text)
}

// plainDiff is the rule of changes, written out.
func plainDiff(t *testing.T, before, after string, first bool) (changes []string) {
	old, now := plainMembers(t, before), plainMembers(t, after)
	find := func(list []plainMember, p position) (raw jsontext.Value) {
		for _, m := range list {
			if m.position == p {
				raw = m.raw
			}
		}
		return raw
	}
	for _, m := range now {
		was := find(old, m.position)
		word := added
		switch same := plainText(was) == plainText(m.raw) && !strings.HasPrefix(plainText(was), notUnicode); {
		case first:
			word = firstSeen
		case was != nil && (same || bytes.Equal(was, m.raw)):
			continue
		case was != nil:
			word = changed
		}
		changes = append(changes, fmt.Sprint(m.position, word, plainText(was), " → ", plainText(m.raw)))
	}
	for _, m := range old {
		if find(now, m.position) == nil {
			changes = append(changes, fmt.Sprint(m.position, removed, plainText(m.raw), " → ", plainText(nil)))
		}
	}
	return changes
}

func (c cell) String() string {
	kind, text := c.kind, "NULL"
	if kind == "" {
		kind = "NULL"
	}
	if c.hasText {
		text = string(c.text)
	}
	return kind + " " + text
}

func drawnData(r *rand.Rand) string {
	names := []string{"A", "a", "B", `\u0041`, "ä", "C", "D"}
	values := []string{`"x"`, `"\u0078"`, `""`, "null", "1", "1.0", "true", "false", `["x"]`, `{"A":"x"}`, `"\ud800"`, "\"\xff\"", `"\ud801"`, `"ä"`, `"\u00e4"`}
	var members []string
	for range r.IntN(8) {
		members = append(members, fmt.Sprintf(`"%s":%s`, names[r.IntN(len(names))], values[r.IntN(len(values))]))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// TestChangesOfCells compares with the rule written out over another parser, with one memory for many states.
func TestChangesOfCells(t *testing.T) {
	r, diff := rand.New(rand.NewPCG(3, 5)), newCellDiff()
	for range 3000 {
		row, before, after := recordRow{}, drawnData(r), drawnData(r)
		if row.first = r.IntN(4) == 0; row.first {
			before = ""
		} else {
			data, err := imednet.NewRecordData([]byte(before))
			require.NoError(t, err)
			row.previous = data
		}
		data, err := imednet.NewRecordData([]byte(after))
		require.NoError(t, err)
		row.RecordData = data
		var got []string
		require.NoError(t, diff.emit(&row, func(c *cellChange) error {
			got = append(got, fmt.Sprint(position{c.name, c.occurrence}, c.change, c.old, " → ", c.new))
			return nil
		}))
		require.Equal(t, plainDiff(t, before, after, row.first), got, "%s then %s", before, after)
	}
}
