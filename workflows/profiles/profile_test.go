package profiles_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

func profileOf(t *testing.T, source profiles.Source, study string, opts profiles.Options) *profiles.StudyProfile {
	t.Helper()
	p, err := profiles.NewSchemaProfiler(source, profiles.WithClock(imednettest.NewClock(studytest.At("2024-05-01 12:00:00"))))
	require.NoError(t, err)
	profile, err := p.ProfileRecords(t.Context(), study, opts)
	require.NoError(t, err)
	return profile
}

// pilotField is a field as the test itself counts it.
type pilotField struct {
	populated, absent, null, blank int64
	values                         map[string]int64
	numbers                        []float64
	bySite                         map[int64]int64
}

type pilotForm struct {
	records, deleted, noData int64
	fields                   map[string]*pilotField
}

// countPilot profiles the pilot study's records without any code of the library: maps of decoded
// JSON and plain loops.
func countPilot(t *testing.T) (map[string]*pilotForm, map[string]map[string]string) {
	t.Helper()
	studytest.PilotDir(t)
	pilotCountOnce.Do(func() { pilotForms, pilotDeclared = countPilotRecords(t) })
	return pilotForms, pilotDeclared
}

// The count is made once; the tests only read it.
var (
	pilotCountOnce sync.Once
	pilotForms     map[string]*pilotForm
	pilotDeclared  map[string]map[string]string
)

func countPilotRecords(t *testing.T) (map[string]*pilotForm, map[string]map[string]string) {
	t.Helper()
	type record struct {
		FormKey    string                     `json:"formKey"`
		SiteID     int64                      `json:"siteId"`
		Deleted    bool                       `json:"deleted"`
		RecordData map[string]json.RawMessage `json:"recordData"`
	}
	type variable struct {
		FormKey      string `json:"formKey"`
		VariableName string `json:"variableName"`
		VariableType string `json:"variableType"`
	}
	declared := map[string]map[string]string{}
	for _, v := range studytest.NDJSON[variable](t, "variables.ndjson") {
		if declared[v.FormKey] == nil {
			declared[v.FormKey] = map[string]string{}
		}
		declared[v.FormKey][v.VariableName] = v.VariableType
	}
	forms := map[string]*pilotForm{}
	for _, r := range studytest.NDJSON[record](t, "records.ndjson") {
		f := forms[r.FormKey]
		if f == nil {
			f = &pilotForm{fields: map[string]*pilotField{}}
			forms[r.FormKey] = f
			for name := range declared[r.FormKey] {
				f.fields[name] = &pilotField{values: map[string]int64{}, bySite: map[int64]int64{}}
			}
		}
		if r.Deleted {
			f.deleted++
			continue
		}
		f.records++
		if r.RecordData == nil {
			f.noData++
		}
		for name, field := range f.fields {
			raw, ok := r.RecordData[name]
			if !ok {
				for key, other := range r.RecordData {
					if strings.EqualFold(key, name) {
						raw, ok = other, true
					}
				}
			}
			field.take(raw, ok, r.RecordData != nil, r.SiteID)
		}
	}
	return forms, declared
}

func (f *pilotField) take(raw json.RawMessage, ok, data bool, site int64) {
	text := string(raw)
	if ok && text[0] == '"' {
		_ = json.Unmarshal(raw, &text)
	}
	switch {
	case !data:
		return
	case !ok:
		f.absent++
		return
	case string(raw) == "null":
		f.null++
		return
	case strings.TrimSpace(text) == "":
		f.blank++
		return
	}
	f.populated++
	f.values[text]++
	f.bySite[site]++
	if n, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
		f.numbers = append(f.numbers, n)
	}
}

