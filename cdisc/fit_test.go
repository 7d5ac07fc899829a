package cdisc

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// column is a table with one variable beside its key.
func column(v Variable, values ...Value) memory {
	m := memory{dataset: Dataset{Name: "AE", Label: "Adverse Events", Variables: []Variable{{Name: "RECID", Type: WholeNumber, Key: 1}, v}}}
	for i, value := range values {
		m.rows = append(m.rows, Row{Integer(int64(i)), value})
	}
	return m
}

func rulesOf(problems []Problem) map[Rule]int64 {
	rules := map[Rule]int64{}
	for _, p := range problems {
		rules[p.Rule] += p.Count
	}
	return rules
}

// TestWhatFormatsCannotHold names, for each case, the rule and count in version 5, version 8 and
// Dataset-JSON; none is a fit.
func TestWhatFormatsCannotHold(t *testing.T) {
	text := func(s string) Value { return Text(s) }
	character := Variable{Name: "AETERM", Type: Character}
	none := map[Rule]int64{}
	for name, c := range map[string]struct {
		src            memory
		v5, v8, asJSON map[Rule]int64
	}{
		"fits":                        {column(character, text("x")), none, none, none},
		"200 bytes":                   {column(character, text(strings.Repeat("x", 200))), none, none, none},
		"201 bytes":                   {column(character, text(strings.Repeat("x", 201))), map[Rule]int64{RuleTextLength: 1}, none, none},
		"201 bytes in 101 characters": {column(character, text("x"+strings.Repeat("é", 100))), map[Rule]int64{RuleTextLength: 1}, none, none},
		"32,767 bytes":                {column(character, text(strings.Repeat("x", 32767))), map[Rule]int64{RuleTextLength: 1}, none, none},
		"32,768 bytes":                {column(character, text(strings.Repeat("x", 32768))), map[Rule]int64{RuleTextLength: 1}, map[Rule]int64{RuleTextLength: 1}, none},
		"declared as 201 bytes":       {column(Variable{Name: "AETERM", Type: Character, Length: 201}, text("x")), map[Rule]int64{RuleTextLength: 1}, none, none},
		"name of 9":                   {column(Variable{Name: "AETERMABC", Type: Character}), map[Rule]int64{RuleVariableName: 1}, none, none},
		"name of 33":                  {column(Variable{Name: strings.Repeat("A", 33), Type: Character}), map[Rule]int64{RuleVariableName: 1}, map[Rule]int64{RuleVariableName: 1}, none},
		"lower-case name":             {column(Variable{Name: "aeterm", Type: Character}), map[Rule]int64{RuleVariableName: 1}, none, none},
		"name with a blank":           {column(Variable{Name: "AE TERM", Type: Character}), map[Rule]int64{RuleVariableName: 1}, map[Rule]int64{RuleVariableName: 1}, none},
		"name of SAS":                 {column(Variable{Name: "_N_", Type: Character}), map[Rule]int64{RuleVariableName: 1}, map[Rule]int64{RuleVariableName: 1}, none},
		"same name":                   {column(Variable{Name: "recid", Type: Character}), map[Rule]int64{RuleSameName: 2, RuleVariableName: 1}, map[Rule]int64{RuleSameName: 2}, map[Rule]int64{RuleSameName: 2}},
		"label of 41":                 {column(Variable{Name: "A", Label: strings.Repeat("x", 41), Type: Character}), map[Rule]int64{RuleLabelLength: 1}, none, none},
		"label of 257":                {column(Variable{Name: "A", Label: strings.Repeat("x", 257), Type: Character}), map[Rule]int64{RuleLabelLength: 1}, map[Rule]int64{RuleLabelLength: 1}, none},
		"label not ASCII":             {column(Variable{Name: "A", Label: "Größe", Type: Character}), map[Rule]int64{RuleLabelText: 1}, none, none},
		"control characters":          {column(character, text("a\nb"), text("\x00"), text("ok")), map[Rule]int64{RuleControl: 2}, map[Rule]int64{RuleControl: 2}, none},
		"no UTF-8":                    {column(character, text("a\xff")), map[Rule]int64{RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}},
		"name not UTF-8":              {column(Variable{Name: "A\xff", Type: Character}), map[Rule]int64{RuleVariableName: 1, RuleUTF8: 1}, map[Rule]int64{RuleVariableName: 1, RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}},
		"label not UTF-8":             {column(Variable{Name: "A", Label: "\xff", Type: Character}), map[Rule]int64{RuleLabelText: 1, RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}},
		"OID not UTF-8":               {column(Variable{Name: "A", OID: "\xed\xa0\x80", Type: Character}), map[Rule]int64{RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}},
		"lone surrogate":              {column(character, text("a\xed\xa0\x80")), map[Rule]int64{RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}, map[Rule]int64{RuleUTF8: 1}},
		"words of a header":           {column(character, text("see HEADER RECORD******* here")), map[Rule]int64{RuleHeaderText: 1}, map[Rule]int64{RuleHeaderText: 1}, none},
		"NaN and infinity":            {column(Variable{Name: "X", Type: Double}, Float(math.NaN()), Float(math.Inf(-1))), map[Rule]int64{RuleFinite: 2}, map[Rule]int64{RuleFinite: 2}, map[Rule]int64{RuleFinite: 2}},
		"beyond IBM":                  {column(Variable{Name: "X", Type: Double}, Float(1e76), Float(1e-79), Float(1e75)), map[Rule]int64{RuleNumberRange: 2}, map[Rule]int64{RuleNumberRange: 2}, none},
		"beyond 2^53":                 {column(Variable{Name: "X", Type: WholeNumber}, Integer(1<<53), Integer(1<<53+1), Integer(-1<<53-1)), map[Rule]int64{RuleExactNumber: 2}, map[Rule]int64{RuleExactNumber: 2}, map[Rule]int64{RuleExactNumber: 2}},
		"digits":                      {column(Variable{Name: "X", Type: Decimal}, text("0.1"), text("0.12345678901234567890")), map[Rule]int64{RuleExactNumber: 1}, map[Rule]int64{RuleExactNumber: 1}, none},
		"no decimal":                  {column(Variable{Name: "X", Type: Decimal}, text("<5"), text("1e5")), map[Rule]int64{RuleDecimal: 2}, map[Rule]int64{RuleDecimal: 2}, map[Rule]int64{RuleDecimal: 2}},
		"before the calendar":         {column(Variable{Name: "X", Type: Date}, Integer(-141428), Integer(-141427), Integer(2932897)), map[Rule]int64{RuleCalendar: 2}, map[Rule]int64{RuleCalendar: 2}, map[Rule]int64{RuleCalendar: 2}},
		"truth value":                 {column(Variable{Name: "X", Type: Boolean}, Bool(true)), map[Rule]int64{RuleType: 1}, map[Rule]int64{RuleType: 1}, none},
		"a value of another kind":     {column(character, Float(1)), map[Rule]int64{RuleType: 1}, map[Rule]int64{RuleType: 1}, map[Rule]int64{RuleType: 1}},
		"off the code list":           {column(Variable{Name: "SEX", Type: Character, Codelist: &Codelist{Name: "SEX", Items: []CodelistItem{{"F", "Female"}}}}, text("F"), text("M"), text("")), map[Rule]int64{RuleCodelist: 1}, map[Rule]int64{RuleCodelist: 1}, map[Rule]int64{RuleCodelist: 1}},
		"fractions off the list":      {column(Variable{Name: "X", Type: Double, Codelist: &Codelist{Name: "X", Items: []CodelistItem{{"0.5", ""}, {"1", ""}}}}, Float(0.5), Float(0.25), Float(1), Float(2)), map[Rule]int64{RuleCodelist: 2}, map[Rule]int64{RuleCodelist: 2}, map[Rule]int64{RuleCodelist: 2}},
		"whole numbers off the list":  {column(Variable{Name: "X", Type: WholeNumber, Codelist: &Codelist{Name: "X", Items: []CodelistItem{{"1", ""}}}}, Integer(1), Integer(-1)), map[Rule]int64{RuleCodelist: 1}, map[Rule]int64{RuleCodelist: 1}, map[Rule]int64{RuleCodelist: 1}},
		"a negative zero on the list": {column(Variable{Name: "X", Type: Double, Codelist: &Codelist{Name: "X", Items: []CodelistItem{{"0", ""}}}}, Float(math.Copysign(0, -1)), Float(0)), none, none, none},
		"a list of a dictionary":      {column(Variable{Name: "X", Type: Character, Codelist: &Codelist{Name: "X", Dictionary: "MedDRA"}}, text("x")), none, none, none},
		"mandatory":                   {column(Variable{Name: "A", Type: Character, Mandatory: true}, Value{}, text("x")), map[Rule]int64{RuleMandatory: 1}, map[Rule]int64{RuleMandatory: 1}, map[Rule]int64{RuleMandatory: 1}},
		"format of text":              {column(Variable{Name: "A", Type: Character, Format: "$8."}, text("x")), map[Rule]int64{RuleFormat: 1}, map[Rule]int64{RuleFormat: 1}, map[Rule]int64{RuleFormat: 1}},
		"format of no kind":           {column(Variable{Name: "A", Type: Double, Format: "best 12"}, Float(1)), map[Rule]int64{RuleFormat: 1}, map[Rule]int64{RuleFormat: 1}, map[Rule]int64{RuleFormat: 1}},
	} {
		s := surveyed(t, c.src)
		require.Equal(t, c.v5, rulesOf(s.Problems(XPT5)), name+", version 5")
		require.Equal(t, c.v8, rulesOf(s.Problems(XPT8)), name+", version 8")
		require.Equal(t, c.asJSON, rulesOf(s.Problems(JSON)), name+", Dataset-JSON")
	}
}

