package imednet_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func form(id int64, key string) imednet.Form {
	return imednet.Form{FormID: id, FormKey: imednet.Some(key)}
}

func variable(id, formID int64, formKey, name string) imednet.Variable {
	return imednet.Variable{VariableID: id, FormID: number(formID), FormKey: imednet.Some(formKey), VariableName: imednet.Some(name)}
}

// number is an absent id for 0.
func number(id int64) imednet.Opt[int64] {
	if id == 0 {
		return imednet.Opt[int64]{}
	}
	return imednet.Some(id)
}

// label names a form by id and key, "" for none.
func label(f *imednet.IndexedForm) string {
	if f == nil {
		return ""
	}
	return strconv.FormatInt(f.ID(), 10) + f.Key()
}

// TestUniqueKeysAreDistinct whatever keys the forms really have, and do not depend on other forms except
// those with the same key.
func TestUniqueKeysAreDistinct(t *testing.T) {
	var all []imednet.Form
	for _, key := range []string{"", "DUP", "DUP#4", "DUP#5", "DUP#4#9", "#4", "DUP#", "DUP#x", "DUP#-4", "dup"} {
		for _, id := range []int64{0, 4, 5, 9, -4} {
			all = append(all, imednet.Form{FormID: id, FormKey: imednet.Some(key)})
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		seen := map[string]bool{}
		for _, f := range imednet.NewFormIndex(all[:2+random.IntN(12)], nil).Forms() {
			require.False(t, seen[f.UniqueKey()], "%s, id %d", f.UniqueKey(), f.ID())
			seen[f.UniqueKey()] = true
		}
	}
	names := map[int64]string{}
	for _, f := range imednet.NewFormIndex([]imednet.Form{
		{FormID: 4, FormKey: imednet.Some("DUP")}, {FormID: 5, FormKey: imednet.Some("DUP")}, {FormID: 9, FormKey: imednet.Some("DUP#4")}, {FormID: 7, FormKey: imednet.Some("AE")},
	}, nil).Forms() {
		names[f.ID()] = f.UniqueKey()
	}
	require.Equal(t, map[int64]string{4: "DUP#4", 5: "DUP#5", 9: "DUP#4#9", 7: "AE"}, names)
}

func TestWhichFormARowIsOf(t *testing.T) {
	type contradiction = imednet.Contradiction
	listed := []imednet.Form{
		form(1, "AE"), form(2, "CM"), form(3, ""), form(0, "PD"), // id 3 has no key, PD no id
		form(4, "VS"), form(4, "LB"), form(5, "MH"), form(6, "MH"),
	}
	cases := map[string]struct {
		id   int64
		key  string
		want string
		why  contradiction
	}{
		"both":                                  {1, "AE", "1AE", contradiction{}},
		"id alone":                              {1, "", "1AE", contradiction{}},
		"key alone":                             {0, "AE", "1AE", contradiction{}},
		"white space is no key":                 {1, " \u00a0", "1AE", contradiction{}},
		"the id before the key":                 {1, "CM", "1AE", contradiction{Kind: imednet.IDAndKeyDisagree, ID: 1, Key: "CM", KeyOfID: "AE", IDOfKey: 2}},
		"and the other way round":               {2, "AE", "2CM", contradiction{Kind: imednet.IDAndKeyDisagree, ID: 2, Key: "AE", KeyOfID: "CM", IDOfKey: 1}},
		"id before a key without an id":         {1, "PD", "1AE", contradiction{Kind: imednet.IDAndKeyDisagree, ID: 1, Key: "PD", KeyOfID: "AE"}},
		"id before an ambiguous key":            {1, "MH", "1AE", contradiction{Kind: imednet.IDAndKeyDisagree, ID: 1, Key: "MH", KeyOfID: "AE"}},
		"a form without a key":                  {3, "XX", "3", contradiction{}},
		"a form without a key, key of another":  {3, "AE", "3", contradiction{Kind: imednet.IDAndKeyDisagree, ID: 3, Key: "AE", IDOfKey: 1}},
		"a renamed form":                        {1, "AEOLD", "1AE", contradiction{Kind: imednet.KeyUnknown, ID: 1, Key: "AEOLD", KeyOfID: "AE"}},
		"the own key in other case":             {1, "ae", "1AE", contradiction{}},
		"another's key in other case":           {1, "cm", "1AE", contradiction{Kind: imednet.KeyUnknown, ID: 1, Key: "cm", KeyOfID: "AE"}},
		"a form that was made again":            {9, "AE", "1AE", contradiction{Kind: imednet.IDUnknown, ID: 9, Key: "AE", IDOfKey: 1}},
		"a form without an id":                  {9, "PD", "0PD", contradiction{}},
		"key in other case":                     {0, "ae", "", contradiction{Kind: imednet.KeyInOtherCase, Key: "ae"}},
		"id of nothing, key in other case":      {9, "ae", "", contradiction{Kind: imednet.KeyInOtherCase, ID: 9, Key: "ae"}},
		"an id of two":                          {4, "", "", contradiction{Kind: imednet.IDAmbiguous, ID: 4}},
		"an id of two, the key is one's":        {4, "LB", "4LB", contradiction{}},
		"an id of two, the key of neither":      {4, "AE", "", contradiction{Kind: imednet.IDAmbiguous, ID: 4, Key: "AE", IDOfKey: 1}},
		"a key of two":                          {0, "MH", "", contradiction{Kind: imednet.KeyAmbiguous, Key: "MH"}},
		"a key of two, the id is one's":         {6, "MH", "6MH", contradiction{}},
		"a key of two, the id is one's, no key": {6, "", "6MH", contradiction{}},
		"a key of two, the id of nothing":       {9, "MH", "", contradiction{Kind: imednet.KeyAmbiguous, ID: 9, Key: "MH"}},
		"a key of one whose id is shared":       {0, "VS", "4VS", contradiction{}},
		"nothing known":                         {9, "XX", "", contradiction{Kind: imednet.NothingKnown, ID: 9, Key: "XX"}},
		"id of nothing":                         {9, "", "", contradiction{Kind: imednet.NothingKnown, ID: 9}},
		"nothing named":                         {0, "", "", contradiction{Kind: imednet.NothingNamed}},
	}
	x := imednet.NewFormIndex(listed, nil)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if !c.why.IsZero() {
				c.why.Of = imednet.Forms
			}
			got, why := x.Of(c.id, c.key)
			assert.Equal(t, c.want, label(got))
			assert.Equal(t, c.why, why)

			if !c.why.IsZero() {
				c.why.Row, c.why.RowID = imednet.Records, 7
			}
			rec := imednet.Record{RecordID: 7, FormID: number(c.id), FormKey: imednet.Some(c.key)}
			got, why = x.OfRecord(&rec)
			assert.Equal(t, c.want, label(got))
			assert.Equal(t, c.why, why)
		})
	}
}