func TestPilotProfileEqualsAnIndependentCount(t *testing.T) {
	forms, declared := countPilot(t)
	got := profileOf(t, studytest.PilotServer(t).Client(), studytest.PilotKey, profiles.Options{ExactValues: 100_000, IncludeBlinded: true, ShowValues: true})
	assert.EqualValues(t, 28800-282, got.Records)
	assert.EqualValues(t, 282, got.Deleted)
	require.Len(t, got.Forms, 21)
	checked := 0
	for key, form := range forms {
		profile, ok := got.Form(key)
		require.True(t, ok, key)
		assert.Equal(t, form.records, profile.Records, key)
		assert.Equal(t, form.deleted, profile.Deleted, key)
		assert.Equal(t, form.noData, profile.NoData, key)
		for name, want := range form.fields {
			field, ok := profile.Field(name)
			require.True(t, ok, "%s.%s", key, name)
			at := key + "." + name
			assert.Equal(t, declared[key][name], field.DeclaredType, at)
			assert.Equal(t, want.populated, field.Populated, at)
			assert.InDelta(t, math.Round(float64(want.populated)/float64(form.records)*10000)/100, field.PopulationRate, 1e-9, at)
			assert.Equal(t, want.absent, field.Missing.Absent, at)
			assert.Equal(t, want.null, field.Missing.Null, at)
			assert.Equal(t, want.blank, field.Missing.Blank+field.Missing.Whitespace, at)
			assert.Equal(t, form.records, field.Populated+field.Missing.Total(), "%s reconciles", at)
			assert.Equal(t, profiles.UniqueCount{Count: int64(len(want.values))}, field.Unique, at)
			checkNumbers(t, at, want, field)
			checkLengths(t, at, want, field)
			for _, site := range field.Sites {
				assert.Equal(t, want.bySite[site.SiteID], site.Populated, "%s at site %d", at, site.SiteID)
			}
			checked++
		}
	}
	assert.Equal(t, 617, checked)
}

func checkNumbers(t *testing.T, at string, want *pilotField, field *profiles.FieldProfile) {
	t.Helper()
	assert.EqualValues(t, len(want.numbers), field.Types.Numeric, at)
	if len(want.numbers) == 0 || field.Masked != "" {
		assert.Nil(t, field.Numbers, at)
		return
	}
	slices.Sort(want.numbers)
	n, sum, squares := len(want.numbers), 0.0, 0.0
	for _, v := range want.numbers {
		sum += v
	}
	mean := sum / float64(n)
	for _, v := range want.numbers {
		squares += (v - mean) * (v - mean)
	}
	got := field.Numbers
	scale := 1 + math.Max(math.Abs(want.numbers[0]), math.Abs(want.numbers[n-1]))
	assert.EqualValues(t, n, got.Count, at)
	assert.Equal(t, want.numbers[0], *got.Min, at)
	assert.Equal(t, want.numbers[n-1], *got.Max, at)
	assert.InDelta(t, mean, *got.Mean, scale*1e-9, at)
	if n > 1 {
		assert.InDelta(t, math.Sqrt(squares/float64(n-1)), *got.StdDev, scale*1e-6, at)
	}
	for p, quantile := range map[float64]float64{0.05: *got.P05, 0.25: *got.P25, 0.5: *got.Median, 0.75: *got.P75, 0.95: *got.P95} {
		rank := p * float64(n-1)
		low := int(rank)
		expected := want.numbers[low]
		if low+1 < n {
			expected += (want.numbers[low+1] - want.numbers[low]) * (rank - float64(low))
		}
		assert.InDelta(t, expected, quantile, scale*1e-9, "%s quantile %g", at, p)
	}
	total := int64(0)
	for _, bin := range got.Histogram {
		total += bin.Count
	}
	assert.EqualValues(t, n, total, "%s histogram", at)
}

