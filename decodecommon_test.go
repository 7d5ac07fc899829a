package imednet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// memberValues are values of members: of every kind, in the forms that are read the short way and in those that are not.
var memberValues = func() []string {
	values := []string{
		`null`, `""`, `"a"`, `"AE"`, `"01-001"`, `" "`, `"\u0041"`, `"a\"b"`, `"\\"`, `"é"`, "\"\xff\"", `"\ud800"`, `"` + string(bytes.Repeat([]byte{'x'}, 100)) + `"`,
		`0`, `-0`, `7`, `701`, `-1`, `1.0`, `1e2`, `5.9`, `"7"`, `"007"`, `" 7 "`, `"-7"`, `"7.0"`, `999999999999999999`, `1000000000000000000`, `9223372036854775807`, `9223372036854775808`,
		`true`, `false`, `"true"`, `"FALSE"`, `"yes"`, `1`, `[]`, `[1]`, `{}`, `{"a":1}`, `[{"keywordId":1}]`, `[2024,1,2]`, `[2024,1,2,3,4,5]`,
		`"2024-01-02"`, `"2024-02-30"`, `"2024-01-02T03:04:05"`, `"2024-01-02 03:04:05Z"`, `"2024-01-02 03:04:05.5"`, `"2024-01-02T03:04:05+01:00"`,
		`"0000-01-01 00:00:00"`, `"9999-12-31 23:59:59"`, `"1969-12-31 23:59:59"`, `"2023-02-29 00:00:00"`, `"2024-00-01 00:00:00"`, `"2024-13-01 00:00:00"`,
	}
	const at = `"2024-02-29 23:59:58"`
	for place := 1; place < len(at)-1; place++ {
		for _, c := range "0123456789-: /T" {
			values = append(values, at[:place]+string(c)+at[place+1:])
		}
	}
	return values
}()

// TestCommonFormsAreReadAsAnyForm holds the short way to the general one for every type of member and every form.
func TestCommonFormsAreReadAsAnyForm(t *testing.T) {
	for kind := range modelShapes {
		for range 3 { // what is remembered of the rows before must not matter
			for _, value := range memberValues {
				sameMembers(t, kind, fmt.Appendf(nil, `{"recordId":%s,"studyKey":%[1]s,"dateModified":%[1]s,"deleted":%[1]s,"keywords":%[1]s,"recordData":%[1]s,"startDate":%[1]s}`, value))
			}
		}
	}
}

// TestRowsAreReadMemberByMember reads rows of members in any order, known and unknown, in any form.
func TestRowsAreReadMemberByMember(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	kinds := make([]reflect.Type, 0, len(modelShapes))
	for kind := range modelShapes {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b reflect.Type) int { return bytes.Compare([]byte(a.Name()), []byte(b.Name())) })
	for range 30_000 {
		kind := kinds[r.IntN(len(kinds))]
		sameMembers(t, kind, randomRow(r, modelShapes[kind].names[firstField:]))
	}
}

func randomRow(r *rand.Rand, names []string) []byte {
	list := slices.Clone(names)
	if r.IntN(3) == 0 {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	list = append(list[:r.IntN(len(list)+1)], "zzz", list[0], `stud\u0079Key`)[r.IntN(2):]
	row := []byte{'{'}
	for i, name := range list {
		if i > 0 {
			row = append(row, ',')
		}
		blank := []string{"", "", "", " ", "\n\t"}[r.IntN(5)]
		row = fmt.Appendf(row, `%s"%s":%s%s`, blank, name, blank, memberValues[r.IntN(len(memberValues))])
	}
	if r.IntN(10) > 0 {
		row = append(row, '}')
	}
	return row
}

func FuzzRows(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, shape := range modelShapes {
		f.Add(randomRow(r, shape.names[firstField:]))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sameMembers(t, reflect.TypeFor[Record](), raw) })
}

// spaces have read rows before: of each model those that a test has read so far.
var spaces = map[reflect.Type]*workspace{}

