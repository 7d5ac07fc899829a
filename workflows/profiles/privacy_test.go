package profiles_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

// answer is a record of a subject with one answer to the variable V of the form F.
func answer(id, subject int64, raw string) imednet.Record {
	r := imednet.Record{RecordID: id, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("F"), SiteID: imednet.Some(int64(7))}
	if subject != 0 {
		r.SubjectID, r.SubjectKey = imednet.Some(subject), imednet.Some(fmt.Sprintf("KEY-%d", subject))
	}
	r.RecordData = dataOf(`{"V":` + raw + `}`)
	return r
}

func dataOf(object string) imednet.RecordData {
	data, err := imednet.NewRecordData(jsontext.Value(object))
	if err != nil {
		panic(err)
	}
	return data
}

func profileAnswers(t *testing.T, declared string, opts profiles.Options, records ...imednet.Record) *profiles.FieldProfile {
	t.Helper()
	d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{studytest.Variable(1, "V", declared, "F", imednet.Some(int64(1)))}}
	opts.Records = studytest.RowsOf(records)
	profile := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}, "S", opts)
	field, ok := profile.Forms[0].Field("V")
	require.True(t, ok)
	return field
}

// people are answers of so many subjects, one each, made by f.
func people(n int, f func(i int) string) []imednet.Record {
	var all []imednet.Record
	for i := range n {
		all = append(all, answer(int64(i+1), int64(100+i), f(i)))
	}
	return all
}

func TestFiguresOfFewAreNotShown(t *testing.T) {
	number := func(i int) string { return fmt.Sprint(1000 + 7*i) }
	ten := profileAnswers(t, "NUMBER", profiles.Options{}, people(10, number)...)
	assert.Equal(t, &profiles.NumberProfile{Count: 10, Histogram: []profiles.Bin{}}, ten.Numbers, "ten subjects are no group")
	assert.Equal(t, &profiles.LengthProfile{}, ten.Lengths)
	assert.Nil(t, ten.Sites[0].Mean)

	eleven := profileAnswers(t, "NUMBER", profiles.Options{}, people(11, number)...)
	assert.InDelta(t, 1040, *eleven.Numbers.Mean, 0, "1035, rounded to three digits")
	for name, figure := range map[string]*float64{"min": eleven.Numbers.Min, "max": eleven.Numbers.Max, "p05": eleven.Numbers.P05, "median": eleven.Numbers.Median} {
		assert.Nil(t, figure, "%s has fewer than a group on one side", name)
	}
	assert.Empty(t, eleven.Numbers.Histogram)

	hundred := profileAnswers(t, "NUMBER", profiles.Options{}, people(100, number)...)
	assert.Nil(t, hundred.Numbers.Min)
	assert.Nil(t, hundred.Numbers.Max)
	assert.Nil(t, hundred.Numbers.P05, "five subjects lie below it")
	assert.InDelta(t, 1170, *hundred.Numbers.P25, 0)
	assert.InDelta(t, 1350, *hundred.Numbers.Median, 0, "1346.5, rounded")
	total := int64(0)
	for i, b := range hundred.Numbers.Histogram {
		assert.GreaterOrEqual(t, b.Count, int64(11), "bar %d", i)
		total += b.Count
	}
	assert.EqualValues(t, 100, total, "the outer bars hold what lies beyond them")
	assert.InDelta(t, 1070, hundred.Numbers.Histogram[0].From, 0, "not the least number")

	three := profileAnswers(t, "NUMBER", profiles.Options{GroupSize: 3}, people(10, number)...)
	assert.NotNil(t, three.Numbers.Median)
	assert.Nil(t, three.Numbers.Min)
	shared := profileAnswers(t, "NUMBER", profiles.Options{}, people(40, func(i int) string { return fmt.Sprint(i % 3) })...)
	assert.InDelta(t, 0, *shared.Numbers.Min, 0, "a whole group has it")
	assert.InDelta(t, 2, *shared.Numbers.Max, 0)
}

