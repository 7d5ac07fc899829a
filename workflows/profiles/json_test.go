package profiles_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

func TestProfileSurvivesJSON(t *testing.T) {
	profile := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 500}).Client(), "DEMO", profiles.Options{ShowValues: true})
	var first, second bytes.Buffer
	require.NoError(t, profile.WriteJSON(&first))
	again, err := profiles.Read(bytes.NewReader(first.Bytes()))
	require.NoError(t, err)
	require.NoError(t, again.WriteJSON(&second))
	assert.Equal(t, first.String(), second.String())
	drift, err := profiles.Compare(profile, again, profiles.DriftOptions{})
	require.NoError(t, err)
	assert.Empty(t, drift.Findings)
	for _, text := range []string{"", "[", "{}", `{"studyKey":7}`} {
		_, err := profiles.Read(strings.NewReader(text))
		assert.Error(t, err, text)
	}
}

// A site without a number has no mean, and a masked field none either: 0 would be a made-up answer.
func TestMeansOfSitesAreNotMadeUp(t *testing.T) {
	profile := profileOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 500}).Client(), "DEMO", profiles.Options{ShowValues: true, PHIFields: []string{"VS.SYSBP"}})
	means := 0
	for _, form := range profile.Forms {
		for _, field := range form.Fields {
			for _, site := range field.Sites {
				require.Equal(t, site.Numbers > 0 && field.Masked == "", site.Mean != nil, "%s.%s", form.FormKey, field.Variable)
				if site.Mean != nil {
					means++
				}
			}
		}
	}
	require.Positive(t, means)
}

// TestNumbersAsFarApartAsCanBe have figures, or none, and the profile can be written and read.
func TestNumbersAsFarApartAsCanBe(t *testing.T) {
	design := studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{studytest.Variable(1, "V", "NUMBER", "F", imednet.Some(int64(1)))}}}
	for name, values := range map[string][]string{
		"two":  {"1.7976931348623157e308", "-1.7976931348623157e308"},
		"many": append(times(1, "1.7976931348623157e308", "-1.7976931348623157e308", "1e308", "-9e307", "1.5e308", "5e-324"), fractions(60)...),
		"up":   append(times(1, "1.7976931348623157e308", "-9223372036854775809"), fractions(60)...),
		"one":  {"1.7976931348623157e308", "1.7976931348623157e308", "1.7976931348623157e308"},
	} {
		for _, opts := range []profiles.Options{{ShowValues: true}, {ShowValues: true, ExactValues: 10}, {GroupSize: 2}, {GroupSize: 2, ExactValues: 10}} {
			var records []imednet.Record
			for i, v := range times(3, values...) {
				r := recordWith(t, int64(i+1), `{"V":`+v+`}`)
				r.SubjectID = imednet.Some(int64(i + 1))
				records = append(records, r)
			}
			opts.Records = studytest.RowsOf(records)
			profile := profileOf(t, studytest.EmptySource{DesignClient: design}, "S", opts)
			var document bytes.Buffer
			require.NoError(t, profile.WriteJSON(&document), "%s %+v", name, opts)
			require.NoError(t, profile.WriteHTML(io.Discard, profiles.PageOptions{}))
			_, err := profiles.Read(&document)
			require.NoError(t, err)
			numbers := profile.Forms[0].Fields[0].Numbers
			require.EqualValues(t, len(records), numbers.Count)
			require.NotNil(t, numbers.Mean, name)
			require.False(t, math.IsNaN(*numbers.Mean) || math.IsInf(*numbers.Mean, 0))
			if name == "two" {
				require.Zero(t, *numbers.Mean)
			}
		}
	}
}

func fractions(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%d.5e300", i))
	}
	return all
}

// driftBetween profiles the same variable before and after.
func driftBetween(t *testing.T, before, after []string) []string {
	t.Helper()
	two := [2]*profiles.StudyProfile{}
	for i, values := range [][]string{before, after} {
		var records []imednet.Record
		for j, v := range values {
			records = append(records, recordWith(t, int64(j+1), `{"V":`+v+`}`))
		}
		d := studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{studytest.Variable(1, "V", "NUMBER", "F", imednet.Some(int64(1)))}}}
		two[i] = profileOf(t, studytest.EmptySource{DesignClient: d}, "S", profiles.Options{Records: studytest.RowsOf(records), ShowValues: true})
	}
	drift, err := profiles.Compare(two[0], two[1], profiles.DriftOptions{})
	require.NoError(t, err)
	lines := []string{}
	for _, f := range drift.Findings {
		lines = append(lines, f.String())
	}
	return lines
}

