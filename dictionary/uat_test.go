package dictionary_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

func checkerOf(t *testing.T, d *dictionary.Dictionary) *dictionary.Checker {
	t.Helper()
	c, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
	require.NoError(t, err)
	return c
}

// judge runs cases against another build of the same rules and returns how many answer otherwise.
func judge(t *testing.T, cases []dictionary.Case, other *dictionary.Dictionary) int {
	t.Helper()
	checker := checkerOf(t, other)
	differ := 0
	for _, c := range cases {
		form, ok := other.Form(c.Form)
		require.True(t, ok)
		for _, o := range checker.CheckData(form, c.Data) {
			if o.RuleID == c.RuleID && o.Acts != c.Acts {
				differ++
			}
		}
	}
	return differ
}

// TestEveryMutatedRuleIsFound builds rules otherwise than the dictionary says, one change at a time.
func TestEveryMutatedRuleIsFound(t *testing.T) {
	const range_ = "<or><lt><question>N</question><value>50</value></lt><gt><question>N</question><value>100</value></gt></or>"
	for _, c := range []struct{ condition, from, to string }{
		{range_, "<lt>", "<lte>"}, {range_, "<gt>", "<gte>"}, {range_, ">50<", ">51<"}, {range_, ">100<", ">99<"}, {range_, "<or>", "<and>"},
		{"<equals><question>R</question><value>Severe</value></equals>", "Severe", "Mild"},
		{"<and><checked><question>C</question></checked><blank><question>T</question></blank></and>", "<checked><question>C</question></checked>", "<true/>"},
		{"<and><checked><question>C</question></checked><blank><question>T</question></blank></and>", "<blank><question>T</question></blank>", "<not><blank><question>T</question></blank></not>"},
		{"<lt><question>E</question><question>D</question></lt>", "<lt><question>E</question><question>D</question></lt>", "<lt><question>D</question><question>E</question></lt>"},
		{"<gt><question>D</question><current_date_only/></gt>", "<gt>", "<gte>"},
		{"<gt><question>H</question><value>14:30</value></gt>", ">14:30<", ">14:31<"},
		{"<gt><question>H</question><value>14:30</value></gt>", ">14:30<", ">14:29<"},
		{"<lt><question>H</question><value>14:30</value></lt>", ">14:30<", ">14:29<"},
		{"<gt><question>D</question><value>2020-05-05</value></gt>", ">2020-05-05<", ">2020-05-06<"},
		{"<gt><question>D</question><value>2020-05-05</value></gt>", ">2020-05-05<", ">2020-05-04<"},
		{"<lte><question>D</question><value>2020-05-05</value></lte>", ">2020-05-05<", ">2020-05-06<"},
		{"<gt><trunc_date><question>D</question></trunc_date><value>2020-05-05</value></gt>", ">2020-05-05<", ">2020-05-06<"},
		{"<gt><add><question>N</question><question>M</question></add><value>10</value></gt>", "<add>", "<sub>"},
	} {
		original := read(t, ruleExport(c.condition).dir(t), "S")
		cases, uncovered := checkerOf(t, original).Cases()
		require.Empty(t, uncovered, c.condition)
		require.Zero(t, judge(t, cases, original), "the rule as it was meant passes")
		closing := func(tag string) string { return strings.ReplaceAll(tag, "<", "</") }
		mutated := strings.Replace(c.condition, c.from, c.to, 1)
		if strings.HasPrefix(c.from, "<") && strings.Count(c.from, "<") == 1 {
			mutated = strings.Replace(mutated, closing(c.from), closing(c.to), 1)
		}
		require.NotEqual(t, c.condition, mutated)
		require.NotZero(t, judge(t, cases, read(t, ruleExport(mutated).dir(t), "S")), "%s: %s → %s", c.condition, c.from, c.to)
	}
}

// TestPilotRulesAreCovered makes records for the rules of a real design.
func TestPilotRulesAreCovered(t *testing.T) {
	d := read(t, filepath.Join(samples(t), "pilot"), "CDISCPILOT01")
	cases, uncovered := checkerOf(t, d).Cases()
	rules := map[string]map[imednet.YesNo]int{}
	for _, c := range cases {
		if rules[c.RuleID] == nil {
			rules[c.RuleID] = map[imednet.YesNo]int{}
		}
		rules[c.RuleID][c.Acts]++
	}
	for id, answers := range rules {
		require.NotZero(t, answers[imednet.Yes], id)
		require.NotZero(t, answers[imednet.No], id)
	}
	require.Len(t, rules, 495)
	require.Len(t, uncovered, 1)
	require.Equal(t, "external needs more than the record", uncovered[0].Why)
	require.Zero(t, judge(t, cases, d))
}

// TestAVeryWideRuleIsUncovered: what would take hours says so at once, and a rule within the bound is covered.
func TestAVeryWideRuleIsUncovered(t *testing.T) {
	wide := func(conditions int) string {
		const one = `<equals><question>N</question><value>1</value></equals>`
		return "<or>" + strings.Repeat(one, conditions) + "</or>"
	}
	d := read(t, ruleExport(wide(20), "<BusinessLogic><Conditions>"+wide(100_000)+"</Conditions></BusinessLogic>").dir(t), "S")
	checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(today)))
	require.NoError(t, err)
	cases, uncovered := checker.Cases()
	require.Equal(t, []dictionary.Uncovered{{RuleID: "2", Rule: "State", Why: "its conditions have more than 2000 parts"}}, uncovered)
	require.NotEmpty(t, cases)
	for _, c := range cases {
		require.Equal(t, "1", c.RuleID)
	}
}
