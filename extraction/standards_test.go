package extraction_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
)

func number(text string) imednet.Number {
	n, _ := imednet.ParseNumber(text)
	return n
}

// row builds a row from pairs of names and values; text stays text.
func row(domain extraction.Domain, subject string, id int64, pairs ...any) extraction.CanonicalRow {
	var names []string
	values := map[string]extraction.CanonicalValue{}
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i].(string)
		names = append(names, name)
		switch v := pairs[i+1].(type) {
		case string:
			values[name] = extraction.TextValue(v)
		case imednet.Number:
			values[name] = extraction.NumberValue(v)
		case imednet.YesNo:
			values[name] = extraction.FlagValue(v)
		}
	}
	return extraction.NewCanonicalRow(domain, subject, id, names, values)
}

func profile(tb testing.TB, name string) extraction.Profile {
	tb.Helper()
	p, err := extraction.NewProfileRegistry().Profile(name)
	require.NoError(tb, err)
	return p
}

// TestDrugProfileScore is the reference's own case.
func TestDrugProfileScore(t *testing.T) {
	rows := []extraction.CanonicalRow{
		row(extraction.AE, "S003", 1, "aeTerm", "Headache", "aeSeverity", "mild", "aeDecod", "HEADACHE", "aeRelationship", "POSSIBLE", "aeActionTaken", "NONE", "aeOutcome", "RECOVERED"),
		row(extraction.AE, "S004", 2, "aeTerm", "Nausea", "aeSeverity", "9", "aeDecod", "", "aeRelationship", " "),
	}
	lookups := map[string]map[string]string{"aeSeverity": {" Mild ": "1", "severe": "3"}}
	report := extraction.NewStandardsReadinessValidator(profile(t, "drug")).ScoreRecords(slices.Values(rows), lookups)
	require.EqualValues(t, 14, report.Expected)
	require.EqualValues(t, 9, report.Validated)
	require.InDelta(t, 64.28571428571429, *report.Score, 1e-12)
	require.Equal(t, []extraction.TermFinding{{Field: "aeSeverity", Message: "Subject S004 record aeSeverity is unmapped", Domain: extraction.AE, RecordID: 2, SubjectKey: "S004", Term: extraction.TextValue("9")}}, report.Warnings)
	var got []string
	for _, v := range report.Findings {
		require.EqualValues(t, 2, v.RecordID)
		require.Equal(t, "S004", v.SubjectKey)
		got = append(got, string(v.Severity)+" "+v.Field+": "+v.Message)
	}
	require.Equal(t, []string{
		"ERROR aeDecod: aeDecod is required for AE in drug.",
		"ERROR aeRelationship: aeRelationship is required for AE in drug.",
		"WARNING aeActionTaken: aeActionTaken is recommended for AE in drug.",
		"WARNING aeOutcome: aeOutcome is recommended for AE in drug.",
		"ERROR aeSeverity: aeSeverity must be one of 1, 2, 3, 4, 5.",
	}, got)
}

func TestNothingToScoreIsNotPerfect(t *testing.T) {
	v := extraction.NewStandardsReadinessValidator(profile(t, "general"))
	require.Nil(t, v.ScoreRecords(slices.Values([]extraction.CanonicalRow(nil)), nil).Score)
	report := v.ScoreRecords(slices.Values([]extraction.CanonicalRow{row(extraction.DD, "1", 1, "ddTerm", "x"), row("ZZ", "1", 2)}), nil)
	require.Nil(t, report.Score)
	require.Len(t, report.Domains, 2)
	require.Nil(t, report.Domains[0].Score)
	require.EqualValues(t, 2, report.Domains[0].Optional, "term and subject are there")
	written, err := json.Marshal(report)
	require.NoError(t, err)
	require.Contains(t, string(written), `"score":null`)
}

func TestRecommendedFieldsCanWeighLess(t *testing.T) {
	rows := []extraction.CanonicalRow{row(extraction.AE, "1", 1, "aeTerm", "a", "aeSeverity", "1")}
	v := extraction.NewStandardsReadinessValidator(profile(t, "general"))
	require.InDelta(t, 60, *v.ScoreRecords(slices.Values(rows), nil).Score, 1e-9)
	v.RecommendedWeight = 0.5
	require.InDelta(t, 75, *v.ScoreRecords(slices.Values(rows), nil).Score, 1e-9)
}

