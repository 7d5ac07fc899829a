package dictionary_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// export is a small export in memory.
type export map[string]string

func small() export {
	return export{
		dictionary.FormsFile:     "Form ID,Form Key,Form Type,\"Form Name\"\n1,AE,Patient,\"Adverse Event\"\n2,DM,Patient,Demographics\n",
		dictionary.QuestionsFile: "Form,\"Variable Type\",\"Variable Name\",Label,Sequence,\"Required Field\"\nAE,Text,AETERM,Term,10,Hard\nAE,Radio,AESEV,Severity,20,\"Auto Query\"\nAE,Number,AEDUR,Days,30,Soft\nDM,Date/Time,BRTHDAT,Birth,10,Optional\n",
		dictionary.ChoicesFile:   "Form,\"Variable Type\",\"Variable Name\",\"Choice Text\",\"Choice Value\",Position\nAE,Radio,AESEV,Mild,1,1\nAE,Radio,AESEV,Severe,2,2\n",
		dictionary.RulesFile: "Type,Name,Status,ID,Form,Sequence,Logic\nForm,Range,Active,7,AE,10,\"<BusinessLogic><Conditions><or><lt><question>AEDUR</question><value>0</value></lt><gt><question>AEDUR</question><value>365</value></gt></or></Conditions>" +
			"<Actions><message><message>m</message><error_field>AEDUR</error_field><hard_edit/></message></Actions></BusinessLogic>\"\n",
	}
}

func (x export) with(file, text string) export {
	changed := export{}
	for name, content := range x {
		changed[name] = content
	}
	changed[file] = text
	return changed
}