func times(n int, values ...string) []string {
	var all []string
	for range n {
		all = append(all, values...)
	}
	return all
}

func TestCompareProfiles(t *testing.T) {
	steady := times(20, `"1"`, `"2"`, `"3"`)
	assert.Empty(t, driftBetween(t, steady, steady))
	assert.Equal(t, []string{"F.V population rate moved: 100.00 % → 50.00 %"}, driftBetween(t, steady, append(times(20, `"1"`, `"2"`, `"3"`), times(60, `""`)...)))
	assert.Equal(t, []string{"F.V mean moved: 2 → 3", "F.V range grew: 1 to 3 → 2 to 4"}, driftBetween(t, steady, times(20, `"2"`, `"3"`, `"4"`)))
	assert.Equal(t, []string{"F fewer records: 60 → 30"}, driftBetween(t, steady, times(10, `"1"`, `"2"`, `"3"`)))
	assert.Equal(t, []string{"F.V inferred type changed: numeric → string", "F.V answers stopped fitting the declared type: 0 → 20"},
		driftBetween(t, steady, append(times(20, `"1"`, `"2"`, `"3"`), times(20, `"UNK"`)...)))
	few := times(1, `"1"`, `"2"`)
	assert.Empty(t, driftBetween(t, few, times(1, `""`, `""`)), "too few records to compare rates")
}

// TestCompareCountsRecordsOfNoForm that came, grew and went.
func TestCompareCountsRecordsOfNoForm(t *testing.T) {
	none := func(id int64, key string, records int64) profiles.FormProfile {
		return profiles.FormProfile{FormID: id, FormKey: key, Records: records}
	}
	before := &profiles.StudyProfile{StudyKey: "S", ShowValues: true, NoForm: []profiles.FormProfile{none(0, "GONE", 3), none(7, "", 2), none(8, "SAME", 5), none(9, "EMPTY", 0)}}
	after := &profiles.StudyProfile{StudyKey: "S", ShowValues: true, NoForm: []profiles.FormProfile{none(0, "NEW", 1), none(7, "", 4), none(8, "SAME", 5)}}
	drift, err := profiles.Compare(before, after, profiles.DriftOptions{})
	require.NoError(t, err)
	var lines []string
	for _, f := range drift.Findings {
		lines = append(lines, f.String())
	}
	require.Equal(t, []string{"NEW records of no form: 0 → 1", "no key, id 7 records of no form: 2 → 4", "GONE records of no form: 3 → 0"}, lines)
	after.ShowValues = false
	drift, err = profiles.Compare(before, after, profiles.DriftOptions{})
	require.NoError(t, err)
	require.Empty(t, drift.Findings, "numbers do not say which form is which, and there are ten records in both")
	after.NoForm[0].Records++
	drift, err = profiles.Compare(before, after, profiles.DriftOptions{})
	require.NoError(t, err)
	require.Len(t, drift.Findings, 1)
	require.Equal(t, "(no form) records of no form: 10 → 11", drift.Findings[0].String())
}

func TestCompareProfilesOfDifferentForms(t *testing.T) {
	one := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(1, "OLD"), studytest.Form(2, "F")},
		Variables: []imednet.Variable{studytest.Variable(1, "GONE", "TEXT", "F", imednet.Some(int64(2))), studytest.Variable(2, "V", "TEXT", "F", imednet.Some(int64(2)))}}}}, "S", profiles.Options{})
	two := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: studytest.Design{Forms: []imednet.Form{studytest.Form(2, "F"), studytest.Form(3, "NEW")},
		Variables: []imednet.Variable{studytest.Variable(2, "V", "NUMBER", "F", imednet.Some(int64(2))), studytest.Variable(3, "CAME", "TEXT", "F", imednet.Some(int64(2)))}}}}, "S", profiles.Options{})
	drift, err := profiles.Compare(one, two, profiles.DriftOptions{})
	require.NoError(t, err)
	var kinds []profiles.DriftKind
	for _, f := range drift.Findings {
		kinds = append(kinds, f.Kind)
	}
	assert.Equal(t, []profiles.DriftKind{profiles.DeclaredTypeMoved, profiles.FieldAppeared, profiles.FieldDisappeared, profiles.FormAppeared, profiles.FormDisappeared}, kinds)
	other := &profiles.StudyProfile{StudyKey: "OTHER"}
	_, err = profiles.Compare(one, other, profiles.DriftOptions{})
	var invalid *imednet.ValidationError
	require.ErrorAs(t, err, &invalid)
}