func TestEveryKindOfRowAsksTheSameRule(t *testing.T) {
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE"), form(2, "CM")}, nil)
	id, key := imednet.Some(int64(1)), imednet.Some("CM")
	of := func(f *imednet.IndexedForm, c imednet.Contradiction) string { return label(f) + ": " + c.String() }
	assert.Equal(t, "1AE: variables 8 X: id-and-key-disagree: forms id 1 (key AE), key CM (id 2)",
		of(x.OfVariable(&imednet.Variable{VariableID: 8, VariableName: imednet.Some("X"), FormID: id, FormKey: key})))
	assert.Equal(t, "1AE: intervals 4: id-and-key-disagree: forms id 1 (key AE), key CM (id 2)",
		of(x.OfInterval(&imednet.Interval{IntervalID: 4}, imednet.IntervalForm{FormID: id, FormKey: key})))
	assert.Equal(t, "1AE: codings 5: id-and-key-disagree: forms id 1 (key AE), key CM (id 2)",
		of(x.OfCoding(&imednet.Coding{CodingID: 5, FormID: id, FormKey: key})))
	assert.Equal(t, "2CM: ", of(x.OfRevision(&imednet.RecordRevision{RecordRevisionID: 6, FormKey: key})))
	assert.Equal(t, ": recordRevisions 6: nothing-known: forms key XX",
		of(x.OfRevision(&imednet.RecordRevision{RecordRevisionID: 6, FormKey: imednet.Some("XX")})))
}

