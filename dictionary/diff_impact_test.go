package dictionary_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// A change of a choice concerns the answers that hold it, one of Required the blanks, and one of a limit what lies
// between the old one and the new.
func TestWhichAnswersAChangeConcerns(t *testing.T) {
	header := "Form,Variable Type,Variable Name,Label,Required Field,Length,Maximum Value,Allow Future Dates\n"
	before := small().with(dictionary.QuestionsFile, header+"AE,Radio,R,Severity,Optional,,,\nAE,Number,N,Days,Soft,,10,\nAE,Text,T,Term,Optional,5,,\nAE,Date/Time,D,Day,Optional,,,Yes\nAE,Checkbox,C,Box,Optional,,,\n").
		with(dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,Radio,R,Mild,1,1\nAE,Radio,R,Severe,2,2\nAE,Radio,R,Fatal,3,3\n")
	with := func(file, from, to string) export { return before.with(file, replaced(t, before[file], from, to)) }
	const q, c = dictionary.QuestionsFile, dictionary.ChoicesFile
	for _, e := range []struct {
		what     string
		after    export
		concerns []string // answers, of those below
	}{
		{"a choice is removed", with(c, "AE,Radio,R,Severe,2,2\n", ""), []string{`"Severe"`, `"severe "`, `"2"`, `2`}},
		{"a choice has another text", with(c, "Severe,2", "Grave,2"), []string{`"Severe"`, `"severe "`, `"2"`, `2`, `"Grave"`}},
		{"a choice has another code", with(c, "Severe,2", "Severe,9"), []string{`"Severe"`, `"severe "`, `"2"`, `2`, `9`}},
		{"a choice is added", with(c, "AE,Radio,R,Fatal,3,3\n", "AE,Radio,R,Fatal,3,3\nAE,Radio,R,Grave,9,4\n"), []string{`9`, `"Grave"`}},
		{"an answer is required", with(q, "Severity,Optional", "Severity,Hard"), []string{``, `null`, `""`}},
		{"an answer is queried", with(q, "Term,Optional", "Term,Auto Query"), []string{``, `null`, `""`}},
		{"an answer is no more required", with(q, "Days,Soft", "Days,Optional"), []string{``, `null`, `""`}},
		{"a box is required", with(q, "Box,Optional", "Box,Hard"), nil},
		{"another label", with(q, "Severity", "Grade"), []string{`"Severe"`, `"severe "`, `"2"`, `2`, `9`, `"Grave"`, `12`, `"2099-01-01"`, `"longer"`, `true`}},
		{"a maximum is lower", with(q, ",10,", ",8,"), []string{`9`}},
		{"a maximum is higher", with(q, ",10,", ",20,"), []string{`12`}},
		{"a text may be longer", with(q, ",5,", ",6,"), []string{`"Severe"`, `"longer"`}},
		{"no future dates", with(q, ",Yes", ",No"), []string{`"2099-01-01"`}},
		{"a question is added that must be answered", with(q, "AE,Checkbox,C", "AE,Text,NEW,New,Hard,,,\nAE,Checkbox,C"), []string{``, `null`, `""`}},
		{"a question is added", with(q, "AE,Checkbox,C", "AE,Text,NEW,New,Optional,,,\nAE,Checkbox,C"), []string{`"Severe"`, `"severe "`, `"2"`, `2`, `9`, `"Grave"`, `12`, `"2099-01-01"`, `"longer"`, `true`}},
		{"a rule", with(dictionary.RulesFile, "365", "366"), nil},
		{"a form", with(dictionary.FormsFile, "Adverse Event", "Event"), nil},
	} {
		changes := diff(t, read(t, before.dir(t), "S"), read(t, e.after.dir(t), "S"))
		require.Len(t, changes, 1, e.what)
		var concerned []string
		for _, answer := range []string{``, `null`, `""`, `" "`, `"Severe"`, `"severe "`, `"2"`, `2`, `9`, `"Grave"`, `12`, `"2099-01-01"`, `"longer"`, `true`} {
			if changes[0].Concerns(imednet.NewValue([]byte(answer)), today) {
				concerned = append(concerned, answer)
			}
		}
		require.Equal(t, e.concerns, concerned, e.what)
	}
}

func replaced(t *testing.T, text, from, to string) string {
	t.Helper()
	require.Contains(t, text, from)
	return strings.Replace(text, from, to, 1)
}