// One patient's many records are no group, and neither are records of nobody.
func TestAGroupIsOfSubjectsNotOfRecords(t *testing.T) {
	var one, nobody []imednet.Record
	for i := range 300 {
		one = append(one, answer(int64(i+1), 5, fmt.Sprint(i)))
		nobody = append(nobody, answer(int64(i+1), 0, fmt.Sprint(i)))
	}
	for name, records := range map[string][]imednet.Record{"one subject": one, "no subject": nobody} {
		field := profileAnswers(t, "NUMBER", profiles.Options{}, records...)
		assert.Nil(t, field.Numbers.Mean, name)
		assert.Nil(t, field.Numbers.Median, name)
		assert.Empty(t, field.Numbers.Histogram, name)
		assert.Nil(t, field.Sites[0].Mean, name)
	}
	rare := append(people(40, func(int) string { return "50" }), one...) // subject 5 has all that is not 50
	field := profileAnswers(t, "NUMBER", profiles.Options{}, rare...)
	assert.Nil(t, field.Numbers.Max)
	assert.Nil(t, field.Numbers.P95, "only one subject lies beyond it")
	assert.Equal(t, []profiles.Bin{{From: 50, To: 50, Count: 340}}, field.Numbers.Histogram)
}

// TestBarsAreOfSubjectsNotOfRecords puts one subject with many records between two groups.
func TestBarsAreOfSubjectsNotOfRecords(t *testing.T) {
	between := func(declared, low, middle, high string) *profiles.FieldProfile {
		records := people(40, func(i int) string { return []string{low, high}[i%2] })
		for i := range 30 {
			records = append(records, answer(int64(1000+i), 5, middle))
		}
		return profileAnswers(t, declared, profiles.Options{}, records...)
	}
	numbers := between("NUMBER", "10", "55", "100").Numbers
	assert.Equal(t, []profiles.Bin{{From: 10, To: 100, Count: 70}}, numbers.Histogram, "no bar is of one subject")
	dates := between("DATE", `"2024-01-05"`, `"2024-06-05"`, `"2024-12-05"`).Dates
	assert.Len(t, dates.Histogram, 1, "nor a month")
	assert.EqualValues(t, 70, dates.Histogram[0].Count)

	var visits []imednet.Record
	for i := range 600 { // 100 subjects with two visits in each of three months
		visits = append(visits, answer(int64(i+1), int64(i%100), fmt.Sprintf(`"2024-%02d-05"`, 1+i/200)))
	}
	assert.Len(t, profileAnswers(t, "DATE", profiles.Options{}, visits...).Dates.Histogram, 3, "200 answers of six each are of 34 subjects at least")
}

// TestMeansOfSitesAreNotTheRestOfASum looks for the mean of few that is left when what is shown is taken from
// the mean of all.
func TestMeansOfSitesAreNotTheRestOfASum(t *testing.T) {
	at := func(subjects ...int) (means []bool) {
		var records []imednet.Record
		for site, n := range subjects {
			for range n {
				id := int64(len(records) + 1)
				record := answer(id, id, fmt.Sprint(100*site+int(id)))
				record.SiteID = imednet.Some(int64(site + 1))
				records = append(records, record)
			}
		}
		field := profileAnswers(t, "NUMBER", profiles.Options{}, records...)
		require.NotNil(t, field.Numbers.Mean)
		for _, site := range field.Sites {
			means = append(means, site.Mean != nil)
		}
		return means
	}
	assert.Equal(t, []bool{true, true}, at(20, 15))
	assert.Equal(t, []bool{false, false}, at(20, 2), "what is left is of two subjects")
	assert.Equal(t, []bool{true, false, false}, at(20, 15, 2), "a site that could be shown is left out with it")
	assert.Equal(t, []bool{true, false, false}, at(20, 6, 6), "twelve are a group")
}

// TestASubjectOfTwoSitesIsOne: six subjects with numbers at two small sites are no group of twelve, and their
// mean is what remains when that of the large site is taken from that of all.
func TestASubjectOfTwoSitesIsOne(t *testing.T) {
	var records []imednet.Record
	add := func(site, subject int64) {
		record := answer(int64(len(records)+1), subject, fmt.Sprint(100*site+subject))
		record.SiteID = imednet.Some(site)
		records = append(records, record)
	}
	for subject := range int64(20) {
		add(1, subject+1)
	}
	for subject := range int64(6) {
		add(2, subject+101)
		add(3, subject+101)
	}
	field := profileAnswers(t, "NUMBER", profiles.Options{}, records...)
	require.NotNil(t, field.Numbers.Mean)
	require.Len(t, field.Sites, 3)
	for _, site := range field.Sites {
		assert.Nil(t, site.Mean, site.SiteID)
	}
}