// A field that holds no whole number is no id.
func TestAMisfitIsNoID(t *testing.T) {
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE"), form(2, "CM")}, nil)
	for wire, want := range map[string]string{
		`{"recordId":7,"formId":"1","formKey":"CM"}`:  "1AE",
		`{"recordId":7,"formId":1.5,"formKey":"CM"}`:  "2CM",
		`{"recordId":7,"formId":"x","formKey":"CM"}`:  "2CM",
		`{"recordId":7,"formId":null,"formKey":"CM"}`: "2CM",
		`{"recordId":7,"formId":0,"formKey":"CM"}`:    "2CM",
		`{"recordId":7,"formId":2,"formKey":["AE"]}`:  "2CM",
	} {
		rec, err := imednet.Decode[imednet.Record]([]byte(wire))
		require.NoError(t, err)
		got, _ := x.OfRecord(&rec)
		assert.Equal(t, want, label(got), wire)
	}
}

func TestListingsThatContradictThemselves(t *testing.T) {
	older, newer := form(1, "AE"), form(1, "AE")
	older.Revision, newer.Revision = imednet.Some(int64(1)), imednet.Some(int64(2))
	retired := variable(90, 1, "AE", "AETERM")
	retired.Deleted = imednet.Some(true)
	twice := variable(20, 1, "AE", "AESEV")
	x := imednet.NewFormIndex(
		[]imednet.Form{newer, older, form(2, "CM"), form(2, "CM2"), form(3, "CM"), {}},
		[]imednet.Variable{
			retired, variable(91, 1, "AE", "AETERM"), variable(92, 0, "AE", "aeTerm"), twice, twice,
			variable(30, 1, "AE", "X"), variable(30, 3, "CM", "X"),
			variable(40, 8, "XX", "A"), variable(41, 0, "XX", "B"), variable(42, 8, "", "C"), variable(43, 0, "", "D"), variable(44, 2, "", "E"),
		})
	var got []string
	for _, c := range x.Contradictions() {
		got = append(got, c.String())
	}
	assert.Equal(t, []string{
		"forms 0: nothing-named: forms",
		"forms 1: listed-twice: forms id 1 (key AE), key AE (id 1)",
		"forms 2: id-shared: forms id 2, key CM",
		"forms 2: id-shared: forms id 2, key CM2 (id 2)",
		"forms 2: key-shared: forms id 2, key CM",
		"forms 3: key-shared: forms id 3 (key CM), key CM",
		"forms 8: not-listed: forms id 8, key XX",
		"variables 20 AESEV: listed-twice: forms id 1, key AE",
		"variables 30 X: listed-twice: forms id 3, key CM",
		"variables 43 D: nothing-named: forms",
		"variables 44 E: id-ambiguous: forms id 2",
		"variables 90 AETERM: name-shared: forms id 1, key AE",
		"variables 91 AETERM: name-shared: forms id 1, key AE",
	}, got)

	require.Len(t, x.Forms(), 6)
	ae, xx := x.Forms()[0], x.Forms()[5]
	assert.EqualValues(t, 2, ae.Form.Revision.Or(0), "the newest row of a form counts")
	assert.True(t, ae.Listed)
	assert.Equal(t, []int64{20, 30, 90, 91, 92}, variableIDs(ae.Variables))
	assert.Equal(t, "8XX", label(xx))
	assert.False(t, xx.Listed)
	assert.Equal(t, []int64{40, 41, 42}, variableIDs(xx.Variables))
	assert.Equal(t, []int64{43, 44}, variableIDs(x.Unplaced()))

	v, n := ae.Variable("AETERM")
	require.Equal(t, 1, n)
	assert.EqualValues(t, 91, v.VariableID, "the one in use counts")
	v, n = ae.Variable("aeterm")
	assert.Nil(t, v)
	assert.Equal(t, 2, n)
	v, n = ae.Variable("aesev")
	require.Equal(t, 1, n)
	assert.EqualValues(t, 20, v.VariableID)
	_, n = ae.Variable("none")
	assert.Zero(t, n)
}

