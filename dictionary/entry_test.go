package dictionary_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// entryExport is an export of one form with a question for each kind of check.
func entryExport() export {
	rule := `"<BusinessLogic><Conditions><lt><question>E</question><question>D</question></lt></Conditions><Actions><message><message>m</message><error_field>E</error_field><hard_edit/></message></Actions></BusinessLogic>"`
	hide := `"<BusinessLogic><Conditions><checked><question>C</question></checked></Conditions><Actions><hide_field><question>H</question></hide_field></Actions></BusinessLogic>"`
	return export{
		dictionary.FormsFile: "Form Key,Form Name\nF,Form\n",
		dictionary.QuestionsFile: "Form,Variable Type,Variable Name,Required Field,Length,Whole Numbers Only,Allow Partial DD,Allow Partial MMM,Allow Partial YYYY,Allow Future Dates,Minimum Value,Maximum Value\n" +
			"F,Text,T,Optional,5,,,,,,,\nF,Number,N,Optional,,Yes,,,,,1,10\nF,Radio,R,Optional,,,,,,,,\nF,Dropdown,OPEN,Optional,,,,,,,,\nF,Checkbox,C,Hard,,,,,,,,\n" +
			"F,Date/Time Precision,D,Optional,,,No,Yes,maybe,No,,\nF,Date/Time Precision,E,Optional,,,Yes,Yes,Yes,Yes,,\nF,Text,H,Hard,,,,,,,,\nF,Text,S,Soft,,,,,,,,\nF,Text,A,Auto Query,,,,,,,,\n" +
			"F,Number,L,Optional,4,,,,,,,\nF,Date/Time,W,Optional,,,,,,,,\n",
		dictionary.ChoicesFile: "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nF,Radio,R,Mild,1,1\nF,Radio,R,Severe,2,2\n",
		dictionary.RulesFile:   "Type,Name,Status,ID,Form,Sequence,Logic\nForm,Order,Active,9,F,10," + rule + "\nForm,Hide,Active,10,F,20," + hide + "\n",
	}
}

