package dictionary_test

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

func diff(t *testing.T, before, after *dictionary.Dictionary) []dictionary.Change {
	t.Helper()
	changes, err := dictionary.Diff(before, after)
	require.NoError(t, err)
	return changes
}

// TestEveryMutationOfACellIsReported changes each cell of an export in turn, and expects exactly the
// files' own keys and unseen columns to make more than one change.
func TestEveryMutationOfACellIsReported(t *testing.T) {
	before := read(t, small().dir(t), "S")
	require.Empty(t, diff(t, before, before))
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		table := read(t, small().dir(t), "S").Table(file)
		for row := range table.Rows {
			for column, header := range table.Header {
				changed := read(t, small().dir(t), "S").Table(file)
				changed.SetCell(row, column, changed.Rows[row].Cells[column]+"9")
				after, err := dictionary.ReadTables(map[string]*dictionary.Table{
					dictionary.FormsFile: before.Table(dictionary.FormsFile), dictionary.QuestionsFile: before.Table(dictionary.QuestionsFile),
					dictionary.ChoicesFile: before.Table(dictionary.ChoicesFile), dictionary.RulesFile: before.Table(dictionary.RulesFile), file: changed,
				}, dictionary.ReadOptions{StudyKey: "S"})
				require.NoError(t, err)
				if file == dictionary.ChoicesFile && header == "Variable Type" {
					continue // said by the question; reported as a finding
				}
				require.NotEmpty(t, diff(t, before, after), "%s row %d, %s", file, row+1, header)
			}
		}
	}
}

// TestEffects says what changes mean for data that exist.
func TestEffects(t *testing.T) {
	line := func(file, from, to string) string {
		changed := small().with(file, strings.Replace(small()[file], from, to, 1))
		var lines []string
		for _, c := range diff(t, read(t, small().dir(t), "S"), read(t, changed.dir(t), "S")) {
			lines = append(lines, c.String())
		}
		return strings.Join(lines, "\n")
	}
	require.Equal(t, "modified (breaking) forms[AE].questions[AESEV].choices[2].text: Severe → Moderate", line(dictionary.ChoicesFile, "Severe", "Moderate"))
	require.Equal(t, "modified (breaking) forms[AE].questions[AESEV].choices[3].code: 2 → 3", line(dictionary.ChoicesFile, "Severe,2", "Severe,3"))
	require.Equal(t, "moved (cosmetic) forms[AE].questions[AESEV].choices[2].position: 2 → 9", line(dictionary.ChoicesFile, "Severe,2,2", "Severe,2,9"))
	require.Equal(t, "modified (tightening) forms[AE].questions[AEDUR].required: Soft → Hard", line(dictionary.QuestionsFile, "30,Soft", "30,Hard"))
	require.Equal(t, "modified (extending) forms[AE].questions[AETERM].required: Hard → Optional", line(dictionary.QuestionsFile, "10,Hard", "10,Optional"))
	require.Equal(t, "modified (breaking) forms[AE].questions[AEDUR].type: Number → Text", line(dictionary.QuestionsFile, "AE,Number", "AE,Text"))
	require.Equal(t, "modified (cosmetic) forms[AE].questions[AEDUR].type: Number → Numeric", line(dictionary.QuestionsFile, "AE,Number", "AE,Numeric"))
	require.Equal(t, "removed (breaking) forms[DM].questions[BRTHDAT]: Birth", line(dictionary.QuestionsFile, "DM,Date/Time,BRTHDAT,Birth,10,Optional\n", ""))
	require.Equal(t, "modified (extending) rules[7].status: Active → Disabled", line(dictionary.RulesFile, "Active", "Disabled"))
	require.Contains(t, line(dictionary.RulesFile, "365", "100"), "modified (tightening) rules[7].logic: ")
	require.Contains(t, line(dictionary.RulesFile, "<Conditions><or>", "<Conditions>\n  <or>"), "(cosmetic) rules[7].logic: ")
}