// TestMetadataOfDatasetJSONAreUTF8 leaves nothing to a writer that would put U+FFFD in its place.
func TestMetadataOfDatasetJSONAreUTF8(t *testing.T) {
	src := column(Variable{Name: "A", Type: Character}, Text("x"))
	src.dataset.Label = "\xff"
	require.Equal(t, map[Rule]int64{RuleUTF8: 1}, rulesOf(surveyed(t, src).Problems(JSON)))
	for _, change := range []func(*JSONOptions){
		func(o *JSONOptions) { o.Originator = "\xff" }, func(o *JSONOptions) { o.SourceSystem = "\xff" }, func(o *JSONOptions) { o.SourceSystemVersion = "\xff" },
		func(o *JSONOptions) { o.StudyOID = "\xff" }, func(o *JSONOptions) { o.MetaDataVersionOID = "\xff" }, func(o *JSONOptions) { o.MetaDataRef = "\xff" }, func(o *JSONOptions) { o.FileOID = "\xff" },
	} {
		o := jsonOptions(JSON)
		change(&o)
		err := WriteDatasetJSON(t.Context(), &strings.Builder{}, allKinds(t), surveyed(t, allKinds(t)), o)
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
}

// TestTenThousandVariables are more than the four digits that readers of XPORT expect.
func TestTenThousandVariables(t *testing.T) {
	for n, want := range map[int]map[Rule]int64{9999: {}, 10000: {RuleVariableCount: 1}} {
		m := memory{dataset: Dataset{Name: "WIDE"}, rows: []Row{make(Row, n), make(Row, n)}}
		for i := range n {
			m.dataset.Variables = append(m.dataset.Variables, Variable{Name: "V" + strconv.Itoa(i), Type: Double})
			m.rows[1][i] = Float(float64(i))
		}
		require.Equal(t, want, rulesOf(surveyed(t, m).Problems(XPT5)))
		require.Empty(t, surveyed(t, m).Problems(JSON))
		if n < 10000 {
			back, err := readXPT(writeXPT(t, m, XPT5))
			require.NoError(t, err)
			require.Equal(t, m.rows, back.rows)
		}
		back, err := readJSON(writeJSON(t, m, NDJSON))
		require.NoError(t, err)
		require.Equal(t, m.rows, back.rows)
	}
}

// TestKeysThatXPORTDoesNotTellApart are unique in the table and would not be in the file, wherever the
// rows stand.
func TestKeysThatXPORTDoesNotTellApart(t *testing.T) {
	for name, c := range map[string]struct {
		typ    Type
		values []Value
		want   int64
	}{
		"unique":           {Character, []Value{Text("a"), Text("b"), Text("ab")}, 0},
		"trailing blank":   {Character, []Value{Text("a"), Text("b"), Text("a ")}, 1},
		"empty":            {Character, []Value{Text(""), Text("b"), {}}, 1},
		"blanks":           {Character, []Value{Text("  "), Text(""), {}}, 2},
		"leading blank":    {Character, []Value{Text(" a"), Text("a")}, 0},
		"digits":           {Decimal, []Value{Text("1"), Text("2"), Text("1.0")}, 1},
		"negative zero":    {Double, []Value{Float(0), Float(1), Float(math.Copysign(0, -1))}, 1},
		"truly twice":      {Character, []Value{Text("a"), Text("a ")}, 1},
		"a tab in between": {Character, []Value{Text("a"), Text("a\t"), Text("a ")}, 1},
	} {
		m := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "K", Type: c.typ, Key: 1}, {Name: "N", Type: WholeNumber, Key: 2}}}}
		for _, v := range c.values {
			m.rows = append(m.rows, Row{v, Integer(1)}, Row{v, Integer(2)})
		}
		rows, err := newSorted(t.Context(), m, t.TempDir(), []int{0, 1}, m.dataset.types(), sortBytes)
		require.NoError(t, err)
		s := surveyed(t, rows)
		require.Equal(t, 2*c.want, rulesOf(s.Problems(XPT5))[RuleKey], name)
		if name != "negative zero" {
			require.Zero(t, rulesOf(s.Problems(JSON))[RuleKey], name)
		}
		require.NoError(t, rows.Close())
	}
}