func TestSubmissionsAreHeldAgainstTheDictionary(t *testing.T) {
	d := read(t, entryExport().dir(t), "S")
	forms := []imednet.Form{{FormID: 1, FormKey: imednet.Some("F")}, {FormID: 2, FormKey: imednet.Some("OTHER")}}
	var variables []imednet.Variable
	for i, q := range d.Forms[0].Questions {
		variables = append(variables, imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), VariableName: imednet.Some(q.Name), VariableType: imednet.Some(q.Type)})
	}
	joined, err := d.Join(forms, variables, dictionary.JoinOptions{})
	require.NoError(t, err)
	full := map[string]any{"H": "x", "S": "x", "A": "x"}
	for _, c := range []struct {
		name string
		data map[string]any
		want string
	}{
		{"nothing wrong", nil, ""},
		{"a choice's text in another case", map[string]any{"R": " severe "}, ""},
		{"a code", map[string]any{"R": "2"}, "warning F.R"},
		{"no choice", map[string]any{"R": "Moderate"}, "error F.R"},
		{"an open list", map[string]any{"OPEN": "anything"}, ""},
		{"as long as allowed", map[string]any{"T": "äöüß€"}, ""},
		{"too long", map[string]any{"T": "äöüß€!"}, "error F.T"},
		{"whole", map[string]any{"N": 10.0}, ""},
		{"a fraction", map[string]any{"N": 9.5}, "error F.N"},
		{"below", map[string]any{"N": 0}, "error F.N"},
		{"above", map[string]any{"N": 11}, "error F.N"},
		{"no day", map[string]any{"D": "2026-02"}, "error F.D"},
		{"no month, whose day is missing too", map[string]any{"D": "2026"}, "error F.D"},
		{"a day", map[string]any{"D": "2026-02-28"}, ""},
		{"today", map[string]any{"D": "2026-03-01"}, ""},
		{"tomorrow", map[string]any{"D": "2026-03-02"}, "error F.D"},
		{"as many digits as allowed", map[string]any{"L": 9999}, ""},
		{"fewer, with a sign and a point", map[string]any{"L": "-1.5"}, ""},
		{"as many, with a sign", map[string]any{"L": -9999}, "warning F.L"},
		{"as many, with a point", map[string]any{"L": "12.34"}, "warning F.L"},
		{"as many, with zeros behind the point", map[string]any{"L": "1234.00"}, "warning F.L"},
		{"as many, with zeros behind the point as a JSON number", map[string]any{"L": jsontext.Value("100.00")}, "warning F.L"},
		{"few, with one zero behind the point", map[string]any{"L": "10.0"}, ""},
		{"as many, with an exponent", map[string]any{"L": "1E3"}, ""},
		{"as many, with a point and an exponent", map[string]any{"L": "1.000e3"}, ""},
		{"too many, of which the last are zeros", map[string]any{"L": "10000"}, "error F.L"},
		{"too many digits", map[string]any{"L": 12345}, "error F.L"},
		{"too many decimals", map[string]any{"L": "1.2345"}, "error F.L"},
		{"too many, with an exponent", map[string]any{"L": "1e4"}, "error F.L"},
		{"far too many, with an exponent", map[string]any{"L": "1e900"}, "error F.L"},
		{"few, with an exponent", map[string]any{"L": "12e2"}, ""},
		{"a day where only a whole date is taken", map[string]any{"W": "2026-02-28"}, ""},
		{"a moment where only a whole date is taken", map[string]any{"W": "2026-02-28T10:30"}, ""},
		{"a year where only a whole date is taken", map[string]any{"W": "2026"}, "error F.W"},
		{"a month where only a whole date is taken", map[string]any{"W": "2026-02"}, "error F.W"},
		{"tomorrow where it is allowed", map[string]any{"E": "2026-03-02"}, ""},
		{"a rule", map[string]any{"D": "2026-02-28", "E": "2026-02-27"}, "warning F.E"},
		{"hard blank", map[string]any{"H": nil}, "error F.H"},
		{"hard blank text", map[string]any{"H": "  "}, "error F.H"},
		{"hidden", map[string]any{"H": nil, "C": true}, ""},
		{"soft blank", map[string]any{"S": ""}, "warning F.S"},
		{"query blank", map[string]any{"A": nil}, "warning F.A"},
		{"a question that the dictionary does not have", map[string]any{"NEW": "x"}, ""},
	} {
		data := map[string]any{}
		for _, values := range []map[string]any{full, c.data} {
			for name, v := range values {
				data[name] = v
			}
		}
		item := &imednet.Submission{Kind: imednet.NewRecord, FormKey: "F", SubjectKey: "1", Data: data}
		problems, err := joined.CheckSubmission(checkerOf(t, d), item)
		require.NoError(t, err, c.name)
		if c.want == "" {
			require.Empty(t, problems, c.name)
			continue
		}
		if !strings.HasPrefix(c.name, "a year") { // two parts are missing
			require.Len(t, problems, 1, c.name)
		}
		require.True(t, strings.HasPrefix(problems[0].String(), c.want+": "), "%s: %s", c.name, problems[0])
		for _, v := range c.data {
			if text, ok := v.(string); ok && len(text) > 2 {
				require.NotContains(t, problems[0].String(), text)
			}
		}
	}
	for name, item := range map[string]imednet.Submission{
		"an update sends what changes": {Kind: imednet.ExistingRecord, FormKey: "F", RecordID: 7, Data: map[string]any{"T": "x"}},
		"another form":                 {Kind: imednet.NewRecord, FormKey: "OTHER", SubjectKey: "1", Data: map[string]any{"R": "Moderate"}},
		"no such form":                 {Kind: imednet.NewRecord, FormKey: "NONE", SubjectKey: "1", Data: map[string]any{"R": "Moderate"}},
	} {
		problems, err := joined.CheckSubmission(checkerOf(t, d), &item)
		require.NoError(t, err, name)
		require.Empty(t, problems, name)
	}
	cleared, err := joined.CheckSubmission(checkerOf(t, d), &imednet.Submission{Kind: imednet.ExistingRecord, FormKey: "F", RecordID: 7, Data: map[string]any{"H": nil}})
	require.NoError(t, err)
	require.Len(t, cleared, 1)
	require.True(t, cleared[0].Warning, "whether the question is hidden depends on the stored record")
}

// A day has begun somewhere on earth ten hours before it begins in UTC, and then it is in no answer's future.
func TestADayThatHasBegunAnywhereIsNotInTheFuture(t *testing.T) {
	d := read(t, entryExport().dir(t), "S")
	joined, err := d.Join([]imednet.Form{{FormID: 1, FormKey: imednet.Some("F")}}, nil, dictionary.JoinOptions{})
	require.NoError(t, err)
	for _, c := range []struct {
		now, answer string
		refused     bool
	}{
		{"2026-03-01T09:59:59Z", "2026-03-02", true},
		{"2026-03-01T10:00:00Z", "2026-03-02", false},
		{"2026-03-01T19:00:00+09:00", "2026-03-02", false},
		{"2026-03-01T10:00:00Z", "2026-03-02T23:59+14:00", false},
		{"2026-03-01T23:59:59Z", "2026-03-03", true},
		{"2026-02-28T10:00:00Z", "2026-03-01", false},
		{"2026-02-28T10:00:00Z", "2026-03-02", true},
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		require.NoError(t, err)
		checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(now)))
		require.NoError(t, err)
		problems, err := joined.CheckSubmission(checker, &imednet.Submission{Kind: imednet.NewRecord, FormKey: "F", SubjectKey: "1", Data: map[string]any{"D": c.answer}})
		require.NoError(t, err)
		future := 0
		for _, p := range problems {
			if p.Variable == "D" && !p.Warning {
				future++
			}
		}
		require.Equal(t, c.refused, future == 1, "%v: %v", c, problems)
	}
}