// TestWhatTheStudyDoesNotKnowIsNumbered gives records keys and forms that no study declares and that name
// somebody: a profile shows how many answers they have, and no name unless answers are shown.
func TestWhatTheStudyDoesNotKnowIsNumbered(t *testing.T) {
	d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{studytest.Variable(1, "V", "TEXT", "F", imednet.Some(int64(1)))}}
	source := studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}
	in := func(id int64, form imednet.Opt[int64], key, data string) imednet.Record {
		r := recordWith(t, id, data)
		r.FormID, r.FormKey = form, imednet.Some(key)
		return r
	}
	known, none := imednet.Some(int64(1)), imednet.Opt[int64]{}
	records := []imednet.Record{
		in(1, known, "F", `{"V":"x","Needle Nora":"1","Needle Abel 1951-07-04":"2"}`), in(2, known, "F", `{"V":"x","Needle Abel 1951-07-04":"2"}`),
		in(3, none, "Needle Form", `{"Needle Key":"1"}`), in(4, imednet.Some(int64(8_675_309)), "", `{"V":"x"}`), in(5, none, "", `{}`),
		in(6, none, "Needle Form", `{"Needle Key":"1","Needle Nora":"2"}`),
	}
	profile := profileOf(t, source, "S", profiles.Options{Records: studytest.RowsOf(records)})
	earlier := profileOf(t, source, "S", profiles.Options{Records: studytest.RowsOf(records[:3])})
	drift, err := profiles.Compare(earlier, profile, profiles.DriftOptions{})
	require.NoError(t, err)
	var written bytes.Buffer
	require.NoError(t, profile.WriteJSON(&written))
	require.NoError(t, profile.WriteHTML(&written, profiles.PageOptions{Drift: drift}))
	fmt.Fprintf(&written, "%+v %s %v", *profile, profile, drift)
	assert.NotContains(t, written.String(), "Needle")
	assert.NotContains(t, written.String(), "8675309")
	assert.NotContains(t, written.String(), "8,675,309")

	assert.Equal(t, []string{"V 2", "undeclared key 1 2", "undeclared key 2 1"}, answersOf(profile.Forms))
	var forms []string
	for _, f := range profile.NoForm {
		forms = append(forms, fmt.Sprintf("%d %s %s %d", f.FormID, f.FormKey, f.FormName, f.Records))
	}
	assert.Equal(t, []string{"0   1", "0 unknown form 2 unknown form 2 2", "0 unknown form 3 unknown form 3 1"}, forms)
	assert.Equal(t, []string{"undeclared key 1 2", "undeclared key 2 1", "undeclared key 1 1"}, answersOf(profile.NoForm))
	require.Len(t, drift.Findings, 1)
	assert.Equal(t, "(no form) records of no form: 1 → 4", drift.Findings[0].String())

	shown := profileOf(t, source, "S", profiles.Options{ShowValues: true, Records: studytest.RowsOf(records)})
	assert.Equal(t, []string{"V 2", "Needle Abel 1951-07-04 2", "Needle Nora 1"}, answersOf(shown.Forms))
	assert.Equal(t, []string{"Needle Key 2", "Needle Nora 1", "V 1"}, answersOf(shown.NoForm))
	assert.EqualValues(t, 8_675_309, shown.NoForm[2].FormID)
}

// TestAnswersUnderUndeclaredKeysAreComparedTogether, because a number may mean another key in another profile.
func TestAnswersUnderUndeclaredKeysAreComparedTogether(t *testing.T) {
	d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}}
	of := func(show bool, data ...string) *profiles.StudyProfile {
		var records []imednet.Record
		for i, text := range data {
			records = append(records, recordWith(t, int64(i+1), text))
		}
		return profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}, "S", profiles.Options{ShowValues: show, Records: studytest.RowsOf(records)})
	}
	between := func(show bool) (lines []string) {
		drift, err := profiles.Compare(of(show, `{"B":"1"}`, `{"C":"2"}`), of(show, `{"A":"1","C":"x"}`, `{"B":"1"}`), profiles.DriftOptions{})
		require.NoError(t, err)
		for _, f := range drift.Findings {
			lines = append(lines, f.String())
		}
		return lines
	}
	assert.Equal(t, []string{"F answers under undeclared keys: 2 → 3"}, between(false))
	assert.Equal(t, []string{"F.A field appeared:  → 1 answers", "F.C inferred type changed: numeric → string"}, between(true))
}