func TestTheNewestRowOfAFormCounts(t *testing.T) {
	at := func(revision int64, modified, name string) imednet.Form {
		f := form(1, "AE")
		f.Revision, f.FormName = number(revision), imednet.Some(name)
		day, err := imednet.ParseTime(modified)
		require.NoError(t, err)
		f.DateModified = imednet.Some(day)
		return f
	}
	for name, listed := range map[string][]imednet.Form{
		"revision before date": {at(10, "2024-01-01 00:00:00", "right"), at(9, "2024-01-02 00:00:00", "wrong")},
		"date":                 {at(9, "2024-01-02 00:00:00", "right"), at(9, "2024-01-01 00:00:00", "wrong")},
	} {
		x := imednet.NewFormIndex(listed, nil)
		require.Len(t, x.Forms(), 1, name)
		assert.Equal(t, "right", x.Forms()[0].Form.FormName.Or(""), name)
	}
}

// Rows made in code may lack ids; none is lost or taken for another.
func TestRowsWithoutAnyIdentityAreAllKept(t *testing.T) {
	x := imednet.NewFormIndex([]imednet.Form{{}, {}, form(1, "AE"), form(2, "CM")}, []imednet.Variable{
		variable(0, 1, "AE", "A"), variable(0, 1, "AE", "B"), variable(0, 2, "CM", "C"), variable(5, 0, "", "D"), variable(5, 0, "", "D"),
	})
	assert.Len(t, x.Forms(), 4)
	assert.Len(t, x.Forms()[0].Variables, 2)
	assert.Len(t, x.Forms()[1].Variables, 1)
	var got []string
	for _, c := range x.Contradictions() {
		got = append(got, c.String())
	}
	assert.Equal(t, []string{
		"forms 0: nothing-named: forms", "variables 5 D: listed-twice: forms", "variables 5 D: nothing-named: forms",
	}, got)
}

func TestOfTwoVariablesOfOneNameTheLowestIDCounts(t *testing.T) {
	first, second := variable(1, 1, "AE", "A"), variable(2, 1, "AE", "A")
	first.Sequence, second.Sequence = number(9), number(8)
	v, n := imednet.NewFormIndex([]imednet.Form{form(1, "AE")}, []imednet.Variable{second, first}).Forms()[0].Variable("A")
	require.Equal(t, 1, n)
	assert.EqualValues(t, 1, v.VariableID)
}

func variableIDs(list []imednet.Variable) []int64 {
	ids := []int64{}
	for _, v := range list {
		ids = append(ids, v.VariableID)
	}
	return ids
}

// Variables without a name share none, and no empty name finds them.
func TestVariablesWithoutANameShareNone(t *testing.T) {
	nameless := func(id int64) imednet.Variable {
		v := variable(id, 1, "AE", "")
		v.VariableName = imednet.Opt[string]{}
		return v
	}
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE")}, []imednet.Variable{nameless(1), nameless(2), variable(3, 1, "AE", "A")})
	assert.Empty(t, x.Contradictions())
	assert.Equal(t, []int64{1, 2, 3}, variableIDs(x.Forms()[0].Variables))
	v, n := x.Forms()[0].Variable("")
	assert.Nil(t, v)
	assert.Zero(t, n)
	found, n := x.WithVariable("")
	assert.Nil(t, found)
	assert.Zero(t, n)
}

