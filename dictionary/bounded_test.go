package dictionary_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// withRows is a small export with other rows in some of its files.
func withRows(forms, questions, choices, rules string) map[string][]byte {
	return map[string][]byte{
		dictionary.FormsFile:     []byte("Form ID,Form Key,Form Name\n1,A,One\n" + forms),
		dictionary.QuestionsFile: []byte("Form,Variable Type,Variable Name,Label\nA,Radio,Q,l\n" + questions),
		dictionary.ChoicesFile:   []byte("Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nA,Radio,Q,Yes,1,1\n" + choices),
		dictionary.RulesFile:     []byte("Type,Name,Status,ID,Form,Sequence,Logic\n" + rules),
	}
}

// conditionRow is an active rule of form A whose conditions are given.
func conditionRow(id int, conditions string) string {
	return fmt.Sprintf("Form,n,Active,%d,A,1,\"<BusinessLogic><Conditions>%s</Conditions><Actions/></BusinessLogic>\"\n", id, strings.ReplaceAll(conditions, `"`, `""`))
}

func rows(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// TestReadingTakesTimeInProportion reads what took minutes where each row, attribute or piece of a text looked through all others.
func TestReadingTakesTimeInProportion(t *testing.T) {
	for name, files := range map[string]map[string][]byte{
		"questions with choices": withRows("", rows(120_000, "A,Radio,Q#,l\n"), rows(120_000, "A,Radio,Q#,Yes,1,1\n"), ""),
		"forms with rules":       withRows(rows(150_000, "1,B#,n\n"), "", "", rows(150_000, "Form,n,Active,#,B#,1,<a/>\n")),
		"a long list in a rule":  withRows("", "", rows(100_000, "A,Radio,Q,text #,#,#\n"), conditionRow(1, "<or>"+rows(50_000, "<equals><question>Q</question><value>else</value></equals>")+"</or>")),
		"attributes":             withRows("", "", "", conditionRow(1, "<true "+rows(200_000, `a#="" `)+"/>")),
		"namespaces":             withRows("", "", "", conditionRow(1, "<true "+rows(100_000, `xmlns:a#="u#" a#:b="" `)+"/>")),
		"comments in a text":     withRows("", "", "", conditionRow(1, "<value>"+strings.Repeat("aaaa<!---->", 900_000)+"</value>")),
	} {
		t.Run(name, func(t *testing.T) {
			from := time.Now()
			_, err := dictionary.ReadFiles(files, dictionary.ReadOptions{})
			require.NoError(t, err)
			require.Less(t, time.Since(from), 30*time.Second)
		})
	}
}

// TestCellsAreBounded refuses a file of very many cells before any of them is read.
func TestCellsAreBounded(t *testing.T) {
	row := "A,Radio,R,l" + strings.Repeat(",a", 990) + "\n"
	for _, n := range []int{200, 20_200} {
		files := withRows("", strings.Repeat(row, n), "", "")
		checked := dictionary.CheckFiles(files, dictionary.ReadOptions{})
		if n == 200 {
			require.NoError(t, checked)
			continue
		}
		d, err := dictionary.ReadFiles(files, dictionary.ReadOptions{})
		var invalid *dictionary.InvalidError
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, []dictionary.Code{dictionary.TableTooLarge}, codesOf(invalid.Findings))
		require.Equal(t, err, checked)
		require.Empty(t, d.Table(dictionary.QuestionsFile).Rows)
	}
}

// TestLogicIsBounded refuses logic of which a small file would take many times its size in memory, before any of it is read.
func TestLogicIsBounded(t *testing.T) {
	for name, c := range map[string]struct {
		conditions string
		taken      bool
	}{
		"elements":            {strings.Repeat("<a/>", 1_100_000), false},
		"attributes":          {"<a " + strings.Repeat("b='' ", 1_100_000) + "/>", false},
		"elements in the cap": {strings.Repeat("<a/>", 20_000), true},
	} {
		t.Run(name, func(t *testing.T) {
			var rules strings.Builder
			for i := range 4 {
				rules.WriteString(conditionRow(i, c.conditions))
			}
			files := withRows("", "", "", rules.String())
			d, err := dictionary.ReadFiles(files, dictionary.ReadOptions{})
			checked := dictionary.CheckFiles(files, dictionary.ReadOptions{})
			if c.taken {
				require.NoError(t, err)
				require.NoError(t, checked)
				return
			}
			var invalid *dictionary.InvalidError
			require.ErrorAs(t, err, &invalid)
			require.Equal(t, []dictionary.Code{dictionary.TableTooLarge}, codesOf(invalid.Findings))
			require.Equal(t, err, checked)
			require.Empty(t, d.Rules)
		})
	}
}

func codesOf(findings []dictionary.Finding) []dictionary.Code {
	var codes []dictionary.Code
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	return codes
}

// TestTextBehindQuotesIsOneFindingOfARow names the first of the row's cells and the number of all.
func TestTextBehindQuotesIsOneFindingOfARow(t *testing.T) {
	d, err := dictionary.ReadFiles(withRows("", "A,Text,\"R\"1,\"one\"two\nA,Text,S,\"one\"two\nA,Text,T,\"plain\"\n", "", ""), dictionary.ReadOptions{})
	require.NoError(t, err)
	var found []string
	for _, f := range d.Findings {
		if f.Code == dictionary.TextBehindQuote {
			found = append(found, f.String())
		}
	}
	require.Equal(t, []string{
		"warning text-behind-quote: QUESTIONS.csv row 2, column Variable Name: text follows a closing quote; it was taken as part of the cell, as it was in 1 more of the row",
		"warning text-behind-quote: QUESTIONS.csv row 3, column Label: text follows a closing quote; it was taken as part of the cell",
	}, found)
}

// TestFindingsOfARuleAreBounded lists the first names that lead to nothing, and values that are no choice, and says how many more there are.
func TestFindingsOfARuleAreBounded(t *testing.T) {
	for kind, c := range map[dictionary.Code]struct{ one, first, more string }{
		dictionary.LogicNamesNothing:  {"<blank><question>Z#</question></blank>", "the logic names the question A.Z0, which the export does not have", "the logic has 50 more names that the export does not have"},
		dictionary.LogicValueNoChoice: {"<equals><question>Q</question><value>secret #</value></equals>", "the logic compares Q with a text that is none of its choices", "the logic has 50 more comparisons with a text that is none of the choices"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			for n, want := range map[int]int{99: 99, 100: 100, 150: 101} {
				d, err := dictionary.ReadFiles(withRows("", "", "", conditionRow(1, "<or>"+rows(n, c.one)+"</or>")), dictionary.ReadOptions{})
				require.NoError(t, err)
				var found []dictionary.Finding
				for _, f := range d.Findings {
					if f.Code == kind {
						found = append(found, f)
					}
				}
				require.Len(t, found, want)
				require.Equal(t, c.first, found[0].Message)
				if n > 100 {
					require.Equal(t, c.more, found[100].Message)
					require.Equal(t, found[0].Severity, found[100].Severity)
				}
			}
		})
	}
}
