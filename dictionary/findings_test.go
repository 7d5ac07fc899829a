package dictionary_test

import (
	"encoding/binary"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// logicOf is a row of a rule with logic.
func ruleRow(kind, name, status, id, form, logic string) string {
	return kind + `,"` + name + `",` + status + "," + id + "," + form + `,10,"` + logic + "\"\n"
}

const (
	ruleHeader = "Type,Name,Status,ID,Form,Sequence,Logic\n"
	always     = "<BusinessLogic><Conditions><true/></Conditions><Actions/></BusinessLogic>"
)

func logicOf(condition, action string) string {
	return "<BusinessLogic><Conditions>" + condition + "</Conditions><Actions>" + action + "</Actions></BusinessLogic>"
}

// choicesOf is a list of AESEV.
func choicesOf(rows ...string) string {
	return "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,Radio,AESEV," + strings.Join(rows, "\nAE,Radio,AESEV,") + "\n"
}

// unusual is what an export has that small() has not, and what is found.
type unusual struct {
	what     string
	change   func(x export)
	code     dictionary.Code
	severity dictionary.Severity
}

func setTo(file, text string) func(export) { return func(x export) { x[file] = text } }

func after(file, text string) func(export) { return func(x export) { x[file] += text } }

var unusuals = []unusual{
	{"no form", func(x export) {
		for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
			x[file], _, _ = strings.Cut(x[file], "\n")
		}
	}, dictionary.FormsMissing, dictionary.Warning},
	{"a form without a key", after(dictionary.FormsFile, "3,,Patient,Other\n"), dictionary.FormWithoutKey, dictionary.Warning},
	{"a form key twice", after(dictionary.FormsFile, "3,AE,Patient,Other\n"), dictionary.FormTwice, dictionary.Warning},
	{"form keys that differ in case", after(dictionary.FormsFile, "3,ae,Patient,Other\n"), dictionary.FormsDifferInCase, dictionary.Warning},
	{"a question of an unknown form", after(dictionary.QuestionsFile, "XX,Text,A,Label,10,Soft\n"), dictionary.FormUnknown, dictionary.Warning},
	{"a question without a name", after(dictionary.QuestionsFile, "AE,Text,,Label,90,Soft\n"), dictionary.QuestionWithoutName, dictionary.Warning},
	{"a question twice", after(dictionary.QuestionsFile, "AE,Text,AETERM,Label,90,Soft\n"), dictionary.QuestionTwice, dictionary.Warning},
	{"questions that differ in case", after(dictionary.QuestionsFile, "AE,Text,AEterm,Label,90,Soft\n"), dictionary.QuestionsDifferInCase, dictionary.Warning},
	{"a choice of an unknown question", after(dictionary.ChoicesFile, "AE,Radio,GONE,Yes,1,1\n"), dictionary.QuestionUnknown, dictionary.Warning},
	{"a code twice", setTo(dictionary.ChoicesFile, choicesOf("Mild,1,1", "Severe,1,2")), dictionary.ChoiceCodeTwice, dictionary.Warning},
	{"a text twice", setTo(dictionary.ChoicesFile, choicesOf("Mild,1,1", "Mild,2,2")), dictionary.ChoiceTextTwice, dictionary.Warning},
	{"texts that differ in case", setTo(dictionary.ChoicesFile, choicesOf("Mild,1,1", "mild,2,2")), dictionary.ChoicesDifferInCase, dictionary.Note},
	{"blank codes beside others", setTo(dictionary.ChoicesFile, choicesOf("Mild,1,1", "Severe,,2")), dictionary.ChoiceCodesMixed, dictionary.Note},
	{"a text that is another's code", setTo(dictionary.ChoicesFile, choicesOf("1,2,1", "2,1,2")), dictionary.ChoiceTextIsCode, dictionary.Warning},
	{"a position that is no number", setTo(dictionary.ChoicesFile, choicesOf("Mild,1,first")), dictionary.ChoicePosition, dictionary.Note},
	{"a position twice", setTo(dictionary.ChoicesFile, choicesOf("Mild,1,1", "Severe,2,1")), dictionary.ChoicePosition, dictionary.Note},
	{"a choice with another type than its question", after(dictionary.ChoicesFile, "AE,Dropdown,AESEV,Fatal,3,3\n"), dictionary.ChoiceType, dictionary.Warning},
	{"choices of a number", after(dictionary.ChoicesFile, "AE,Number,AEDUR,One,1,1\n"), dictionary.ChoiceType, dictionary.Note},
	{"a list without choices", setTo(dictionary.ChoicesFile, "Form,Variable Name,Choice Text\n"), dictionary.ChoicesMissing, dictionary.Note},
	{"a form type nobody has seen", after(dictionary.FormsFile, "3,XX,Plant,Other\n"), dictionary.WordUnknown, dictionary.Note},
	{"a variable type nobody has seen", after(dictionary.QuestionsFile, "AE,Hologram,A,Label,90,Soft\n"), dictionary.WordUnknown, dictionary.Note},
	{"a required word nobody has seen", after(dictionary.QuestionsFile, "AE,Text,A,Label,90,Maybe\n"), dictionary.WordUnknown, dictionary.Note},
	{"a rule type nobody has seen", after(dictionary.RulesFile, ruleRow("Dream", "n", "Active", "8", "AE", always)), dictionary.WordUnknown, dictionary.Note},
	{"a rule status nobody has seen", after(dictionary.RulesFile, ruleRow("Form", "n", "Asleep", "8", "AE", always)), dictionary.WordUnknown, dictionary.Note},
	{"a rule that repeats another, id included", after(dictionary.RulesFile, small()[dictionary.RulesFile][len(ruleHeader):]), dictionary.RuleTwice, dictionary.Note},
	{"two rules with one id", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "7", "AE", always)), dictionary.RuleIDShared, dictionary.Warning},
	{"a rule in error", after(dictionary.RulesFile, ruleRow("Form", "n", "In Error", "8", "AE", always)), dictionary.RuleInError, dictionary.Note},
	{"an active rule without logic", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "AE", "")), dictionary.RuleWithoutLogic, dictionary.Note},
	{"a rule of an unknown form", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "XX", always)), dictionary.FormUnknown, dictionary.Warning},
	{"logic with more than conditions and actions", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "AE", "<BusinessLogic><Conditions><true/></Conditions><Else/></BusinessLogic>")), dictionary.LogicUnknown, dictionary.Warning},
	{"logic that is no XML", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "AE", "<a><b></a>")), dictionary.LogicBroken, dictionary.Warning},
	{"logic about an unknown question", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "AE", logicOf("<blank><question>GONE</question></blank>", ""))), dictionary.LogicNamesNothing, dictionary.Warning},
	{"logic about an unknown form", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "AE", logicOf("<blank><external><form>AE</form><question>AETERM</question></external></blank>", ""))), dictionary.LogicNamesNothing, dictionary.Warning},
	{"a question that the other form lacks", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "AE", logicOf("<blank><external><form>Demographics</form><question>AETERM</question></external></blank>", ""))), dictionary.LogicNamesNothing, dictionary.Warning},
	{"a comparison with a code", after(dictionary.RulesFile, ruleRow("Form", "n", "Active", "8", "AE", logicOf("<equals><question>AESEV</question><value>1</value></equals>", ""))), dictionary.LogicValueNoChoice, dictionary.Note},
	{"a generated rule that queries too little", after(dictionary.RulesFile, ruleRow("Form", "Generated by Form Designer, req on field: AESEV", "Active", "8", "AE", logicOf("<blank><question>AESEV</question></blank>", "<message><message>m</message></message>"))), dictionary.GeneratedRuleMismatch, dictionary.Warning},
	{"a generated rule that refuses no future date", after(dictionary.RulesFile, ruleRow("Form", "Generated by Form Designer, future_date on field: BRTHDAT", "Active", "8", "DM", logicOf("<gt><question>BRTHDAT</question><current_date/></gt>", "<message><message>m</message></message>"))), dictionary.GeneratedRuleMismatch, dictionary.Warning},
	{"a header nobody has seen", setTo(dictionary.FormsFile, "Form Key,Form Name,Colour\nAE,Adverse Event,red\nDM,Demographics,blue\n"), dictionary.ColumnUnknown, dictionary.Note},
	{"a header twice", setTo(dictionary.FormsFile, "Form Key,Form Name,Form Name\nAE,Adverse Event,\nDM,Demographics,\n"), dictionary.ColumnTwice, dictionary.Warning},
	{"a row with more cells than headers", after(dictionary.FormsFile, "3,XX,Patient,Other,more\n"), dictionary.RowTooLong, dictionary.Warning},
	{"a quote that stays open", after(dictionary.FormsFile, "3,XX,Patient,\"Other"), dictionary.QuoteOpen, dictionary.Warning},
	{"text behind a quote", after(dictionary.FormsFile, "3,XX,Patient,\"Oth\"er\n"), dictionary.TextBehindQuote, dictionary.Warning},
	{"a column that is needed and not there", setTo(dictionary.FormsFile, "Name\nAE\n"), dictionary.ColumnMissing, dictionary.Error},
	{"a file that is not there", func(x export) { delete(x, dictionary.ChoicesFile) }, dictionary.FileMissing, dictionary.Error},
	{"a byte 0 in a cell", after(dictionary.FormsFile, "3,XX,Patient,Caf\x00e\n"), dictionary.NotUnicode, dictionary.Error},
	{"bytes that are no UTF-8", after(dictionary.FormsFile, "3,XX,Patient,Caf\xe9\n"), dictionary.NotUnicode, dictionary.Error},
}