// TestOnlyDeclaredBooleansAreRead keeps subject "1" and severity "y" what they are.
func TestOnlyDeclaredBooleansAreRead(t *testing.T) {
	in := row(extraction.AE, "1", 1, "subjectKey", "1", "aeTerm", "t", "aeSeverity", "y", "aeSerious", " Yes ", "aeOutcome", "0", "extra", "true", "count", number("1"))
	out := extraction.CategoricalNormalizer{Booleans: []string{"AE.extra"}}.NormalizeRecord(in, map[string]map[string]string{"count": {"1": "ONE"}}).NormalizedRecord
	kinds := map[string]extraction.Kind{}
	for field, v := range out.Fields() {
		kinds[field] = v.Kind()
	}
	require.Equal(t, map[string]extraction.Kind{"subjectKey": extraction.KindText, "aeTerm": extraction.KindText, "aeSeverity": extraction.KindText,
		"aeSerious": extraction.KindBool, "aeOutcome": extraction.KindText, "extra": extraction.KindBool, "count": extraction.KindNumber}, kinds)
	require.Equal(t, " Yes ", in.Text("aeSerious"), "the given row stays")

	report := extraction.NewStandardsReadinessValidator(profile(t, "drug")).ScoreRecords(slices.Values([]extraction.CanonicalRow{in}), nil)
	require.True(t, slices.ContainsFunc(report.Findings, func(v extraction.ProfileFinding) bool {
		return v.Field == "aeSeverity" && v.Severity == extraction.SeverityError
	}), "y is no severity")
	unknown := extraction.CategoricalNormalizer{}.NormalizeRecord(row(extraction.AE, "1", 1, "aeSerious", "maybe"), nil)
	require.Equal(t, "maybe", unknown.NormalizedRecord.Text("aeSerious"))
}

func TestLookupsByDomainAndField(t *testing.T) {
	lookups := map[string]map[string]string{"AE.aeSeverity": {"a": "AE"}, "aeSeverity": {"a": "ANY"}}
	n := extraction.CategoricalNormalizer{}
	require.Equal(t, "AE", n.NormalizeRecord(row(extraction.AE, "", 1, "aeSeverity", " A "), lookups).NormalizedRecord.Text("aeSeverity"))
	require.Equal(t, "ANY", n.NormalizeRecord(row(extraction.ADAE, "", 1, "aeSeverity", "a"), lookups).NormalizedRecord.Text("aeSeverity"))
	blank := n.NormalizeRecord(row(extraction.AE, "", 1, "aeSeverity", ""), lookups)
	require.Equal(t, "record aeSeverity is unmapped", blank.Warnings[0].Message)
	require.Empty(t, n.NormalizeRecord(row(extraction.AE, "", 1, "aeSeverity", "AE"), lookups).Warnings, "canonical already")
}

func TestDeviceProfile(t *testing.T) {
	p := profile(t, "device")
	messages := func(r extraction.CanonicalRow) []string {
		var list []string
		for _, v := range p.Validate(r) {
			if v.Severity == extraction.SeverityError {
				list = append(list, v.Field+": "+v.Message)
			}
		}
		return list
	}
	require.Equal(t, []string{
		"ddTerm: ddTerm is required for DD in device.", "ddCategory: ddCategory is required for DD in device.", "ddDate: ddDate is required for DD in device.",
		"ddSerious: ddSerious must be a boolean value for device studies.", "ddOccurred: DD record details are required when ddOccurred is true.",
	}, messages(row(extraction.DD, "1", 1, "ddSerious", "perhaps", "ddOccurred", imednet.Yes)))
	require.Empty(t, messages(row(extraction.DD, "1", 1, "ddTerm", "a", "ddCategory", "b", "ddDate", "2024", "ddSerious", imednet.No, "ddOccurred", imednet.Yes)))
	require.Empty(t, messages(row(extraction.AE, "1", 1, "aeTerm", "a", "aeSeverity", "SEVERE")))
}

