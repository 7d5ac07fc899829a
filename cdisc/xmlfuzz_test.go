package cdisc

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// words are texts that XML can hold, and that collide with others as names.
var words = []string{"A", "B", "A.B", "imnRecord", "COMMON", "1", "é", "\U0001F600", "<&>\"'", "]]>", " two  blanks ", "line\nfeed\ttab\rreturn", "\u00a0", "%s"}

// word is one of them or, seldom, any text.
func (b *bytesOfTable) word() string {
	if n := int(b.next()); n < 248 {
		return words[n%len(words)]
	}
	return b.text()
}

// name is mostly one that nothing else has.
func (b *bytesOfTable) name(i int) string {
	if b.next()%32 == 31 {
		return b.word()
	}
	return "N" + strconv.Itoa(i)
}

// seldom is the choice in one of eight cases.
func (b *bytesOfTable) seldom() bool { return b.next()%8 == 7 }

// described is a table with any metadata.
func (b *bytesOfTable) described(number int) memory {
	m := memory{dataset: Dataset{Name: b.name(number), Label: b.word(), Comment: b.word(), Structure: b.word()}}
	for i := range int(b.next()%5) + 1 {
		v := Variable{Name: b.name(i), Label: b.word(), Type: Type(b.next()%byte(Boolean)) + Character, Method: b.word()}
		if b.seldom() {
			v.OID = "IT." + b.word()
		}
		if b.seldom() {
			v.Type, v.Codelist = Character, &Codelist{Name: b.name(10*number + i), Items: []CodelistItem{{"1", b.word()}, {b.word(), b.word()}}}
		}
		if b.seldom() {
			v.Origin = Origin{Type: "Derived", Source: "Sponsor", Description: b.word()}
		}
		m.dataset.Variables = append(m.dataset.Variables, v)
	}
	for range int(b.next() % 8) {
		m.rows = append(m.rows, b.row(m.dataset.Variables))
	}
	return m
}

// row has values of the kinds of the variables, and words.
func (b *bytesOfTable) row(variables []Variable) (row Row) {
	for i := range variables {
		value := b.value(variables[i].Type)
		switch {
		case value.kind == textValue && variables[i].Codelist != nil:
			value = Text("1")
		case value.kind == textValue && variables[i].Type == Decimal:
			value = Text("70.50")
		case value.kind == textValue:
			value = Text(b.word())
		case variables[i].Type == Double && !b.seldom():
			value = Float(float64(b.next()) / 8)
		case !value.IsMissing() && (variables[i].Type == Date || variables[i].Type == Datetime || variables[i].Type == Time):
			value = Integer(int64(b.next()))
		}
		row = append(row, value)
	}
	return row
}

// seedsOfTables are bytes that reach most of what the fuzz targets can build.
func seedsOfTables(f *testing.F) {
	rng, n := rand.New(rand.NewPCG(1, 2)), 40
	if os.Getenv("IMEDNET_LONG") == "1" {
		n = 20_000
	}
	for range n {
		data := make([]byte, 1500)
		for i := range data {
			data[i] = byte(rng.UintN(256))
		}
		f.Add(data)
	}
}

// odmForm is a described table whose rows are records of subjects, or of none.
func (b *bytesOfTable) odmForm(number int, record *int64) ODMForm {
	m := b.described(number)
	own := []Variable{{Name: "record", Source: "#record", Type: WholeNumber}, {Name: "subject", Source: "#subject", Type: Character}, {Name: "site", Source: "#site", Type: Character}, {Name: "event", Source: "#event", Type: Character}}
	m.dataset.Variables = append(own, m.dataset.Variables...)
	for i, row := range m.rows {
		*record++
		place := Row{Integer(*record), {}, {}, {}}
		if b.next()%4 > 0 {
			place[1], place[2], place[3] = Text(b.word()), Text(b.word()), Text(b.word())
		}
		m.rows[i] = append(place, row...)
	}
	return ODMForm{Source: m, Place: ODMPlace{Record: "#record", Subject: "#subject", Site: "#site", Event: "#event"}}
}

