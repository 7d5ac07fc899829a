package cdisc

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestTextsInOtherEncodings(t *testing.T) {
	for encoding, want := range map[Encoding]string{"": "Gr\xc3\xb6\xc3\x9fe \xe2\x82\xac", UTF8: "Gr\xc3\xb6\xc3\x9fe \xe2\x82\xac", Windows1252: "Gr\xf6\xdfe \x80", Latin1: "Gr\xf6\xdfe", ASCII: "Groesse"} {
		text := map[Encoding]string{Latin1: "Größe", ASCII: "Groesse"}[encoding]
		text = orElse(text, "Größe €")
		for _, f := range []Format{XPT5, XPT8} {
			src := column(Variable{Name: "AETERM", Label: "Term", Type: Character}, Text(text), Text("x"))
			src.dataset.Encoding = encoding
			if f == XPT8 && encoding != ASCII {
				src.dataset.Label = "Größe"
				src.dataset.Variables[1].Label = strings.Repeat("é", 45)
			}
			s := surveyed(t, src)
			require.Equal(t, len(want), s.bytesOf(1), encoding)
			data := writeXPT(t, src, f)
			require.Contains(t, string(data), want, encoding)
			r, err := NewXPTReader(bytes.NewReader(data), WithEncoding(orElseEncoding(encoding)))
			require.NoError(t, err)
			back, err := readAll(r)
			require.NoError(t, err)
			require.Equal(t, Text(text), back.rows[0][1], encoding)
			require.Equal(t, src.dataset.Label, back.dataset.Label)
			require.Equal(t, src.dataset.Variables[1].Label, back.dataset.Variables[1].Label)
			// Dataset-JSON is UTF-8 whatever the table says.
			lines, err := readJSON(writeJSON(t, src, NDJSON))
			require.NoError(t, err)
			require.Equal(t, Text(text), lines.rows[0][1])
		}
	}
}

func orElseEncoding(e Encoding) Encoding { return Encoding(orElse(string(e), string(UTF8))) }

// TestCharactersThatAnEncodingDoesNotHave are counted by variable, before a file is written.
func TestCharactersThatAnEncodingDoesNotHave(t *testing.T) {
	character := Variable{Name: "AETERM", Type: Character}
	for name, c := range map[string]struct {
		encoding Encoding
		texts    []Value
		want     map[Rule]int64
	}{
		"UTF-8 has all":       {UTF8, []Value{Text("☃"), Text("é")}, map[Rule]int64{}},
		"ASCII":               {ASCII, []Value{Text("☃"), Text("é"), Text("e")}, map[Rule]int64{RuleEncoding: 2}},
		"Latin-1":             {Latin1, []Value{Text("☃"), Text("é"), Text("€")}, map[Rule]int64{RuleEncoding: 2}},
		"Windows-1252":        {Windows1252, []Value{Text("☃"), Text("é"), Text("€"), Text("\u0081")}, map[Rule]int64{RuleEncoding: 2}},
		"U+FFFD":              {Windows1252, []Value{Text("\ufffd")}, map[Rule]int64{RuleEncoding: 1}},
		"200 characters":      {Latin1, []Value{Text(strings.Repeat("é", 200))}, map[Rule]int64{}},
		"201 characters":      {Latin1, []Value{Text(strings.Repeat("é", 201))}, map[Rule]int64{RuleTextLength: 1}},
		"no such encoding":    {"utf-16", []Value{Text("x")}, map[Rule]int64{RuleEncoding: 1}},
		"200 bytes are UTF-8": {UTF8, []Value{Text(strings.Repeat("é", 101))}, map[Rule]int64{RuleTextLength: 1}},
	} {
		src := column(character, c.texts...)
		src.dataset.Encoding = c.encoding
		s := surveyed(t, src)
		require.Equal(t, c.want, rulesOf(s.Problems(XPT5)), name)
		require.Empty(t, s.Problems(JSON), name)
	}
	src := column(Variable{Name: "A", Label: "☃", Type: Character}, Text("x"))
	src.dataset.Encoding = Latin1
	require.Equal(t, map[Rule]int64{RuleEncoding: 1}, rulesOf(surveyed(t, src).Problems(XPT8)))
	src.dataset.Variables[1].Label = strings.Repeat("é", 256)
	require.Empty(t, surveyed(t, src).Problems(XPT8), "256 bytes in the file")
}

func TestExportInAnEncoding(t *testing.T) {
	src := column(Variable{Name: "COVAL", Type: Character}, Text(strings.Repeat("é", 150)), Text(strings.Repeat("ü", 201)))
	dir := t.TempDir()
	o := exportOptions(XPT5, JSON)
	o.Encoding, o.Remedies = Windows1252, Remedies{SplitTexts: true}
	m, err := Export(context.Background(), dir, []Source{src}, o)
	require.NoError(t, err)
	require.Equal(t, Windows1252, m.Encoding)
	file, err := OpenFile(filepath.Join(dir, "ae.xpt"), WithEncoding(Windows1252))
	require.NoError(t, err)
	back, err := readAll(file)
	require.NoError(t, err)
	require.Equal(t, Text(strings.Repeat("é", 150)), back.rows[0][1])
	other, err := OpenFile(filepath.Join(dir, "ae.json"))
	require.NoError(t, err)
	require.True(t, diff(t, file, other).Equal)
	utf8, err := OpenFile(filepath.Join(dir, "ae.xpt"))
	require.NoError(t, err)
	_, err = readAll(utf8)
	require.ErrorIs(t, err, ErrFormat)
	define, err := os.ReadFile(filepath.Join(dir, "define.xml"))
	require.NoError(t, err)
	require.Contains(t, string(define), `Name="COVAL" DataType="text" Length="200"`, "as in the file")

	o.Encoding = ASCII
	_, err = Export(context.Background(), t.TempDir(), []Source{src}, o)
	require.Equal(t, map[Rule]int64{RuleEncoding: 3}, problemsOf(t, err))
	o.Encoding = "ebcdic"
	_, err = Export(context.Background(), t.TempDir(), []Source{src}, o)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	_, err = OpenFile(filepath.Join(dir, "ae.xpt"), WithEncoding("ebcdic"))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

func TestLabelsAreCutInTheirEncoding(t *testing.T) {
	src := column(Variable{Name: "A", Label: strings.Repeat("é", 300), Type: Character}, Text("x"))
	o := exportOptions(XPT8)
	o.Encoding, o.Remedies = Latin1, Remedies{CutLabels: true}
	dir := t.TempDir()
	_, err := Export(context.Background(), dir, []Source{src}, o)
	require.NoError(t, err)
	file, err := OpenFile(filepath.Join(dir, "ae.xpt"), WithEncoding(Latin1))
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("é", 256), file.Dataset().Variables[1].Label)
}