func (x export) dir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range x {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func (x export) zip(t testing.TB, names func(string) []string) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range x {
		for _, entry := range names(name) {
			f, err := w.Create(entry)
			require.NoError(t, err)
			_, err = f.Write([]byte(text))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	return bytes.NewReader(b.Bytes())
}

func codes(findings []dictionary.Finding) []dictionary.Code {
	all := make([]dictionary.Code, len(findings))
	for i, f := range findings {
		all[i] = f.Code
	}
	return all
}

func TestASmallExport(t *testing.T) {
	d := read(t, small().dir(t), "S")
	require.Equal(t, "2 forms, 4 questions, 2 choices, 1 rules, 0 findings", d.String())
	require.NoError(t, d.Strict())
	f, ok := d.Form("AE")
	require.True(t, ok)
	q, ok := f.Question("AESEV")
	require.True(t, ok)
	require.Equal(t, []string{"Mild", "Severe"}, q.Texts())
	require.Equal(t, dictionary.AutoQuery, q.Required)
	require.Equal(t, imednet.ChoiceVariable, q.Kind())
	require.Len(t, d.Files, 4)
	require.Len(t, d.Files[0].SHA256, 64)
}

// TestOddFiles reads what other programs and editors make of the files.
func TestOddFiles(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string // the name of the first form
		code dictionary.Code
	}{
		"byte order mark before a quote": {"\ufeff\"Form Key\",Form Name\r\nAE,Event\r\n", "Event", ""},
		"line break in a cell":           {"Form Key,Form Name\nAE,\"two\r\nlines\"\n", "two\r\nlines", ""},
		"only CR":                        {"Form Key,Form Name\rAE,Event\r", "Event", ""},
		"no line end":                    {"Form Key,Form Name\nAE,Event", "Event", ""},
		"blank lines":                    {"\n\nForm Key,Form Name\n\n\nAE,Event\n\n", "Event", ""},
		"doubled quotes":                 {"Form Key,Form Name\nAE,\"an \"\"event\"\"\"\n", `an "event"`, ""},
		"a quote inside":                 {"Form Key,Form Name\nAE,5\" lamp\n", `5" lamp`, ""},
		"text behind a quote":            {"Form Key,Form Name\nAE,\"Ev\"ent\n", "Event", dictionary.TextBehindQuote},
		"PHP's backslash":                {"Form Key,Form Name\nAE,\"a \\\"b\"\n", `a \b"`, dictionary.TextBehindQuote},
		"open quote":                     {"Form Key,Form Name\nAE,\"Event", "Event", dictionary.QuoteOpen},
		"other spelling of headers":      {"FORM_KEY,formName\nAE,Event\n", "Event", ""},
		"surplus cells":                  {"Form Key,Form Name\nAE,Event,more\n", "Event", dictionary.RowTooLong},
		"short row":                      {"Form Key,Form Name,Title\nAE,Event\n", "Event", ""},
		"header twice":                   {"Form Key,Form Name,Form Name\nAE,,Event\n", "Event", dictionary.ColumnTwice},
		"unseen column":                  {"Form Key,Form Name,Colour\nAE,Event,red\n", "Event", dictionary.ColumnUnknown},
		"no-break spaces":                {"Form Key,Form Name\n\u00a0AE\u00a0,Event\n", "Event", ""},
	} {
		x := small().with(dictionary.FormsFile, c.text)
		x[dictionary.QuestionsFile] = "Form,Variable Name\n"
		x[dictionary.ChoicesFile] = "Form,Variable Name,Choice Text\n"
		x[dictionary.RulesFile] = "Type\n"
		d := read(t, x.dir(t), "S")
		require.Equal(t, "AE", d.Forms[0].Key, name)
		require.Equal(t, c.want, d.Forms[0].Name, name)
		require.Equal(t, c.text, string(d.Table(dictionary.FormsFile).AppendTo(nil)), name)
		if c.code != "" {
			require.Contains(t, codes(d.Findings), c.code, name)
		} else {
			require.Empty(t, d.Findings, name)
		}
	}
}

func TestAChangedRowLeavesTheOthersAlone(t *testing.T) {
	d := read(t, small().dir(t), "S")
	table := d.Table(dictionary.QuestionsFile)
	table.SetCell(1, 3, "How \"bad\"?")
	before, after := strings.Split(small()[dictionary.QuestionsFile], "\n"), strings.Split(string(table.AppendTo(nil)), "\n")
	require.Equal(t, `AE,Radio,AESEV,"How ""bad""?",20,"Auto Query"`, after[2])
	before[2] = after[2]
	require.Equal(t, before, after)
}

func TestArchives(t *testing.T) {
	x := small()
	same := func(names func(string) []string) error {
		r := x.zip(t, names)
		d, err := dictionary.ReadZIP(t.Context(), r, r.Size(), dictionary.ReadOptions{})
		if err == nil {
			require.Equal(t, "2 forms, 4 questions, 2 choices, 1 rules, 0 findings", d.String())
		}
		return err
	}
	require.NoError(t, same(func(n string) []string { return []string{n} }))
	require.NoError(t, same(func(n string) []string {
		return []string{"deep/er/" + strings.ToLower(n), "__MACOSX/deep/" + n, "._" + n}
	}))
	err := same(func(n string) []string { return []string{"a/" + n, "b/" + n} })
	var invalid *dictionary.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, dictionary.FileTwice, invalid.Findings[0].Code)
	r := x.zip(t, func(n string) []string { return []string{n} })
	_, err = dictionary.ReadZIP(t.Context(), r, r.Size(), dictionary.ReadOptions{MaxBytes: 100})
	require.ErrorIs(t, err, dictionary.ErrTooLarge)
	_, err = dictionary.ReadZIP(t.Context(), strings.NewReader("no archive"), 10, dictionary.ReadOptions{})
	require.Error(t, err)
	_, err = dictionary.ReadZIP(t.Context(), nil, 0, dictionary.ReadOptions{})
	var argument *imednet.ValidationError
	require.ErrorAs(t, err, &argument)
}

// TestAnArchiveThatLiesIsBounded unpacks more than it declares to.
func TestAnArchiveThatExpandsIsRefused(t *testing.T) {
	x := small().with(dictionary.FormsFile, "Form Key,Form Name\nAE,"+strings.Repeat("a", 1<<20)+"\n")
	r := x.zip(t, func(n string) []string { return []string{n} })
	require.Less(t, r.Size(), int64(20_000))
	_, err := dictionary.ReadZIP(t.Context(), r, r.Size(), dictionary.ReadOptions{MaxBytes: 1 << 19})
	require.ErrorIs(t, err, dictionary.ErrTooLarge)
}

func TestMissingFiles(t *testing.T) {
	x := small()
	delete(x, dictionary.RulesFile)
	_, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{})
	require.ErrorContains(t, err, "BUSINESS_LOGIC.csv: the export has no such file")
	d, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{MayMiss: []string{dictionary.RulesFile}})
	require.NoError(t, err)
	require.False(t, d.Known(dictionary.RulesFile))
	require.True(t, d.Known(dictionary.ChoicesFile))
	_, err = dictionary.Read(t.Context(), filepath.Join(t.TempDir(), "none"), dictionary.ReadOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestBytesThatAreNoUnicode(t *testing.T) {
	x := small().with(dictionary.FormsFile, "Form Key,Form Name\nAE,Ev\xe9nement\n")
	_, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{})
	require.ErrorContains(t, err, "line 2 is not UTF-8")
	require.NotContains(t, err.Error(), "nement")
	d, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{Windows1252: true})
	require.NoError(t, err)
	require.Equal(t, "Evénement", d.Forms[0].Name)
}