func answersOf(forms []profiles.FormProfile) (lines []string) {
	for _, form := range forms {
		for _, f := range form.Fields {
			lines = append(lines, fmt.Sprintf("%s %d", f.Variable, f.Populated))
		}
	}
	return lines
}

func TestDatesAreMonthsOfAGroup(t *testing.T) {
	day := func(i int) string { return fmt.Sprintf(`"2024-%02d-%02d"`, 1+i/20, 1+i%20) } // 20 a month
	field := profileAnswers(t, "DATE", profiles.Options{}, people(100, day)...)
	assert.Equal(t, "2024-01", field.Dates.Earliest)
	assert.Equal(t, "2024-05", field.Dates.Latest)
	assert.Len(t, field.Dates.Histogram, 5)
	lonely := append(people(100, day), answer(999, 999, `"1931-07-09"`), answer(998, 998, `"2025-06-30T07:08"`))
	field = profileAnswers(t, "DATE", profiles.Options{}, lonely...)
	assert.Empty(t, field.Dates.Earliest)
	assert.Empty(t, field.Dates.Latest)
	assert.EqualValues(t, 1, field.Dates.Precision.Minute, "counts stay")
	single := profileAnswers(t, "DATE", profiles.Options{}, answer(1, 1, `"2024-05-06T07:08"`))
	assert.Equal(t, &profiles.DateProfile{Count: 1, Precision: profiles.DatePrecisions{Minute: 1}, Histogram: []profiles.Bin{}}, single.Dates)
}

func TestWhatIdentifiesIsMaskedByNameLabelAndOID(t *testing.T) {
	for name, change := range map[string]func(*imednet.Variable){
		"name":  func(v *imednet.Variable) { v.VariableName = imednet.Some("BRTHDTC") },
		"label": func(v *imednet.Variable) { v.Label = imednet.Some("Birth date") },
		"oid":   func(v *imednet.Variable) { v.VariableOID = imednet.Some("IT.DM.BRTHDTC") },
	} {
		v := studytest.Variable(1, "V", "DATE", "F", imednet.Some(int64(1)))
		change(&v)
		d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{v}}
		r := answer(1, 1, `"1940-01-02"`)
		r.RecordData = dataOf(`{"` + v.VariableName.Or("") + `":"1940-01-02"}`)
		profile := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}, "S", profiles.Options{Records: studytest.RowsOf([]imednet.Record{r}), ShowValues: true})
		field := profile.Forms[0].Fields[0]
		assert.Equal(t, "phi", field.Masked, name)
		assert.Nil(t, field.Dates, name)
		assert.Nil(t, field.Lengths, name)
		assert.EqualValues(t, 1, field.Populated, name)
	}
}