func TestProfilesFromFiles(t *testing.T) {
	r := extraction.NewProfileRegistry()
	require.Equal(t, []string{"device", "drug", "general"}, r.Profiles())
	_, err := r.Profile("vaccine")
	require.ErrorIs(t, err, extraction.ErrUnknownProfile)
	for _, name := range r.Profiles() {
		p := profile(t, name)
		written, err := json.Marshal(p)
		require.NoError(t, err)
		read, err := extraction.ParseProfile(written)
		require.NoError(t, err)
		require.Equal(t, p, read, "a profile reads back what it wrote")
	}
	p, err := extraction.ParseProfile([]byte(`{"name":"vaccine","domains":{"AE":{"required":["aeTerm"]}},"constraints":{"aeSeverity":["1","2"]}}`))
	require.NoError(t, err)
	require.NoError(t, r.Register(p))
	require.Equal(t, []string{"device", "drug", "general", "vaccine"}, r.Profiles())
	require.Error(t, r.Register(extraction.Profile{}))
	for _, bad := range []string{`{`, `{"name":"a"}`, `{"name":"","domains":{"AE":{}}}`, `{"name":"a","domains":{"ae":{}}}`, `{"name":"a","domains":{"AE":{"requird":[]}}}`, `{"name":"a","domains":{"AE":{"required":["x"],"optional":["x"]}}}`, `{"name":"a","domains":{"AE":{}},"constraints":{"x":[]}}`} {
		_, err := extraction.ParseProfile([]byte(bad))
		var invalid *imednet.ValidationError
		require.True(t, errors.As(err, &invalid), bad)
	}
}

// A misspelt name in a profile would demand nothing, and the data would pass.
func TestAMisspeltNameInAProfileIsNamed(t *testing.T) {
	for document, path := range map[string]string{
		`{"name":"a","domains":{"AEE":{"required":["x"]}}}`:                                 "/domains/AEE",
		`{"name":"a","domains":{"AE":{"requird":["x"]}}}`:                                   "/domains/AE/requird",
		`{"name":"a","domains":{"AE":{}},"constraint":{}}`:                                  "/constraint",
		`{"name":"a","domains":{"AE":{}},"constraints":{"EA.aeSeverity":["1"]}}`:            "/constraints/EA.aeSeverity",
		`{"name":"a","domains":{"AE":{}},"booleans":{"ae.aeSerious":"m"}}`:                  "/booleans/ae.aeSerious",
		`{"name":"a","domains":{"AE":{}},"details":[{"domain":"DDD","field":"ddSerious"}]}`: "/details/0/domain",
		`{"name":"a","domains":{"AE":{}},"details":[{"domain":"DD","anyof":["x"]}]}`:        "/details/0/anyof",
		`{"name":"a","domains":{"AE":{"required":["x",5]}}}`:                                "/domains/AE/required/1",
	} {
		_, err := extraction.ParseProfile([]byte(document))
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid, document)
		require.Len(t, invalid.Problems, 1, document)
		require.Equal(t, path, invalid.Problems[0].Path)
	}
}