// TestWhatDiffersInCase follows the rule by which an answer finds its question: "SEſ" is SES in another
// case, wherever one stands.
func TestWhatDiffersInCase(t *testing.T) {
	x := small().
		with(dictionary.FormsFile, "Form Key,Form Name\nAES,Event\nAEſ,Other\n").
		with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name\nAES,Radio,SES\nAES,Text,SEſ\n").
		with(dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAES,Radio,SES,Severe pain,1,1\nAES,Radio,SES,ſevere pain,2,2\n").
		with(dictionary.RulesFile, "Type,Name,Status,ID,Form,Sequence,Logic\n")
	found := codes(read(t, x.dir(t), "S").Findings)
	for _, want := range []dictionary.Code{dictionary.FormsDifferInCase, dictionary.QuestionsDifferInCase, dictionary.ChoicesDifferInCase} {
		require.Contains(t, found, want)
	}
}

// A file that was cut to nothing is not one without questions.
func TestAnEmptyFileIsNoFileWithoutRows(t *testing.T) {
	for _, empty := range []string{"", "\n\r\n", "\ufeff"} {
		x := entryExport()
		x[dictionary.QuestionsFile] = empty
		_, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{})
		var invalid *dictionary.InvalidError
		require.ErrorAs(t, err, &invalid, "%q", empty)
		require.Contains(t, err.Error(), "QUESTIONS.csv: the file is empty")
		x[dictionary.QuestionsFile] = "Form,Variable Name\n"
		d, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{MayMiss: []string{dictionary.ChoicesFile}})
		require.NoError(t, err, "a header is enough")
		require.Empty(t, d.Forms[0].Questions)
	}
}

// An archive may declare any size: no memory is reserved for what its bytes cannot hold, and none is negative.
func TestAnArchiveThatDeclaresAnySizeIsRefused(t *testing.T) {
	for _, declared := range []uint64{1 << 29, 1<<29 + 1, 1 << 40, 1 << 63, 1<<64 - 1} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		entry, err := w.CreateRaw(&zip.FileHeader{Name: dictionary.FormsFile, Method: zip.Deflate, UncompressedSize64: declared, CompressedSize64: 2, CRC32: 0})
		require.NoError(t, err)
		_, err = entry.Write([]byte{3, 0}) // nothing, deflated
		require.NoError(t, err)
		require.NoError(t, w.Close())
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = dictionary.ReadZIP(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), dictionary.ReadOptions{})
		runtime.ReadMemStats(&after)
		require.Error(t, err)
		if declared > 1<<29 {
			require.ErrorIs(t, err, dictionary.ErrTooLarge)
		}
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "for %d bytes", declared)
	}
}

// Where text cannot be read is said by data row and column, however many lines its cells have.
func TestTextThatCannotBeReadHasItsPlace(t *testing.T) {
	const header = "Form Key,Form Name\r\n"
	for _, c := range []struct {
		before, place string
		row           int
		column        string
	}{
		{header + "\"A\r\n1\",\"two\nlines\"\r\n\r\nB,\"x", "line 6", 2, "Form Name"},
		{header, "line 2", 1, "Form Key"},
		{header + "A,1,extra", "line 2", 1, ""},
		{"Form Key,Fo", "line 1", 0, ""},
	} {
		for _, bad := range []string{"\xe9", "\x00"} {
			x := small().with(dictionary.FormsFile, c.before+bad+"\r\nC,3\r\n")
			_, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{})
			var invalid *dictionary.InvalidError
			require.ErrorAs(t, err, &invalid)
			i := slices.IndexFunc(invalid.Findings, func(f dictionary.Finding) bool { return f.Code == dictionary.NotUnicode })
			require.GreaterOrEqual(t, i, 0)
			require.Equal(t, []any{c.row, c.column}, []any{invalid.Findings[i].Row, invalid.Findings[i].Column}, "%q", c.before)
			require.Contains(t, invalid.Findings[i].Message, c.place)
		}
	}
}