// TestNoTokenLeavesAProfile gives every answer of a study, in fields of every kind, a text, number or
// date that nothing else has, and looks for each in everything that a profile without values writes.
func TestNoTokenLeavesAProfile(t *testing.T) {
	kinds := []string{"TEXT", "MEMO", "NUMBER", "DATE", "Date/Time Precision", "RADIO", "DROPDOWN", "CHECKBOX", ""}
	var d studytest.Design
	var records []imednet.Record
	tokens := map[string]string{}
	id := int64(0)
	for f := int64(1); f <= 3; f++ {
		form := fmt.Sprintf("F%d", f)
		d.Forms = append(d.Forms, studytest.Form(f, form))
		for i, kind := range kinds {
			d.Variables = append(d.Variables, studytest.Variable(f*100+int64(i), fmt.Sprintf("V%d", i), kind, form, imednet.Some(f)))
		}
		subjects := []int64{1, 12, 60}[f-1] // a form of one, of a group, of many
		for s := range subjects {
			id++
			members := map[string]any{}
			for i := range kinds {
				for _, name := range []string{fmt.Sprintf("V%d", i), fmt.Sprintf("undeclared%d", i)} {
					token := tokenOf(len(tokens))
					tokens[token] = fmt.Sprintf("%s.%s of record %d", form, name, id)
					members[name] = token
				}
			}
			raw, err := json.Marshal(members)
			require.NoError(t, err)
			key := fmt.Sprintf("SUBJECT-%d", 7_770_000+s)
			tokens[key] = "subject key"
			records = append(records, imednet.Record{RecordID: id, FormID: imednet.Some(f), FormKey: imednet.Some(form), SiteID: imednet.Some(1 + s%5),
				SubjectID: imednet.Some(8_880_000 + s), SubjectKey: imednet.Some(key), RecordOID: imednet.Some("OID" + key), RecordData: dataOf(string(raw))})
		}
	}
	source := tokenSource{studytest.EmptySource{DesignClient: studytest.DesignClient{Design: d}}}
	profile := profileOf(t, source, "S", profiles.Options{Records: studytest.RowsOf(records)})
	other := profileOf(t, source, "S", profiles.Options{Records: studytest.RowsOf(records[:60])})
	drift, err := profiles.Compare(other, profile, profiles.DriftOptions{MinRecords: 1, PopulationPoints: 0.01, MeanDeviations: 0.001})
	require.NoError(t, err)
	var written bytes.Buffer
	require.NoError(t, profile.WriteJSON(&written))
	require.NoError(t, profile.WriteHTML(&written, profiles.PageOptions{Drift: drift}))
	fmt.Fprintf(&written, "%+v %s", *profile, profile)
	words := map[string]bool{}
	for _, word := range regexp.MustCompile(`[\w.+:/-]+`).FindAllString(written.String(), -1) {
		words[strings.Trim(word, ".")] = true
	}
	for token, where := range tokens {
		assert.False(t, words[token], "%s (%s) leaves", token, where)
		assert.NotContains(t, written.String(), token, where)
	}
	assert.Greater(t, len(tokens), 900)
}

// tokenOf is a text, a number, a date or a time in turn, each long enough to be no figure by chance.
func tokenOf(n int) string {
	switch n % 4 {
	case 0:
		return fmt.Sprintf("token%dx", 10_000+n)
	case 1:
		return fmt.Sprintf("%d.%d", 1000+n, 10_007+n)
	case 2:
		return fmt.Sprintf("%04d-%02d-%02d", 1900+n%97, 1+n%12, 1+n%28)
	}
	return fmt.Sprintf("2024-%02d-%02dT%02d:%02d:%02d", 1+n%12, 1+n%28, n%24, n%60, n*7%60)
}

// tokenSource lists no subjects of its own beyond what the records say.
type tokenSource struct{ studytest.EmptySource }

func TestRoundingKeepsThreeDigits(t *testing.T) {
	field := profileAnswers(t, "NUMBER", profiles.Options{}, people(50, func(i int) string { return fmt.Sprintf("%g", 0.000123456*float64(i+1)) })...)
	for _, v := range []*float64{field.Numbers.Mean, field.Numbers.Median} {
		digits := strings.TrimLeft(strings.NewReplacer(".", "", "e-05", "").Replace(fmt.Sprintf("%g", *v)), "0")
		assert.LessOrEqual(t, len(digits), 3, "%g", *v)
	}
	huge := profileAnswers(t, "NUMBER", profiles.Options{}, people(50, func(int) string { return "1.7e308" })...)
	assert.False(t, math.IsNaN(*huge.Numbers.Median))
	assert.InDelta(t, 1.7e308, *huge.Numbers.Median, 1e306)
}