// awkwardRows breaks every rule that comes with the library at least once.
func awkwardRows() []extraction.CanonicalRow {
	return []extraction.CanonicalRow{
		row(extraction.AE, "1", 1, "aeTerm", "a", "aeSeverity", "", "aeSerious", "maybe", "aeStartDate", "2024-02-02", "aeEndDate", "2024-02-01", "aeOutcome", "RECOVERING/RESOLVING"),
		row(extraction.AE, "1", 2, "aeTerm", "A ", "aeSeverity", "1", "aeStartDate", "2024-02-02", "aeEndDate", "", "aeOutcome", "recovered/resolved"),
		row(extraction.PD, "1", 3, "dvTerm", "p", "dvCategory", "c", "dvSeverity", "s", "dvDate", "2024-01-01"),
		row(extraction.PD, "1", 4, "dvTerm", "p", "dvCategory", "c", "dvSeverity", "s", "dvDate", "2024-01-01"),
		row(extraction.DD, "1", 5, "ddTerm", "p", "ddCategory", "c", "ddDate", "2024-01-01"),
		row(extraction.DD, "1", 6, "ddTerm", "p", "ddCategory", "c", "ddDate", "2024-01-01"),
		row(extraction.ADSL, "1", 0, "TRTSDT", "2024-01-02", "TRTEDT", "2024-01-01", "AGE", "old"),
		row(extraction.ADSL, "1", 0, "TRTSDT", "2024-01-02", "TRTEDT", ""),
		row(extraction.ADAE, "2", 7, "AESER", "Y", "AESHOSP", "N", "ASTDT", "2024-02", "AENDT", "2024-01", "AEOUT", "FATAL", "AESEQ", "1", "ASEQ", "1"),
		row(extraction.ADAE, "2", 8, "AESER", "N", "AESHOSP", "Y", "ASTDT", "x", "AENDT", "", "AEOUT", "FATAL", "AESEQ", "1", "ASEQ", "1"),
		row(extraction.ADAE, "2", 9, "AESER", "", "AESHOSP", "N", "ASTDT", "2024", "AENDT", "2024", "AEOUT", "NOT RECOVERED/NOT RESOLVED"),
		row(extraction.ADLB, "2", 10, "PARAMCD", "ALT", "ADT", "2024-01-01", "AVAL", number("4.3"), "BASE", number("4.1"), "CHG", number("0.3"), "ABLFL", imednet.Yes, "ASEQ", "1"),
		row(extraction.ADLB, "2", 11, "PARAMCD", "ALT", "ADT", "2024-01-01", "AVAL", number("4.3"), "BASE", number("4.1"), "CHG", number("0.2"), "ABLFL", imednet.Yes, "ASEQ", "1"),
		row(extraction.ADLB, "2", 12, "PARAMCD", "ALT", "AVAL", "text"),
		row(extraction.ADSL, "3", 0, "TRTSDT", "2024-01-02", "TRTEDT", "2024-03-01", "DTHFL", "N", "DTHDT", "2024-02-01", "SEX", "W", "AGE", "130", "SAFFL", "N", "EOSDT", "2024-02-28", "DCTDT", "2024-02-28"),
		row(extraction.ADSL, "4", 0, "TRTSDT", "2024-01-02", "DTHFL", "Y", "DTHDT", ""),
		row(extraction.ADAE, "3", 20, "AETERM", "a", "ASTDT", "2024-02-02", "AESER", "N", "AEOUT", "FATAL", "AESDTH", "N", "AETOXGR", "4", "AESEV", "3"),
		row(extraction.ADAE, "3", 21, "AETERM", "A", "ASTDT", "2024-02-02", "AESER", "Y", "AEOUT", "gone", "AESDTH", "Y", "AETOXGR", "5"),
		row(extraction.ADAE, "3", 22, "AETERM", "b", "ASTDT", "", "AESER", "Y"),
		row(extraction.AE, "3", 23, "aeTerm", "c", "aeSeverity", "1", "aeStartDate", "", "aeSerious", "", "aeOutcome", "gone"),
		row(extraction.AE, "3", 27, "aeTerm", "d", "aeSeverity", "4", "aeStartDate", "2024-02-02", "aeSerious", "N", "aeOutcome", "FATAL"),
		row(extraction.AE, "3", 28, "aeTerm", "e", "aeSeverity", "5", "aeStartDate", "2024-01-02", "aeSerious", "Y", "aeOutcome", "UNKNOWN"),
		row(extraction.DD, "3", 24, "ddTerm", "c", "ddCategory", "c", "ddDate", "2024-01-01", "ddSerious", ""),
		row(extraction.ADLB, "3", 25, "PARAMCD", "POTASSIUM", "PARAM", "K (mmol/L)", "ADT", "2024-02-02", "AVAL", number("4"), "AVALC", "4.1", "ANRLO", number("5"), "ANRHI", number("3"), "ANRIND", "NORMAL"),
		row(extraction.ADLB, "3", 26, "PARAMCD", "POTASSIUM", "PARAM", "K (mg/dL)", "ADT", "", "AVAL", number("4")),
		row(extraction.PD, "2", 13, "dvTerm", "", "dvDate", "x"), row(extraction.DD, "2", 14, "ddTerm", "", "ddDate", "x"),
	}
}