// TestFractionsOfASecond are exact to the microsecond unless they lie centuries away.
func TestFractionsOfASecond(t *testing.T) {
	far := map[Rule]int64{RuleExactNumber: 1}
	cases := map[string]map[Rule]int64{"2026-03-01T08:00:00.123457": {}, "9999-12-31T23:59:59": {}, "9999-12-31T23:59:59.123457": far, "1700-01-01T00:00:00.000001": {}}
	for text, want := range cases {
		at, err := time.Parse("2006-01-02T15:04:05", text)
		require.NoError(t, err)
		src := column(Variable{Name: "A", Type: Datetime}, Integer(at.UnixMicro()))
		require.Equal(t, want, rulesOf(surveyed(t, src).Problems(XPT5)), text)
		require.Empty(t, surveyed(t, src).Problems(JSON))
		back, err := readJSON(writeJSON(t, src, JSON))
		require.NoError(t, err)
		require.Equal(t, src.rows, back.rows)
		o := exportOptions(XPT5)
		o.Remedies.NumbersAsText = true
		dir := t.TempDir()
		_, err = Export(t.Context(), dir, []Source{src}, o)
		require.NoError(t, err)
		if len(want) > 0 {
			require.Equal(t, Text(text), readFile(t, dir+"/ae.xpt").rows[0][1])
		}
	}
}