// TestEffectsOfLimits says whether a limit that is set, moved or removed lets more through; a blank is none.
func TestEffectsOfLimits(t *testing.T) {
	const tightening, extending = dictionary.Tightening, dictionary.Extending
	for _, c := range []struct {
		header, before, after string
		want                  dictionary.Effect
	}{
		{"Minimum Value", "", "5", tightening}, {"Minimum Value", "5", "", extending},
		{"Minimum Value", "5", "6", tightening}, {"Minimum Value", "5", "-6", extending}, {"Minimum Value", "5", "none", tightening},
		{"Maximum Value", "", "5", tightening}, {"Maximum Value", "5", "", extending},
		{"Maximum Value", "5", "4", tightening}, {"Maximum Value", "5", "10", extending}, {"Maximum Value", "5", "none", tightening},
		{"Length", "", "5", tightening}, {"Length", "5", "", extending}, {"Length", "5", "4", tightening}, {"Length", "5", "10", extending},
		{"Length", "5", "0", extending}, {"Length", "0", "5", tightening}, {"Length", "0", "", dictionary.Cosmetic}, {"Length", "-1", "0", dictionary.Cosmetic},
		{"Maximum Value", "5", "0", tightening}, {"Minimum Value", "0", "5", tightening},
	} {
		with := func(limit string) *dictionary.Dictionary {
			return read(t, small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name,"+c.header+"\nAE,Number,N,"+limit+"\n").dir(t), "S")
		}
		changes := diff(t, with(c.before), with(c.after))
		require.Len(t, changes, 1)
		require.Equal(t, c.want, changes[0].Effect, "%s: %s → %s", c.header, c.before, c.after)
	}
}

// A list without choices is open: its first choices close it, and more of them open it further.
func TestTheFirstChoicesOfAListCloseIt(t *testing.T) {
	with := func(choices string) *dictionary.Dictionary {
		x := small().with(dictionary.QuestionsFile, "Form,Variable Type,Variable Name\nAE,Dropdown,N\n")
		return read(t, x.with(dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\n"+choices).dir(t), "S")
	}
	const one, two = "AE,Dropdown,N,A,1,1\n", "AE,Dropdown,N,B,2,2\n"
	for _, c := range []struct {
		before, after string
		want          []dictionary.Effect
	}{
		{"", one, []dictionary.Effect{dictionary.Tightening}},
		{"", one + two, []dictionary.Effect{dictionary.Tightening, dictionary.Tightening}},
		{one, one + two, []dictionary.Effect{dictionary.Extending}},
		{one, "", []dictionary.Effect{dictionary.Breaking}},
	} {
		var effects []dictionary.Effect
		for _, change := range diff(t, with(c.before), with(c.after)) {
			effects = append(effects, change.Effect)
		}
		require.Equal(t, c.want, effects, "%q → %q", c.before, c.after)
	}
}

// TestTwoChangesThatTheToolkitMisses are the title of a form whose key stands twice, and the Required
// Field of a question that stands twice.
func TestTwoChangesThatTheToolkitMisses(t *testing.T) {
	dir := samples(t)
	changes := diff(t, read(t, filepath.Join(dir, "sample"), "L"), read(t, filepath.Join(dir, "sample_v2"), "L"))
	var lines []string
	for _, c := range changes {
		lines = append(lines, c.String())
	}
	require.Contains(t, lines, "modified (cosmetic) forms[VIS].title: Lamp Visit → Lamp Visit (amended)")
	require.Contains(t, lines, "modified (extending) forms[AE].questions[AETERM].required: Hard → Auto Query")
	require.Len(t, lines, 13)
	var page, table bytes.Buffer
	require.NoError(t, dictionary.WriteHTML(&page, changes))
	require.NoError(t, dictionary.WriteMarkdown(&table, changes))
	require.NotContains(t, page.String(), "<or>", "logic is text on the page")
	require.Equal(t, len(changes)+2, strings.Count(table.String(), "\n"))
}

// Pages and tables of changes hold nothing that moves a cursor or turns the direction of writing.
func TestChangesAreWrittenWithoutControls(t *testing.T) {
	const evil = "a\x1b[31mb\x07c\u202ed\u200bf\u0085g"
	changes := diff(t, read(t, small().dir(t), "S"), read(t, small().with(dictionary.QuestionsFile,
		"Form,Variable Type,Variable Name,Label,"+evil+"\nAE,Text,AETERM,\""+evil+"\r\n\t second\","+evil+"\n").dir(t), "S"))
	for _, write := range []func(io.Writer, []dictionary.Change) error{dictionary.WriteMarkdown, dictionary.WriteHTML} {
		var page bytes.Buffer
		require.NoError(t, write(&page, changes))
		for _, control := range []string{"\x1b", "\x07", "\u202e", "\u200b", "\u0085", "\r", "\t"} {
			require.NotContains(t, page.String(), control)
		}
		require.Contains(t, page.String(), "a·[31mb·c·d·f")
	}
}

// Names of staff are in no list of changes, whatever format it has.
func TestChangesNameNoStaff(t *testing.T) {
	const header, cells = "Type,Name,Status,ID,Form,Sequence,Logic,Created By,MODIFIED BY,Colour\n", "Form,r,Active,1,AE,10,"
	of := func(row string) *dictionary.Dictionary {
		return read(t, small().with(dictionary.RulesFile, header+cells+row).dir(t), "S")
	}
	changes := diff(t, of(",Anna Builder,Anna Builder,red\n"), of(",Bert Other,,blue\n"))
	var lines []string
	for _, c := range changes {
		lines = append(lines, c.String())
	}
	require.Equal(t, []string{
		"modified (cosmetic) rules[1].createdBy (names of staff are not shown)", "modified (cosmetic) rules[1].colour: red → blue", "modified (cosmetic) rules[1].modifiedBy (names of staff are not shown)",
	}, lines)
	for _, write := range []func(io.Writer, []dictionary.Change) error{dictionary.WriteMarkdown, dictionary.WriteHTML} {
		var page bytes.Buffer
		require.NoError(t, write(&page, changes))
		require.NotContains(t, page.String(), "Anna")
		require.NotContains(t, page.String(), "Bert")
		require.Contains(t, page.String(), "names of staff are not shown")
	}
}

// A cell of a Markdown table is one cell whatever is in it, and shows it as it is.
func TestMarkdownShowsTextAsItIs(t *testing.T) {
	for text, want := range map[string]string{
		`\|`: `\\\|`, `a|b`: `a\|b`, `\`: `\\`, "a\r\nb": "a b", "<b>&amp;": "&lt;b>&amp;amp;", "`x` **y** ~~z~~": "\\`x\\` \\*\\*y\\*\\* \\~\\~z\\~\\~",
		"[a](javascript:b)": `[a]\(javascript:b)`, "AE_TERM _x_ __y__": `AE_TERM \_x\_ \_\_y\_\_`, "$1": `\$1`, "forms[AE].questions[T]": "forms[AE].questions[T]",
	} {
		var out bytes.Buffer
		require.NoError(t, dictionary.WriteMarkdown(&out, []dictionary.Change{{Action: dictionary.Modified, Effect: dictionary.Cosmetic, Path: "p", Old: text, New: "n"}}))
		require.Contains(t, out.String(), "| modified | cosmetic | p | "+want+" | n |  |\n", text)
	}
}

// Of long texts a cell shows where they differ, wherever that is.
func TestMarkdownShowsWhereLongTextsDiffer(t *testing.T) {
	long := strings.Repeat("0123456789", 40)
	for at := range 400 {
		for _, pair := range [][2]string{{long, long[:at] + "X" + long[at+1:]}, {long, long[:at]}, {long[:at] + "é" + long[at:], long}} {
			var out bytes.Buffer
			require.NoError(t, dictionary.WriteMarkdown(&out, []dictionary.Change{{Action: dictionary.Modified, Effect: dictionary.Breaking, Path: "p", Old: pair[0], New: pair[1]}}))
			row := strings.Split(strings.Split(out.String(), "\n")[2], " | ")
			require.NotEqual(t, row[3], row[4], at)
			for i, cell := range row[3:5] {
				require.LessOrEqual(t, len([]rune(cell)), 121)
				require.Contains(t, pair[i], strings.Trim(cell, "…"))
			}
		}
	}
	var out bytes.Buffer
	require.NoError(t, dictionary.WriteMarkdown(&out, []dictionary.Change{{Action: dictionary.Removed, Effect: dictionary.Breaking, Path: "p", Old: long}}))
	require.Contains(t, out.String(), "| "+long[:119]+"… |  |")
}
