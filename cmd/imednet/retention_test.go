package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/pipeline"
)

// TestRetentionIsReadStrictly: a section that keeps nothing is refused, because it looks as if it did.
func TestRetentionIsReadStrictly(t *testing.T) {
	s := newShell(t)
	load := func(text string) (imednet.RetentionRules, error) {
		var read settings
		err := read.load(s.write("config.yaml", text))
		return read.rules, err
	}
	until := time.Date(2042, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]imednet.RetentionRules{
		"":                         {},
		"timeout: 3s\n":            {},
		"retention: {years: 15}\n": {Default: imednet.Retention{Years: 15}},
		"retention:\n  name: TMF\n  until: 2042-01-01\n":                               {Default: imednet.Retention{Name: "TMF", Until: until}},
		"retention:\n  until: '2042-01-01T00:00:00Z'\n  studies:\n    A: {years: 2}\n": {Default: imednet.Retention{Until: until}, Studies: map[string]imednet.Retention{"A": {Years: 2}}},
		"retention: {studies: {A: {name: a, years: 2, until: 2042-01-01}}}\n":          {Studies: map[string]imednet.Retention{"A": {Name: "a", Years: 2, Until: until}}},
	} {
		rules, err := load(text)
		require.NoError(t, err, text)
		require.Equal(t, want, rules, text)
	}
	for text, says := range map[string]string{
		"retention:\n":             "neither years nor until",
		"retention: {}\n":          "neither years nor until",
		"retention: {name: TMF}\n": "neither years nor until",
		"retention: {name: TMF, studies: {A: {years: 1}}}\n":                             "neither years nor until",
		"retention: {years: 15, studies: {A: }}\n":                                       "neither years nor until",
		"retention: {years: 15, studies: {A: {name: a}}}\n":                              "neither years nor until",
		"retention: {years: -1}\n":                                                       "years must be from 0 to 1000",
		"retention: {studies: {A: {years: 1001}}}\n":                                     "of study A: years must be from 0 to 1000",
		"retention: {until: soon}\n":                                                     "Invalid ISO timestamp",
		"retention: {years: 010}\n":                                                      "line 1: years must be a whole number",
		"retention:\n  years: 0x10\n":                                                    "line 2: years must be a whole number",
		"retention: {years: 0b11}\n":                                                     "years must be a whole number",
		"retention: {years: 1_5}\n":                                                      "years must be a whole number",
		"retention: {years: 1e1}\n":                                                      "years must be a whole number",
		"retention: {years: 15.0}\n":                                                     "years must be a whole number",
		"retention: {years: 015, until: 2042-01-01}\n":                                   "years must be a whole number",
		"retention: {until: 2000-01-01, studies: {A: {until: 2042-01-01, years: 08}}}\n": "years must be a whole number",
		"retention: {until: 2000-01-01, years: }\n":                                      "line 1: years has no value",
		"retention: {years: 15, until: }\n":                                              "until has no value",
		"retention: {years: 15, until: ''}\n":                                            "until has no value",
		"retention: {years: 15, studies: }\n":                                            "studies has no value",
		"retention: {years: 15, name: ~}\n":                                              "name has no value",
		"retention: {days: 3}\n":                                                         "cannot be read",
		"retention: 15\n":                                                                "cannot be read",
		"retention: {years: 15}\nretention: {years: 1}\n":                                "cannot be read",
	} {
		_, err := load(text)
		require.ErrorContains(t, err, says, text)
		require.ErrorContains(t, err, "config.yaml", text)
	}
}

// TestARefusedPurgeSaysUntilWhen and writes nothing.
func TestARefusedPurgeSaysUntilWhen(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	s.write("config.yaml", "retention: {name: trial master file, until: 2142-01-01}\n")
	s.write("own.yaml", "retention: {until: 2000-01-01, studies: {DEMO: {years: 100}}}\n")
	before := hashesBelow(t, s.dir)
	for _, what := range [][]string{{"--study"}, {"--before", "2020-01-01"}, {"--before", "2200-01-01"}} {
		_, problem := s.run(exitFailure, append([]string{"cache", "purge", "DEMO", "--reason", "ended", "--config", "config.yaml"}, what...)...)
		require.Contains(t, problem, `the rule of retention "trial master file" refuses the removal until 2142-01-01T00:00:00Z`)
		require.Contains(t, problem, "nothing was removed")
		require.Equal(t, before, hashesBelow(t, s.dir), "%v wrote something", what)
	}
	_, problem := s.run(exitFailure, "cache", "purge", "DEMO", "--reason", "ended", "--study", "--config", "own.yaml", "--json")
	require.Contains(t, problem, "a rule of retention refuses the removal until 21")
	require.Contains(t, problem, `"kind":"retained"`)
	require.Equal(t, before, hashesBelow(t, s.dir))
	s.ok("cache", "purge", "DEMO", "--reason", "ended", "--study")
}

// TestRetentionKeepsEarlierOutputs of a plan beyond its number, and the plan says until when.
func TestRetentionKeepsEarlierOutputs(t *testing.T) {
	p := newPlanned(t, strings.Replace(keepingPlan, "keep: 3", "keep: 1", 1))
	until := p.write("until.yaml", "retention: {until: 2142-01-01}\n")
	var made []string
	for i := range 3 {
		p.edit("Edit " + number(i))
		var report planJSON
		p.json(&report, "refresh", "--plan", "study.yaml", "--config", until)
		made = append(made, report.Outputs[0].Place)
		require.Empty(t, report.Removed)
		require.Len(t, report.Retained, i+max(0, i-1), "of tables all, of hive all but one")
	}
	before := []map[string]string{filesOf(t, filepath.Join(p.dir, "out")), filesOf(t, filepath.Join(p.dir, "hive"))}
	var plan planJSON
	p.json(&plan, "plan", "--plan", "study.yaml", "--config", until)
	require.Equal(t, []planRetainedJSON{{"tables", made[0], "2142-01-01T00:00:00+00:00"}, {"tables", made[1], "2142-01-01T00:00:00+00:00"}}, plan.Retained[:2])
	require.Contains(t, p.ok("plan", "--plan", "study.yaml", "--config", until), "Retained until 2142-01-01T00:00:00+00:00 "+made[0]+"\n")
	require.Contains(t, p.ok("refresh", "--plan", "study.yaml", "--config", until), "Retained until 2142-01-01T00:00:00+00:00 "+made[1]+"\n")
	require.Equal(t, before, []map[string]string{filesOf(t, filepath.Join(p.dir, "out")), filesOf(t, filepath.Join(p.dir, "hive"))})

	years := p.write("years.yaml", "retention: {until: 2142-01-01, studies: {OWN: {years: 1}}}\n")
	var counted planJSON
	p.json(&counted, "plan", "--plan", "study.yaml", "--config", years)
	next, err := pipeline.ReadManifest(made[1], "")
	require.NoError(t, err)
	require.Equal(t, isoTime(next.Created.AddDate(1, 0, 0)), counted.Retained[0].Until, "from when the next one was made")
	require.Equal(t, []string{filepath.Base(made[0]), filepath.Base(made[1])}, ofOutput(p.refresh(exitOK), "tables"), "without a rule")
}

// TestRetentionKeepsTheWholeHistoryOfALedger.
func TestRetentionKeepsTheWholeHistoryOfALedger(t *testing.T) {
	for text, options := range map[string]int{"": 0, "retention: {studies: {S: {years: 1}}}\n": 1} {
		a := &app{}
		require.NoError(t, a.settings.load(newShell(t).write("config.yaml", text)))
		require.Len(t, a.ledgerHistory(), options)
	}
}