func checkLengths(t *testing.T, at string, want *pilotField, field *profiles.FieldProfile) {
	t.Helper()
	if want.populated == 0 {
		assert.Nil(t, field.Lengths, at)
		return
	}
	least, most, sum := int64(math.MaxInt64), int64(0), int64(0)
	for text, n := range want.values {
		length := int64(utf8.RuneCountInString(text))
		least, most, sum = min(least, length), max(most, length), sum+length*n
	}
	if field.Masked != "" {
		assert.Nil(t, field.Lengths, at)
		return
	}
	assert.EqualValues(t, least, *field.Lengths.Min, at)
	assert.EqualValues(t, most, *field.Lengths.Max, at)
	assert.InDelta(t, float64(sum)/float64(want.populated), *field.Lengths.Mean, 0.005, at)
}

func TestPilotProfileBeyondTheExactLimit(t *testing.T) {
	forms, _ := countPilot(t)
	const limit = 50
	got := profileOf(t, studytest.PilotServer(t).Client(), studytest.PilotKey, profiles.Options{ExactValues: limit, IncludeBlinded: true, ShowValues: true})
	approximate := 0
	for _, form := range got.Forms {
		for _, field := range form.Fields {
			want := forms[form.FormKey].fields[field.Variable]
			if want == nil {
				continue
			}
			at := form.FormKey + "." + field.Variable
			assert.Equal(t, want.populated, field.Populated, at)
			assert.Equal(t, len(want.values) > limit, field.Unique.Approximate, at)
			assert.InEpsilon(t, max(len(want.values), 1), max(field.Unique.Count, 1), 0.04, at)
			assert.EqualValues(t, len(want.numbers), field.Types.Numeric, at)
			checkLengths(t, at, want, &field)
			if !field.Unique.Approximate {
				continue
			}
			approximate++
			if len(want.numbers) < 100 {
				continue
			}
			slices.Sort(want.numbers)
			assert.Equal(t, want.numbers[0], *field.Numbers.Min, at)
			assert.Equal(t, want.numbers[len(want.numbers)-1], *field.Numbers.Max, at)
			for p, quantile := range map[float64]float64{0.25: *field.Numbers.P25, 0.5: *field.Numbers.Median, 0.95: *field.Numbers.P95} {
				below, _ := slices.BinarySearch(want.numbers, quantile)
				above, _ := slices.BinarySearch(want.numbers, math.Nextafter(quantile, math.Inf(1)))
				n := float64(len(want.numbers))
				assert.True(t, float64(below)/n-0.03 <= p && p <= float64(above)/n+0.03, "%s quantile %g is at rank %g to %g", at, p, float64(below)/n, float64(above)/n)
			}
		}
	}
	assert.Greater(t, approximate, 50)
}

func TestPilotProfileTellsTypesAndDates(t *testing.T) {
	got := profileOf(t, studytest.PilotServer(t).Client(), studytest.PilotKey, profiles.Options{})
	field := func(form, name string) *profiles.FieldProfile {
		f, ok := got.Form(form)
		require.True(t, ok)
		p, ok := f.Field(name)
		require.True(t, ok, name)
		return p
	}
	start := field("AE", "AESTDTC")
	assert.Equal(t, profiles.DateField, start.Inferred)
	assert.EqualValues(t, 26, start.Dates.Precision.Year+start.Dates.Precision.Month, "facts.json: partialStartDate, active")
	assert.Equal(t, profiles.NumericField, field("EX", "EXDOSE").Inferred)
	assert.EqualValues(t, 589, field("EX", "EXDOSE").Types.JSONNumbers)
	sc, ok := got.Form("SC")
	require.True(t, ok)
	for _, f := range sc.Fields {
		assert.True(t, f.Declared, f.Variable)
		if f.Populated > 0 {
			assert.Equal(t, []string{strings.ToLower(f.Variable)}, f.Spellings)
		}
	}
	ae, ok := got.Form("AE")
	require.True(t, ok)
	for n := 1; n <= 3; n++ { // dateCreated, dateModified, unvnum
		f, ok := ae.Field(fmt.Sprintf("undeclared key %d", n))
		require.True(t, ok, "undeclared keys have a profile")
		assert.False(t, f.Declared)
		assert.Positive(t, f.Populated)
	}
}