// FuzzODM writes forms with any names, texts and code lists. What is written is well-formed, defines once all
// that it refers to, and has every answer; what is refused is refused before the first byte.
func FuzzODM(f *testing.F) {
	seedsOfTables(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		b := &bytesOfTable{data}
		var record int64
		var forms []ODMForm
		for i := range int(b.next()%3) + 1 {
			forms = append(forms, b.odmForm(i, &record))
		}
		study := ODMStudy{OID: "S", MetaDataVersionOID: "M", Effective: "2026-01-01", Events: []ODMEvent{{b.word(), b.word()}}, Sites: []ODMSite{{b.word(), b.word()}}}
		var out strings.Builder
		_, err := WriteODM(context.Background(), &out, forms, study, ODMOptions{Created: made, TempDir: t.TempDir()})
		if requireAllOrNothing(t, out.String(), err) {
			return
		}
		requireReferences(t, out.String())
		require.Equal(t, answersOf(forms), answersIn(t, out.String()))
	})
}

// requireAllOrNothing reports whether a document was refused, with nothing written.
func requireAllOrNothing(t *testing.T, document string, err error) (refused bool) {
	if err == nil {
		return false
	}
	var unfit *UnfitError
	require.True(t, errors.As(err, &unfit), err)
	require.NotEmpty(t, unfit.Problems)
	require.Empty(t, document)
	return true
}

// answersOf lists the answers of forms with their items, sorted.
func answersOf(forms []ODMForm) (all []string) {
	for _, form := range forms {
		m := form.Source.(memory)
		for _, row := range m.rows {
			for i, v := range row[4:] {
				variable := &m.dataset.Variables[i+4]
				if !v.IsMissing() {
					all = append(all, m.dataset.itemOID(variable)+" "+spelled(variable.Type, v))
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// spelled is a value as the data types of ODM have it.
func spelled(t Type, v Value) string {
	if v.kind == textValue {
		return v.text
	}
	if x, ok := v.Float(); ok && t == Double {
		return strconv.FormatFloat(x+0, 'f', -1, 64)
	}
	if n, ok := v.Integer(); ok && t != WholeNumber {
		return string(appendISO(nil, t, n))
	}
	return valueText(v)
}

// answersIn lists the answers in a document, sorted.
func answersIn(t *testing.T, document string) (all []string) {
	for start := range elements(t, document) {
		if start.Name.Local == "ItemData" {
			all = append(all, start.Attr[0].Value+" "+start.Attr[1].Value)
		}
	}
	slices.Sort(all)
	return all
}

// elements are the beginnings of all elements of a document, which must be well-formed.
func elements(t *testing.T, document string) iter.Seq[xml.StartElement] {
	return func(yield func(xml.StartElement) bool) {
		for d := xml.NewDecoder(strings.NewReader(document)); ; {
			token, err := d.Token()
			if err == io.EOF {
				return
			}
			require.NoError(t, err)
			if start, ok := token.(xml.StartElement); ok && !yield(start) {
				return
			}
		}
	}
}

// FuzzDefine describes tables with any metadata. What is written is well-formed, no two elements share an OID,
// and what is referred to is defined.
func FuzzDefine(f *testing.F) {
	seedsOfTables(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		b := &bytesOfTable{data}
		o := defineOptions()
		o.StudyName, o.Comment = b.word(), b.word()
		var tables []memory
		for i := range int(b.next()%3) + 1 {
			tables = append(tables, b.described(i))
		}
		document, err := writeDefine(t, o, tables...)
		if requireAllOrNothing(t, document, err) {
			return
		}
		requireUniqueOIDs(t, document)
	})
}

func requireUniqueOIDs(t *testing.T, document string) {
	defined, used := map[string]bool{}, map[string]bool{}
	for start := range elements(t, document) {
		for _, a := range start.Attr {
			switch name := a.Name.Local; {
			case name == "OID":
				require.False(t, defined[a.Value], a.Value)
				defined[a.Value] = true
			case strings.HasSuffix(name, "OID") && name != "FileOID":
				used[a.Value] = true
			}
		}
	}
	for oid := range used {
		require.True(t, defined[oid], oid)
	}
}