func TestVariablesAreInOrder(t *testing.T) {
	at := func(id int64, sequence imednet.Opt[int64]) imednet.Variable {
		v := variable(id, 1, "AE", "V"+strconv.FormatInt(id, 10))
		v.Sequence = sequence
		return v
	}
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE")}, []imednet.Variable{
		at(5, imednet.Opt[int64]{}), at(4, imednet.Some(int64(2))), at(3, imednet.Some(int64(2))), at(2, imednet.NullOf[int64]()),
		at(9, imednet.Some(int64(-1))), at(8, imednet.Some(int64(0))),
	})
	assert.Equal(t, []int64{9, 8, 3, 4, 2, 5}, variableIDs(x.Forms()[0].Variables))
	assert.Empty(t, x.Contradictions())
}

func TestTheOnlyFormWithAVariable(t *testing.T) {
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE"), form(2, "CM")}, []imednet.Variable{
		variable(1, 1, "AE", "AETERM"), variable(2, 1, "AE", "DATE"), variable(3, 2, "CM", "DATE"), variable(4, 2, "CM", "Dose"),
		variable(5, 1, "AE", "DOSE"), variable(6, 1, "AE", "same"), variable(7, 1, "AE", "SAME"), variable(8, 0, "", "lost"),
	})
	for name, want := range map[string]struct {
		form string
		n    int
	}{
		"AETERM": {"1AE", 1}, "aeterm": {"1AE", 1}, "DATE": {"", 2}, "Dose": {"2CM", 1}, "dose": {"", 2}, "sAmE": {"1AE", 1}, "lost": {"", 0}, "": {"", 0},
	} {
		form, n := x.WithVariable(name)
		assert.Equal(t, want.form, label(form), name)
		assert.Equal(t, want.n, n, name)
	}
}

func TestLookingUpAllocatesNothing(t *testing.T) {
	x := imednet.NewFormIndex([]imednet.Form{form(1, "AE"), form(2, "CM")}, []imednet.Variable{variable(1, 1, "AE", "AETERM")})
	s := imednet.NewSubjectIndex([]imednet.Subject{{SubjectID: 1, SubjectKey: imednet.Some("01-001")}})
	rec := imednet.Record{RecordID: 7, FormKey: imednet.Some("ae"), SubjectID: imednet.Some(int64(1)), SubjectKey: imednet.Some("01-002")}
	sel, err := x.Select("AE")
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		x.OfRecord(&rec)
		x.Of(1, "CM")
		x.WithVariable("aeterm")
		x.Forms()[0].Variable("aeterm")
		s.OfRecord(&rec)
		sel.Has(&rec)
	}))
}

// design is a random study in which little fits together.
type design struct {
	forms     []imednet.Form
	variables []imednet.Variable
	records   []imednet.Record
}

func randomDesign(r *rand.Rand) design {
	ids := []int64{0, 1, 2, 3}
	keys := []string{"", " ", "AE", "ae", "CM", "5", `q"`}
	pick := func() (int64, string) { return ids[r.IntN(len(ids))], keys[r.IntN(len(keys))] }
	var d design
	for range r.IntN(5) {
		id, key := pick()
		f := form(id, key)
		f.Revision = number(r.Int64N(3))
		d.forms = append(d.forms, f)
	}
	for range r.IntN(8) {
		id, key := pick()
		v := variable(r.Int64N(5), id, key, []string{"", "A", "a", "B"}[r.IntN(4)])
		v.Sequence, v.Deleted = number(r.Int64N(3)), imednet.Some(r.IntN(2) == 0)
		d.variables = append(d.variables, v)
	}
	for i := range int64(12) {
		id, key := pick()
		d.records = append(d.records, imednet.Record{
			RecordID: i + 1, FormID: number(id), FormKey: imednet.Some(key), SiteID: imednet.Some(i % 2), Deleted: imednet.Some(i%5 == 0),
		})
	}
	return d
}