// profiled profiles the values of one variable, given as JSON.
func profiled(t *testing.T, declaredType string, opts profiles.Options, values ...string) profiles.FieldProfile {
	t.Helper()
	v := studytest.Variable(1, "V", declaredType, "F", imednet.Some(int64(1)))
	return profiledAs(t, v, opts, values...)
}

func profiledAs(t *testing.T, v imednet.Variable, opts profiles.Options, values ...string) profiles.FieldProfile {
	t.Helper()
	var records []imednet.Record
	for i, value := range values {
		records = append(records, recordWith(t, int64(i+1), fmt.Sprintf(`{%q:%s}`, "V", value)))
	}
	opts.Records = studytest.RowsOf(records)
	d := studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{v}}}
	profile := profileOf(t, studytest.EmptySource{DesignClient: d}, "S", opts)
	f, ok := profile.Form("F")
	require.True(t, ok)
	field, ok := f.Field("V")
	require.True(t, ok)
	assert.Equal(t, f.Records, field.Populated+field.Missing.Total())
	return *field
}

func recordWith(t *testing.T, id int64, data string) imednet.Record {
	t.Helper()
	recordData, err := imednet.NewRecordData([]byte(data))
	require.NoError(t, err)
	return imednet.Record{RecordID: id, FormKey: imednet.Some("F"), SiteID: imednet.Some(int64(10)), RecordData: recordData}
}

func TestInferredTypes(t *testing.T) {
	for _, c := range []struct {
		declared string
		values   []string
		want     profiles.FieldType
	}{
		{"", []string{`"0"`, `"1"`}, profiles.BooleanField},
		{"NUMBER", []string{`"0"`, `"1"`}, profiles.NumericField},
		{"CHECKBOX", []string{`0`, `1`}, profiles.BooleanField},
		{"", []string{`0`, `1`}, profiles.NumericField},
		{"", []string{`"0"`, `"1"`, `"2"`}, profiles.NumericField},
		{"CHECKBOX", []string{`"0"`, `"1"`, `"2"`}, profiles.NumericField},
		{"", []string{`true`, `"yes"`, `"N"`}, profiles.BooleanField},
		{"", []string{`true`, `1`}, profiles.StringField},
		{"", []string{`"1.5"`, `"NaN"`}, profiles.StringField},
		{"", []string{`"1.5"`, `"-2e3"`, `7`}, profiles.NumericField},
		{"", []string{`"1_000"`}, profiles.StringField},
		{"", []string{`"0x10"`}, profiles.StringField},
		{"", []string{`"20240102"`}, profiles.NumericField},
		{"", []string{`"20240102"`, `"2024-01-02"`}, profiles.StringField},
		{"", []string{`"2024-01-02"`, `"2024-02"`, `"2024"`, `"2024-01-02T10:30"`}, profiles.DateField},
		{"", []string{`"2024"`, `"2023"`}, profiles.NumericField},
		{"DATE", []string{`"2024"`, `"2023"`}, profiles.DateField},
		{"", []string{`"2024-02-30"`}, profiles.StringField},
		{"DATE", []string{`""`, `null`}, profiles.DateField},
		{"Date/Time Precision", nil, profiles.DateField},
		{"number", nil, profiles.NumericField},
		{"RADIO", []string{`"MILD"`}, profiles.StringField},
		{"", []string{`[]`, `{}`}, profiles.StringField},
	} {
		got := profiled(t, c.declared, profiles.Options{ShowValues: true}, c.values...)
		assert.Equal(t, c.want, got.Inferred, "%s %v", c.declared, c.values)
	}
}