// Whatever is unusual is found with its weight, and nothing of it without.
func TestEveryFinding(t *testing.T) {
	found := map[dictionary.Code]bool{
		dictionary.FileTwice: true, dictionary.CellTooLong: true, dictionary.TableTooLarge: true, // TestArchives, TestACellIsBounded, TestATableIsBounded
		dictionary.LogicLost: true, dictionary.MemberUnknown: true, // TestWhatADocumentHasLostIsUndecided, TestNoMemberOfADocumentIsLostSilently
	}
	for _, u := range unusuals {
		x := small().with("", "")
		delete(x, "")
		u.change(x)
		d, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{})
		require.NotNil(t, d, u.what)
		require.Equal(t, u.severity == dictionary.Error, err != nil, "%s: %v", u.what, err)
		checked := dictionary.CheckFiles(x.bytes(), dictionary.ReadOptions{})
		_, whole := dictionary.ReadFiles(x.bytes(), dictionary.ReadOptions{})
		require.Equal(t, whole == nil, checked == nil, u.what)
		if whole != nil {
			require.ElementsMatch(t, strings.Split(whole.Error(), "; "), strings.Split(checked.Error(), "; "), u.what)
		}
		i := slices.IndexFunc(d.Findings, func(f dictionary.Finding) bool { return f.Code == u.code })
		require.GreaterOrEqual(t, i, 0, "%s: %v", u.what, d.Findings)
		require.Equal(t, u.severity, d.Findings[i].Severity, u.what)
		require.NotEmpty(t, d.Findings[i].File, u.what)
		require.Equal(t, u.severity != dictionary.Note, d.Strict() != nil || slices.ContainsFunc(d.Findings, func(f dictionary.Finding) bool { return f.Severity != dictionary.Note }), u.what)
		found[u.code] = true
	}
	source, err := os.ReadFile("finding.go")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`Code = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
		require.True(t, found[dictionary.Code(m[1])], "%s: no export has it", m[1])
	}
	require.Empty(t, read(t, small().dir(t), "S").Findings)
}

// A file with more columns or rows than any export is refused before they are read, and one with the most is not.
func TestATableIsBounded(t *testing.T) {
	const columns, rows = 1_000, 250_000
	wide, long := strings.Repeat(",", 4<<20), strings.Repeat("Form,,\n", 4<<18)
	for _, c := range []struct {
		what, file, text string
		refused          bool
	}{
		{"most columns", dictionary.FormsFile, "Form Key,Form Name" + strings.Repeat(",", columns-2) + "\nAE,Event\nDM,Demographics\n", false},
		{"a column more", dictionary.FormsFile, "Form Key,Form Name" + strings.Repeat(",", columns-1) + "\nAE,Event\nDM,Demographics\n", true},
		{"commas alone", dictionary.FormsFile, wide, true},
		{"a row of commas", dictionary.FormsFile, "Form Key,Form Name\nAE,Event\nDM," + wide + "\n", true},
		{"most rows", dictionary.RulesFile, "Type,Name,Logic\n" + long[:rows*7], false},
		{"a row more", dictionary.RulesFile, "Type,Name,Logic\n" + long[:(rows+1)*7], true},
		{"rows alone", dictionary.RulesFile, "Type,Name,Logic\n" + long, true},
	} {
		x := small().with(c.file, c.text)
		from := time.Now()
		d, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{})
		require.Less(t, time.Since(from), 30*time.Second, c.what)
		checked := dictionary.CheckFiles(x.bytes(), dictionary.ReadOptions{})
		if !c.refused {
			require.NoError(t, err, c.what)
			require.NoError(t, checked, c.what)
			continue
		}
		for _, err := range []error{err, checked} {
			var invalid *dictionary.InvalidError
			require.ErrorAs(t, err, &invalid, c.what)
			require.True(t, slices.ContainsFunc(invalid.Findings, func(f dictionary.Finding) bool { return f.Code == dictionary.TableTooLarge && f.File == c.file }), c.what)
			require.Less(t, len(err.Error()), 1000)
		}
		require.Less(t, len(d.Findings), 2*rows, c.what)
	}
}

// A cell of more than 16 MiB is refused.
func TestACellIsBounded(t *testing.T) {
	x := small().with(dictionary.FormsFile, "Form Key,Form Name\nAE,"+strings.Repeat("a", 16<<20+1)+"\n")
	_, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{})
	var invalid *dictionary.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Equal(t, dictionary.CellTooLong, invalid.Findings[0].Code)
	require.Less(t, len(err.Error()), 1000)
}

// TestUTF16WithoutAMarkIsRefused: it is UTF-8 too, with a byte 0 beside every letter.
func TestUTF16WithoutAMarkIsRefused(t *testing.T) {
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		for _, first := range []bool{true, false} {
			x := ruleExport("<true/>")
			var wide strings.Builder
			for _, letter := range []byte(x[file]) {
				if first {
					wide.Write([]byte{0, letter})
				} else {
					wide.Write([]byte{letter, 0})
				}
			}
			_, err := dictionary.Read(t.Context(), x.with(file, wide.String()).dir(t), dictionary.ReadOptions{StudyKey: "S"})
			require.ErrorContains(t, err, file)
		}
	}
}

// Nobody is told to read UTF-16 as Windows-1252.
func TestUTF16WithAMarkIsCalledSo(t *testing.T) {
	for _, order := range []interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}{binary.LittleEndian, binary.BigEndian} {
		var wide []byte
		for _, unit := range utf16.Encode([]rune("\ufeffForm Key,Form Name\nAE,Größe\n")) {
			wide = order.AppendUint16(wide, unit)
		}
		x := small().with(dictionary.FormsFile, string(wide))
		for _, latin := range []bool{false, true} {
			_, err := dictionary.Read(t.Context(), x.dir(t), dictionary.ReadOptions{Windows1252: latin})
			var invalid *dictionary.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, dictionary.NotUnicode, invalid.Findings[0].Code)
			require.Contains(t, invalid.Findings[0].Message, "UTF-16")
			require.NotContains(t, invalid.Findings[0].Message, "windows")
		}
	}
}