// sameMembers compares the members of a row with what package jsontext and the general way of reading make of them, whatever was
// read before.
func sameMembers(t *testing.T, kind reflect.Type, raw []byte) {
	t.Helper()
	want := reflect.New(kind)
	wrong := slowly(raw, want.Interface().(model))
	if spaces[kind] == nil {
		spaces[kind] = newWorkspace(reflect.New(kind).Interface().(model), modelShapes[kind])
	}
	for _, work := range []*workspace{spaces[kind], newWorkspace(reflect.New(kind).Interface().(model), modelShapes[kind])} {
		work.letGo()
		problem := work.readRow(bytes.Clone(raw))
		if wrong == nil {
			require.Nil(t, problem, "%s %.300q", kind, raw)
			require.Equal(t, want.Interface(), work.row, "%s %.300q", kind, raw)
			misfits := Misfits(work.row)
			require.Equal(t, Misfits(want.Interface()), misfits)
			require.True(t, work.misfit || len(misfits) == 0)
			continue
		}
		require.NotNil(t, problem, "%s %.300q", kind, raw)
		if wrong.Problem != "" {
			require.Equal(t, wrong.Error(), problem.Error(), "%s %.300q", kind, raw)
		}
	}
}

// TestRowsLeaveNothingToTheNext reads the same members of different rows again and again, with others missing.
func TestRowsLeaveNothingToTheNext(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	usual := []string{`null`, `""`, `"a"`, `"b"`, `5`, `7`, `true`, `false`, `"2024-01-02 03:04:05"`, `"2024-01-02 03:04:06"`, `[]`, `{}`, `{"a":1}`}
	for kind, shape := range modelShapes {
		for range 500 {
			row := []byte(`{`)
			for _, name := range shape.names[firstField:] {
				if r.IntN(4) > 0 {
					row = fmt.Appendf(row, `"%s":%s,`, name, usual[r.IntN(len(usual))])
				}
			}
			sameMembers(t, kind, append(bytes.TrimSuffix(row, []byte(`,`)), '}'))
		}
	}
}

// slowly reads members one by one. A problem without a text is any.
func slowly(raw []byte, m model) *DecodeError {
	dec := jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(raw)), lenient)
	if dec.PeekKind() != '{' {
		return &DecodeError{}
	}
	fields, index := m.fields(nil), modelShapes[reflect.TypeOf(m).Elem()].index
	_, _ = dec.ReadToken()
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return &DecodeError{}
		}
		name = name.Clone()
		value, err := dec.ReadValue()
		if err != nil {
			return &DecodeError{}
		}
		value = value.Clone()
		i, known := index[string(unquoted(name))]
		if !known {
			m.row().Unknown = appendMember(m.row().Unknown, name, value)
			continue
		}
		if problem := decodeField(value, fields[i-firstField], nil); problem != nil {
			problem.Pointer = "/" + string(unquoted(name)) + problem.Pointer
			return problem
		}
	}
	if m.row().Unknown != nil {
		m.row().Unknown = append(m.row().Unknown, '}')
	}
	if _, err := dec.ReadToken(); err != nil || dec.PeekKind() > 0 {
		return &DecodeError{}
	}
	return nil
}

// A day that was remembered is not taken for another, nor for one that there is not.
func TestDaysAreRememberedAsTheyAre(t *testing.T) {
	var days calendar
	for range 2 {
		for _, text := range []string{"2024-02-29", "2023-02-29", "2024-03-01", "0000-01-01", "9999-12-31", "2024-02-3x", "2024/02/29"} {
			for _, clock := range []string{" 00:00:00", " 23:59:59", " 24:00:00", "T00:00:00", " 12-00:00", " 12:0000:"} {
				value := jsontext.Value(`"` + text + clock + `"`)
				got, ok := days.readTime(value, true)
				want, err := time.Parse(time.DateTime, text+clock)
				require.Equal(t, err == nil, ok, string(value))
				if ok {
					require.Equal(t, Time{want}, got, string(value))
				}
			}
		}
	}
	_, ok := days.readTime(jsontext.Value(`"2024-02-29 00:00:00"`), false)
	require.False(t, ok)
}