func TestDisagreementWithTheDeclaredType(t *testing.T) {
	for _, c := range []struct {
		declared string
		values   []string
		misfits  int64
	}{
		{"NUMBER", []string{`"1"`, `"two"`, `"20240102"`}, 1},
		{"INTEGER", []string{`"1"`, `7.0`, `0.5`, `"two"`, `1e30`}, 3},
		{"DATE", []string{`"2024-01-02"`, `"2024"`, `"20240102"`, `"UNK"`}, 1},
		{"CHECKBOX", []string{`"1"`, `"y"`, `"2"`}, 1},
		{"RADIO", []string{`"1"`, `"2024-01-02"`}, 0},
		{"NUMBER", []string{`"1"`, `""`, `null`}, 0},
	} {
		got := profiled(t, c.declared, profiles.Options{ShowValues: true}, c.values...)
		assert.Equal(t, c.misfits, got.Misfits, "%s %v", c.declared, c.values)
		assert.Equal(t, c.misfits > 0, got.Disagrees)
	}
}

func TestMissingByReason(t *testing.T) {
	v := studytest.Variable(1, "V", "TEXT", "F", imednet.Some(int64(1)))
	var records []imednet.Record
	for i, data := range []string{
		`{"V":"a"}`, `{"V":""}`, `{"V":" \t\u00a0"}`, `{"V":null}`, `{}`, `null`, `{"v":"b"}`, `{"v":"c","V":"d"}`,
		`{"v":"e","V":"f","v":"g"}`, `{"V":"h","V":"i"}`, `{"V":"NA"}`, `{"X":"stray","X":"again"}`,
	} {
		records = append(records, recordWith(t, int64(i+1), data))
	}
	records = append(records, imednet.Record{RecordID: 99, FormKey: imednet.Some("F")})
	d := studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{v}}}
	profile := profileOf(t, studytest.EmptySource{DesignClient: d}, "S", profiles.Options{Records: studytest.RowsOf(records), ShowValues: true})
	f, _ := profile.Form("F")
	assert.EqualValues(t, 13, f.Records)
	assert.EqualValues(t, 2, f.NoData)
	assert.EqualValues(t, 3, f.Repeated)
	field, _ := f.Field("V")
	assert.Equal(t, profiles.MissingCounts{NoData: 2, Absent: 2, Null: 1, Blank: 1, Whitespace: 1}, field.Missing)
	assert.EqualValues(t, 6, field.Populated)
	assert.EqualValues(t, 1, field.Placeholders)
	assert.Equal(t, []string{"v"}, field.Spellings)
	assert.Equal(t, []string{"a", "b", "d", "f", "i", "NA"}, field.Samples, "the variable's very name wins, of a repeated key the last")
	stray, ok := f.Field("X")
	require.True(t, ok)
	assert.False(t, stray.Declared)
	assert.EqualValues(t, 1, stray.Populated)
	assert.Equal(t, []string{"again"}, stray.Samples)
	total := int64(0)
	for _, s := range profile.Sites {
		total += s.Records
	}
	assert.Equal(t, profile.Records, total)
}

func TestValuesAreShownOnlyWhenAskedFor(t *testing.T) {
	values := []string{`"secret one"`, `"secret two"`, `"secret one"`}
	for name, c := range map[string]struct {
		opts    profiles.Options
		blinded bool
		masked  string
		shown   bool
	}{
		"by default":            {profiles.Options{}, false, "", false},
		"on request":            {profiles.Options{ShowValues: true}, false, "", true},
		"phi by name":           {profiles.Options{ShowValues: true, PHIFields: []string{"v"}}, false, "phi", false},
		"phi by form and name":  {profiles.Options{ShowValues: true, PHIFields: []string{"F.V"}}, false, "phi", false},
		"phi of another form":   {profiles.Options{ShowValues: true, PHIFields: []string{"G.V"}, AllowUnmatched: true}, false, "", true},
		"blinded":               {profiles.Options{ShowValues: true}, true, "blinded", false},
		"blinded but asked for": {profiles.Options{ShowValues: true, IncludeBlinded: true}, true, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			v := studytest.Variable(1, "V", "RADIO", "F", imednet.Some(int64(1)))
			v.Blinded = imednet.Some(c.blinded)
			field := profiledAs(t, v, c.opts, values...)
			assert.Equal(t, c.masked, field.Masked)
			text, err := json.Marshal(field)
			require.NoError(t, err)
			assert.Equal(t, c.shown, bytes.Contains(text, []byte("secret")), string(text))
			if c.shown {
				assert.Equal(t, []profiles.ValueCount{{Value: "secret one", Count: 2}, {Value: "secret two", Count: 1}}, field.Top)
			}
			assert.EqualValues(t, 2, field.Unique.Count)
		})
	}
	birth := studytest.Variable(1, "V", "DATE", "F", imednet.Some(int64(1)))
	masked := profiledAs(t, birth, profiles.Options{PHIFields: []string{"V"}}, `"1940-01-02"`)
	assert.Nil(t, masked.Dates)
	assert.Equal(t, profiles.DateField, masked.Inferred)
}