// TestNumbersThatAreNoDecimals become text on request.
func TestNumbersThatAreNoDecimals(t *testing.T) {
	src := column(Variable{Name: "AVAL", Type: Decimal}, Text("70.50"), Text(".5"), Value{})
	o := exportOptions(XPT5, JSON)
	_, err := Export(t.Context(), t.TempDir(), []Source{src}, o)
	require.Equal(t, map[Rule]int64{RuleDecimal: 1}, problemsOf(t, err))
	o.Remedies.NumbersAsText = true
	dir := t.TempDir()
	m, err := Export(t.Context(), dir, []Source{src}, o)
	require.NoError(t, err)
	require.Equal(t, Text("70.50"), readFile(t, dir+"/ae.xpt").rows[0][1])
	require.Equal(t, Text(".5"), readFile(t, dir+"/ae.json").rows[1][1])
	require.Contains(t, m.Losses, Loss{"AE", "AVAL", LossNumber, "", 2})
}

func TestTablesThatDoNotFit(t *testing.T) {
	texts := memory{dataset: Dataset{Name: "TX", Variables: []Variable{{Name: "A", Type: Character}}}, rows: []Row{{Text("x")}, {Text("  ")}}}
	require.Equal(t, map[Rule]int64{RuleLastRow: 1}, rulesOf(surveyed(t, texts).Problems(XPT5)))
	require.Equal(t, map[Rule]int64{RuleLastRow: 1}, rulesOf(surveyed(t, texts).Problems(XPT8)))
	require.Empty(t, surveyed(t, texts).Problems(JSON))

	numbers := memory{dataset: Dataset{Name: "TX", Variables: []Variable{{Name: "A", Type: Double}}}, rows: []Row{{Float(0)}, {{}}}}
	require.Empty(t, surveyed(t, numbers).Problems(XPT5), "a missing number is not blank")

	require.Equal(t, map[Rule]int64{RuleVariableCount: 1}, rulesOf(surveyed(t, memory{dataset: Dataset{Name: "TX"}}).Problems(XPT5)))

	twice := column(Variable{Name: "A", Type: Character}, Text("x"), Text("y"))
	twice.rows[1][0] = twice.rows[0][0]
	require.Equal(t, map[Rule]int64{RuleKey: 1}, rulesOf(surveyed(t, twice).Problems(NDJSON)))

	gap := column(Variable{Name: "A", Type: Character, Key: 3}, Text("x"))
	require.Equal(t, map[Rule]int64{RuleKeySequence: 1}, rulesOf(surveyed(t, gap).Problems(NDJSON)))

	for name, ok := range map[string]bool{"AE": true, "AE1": true, "": false, "1AE": false, "LONGDATASET": false, "A E": false} {
		src := column(Variable{Name: "A", Type: Character}, Text("x"))
		src.dataset.Name = name
		require.Equal(t, ok, len(surveyed(t, src).Problems(XPT5)) == 0, name)
	}
}

