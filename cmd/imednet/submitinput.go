package main

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// input is a file of records, with the places of everything in it.
type input struct {
	path  string
	text  []byte
	items []imednet.Submission
	raws  []jsontext.Value
	at    []int // where each record begins in text
}

// readSubmissions reads a JSON array of records. Members that are not known, names that come twice,
// members that are blank, and anything behind the array are errors; numbers keep their text. What
// kind of write a record is follows from the members that are there, or member kind says it.
//
// A name that is not known may be data of a subject in a wrong place: errors say where it stands.
func readSubmissions(path string) (*input, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	in := &input{path: path, text: text}
	if problem := in.read(); problem != "" {
		return nil, &invalidError{path + ": " + problem}
	}
	return in, nil
}

// read reads the records and says what is wrong, and where.
func (in *input) read() (problem string) {
	if bytes.HasPrefix(in.text, []byte("\xef\xbb\xbf")) {
		return "line 1: the file begins with a byte order mark: save it as UTF-8 without one"
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(in.text), jsontext.AllowDuplicateNames(true))
	if kind := decoder.PeekKind(); kind != '[' {
		if _, err := decoder.ReadToken(); err != nil {
			return in.notJSON(err)
		}
		return fmt.Sprintf("line %d: not a JSON array of records with the members %s", in.line(int(decoder.InputOffset())), strings.Join(knownMembers, ", "))
	}
	if _, err := decoder.ReadToken(); err != nil {
		return in.notJSON(err)
	}
	for decoder.PeekKind() != ']' {
		raw, err := decoder.ReadValue()
		if err != nil {
			return in.notJSON(err)
		}
		if problem := in.add(int(decoder.InputOffset())-len(raw), len(raw)); problem != "" {
			return problem
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return in.notJSON(err)
	}
	end := int(decoder.InputOffset())
	rest := bytes.TrimLeft(in.text[end:], " \t\r\n")
	switch {
	case len(rest) > 0:
		return in.place(len(in.text)-len(rest)) + ": something follows the array of records"
	case len(in.items) == 0:
		return "line 1: there are no records in the array"
	}
	return ""
}

// add reads the record that stands at a place.
func (in *input) add(at, size int) (problem string) {
	raw := jsontext.Value(in.text[at : at+size])
	item, inside, problem := readSubmission(raw)
	if problem != "" {
		return fmt.Sprintf("line %d, item %d: %s", in.line(at+inside), len(in.items)+1, problem)
	}
	item.Line = in.line(at)
	in.items, in.raws, in.at = append(in.items, item), append(in.raws, raw), append(in.at, at)
	return ""
}

// notJSON says where the file stops being JSON, and nothing of what stands there.
func (in *input) notJSON(err error) string {
	var syntax *jsontext.SyntacticError
	switch at := len(bytes.TrimRight(in.text, " \t\r\n")); {
	case at == 0:
		return "the file is empty"
	case errors.As(err, &syntax) && int(syntax.ByteOffset) < at:
		return in.place(int(syntax.ByteOffset)) + ": not JSON from here on"
	}
	return fmt.Sprintf("line %d: the JSON ends in the middle", in.line(len(in.text)))
}

// place names a place in the file for people.
func (in *input) place(at int) string {
	return fmt.Sprintf("line %d, column %d", in.line(at), at-bytes.LastIndexByte(in.text[:at], '\n'))
}

// line is the line of a place in the file.
func (in *input) line(at int) int { return 1 + bytes.Count(in.text[:at], []byte("\n")) }

// placed makes an error about records say where in the file stands what the study does not know.
func (in *input) placed(err error) error {
	var invalid *submissions.InvalidRecordsError
	if !errors.As(err, &invalid) {
		return err
	}
	for i := range invalid.Problems {
		p := &invalid.Problems[i]
		if p.Unknown == "" || p.Index >= len(in.raws) {
			continue
		}
		if n, at, ok := memberAt(in.raws[p.Index], p.Unknown); ok {
			p.Place = fmt.Sprintf("member %d of data, on line %d", n, in.line(in.at[p.Index]+at))
		}
	}
	return err
}

// memberAt is where a member of data stands in a record: its number from 1, and its offset.
func memberAt(record jsontext.Value, name string) (n, at int, ok bool) {
	data, begin, ok := member(record, "data")
	if !ok {
		return 0, 0, false
	}
	for m := range membersOf(data) {
		if n++; m.name == name {
			return n, begin + m.at, true
		}
	}
	return 0, 0, false
}

// member finds a member of an object, and where its value begins.
func member(object jsontext.Value, name string) (value jsontext.Value, at int, ok bool) {
	for m := range membersOf(object) {
		if m.name == name {
			return m.value, m.end - len(m.value), true
		}
	}
	return nil, 0, false
}

// namedMember is a member of an object: its value, and where its name begins and its value ends.
type namedMember struct {
	name    string
	value   jsontext.Value
	at, end int
}

// membersOf yields the members of a valid object in their order; of anything else none.
func membersOf(object jsontext.Value) iter.Seq[namedMember] {
	return func(yield func(namedMember) bool) {
		decoder := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowDuplicateNames(true))
		if first, err := decoder.ReadToken(); err != nil || first.Kind() != '{' {
			return
		}
		for decoder.PeekKind() == '"' {
			quoted, err := decoder.ReadValue()
			if err != nil {
				return
			}
			m := namedMember{name: imednet.NewValue(quoted.Clone()).Text(), at: int(decoder.InputOffset()) - len(quoted)}
			value, err := decoder.ReadValue()
			m.value, m.end = value.Clone(), int(decoder.InputOffset())
			if err != nil || !yield(m) {
				return
			}
		}
	}
}