func TestObservedCodelist(t *testing.T) {
	var values []string
	for range 100 {
		values = append(values, `"MILD"`, `"SEVERE"`)
	}
	values = append(values, `"mild "`, `"mild "`, `"MODERAET"`, `"DEATH"`, `"DEATH"`)
	field := profiled(t, "RADIO", profiles.Options{ShowValues: true}, values...)
	require.NotNil(t, field.Codelist)
	assert.Equal(t, 3, field.Codelist.Values, "a rare choice is one all the same")
	assert.Equal(t, 2, field.Codelist.Outside)
	assert.EqualValues(t, 3, field.Codelist.OutsideRecords)
	assert.Equal(t, []profiles.ValueCount{{Value: "mild ", Count: 2}, {Value: "MODERAET", Count: 1}}, field.Codelist.OutsideList)
	assert.Equal(t, 1, field.Codelist.Variants)
	assert.Nil(t, profiled(t, "TEXT", profiles.Options{}, values...).Codelist)
}

func TestTopValuesBeyondTheLimitAreLowerBounds(t *testing.T) {
	var values []string
	for i := range 2000 {
		values = append(values, strconv.Quote(fmt.Sprint("rare ", i)))
		if i%4 == 0 {
			values = append(values, `"frequent"`)
		}
	}
	field := profiled(t, "TEXT", profiles.Options{ShowValues: true, ExactValues: 20}, values...)
	require.NotEmpty(t, field.Top)
	assert.Equal(t, "frequent", field.Top[0].Value)
	assert.True(t, field.Top[0].AtLeast)
	assert.LessOrEqual(t, field.Top[0].Count, int64(500))
	assert.Len(t, field.Samples, 10)
	assert.True(t, field.Unique.Approximate)
	assert.InEpsilon(t, 2001, field.Unique.Count, 0.03)
	assert.Equal(t, field, profiled(t, "TEXT", profiles.Options{ShowValues: true, ExactValues: 20}, values...), "a repeated run gives the same figures")
}

func TestFormsOutsideTheStudysList(t *testing.T) {
	byID := recordWith(t, 1, `{"V":"1"}`)
	byID.FormKey, byID.FormID = imednet.NullOf[string](), imednet.Some(int64(1))
	unknown := recordWith(t, 2, `{"V":"1"}`)
	unknown.FormKey = imednet.Some("NEW")
	number := recordWith(t, 3, `{"V":"1"}`)
	number.FormKey, number.FormID = imednet.Opt[string]{}, imednet.Some(int64(77))
	d := studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F"), studytest.Form(2, "EMPTY")}}}
	profile := profileOf(t, studytest.EmptySource{DesignClient: d}, "S", profiles.Options{ShowValues: true, Records: studytest.RowsOf([]imednet.Record{byID, unknown, number})})
	var keys []string
	for _, f := range profile.Forms {
		keys = append(keys, fmt.Sprintf("%s %t %d", f.FormKey, f.Listed, f.Records))
	}
	assert.Equal(t, []string{"F true 1", "EMPTY true 0"}, keys)
	keys = nil
	for _, f := range profile.NoForm {
		keys = append(keys, fmt.Sprintf("%d %s %t %d", f.FormID, f.FormKey, f.Listed, f.Records))
	}
	assert.Equal(t, []string{"0 NEW false 1", "77  false 1"}, keys)
	assert.Equal(t, map[imednet.ContradictionKind]int64{imednet.NothingKnown: 2}, profile.Contradictions)
}

