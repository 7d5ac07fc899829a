package main

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// planMistakes are plans with what is said about them. None of the words of a value may be repeated.
var planMistakes = []struct{ text, says string }{
	{"", "line 1: the plan is empty"},
	{"# nothing\n", "line 1: the plan is empty"},
	{"- a\n", "line 1: must be members with values"},
	{"name: [\n", "line 1: this is not YAML"},
	{"studies: [S]\n", "line 1: name is missing"},
	{"name: n\n", "line 1: studies is missing"},
	{"name: n\nstudies: []\n", "line 2: studies is empty"},
	{"name: n\nstudies:\n", "line 2: studies must be a list"},
	{"name: n\nstudies: S\n", "line 2: studies must be a list"},
	{"name: n\nstudies: [S, S]\n", "line 2: studies[1] is there twice"},
	{"name: n\nstudies: [S]\nname: m\n", "line 3: name is there twice; the first is in line 1"},
	{"name: a/b\nstudies: [S]\n", "line 1: name must be letters"},
	{"name: n\nstudies: [S]\nexport: []\n", "line 3: export is not known; did you mean exports"},
	{"name: n\nstudies: [S]\nbanana: 1\n", "line 3: banana is not known; there are every, exports"},
	{"name: n\nstudies: [S]\n0123456789abcdef0123456789abcdef: 1\n", "line 3: this member is not known"},
	{"name: n\nstudies: [S]\napiKey: secretvalue\n", "line 3: the API keys do not belong in a plan"},
	{"name: n\nstudies: [S]\nmirror:\n  IMEDNET_SECURITY_KEY: secretvalue\n", "line 4: the API keys do not belong in a plan"},
	{"name: n\nstudies: [S]\n# " + imednettest.SecurityKey + "\n", "line 3: the API keys do not belong in a plan"},
	{"name: n\nstudies: [S]\n---\nname: m\n", "a plan is one document"},
	{"name: &n n\nstudies: [*n]\n", "line 1: name is an anchor or an alias"},
	{"name: !!str n\nstudies: [S]\n", "line 1: name has a tag"},
	{"name: n\nstudies: [S]\nevery: secretvalue\n", "line 3: every must be a time of at least a minute"},
	{"name: n\nstudies: [S]\nevery: 5s\n", "line 3: every must be a time of at least a minute"},
	{"name: n\nstudies: [S]\nevery: -6h\n", "line 3: every must be a time of at least a minute"},
	{"name: n\nstudies: [S]\nevery: 6\n", "line 3: every must be a time of at least a minute"},
	{"name: n\nstudies: [S]\nmirror: {resources: some}\n", "line 3: mirror.resources must be all or none"},
	{"name: n\nstudies: [S]\nmirror: {resources: [queries, records]}\n", "line 3: mirror.resources[1] must be one of studies, sites"},
	{"name: n\nstudies: [S]\nmirror: {sweep: yes}\n", "line 3: mirror.sweep must be true or false"},
	{"name: n\nstudies: [S]\nmirror: {cache: ~/m.sqlite3}\n", "line 3: mirror.cache begins with ~"},
	{"name: n\nstudies: [S]\nreport: {showValues: true}\n", "line 3: report.file is missing"},
	{"name: n\nstudies: [S]\nreport: {file: a.html, aeSeverity: B}\n", "line 3: report needs aeForms"},
	{"name: n\nstudies: [S]\nreport: {file: a.html, aeForms: [AE], configuration: c}\n", "line 3: report.aeForms excludes configuration"},
	{"name: n\nstudies: [S]\nreport: {file: study.yaml}\n", "line 3: report report has the plan itself as its place"},
	{"name: n\nstudies: [S, T]\nreport:\n  - {study: S, file: a.html, name: s}\n  - {study: T, file: A.html, name: t}\n", "line 5: report t has the place of report s"},
	{"name: n\nstudies: [S]\nwarehouse: {db: a}\nreport: {file: a}\n", "line 4: report report has the place of warehouse warehouse in line 3"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n", "line 4: exports[0].dir is missing"},
	{"name: n\nstudies: [S]\nexports:\n  - dir: a\n", "line 4: exports[0].name is missing"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: ''\n", "line 5: exports[0].dir is empty"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    format: secretvalue\n", "line 6: exports[0].format must be parquet, csv or ndjson"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    layout: tall\n", "line 6: exports[0].layout must be forms, wide, hive or hive-forms"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    keep: 0\n", "line 6: exports[0].keep must be a whole number of at least 1"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    keep: 010\n", "line 6: exports[0].keep must be a whole number of at least 1"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    keep: '7'\n", "line 6: exports[0].keep must be a whole number of at least 1"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    prefix: a/b\n", "line 6: exports[0].prefix cannot begin the names of files"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    where: [secretvalue]\n", "line 6: exports[0].where[0] must be VARIABLE==value"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    where: [A==1, 'B==\"secretvalue\"']\n", "line 6: exports[0].where[1] must be VARIABLE==value without quotes"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    where: ['B=>secretvalue']\n    text: true\n", "line 6: exports[0].where[0] must be VARIABLE==value"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    where:\n      - 'B=~(secretvalue'\n", "line 7: exports[0].where[0] is refused: B: the value is no regular expression"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    where: ['B Q==secretvalue']\n", "line 6: exports[0].where[0] is refused: B Q: an attribute is a name of letters"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    phi: [B]\n", "line 6: exports[0].phi is not known"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    deidentify: {phi: [B]}\n", "line 6: exports[0].deidentify.keyFile is missing"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    columnsOf: b\n    inferTypes: true\n", "line 6: exports[0].columnsOf excludes inferTypes"},
	{"name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    study: T\n", "line 4: export a has a study that is not among studies"},
	{"name: n\nstudies: [S, T]\nexports:\n  - name: a\n    dir: a\n", "line 4: export a needs study"},
	{"name: n\nstudies: [S]\nexports:\n  - {name: a, dir: a}\n  - {name: a, dir: b}\n", "line 5: export a has the name of the output in line 4"},
	{"name: n\nstudies: [S]\nextracts:\n  - {name: a, dir: a}\n", "line 4: extracts[0] must have either configuration or configurationCommit"},
	{"name: n\nstudies: [S]\nextracts:\n  - {name: a, dir: a, configuration: c, configurationCommit: S@1}\n", "line 4: extracts[0] must have either"},
	{"name: n\nstudies: [S]\nwarehouse: {silver: true}\n", "line 3: warehouse.db is missing"},
	{"name: n\nstudies: [S]\nwarehouse: {db: w, freeze: true}\n", "line 3: warehouse.freeze needs silver: true"},
}

func TestMistakesOfAPlan(t *testing.T) {
	t.Setenv("IMEDNET_SECURITY_KEY", imednettest.SecurityKey)
	s := newShell(t)
	for _, c := range planMistakes {
		_, err := readStudyPlan(s.write("study.yaml", c.text))
		require.ErrorAs(t, err, new(*usageError), c.text)
		require.Contains(t, err.Error(), "study.yaml, line ", c.text)
		require.Contains(t, err.Error(), c.says, c.text)
		require.NotContains(t, err.Error(), "secretvalue", c.text)
		require.NotContains(t, err.Error(), imednettest.SecurityKey, c.text)
		require.NotContains(t, err.Error(), "\n", "one error")
	}
	for _, command := range []string{"plan", "refresh", "worker"} {
		s.write("study.yaml", "name: n\nstudies: [S]\nbanana: 1\n")
		_, problem := s.run(exitUsage, command, "--plan", "study.yaml")
		require.Contains(t, problem, "Error: study.yaml, line 3: banana is not known")
		s.run(exitNotFound, command, "--plan", "missing.yaml")
		s.run(exitUsage, command, "--plan", ".")
	}
}

// TestOutputsThatWouldMeet: two outputs with one place, however it is written.
func TestOutputsThatWouldMeet(t *testing.T) {
	s := newShell(t)
	require.NoError(t, makeLink(filepath.Join(s.dir, "real"), filepath.Join(s.dir, "link")))
	export := func(name, members string) string { return "  - {name: " + name + ", " + members + "}\n" }
	for _, c := range []struct {
		a, b string
		meet bool
	}{
		{"dir: a", "dir: a", true},
		{"dir: a", "dir: b/../a", true},
		{"dir: a", "dir: A", true},
		{"dir: a", "dir: " + filepath.Join(s.dir, "a"), true},
		{"dir: real/a", "dir: link/a", true},
		{"dir: a", "dir: a/AE", true},
		{"dir: a, keep: 3", "dir: a/v000001, prefix: p", true},
		{"dir: a, keep: 3", "dir: a, prefix: p", true},
		{"dir: a, layout: hive", "dir: a", true},
		{"dir: a, layout: hive, study: S", "dir: a, layout: hive, study: S", true},
		{"dir: a", "dir: b", false},
		{"dir: a", "dir: ab", false},
		{"dir: a", "dir: a, prefix: p", false},
		{"dir: a, layout: hive, study: S", "dir: a, layout: hive, study: T", false},
	} {
		text := "name: n\nstudies: [S, T]\nexports:\n"
		for i, one := range []string{c.a, c.b} {
			if !strings.Contains(one, "study:") {
				one += ", study: S"
			}
			text += export(string(rune('a'+i)), one)
		}
		_, err := readStudyPlan(s.write("study.yaml", text))
		if !c.meet {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, "line 5: export b has the place of export a in line 4", text)
	}
	_, err := readStudyPlan(s.write("study.yaml", "name: n\nstudies: [S]\nexports:\n  - {name: a, dir: a, keep: 2}\nwarehouse: {db: a/w.duckdb}\n"))
	require.ErrorContains(t, err, "line 5: warehouse warehouse has the place of export a")
}

// TestPathsBeginAtThePlan, wherever the command is run.
func TestPathsBeginAtThePlan(t *testing.T) {
	s := newShell(t)
	path := s.write("plans/study.yaml", "name: n\nstudies: [S]\nmirror: {cache: m.sqlite3}\nexports:\n  - {name: a, dir: ../out, subject: 007, deidentify: {keyFile: /k}}\n")
	p, err := readStudyPlan(path)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(s.dir, "plans", "m.sqlite3"), p.mirror)
	require.Equal(t, filepath.Join(s.dir, "out"), p.outputs[0].place)
	o := p.outputs[0].task.(*exportTask).options
	require.Equal(t, "007", o.records.of.subject, "as it is written")
	require.Equal(t, "/k", o.keyFile)
}

// TestConditionsOfAPlanAreThoseOfTheCommandLine: what an export takes there is taken here, wherever text stands.
func TestConditionsOfAPlanAreThoseOfTheCommandLine(t *testing.T) {
	s := newShell(t)
	for _, where := range []string{"B==x", "B = x y", "B=~x", "B is blank", "B IS NOT BLANK ", "B>=1e2", `B==O'Neil`, `B=="x`, `B=="x"`, "B==", "B", "B<>1", "B is", "B==007"} {
		for _, text := range []bool{false, true} {
			_, wrong := parseDataFilter([]string{where}, text)
			quotedWhere, err := json.Marshal(where)
			require.NoError(t, err)
			for _, members := range []string{"where: [" + string(quotedWhere) + "]\n    text: " + strconv.FormatBool(text), "text: " + strconv.FormatBool(text) + "\n    where: [" + string(quotedWhere) + "]"} {
				_, err := readStudyPlan(s.write("study.yaml", "name: n\nstudies: [S]\nexports:\n  - name: a\n    dir: a\n    "+members+"\n"))
				require.Equal(t, wrong == nil, err == nil, "%s %v: %v", where, text, err)
			}
		}
	}
}