// TestNoMeanTellsOneAnswer has answers of which one outweighs all others: their mean, times their number, would be it.
func TestNoMeanTellsOneAnswer(t *testing.T) {
	mostly := func(i int, odd string) string {
		if i == 7 {
			return odd
		}
		return "0"
	}
	lone := profileAnswers(t, "NUMBER", profiles.Options{}, people(30, func(i int) string { return mostly(i, "20") })...)
	assert.Nil(t, lone.Numbers.Mean, "30 times 0.667 is 20")
	assert.Nil(t, lone.Numbers.StdDev)
	assert.Nil(t, lone.Sites[0].Mean)
	assert.InDelta(t, 0, *lone.Numbers.Median, 0)

	two := profileAnswers(t, "NUMBER", profiles.Options{}, people(30, func(i int) string { return []string{"0", "20"}[min(1, max(0, 2-i))] })...)
	assert.NotNil(t, two.Numbers.Mean, "neither of two outweighs the other")
	ages := profileAnswers(t, "NUMBER", profiles.Options{}, people(12, func(i int) string { return fmt.Sprint(40 + 3*i) })...)
	assert.NotNil(t, ages.Numbers.Mean)
	assert.NotNil(t, ages.Sites[0].Mean)
	same := profileAnswers(t, "NUMBER", profiles.Options{}, people(11, func(int) string { return "5" })...)
	assert.InDelta(t, 5, *same.Numbers.Mean, 0)

	repeated := people(40, func(int) string { return "0" })
	for i := range 10 {
		repeated = append(repeated, answer(int64(1000+i), 5, "20"))
	}
	assert.Nil(t, profileAnswers(t, "NUMBER", profiles.Options{}, repeated...).Numbers.Mean, "all that is not 0 is of one subject")

	long := profileAnswers(t, "TEXT", profiles.Options{}, people(30, func(i int) string { return `"` + strings.Repeat("x", len(mostly(i, strings.Repeat("7", 150)))) + `"` })...)
	assert.Nil(t, long.Lengths.Mean, "nor the length of one text")
	assert.NotNil(t, profileAnswers(t, "TEXT", profiles.Options{}, people(30, func(i int) string { return `"` + strings.Repeat("x", 1+i) + `"` })...).Lengths.Mean)
}

// TestTheRestOfASumTellsAboutAGroup draws sites of all sizes and numbers of all kinds, takes the means that are shown
// from that of all, and looks whose mean is left: that of a group, in which no answer outweighs all others.
func TestTheRestOfASumTellsAboutAGroup(t *testing.T) {
	const group = 5
	shown, hidden := 0, 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 18))
		var records []imednet.Record
		bySite := map[int64][]float64{}
		subjects := map[int64]map[int64]bool{}
		for site := range int64(1 + random.IntN(6)) {
			kind := random.IntN(3)
			for range 1 + random.IntN(12) {
				value := []float64{float64(random.IntN(100)), 0, float64(random.IntN(3))}[kind]
				if random.IntN(15) == 0 {
					value = float64(1000 + random.IntN(1000))
				}
				subject := int64(1 + random.IntN(40))
				record := answer(int64(len(records)+1), subject, fmt.Sprint(value))
				record.SiteID = imednet.Some(site + 1)
				records = append(records, record)
				bySite[site+1] = append(bySite[site+1], value)
				if subjects[site+1] == nil {
					subjects[site+1] = map[int64]bool{}
				}
				subjects[site+1][subject] = true
			}
		}
		field := profileAnswers(t, "NUMBER", profiles.Options{GroupSize: group}, records...)
		var rest []float64
		whose := map[int64]bool{}
		for _, s := range field.Sites {
			if s.Mean != nil {
				shown++
				checkMean(t, group, bySite[s.SiteID], len(subjects[s.SiteID]), "seed %d, site %d", seed, s.SiteID)
				continue
			}
			hidden++
			rest = append(rest, bySite[s.SiteID]...)
			maps.Copy(whose, subjects[s.SiteID])
		}
		if field.Numbers.Mean != nil && len(rest) > 0 {
			checkMean(t, group, rest, len(whose), "seed %d, what is left", seed)
		}
	}
	assert.Positive(t, min(shown, hidden))
}

// checkMean looks whether a mean of numbers may be known.
func checkMean(t *testing.T, group int, numbers []float64, subjects int, place string, args ...any) {
	t.Helper()
	mean, all, farthest := 0.0, 0.0, 0.0
	for _, v := range numbers {
		mean += v / float64(len(numbers))
	}
	for _, v := range numbers {
		all, farthest = all+(v-mean)*(v-mean), max(farthest, (v-mean)*(v-mean))
	}
	assert.GreaterOrEqual(t, subjects, group, fmt.Sprintf(place, args...))
	assert.LessOrEqual(t, farthest, (all-farthest)*(1+1e-6), fmt.Sprintf(place, args...))
}