func TestUndeclaredKeysAreBounded(t *testing.T) {
	var records []imednet.Record
	for i := range int64(1500) {
		records = append(records, recordWith(t, i+1, fmt.Sprintf(`{"K%d":"x"}`, i)))
	}
	d := studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}}}
	profile := profileOf(t, studytest.EmptySource{DesignClient: d}, "S", profiles.Options{Records: studytest.RowsOf(records)})
	assert.Len(t, profile.Forms[0].Fields, 1000)
	assert.EqualValues(t, 500, profile.Forms[0].KeysLeftOut)
}

func TestProfileOptionsAndFailures(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{Records: 300})
	p, err := profiles.NewSchemaProfiler(server.Client())
	require.NoError(t, err)
	var invalid *imednet.ValidationError
	_, err = p.ProfileRecords(t.Context(), "DEMO", profiles.Options{ExactValues: -1})
	require.ErrorAs(t, err, &invalid)
	_, err = p.ProfileRecords(t.Context(), "DEMO", profiles.Options{Records: studytest.RowsOf[imednet.Record](nil), Filter: imednet.Where("formKey", imednet.Equal, "AE")})
	require.ErrorAs(t, err, &invalid)
	_, err = p.ProfileRecords(t.Context(), "DEMO", profiles.Options{GroupSize: -1})
	require.ErrorAs(t, err, &invalid)
	var last imednet.Progress
	heard, err := profiles.NewSchemaProfiler(server.Client(), profiles.WithProgress(func(p imednet.Progress) { last = p }))
	require.NoError(t, err)
	profile, err := heard.ProfileRecords(t.Context(), "DEMO", profiles.Options{IncludeDeleted: true})
	require.NoError(t, err)
	assert.Zero(t, profile.Deleted)
	assert.Equal(t, imednet.Progress{Op: "profile", StudyKey: "DEMO", Done: profile.Records}, last)
	for _, path := range []string{"/forms", "/variables", "/sites", "/subjects", "/records"} {
		server.ClearFaults()
		server.Inject(imednettest.Fault{Path: path, Status: 502, Times: -1})
		_, err = p.ProfileRecords(t.Context(), "DEMO", profiles.Options{})
		require.ErrorIs(t, err, imednet.ErrServer, path)
	}
	_, err = profiles.NewSchemaProfiler(nil)
	require.Error(t, err)
	_, err = profiles.NewSchemaProfiler(server.Client(), profiles.WithClock(nil))
	assert.Error(t, err)
}

// A misspelt name hides nothing, so it is no name.
func TestProfileRefusesPHIThatMatchesNothing(t *testing.T) {
	client := studytest.Generated(imednettest.GenerateOptions{Records: 50}).Client()
	profiler, err := profiles.NewSchemaProfiler(client)
	require.NoError(t, err)
	_, err = profiler.ProfileRecords(t.Context(), "DEMO", profiles.Options{ShowValues: true, PHIFields: []string{"DM.AGE", "dm.birthdate"}})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	require.ErrorContains(t, err, "dm.birthdate: the study has no such variable")
	require.NotContains(t, err.Error(), "DM.AGE")
	_, err = profiler.ProfileRecords(t.Context(), "DEMO", profiles.Options{PHIFields: []string{"dm.age", "SITE.subjectKey"}, AllowUnmatched: true})
	require.NoError(t, err)
}