func TestLossesAreCounted(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "T", Type: Character}, {Name: "D", Type: Decimal}, {Name: "X", Type: Double}}}, rows: []Row{
		{Text(""), Text("70.50"), Float(math.Copysign(0, -1))},
		{Text("   "), {}, Float(1)},
		{Text("x "), Text("1"), Float(0)},
		{Text("z"), Text("2.5"), {}},
		{Text("y  "), {}, {}},
		{{}, {}, {}},
	}}
	s := surveyed(t, src)
	require.Equal(t, []Loss{
		{"AE", "T", LossEmptyText, XPT5, 1}, {"AE", "T", LossBlankText, XPT5, 1}, {"AE", "T", LossTrailingBlank, XPT5, 2},
		{"AE", "D", LossDigits, XPT5, 1}, {"AE", "X", LossNegativeZero, XPT5, 1},
	}, s.Losses(XPT5))
	require.Equal(t, []Loss{{"AE", "X", LossNegativeZero, JSON, 1}}, s.Losses(JSON))
	labels := memory{dataset: Dataset{Name: "AE", Label: "Events ", Variables: []Variable{{Name: "T", Label: "Term  ", Type: Character}}}}
	require.Equal(t, []Loss{{"AE", "", LossLabelBlank, XPT8, 1}, {"AE", "T", LossLabelBlank, XPT8, 1}}, surveyed(t, labels).Losses(XPT8))
	require.Empty(t, surveyed(t, labels).Losses(JSON))
	require.Equal(t, 2, s.Stats()[1].Decimals)
}

// TestWordsOfAHeaderAcrossValues puts the words where a record begins, in two values of which
// neither has them.
func TestWordsOfAHeaderAcrossValues(t *testing.T) {
	src := memory{dataset: Dataset{Name: "AE", Variables: []Variable{{Name: "PAD", Type: Character}, {Name: "A", Type: Character}, {Name: "B", Type: Character}}},
		rows: []Row{{Text(strings.Repeat("x", 80)), Text("HEADER REC"), Text("ORD*******")}}}
	s := surveyed(t, src)
	require.Empty(t, s.Problems(XPT5))
	err := WriteXPT(t.Context(), &strings.Builder{}, src, s, XPTOptions{Created: made})
	require.Equal(t, map[Rule]int64{RuleHeaderText: 1}, problemsOf(t, err))
	src.rows[0][0] = Text("HEADER REC" + strings.Repeat("x", 70)) // the record before begins in the same way
	err = WriteXPT(t.Context(), &strings.Builder{}, src, surveyed(t, src), XPTOptions{Created: made})
	require.Equal(t, map[Rule]int64{RuleHeaderText: 1}, problemsOf(t, err))
	src.rows[0][0] = Text(strings.Repeat("x", 79))
	require.NoError(t, WriteXPT(t.Context(), &strings.Builder{}, src, surveyed(t, src), XPTOptions{Created: made}))
}

func TestISODates(t *testing.T) {
	for text, want := range map[string][3]bool{ // complete, with time, ISO
		"2003-12-15": {true, false, true}, "2003-12": {false, false, true}, "2003": {false, false, true}, "2003-12-15T13:14:17": {true, true, true},
		"2003-12-15T13:14": {false, true, true}, "2003-12-15T13": {false, true, true}, "2003-12-15T13:14:17Z": {true, true, true}, "2003-12-15T13:14:17.5+01:00": {true, true, true},
		"2003---15": {}, "--12-15": {}, "20031215": {}, "2003-13": {}, "2003-02-30": {}, "15DEC2003": {}, " 2003": {}, "2003-12-15T-:15": {}, "NA": {},
	} {
		complete, withTime, ok := isoDate(text)
		require.Equal(t, want, [3]bool{complete, withTime, ok}, text)
	}
	for text, want := range map[string]bool{"13:14": true, "13:14:17": true, "24:01": false, "13": false, "": false, "1:14": false} {
		require.Equal(t, want, isISOTime(text), text)
	}
}