// oracle is the documented rule in the plainest words.
func oracle(forms []*imednet.IndexedForm, id int64, key string) (*imednet.IndexedForm, bool) {
	key = strings.TrimSpace(key)
	var byID, byKey, byBoth []*imednet.IndexedForm
	for _, f := range forms {
		sameID, sameKey := id != 0 && f.ID() == id, key != "" && f.Key() == key
		if sameID {
			byID = append(byID, f)
		}
		if sameKey {
			byKey = append(byKey, f)
		}
		if sameID && sameKey {
			byBoth = append(byBoth, f)
		}
	}
	switch {
	case len(byBoth) == 1:
		return byBoth[0], true
	case len(byID) == 1:
		f := byID[0]
		return f, key == "" || len(byKey) == 0 && (f.Key() == "" || strings.EqualFold(f.Key(), key))
	case len(byID) == 0 && len(byKey) == 1:
		return byKey[0], id == 0 || byKey[0].ID() == 0
	}
	return nil, false
}

func TestNoAnswerDependsOnTheOrderOfListings(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		d := randomDesign(r)
		x := imednet.NewFormIndex(d.forms, d.variables)
		placed := len(x.Unplaced())
		for _, f := range x.Forms() {
			placed += len(f.Variables)
			for i := range f.Variables {
				home, _ := x.OfVariable(&f.Variables[i])
				require.Equal(t, f, home, "a variable stands where it is looked for")
			}
		}
		require.LessOrEqual(t, placed, len(d.variables))
		for _, rec := range d.records {
			want, agrees := oracle(x.Forms(), rec.FormID.Or(0), rec.FormKey.Or(""))
			got, c := x.OfRecord(&rec)
			require.Equal(t, label(want), label(got))
			require.Equal(t, agrees, c.IsZero(), "%s", c)
		}
		r.Shuffle(len(d.forms), func(i, j int) { d.forms[i], d.forms[j] = d.forms[j], d.forms[i] })
		r.Shuffle(len(d.variables), func(i, j int) { d.variables[i], d.variables[j] = d.variables[j], d.variables[i] })
		require.Equal(t, x, imednet.NewFormIndex(d.forms, d.variables))
	}
}

// TestAnswersToVariablesThatDifferInCase: an answer belongs to one variable of its form, not to each that
// its key resembles.
func TestAnswersToVariablesThatDifferInCase(t *testing.T) {
	var variables []imednet.Variable
	for i, name := range []string{"Case", "CASE", "Single"} {
		variables = append(variables, imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some[int64](1), VariableName: imednet.Some(name)})
	}
	index := imednet.NewFormIndex([]imednet.Form{{FormID: 1, FormKey: imednet.Some("LB")}}, variables)
	form, _ := index.Of(1, "")
	require.NotNil(t, form)
	for _, c := range []struct {
		data, name, want string
		n                int
	}{
		{`{"CASE":"6"}`, "CASE", "6", 1},
		{`{"CASE":"6"}`, "Case", "", 0},
		{`{"Case":"a","CASE":"6"}`, "Case", "a", 1},
		{`{"Case":"a","CASE":"6","CASE":"7"}`, "CASE", "7", 1},
		{`{"case":"z"}`, "Case", "", 2},
		{`{"case":"z"}`, "CASE", "", 2},
		{`{"case":"z","Case":"a"}`, "Case", "a", 1},
		{`{"single":"s"}`, "Single", "s", 1},
		{`{"single":"s","SINGLE":"t"}`, "Single", "", 2},
		{`{}`, "Case", "", 0},
	} {
		data, err := imednet.NewRecordData([]byte(c.data))
		require.NoError(t, err)
		v, n := form.Answer(data, c.name)
		require.Equal(t, c.want, v.Text(), c.data+c.name)
		require.Equal(t, c.n, n, c.data+c.name)
		require.Equal(t, c.n == 1, form.MatchAnswers(imednet.Where(c.name, imednet.GreaterOrEqual, " "), data), c.data+c.name)
	}
}