func TestEveryConformanceRuleFindsSomething(t *testing.T) {
	late, err := imednet.Decode[imednet.Visit]([]byte(`{"visitId":31,"subjectId":5,"visitDate":"2024-02-02"}`))
	require.NoError(t, err)
	dead := row(extraction.ADSL, "5", 0, "DTHFL", "Y", "DTHDT", "2024-02-01")
	clock := imednettest.NewClock(time.Date(2024, 5, 1, 13, 0, 0, 0, time.FixedZone("", 3600)))
	check := func() *extraction.Conformance {
		c, err := extraction.NewConformance(extraction.ConformanceRules(), extraction.WithClock(clock))
		require.NoError(t, err)
		c.All(slices.Values(awkwardRows()))
		c.Subject(extraction.SubjectRows{SubjectKey: "5", Rows: []extraction.CanonicalRow{dead}, Visits: []imednet.Visit{late}})
		return c
	}
	c := check()
	for _, r := range c.Results() {
		require.Equal(t, extraction.RuleFindings, r.State, r.ID)
	}
	document, err := c.Report(extraction.Configuration{StudyKey: "S", Version: "1.0.0", Commit: "abc"}).JSON()
	require.NoError(t, err)
	compareGolden(t, "testdata/conformance.golden.json", document)

	repeated, err := check().Report(extraction.Configuration{StudyKey: "S", Version: "1.0.0", Commit: "abc"}).JSON()
	require.NoError(t, err)
	require.Equal(t, string(document), string(repeated), "the order is fixed")
	c, err = extraction.NewConformance(nil)
	require.NoError(t, err)
	now := c.Report(extraction.Configuration{}).Details.At
	require.WithinDuration(t, time.Now(), now, time.Minute, "without a clock the system's counts")
	require.Equal(t, time.UTC, now.Location())
}

func TestConformanceStates(t *testing.T) {
	rows := []extraction.CanonicalRow{row(extraction.AE, "1", 1, "aeTerm", "a"), row(extraction.AE, "1", 2, "aeTerm", "a"), row(extraction.AE, "2", 3, "aeTerm", "a")}
	check := func(run func(s extraction.RuleScope) ([]extraction.RuleFinding, error)) extraction.ConformanceRule {
		return extraction.ConformanceRule{ID: "X", Domain: extraction.AE, Check: run}
	}
	one := func(s extraction.RuleScope) ([]extraction.RuleFinding, error) {
		return make([]extraction.RuleFinding, len(s.Rows(extraction.AE))), nil
	}
	pass := func(extraction.RuleScope) ([]extraction.RuleFinding, error) { return nil, nil }
	needsField := check(one)
	needsField.Fields = []string{"aeOutcome"}
	otherDomain := check(one)
	otherDomain.Domain = extraction.DD
	cases := map[string]struct {
		rule  extraction.ConformanceRule
		state extraction.RuleState
		count int64
		kept  int
	}{
		"pass":     {check(pass), extraction.RulePass, 0, 0},
		"issues":   {check(one), extraction.RuleFindings, 3, 2},
		"no rows":  {otherDomain, extraction.RuleSkipped, 0, 0},
		"no field": {needsField, extraction.RuleSkipped, 0, 0},
		"error":    {check(func(extraction.RuleScope) ([]extraction.RuleFinding, error) { return nil, errors.New("no table") }), extraction.RuleError, 0, 0},
		"panic":    {check(func(s extraction.RuleScope) ([]extraction.RuleFinding, error) { panic(s.SubjectKey) }), extraction.RuleError, 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			run, err := extraction.NewConformance([]extraction.ConformanceRule{c.rule}, extraction.WithFindingLimit(2))
			require.NoError(t, err)
			run.All(slices.Values(rows))
			result := run.Results()[0]
			require.Equal(t, c.state, result.State)
			require.Equal(t, c.count, result.Count)
			require.Len(t, result.Findings, c.kept)
			require.Equal(t, c.state == extraction.RuleSkipped || c.state == extraction.RuleError, result.Reason != "")
		})
	}
	for _, bad := range [][]extraction.ConformanceRule{{{ID: "", Check: one}}, {{ID: "a"}}, {{ID: "a", Check: one}, {ID: "a", Check: one}}} {
		_, err := extraction.NewConformance(bad)
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
	for _, bad := range []extraction.ConformanceOption{extraction.WithClock(nil), extraction.WithFindingLimit(0), extraction.WithFindingLimit(-1)} {
		_, err := extraction.NewConformance(nil, bad)
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
}
