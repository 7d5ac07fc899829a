package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/warehouse"
)

// wholePlan has an output of every kind. The extraction is of rules that reject nothing.
const wholePlan = `name: nightly
every: 6h
studies: [OWN]
mirror:
  cache: mirror.sqlite3
exports:
  - name: tables
    dir: out/tables
  - name: events
    dir: out/events
    format: csv
    forms: [AE]
    where: ["AESEV==Severe"]
    labels: true
extracts:
  - name: safety
    dir: out/safety
    configuration: sound.json
    format: ndjson
warehouse:
  db: study.duckdb
  silver: true
report:
  file: out/study.html
  aeForms: [AE]
`

const soundConfiguration = `{"studyKey": "OWN", "version": "1.0.0"}`

// plannedRecords is how many records the study of a plan has: two pages of them.
const plannedRecords = 600

// planned is a shell with a server of its own and a plan.
type planned struct{ *stalled }

func newPlanned(t *testing.T, plan string) *planned {
	p := &planned{newStalledAt(t, plannedRecords)}
	p.write("study.yaml", plan)
	p.write("sound.json", soundConfiguration)
	return p
}

// refresh runs a refresh that ends with a code, and returns its report.
func (p *planned) refresh(code int) planJSON {
	p.t.Helper()
	out, _ := p.run(code, "refresh", "--plan", "study.yaml", "--json")
	var report planJSON
	require.NoError(p.t, json.Unmarshal([]byte(out), &report))
	return report
}

func (p *planned) plan() planJSON {
	p.t.Helper()
	var report planJSON
	p.json(&report, "plan", "--plan", "study.yaml")
	return report
}

func (p *planned) manifest(dir, prefix string) *pipeline.Manifest {
	p.t.Helper()
	m, err := pipeline.ReadManifest(filepath.Join(p.dir, dir), prefix)
	require.NoError(p.t, err)
	require.NoError(p.t, m.Verify(filepath.Join(p.dir, dir)))
	return m
}

func (p *planned) origins() warehouse.Origins {
	p.t.Helper()
	found, err := p.readOrigins()
	require.NoError(p.t, err)
	return found
}

func (p *planned) readOrigins() (warehouse.Origins, error) {
	return warehouse.ReadOrigins(p.t.Context(), filepath.Join(p.dir, "study.duckdb"), "OWN")
}

// edit changes an answer of a record that is not deleted, so that the mirror gets a new version.
func (p *planned) edit(value string) {
	p.t.Helper()
	for _, id := range p.study.RecordIDs() {
		rec, _ := p.study.Record(id)
		if rec.FormKey.Or("") == "AE" && !rec.IsDeleted() {
			require.NoError(p.t, p.study.EditRecord(id, "AETERM", value))
			return
		}
	}
	require.FailNow(p.t, "the study has no adverse event")
}

func statesOf(r planJSON) map[string]string {
	all := map[string]string{}
	for _, o := range r.Outputs {
		all[o.Name] = o.State
	}
	return all
}

func every(state string, names ...string) map[string]string {
	all := map[string]string{}
	for _, name := range names {
		all[name] = state
	}
	return all
}

var (
	wholeNames = []string{"tables", "events", "safety", "warehouse", "report"}
	fileNames  = []string{"tables", "events", "safety", "report"}
)

// withoutWarehouse leaves the outputs of fileNames in a plan, for tests that ask nothing of the warehouse: making it
// costs several times what all of them do.
func withoutWarehouse(plan string) string {
	return strings.Replace(plan, "warehouse:\n  db: study.duckdb\n  silver: true\n", "", 1)
}

func hashes(m *pipeline.Manifest) map[string]string {
	all := map[string]string{}
	for _, t := range m.Tables {
		for i, f := range t.Files {
			all[t.Name+"/"+number(i)] = f.SHA256
		}
	}
	return all
}

func TestRefreshMakesWhatTheCommandsMake(t *testing.T) {
	p := newPlanned(t, wholePlan)
	require.Equal(t, every(stateMissing, wholeNames...), statesOf(p.plan()))
	require.NoFileExists(t, filepath.Join(p.dir, "mirror.sqlite3"), "a plan changes nothing")

	first := p.refresh(exitOK)
	require.True(t, first.OK)
	require.Equal(t, every(stateMade, wholeNames...), statesOf(first))
	tables, events, safety := p.manifest("out/tables", ""), p.manifest("out/events", ""), p.manifest("out/safety", canonicalPrefix)
	origin := tables.Origin
	require.Positive(t, origin.Version)
	require.Equal(t, first.Studies[0].Version, int64(origin.Version))
	require.Equal(t, []imednet.Origin{origin, origin, origin, origin}, []imednet.Origin{events.Origin, safety.Origin, p.origins().Ingested.Origin, p.origins().Silver.Origin})
	require.Equal(t, int64(plannedRecords), tables.Report.Records)

	p.ok("export", "OWN", "--cached", "--cache", "mirror.sqlite3", "--dir", "alone/tables")
	p.ok("export", "OWN", "--cached", "--cache", "mirror.sqlite3", "--dir", "alone/events", "--format", "csv", "--forms", "AE", "--where", "AESEV==Severe", "--labels")
	p.ok("extract", "--configuration", "sound.json", "--cached", "--cache", "mirror.sqlite3", "--dir", "alone/safety", "--format", "ndjson")
	require.Equal(t, hashes(p.manifest("alone/tables", "")), hashes(tables))
	require.Equal(t, hashes(p.manifest("alone/events", "")), hashes(events))
	require.Equal(t, hashes(p.manifest("alone/safety", canonicalPrefix)), hashes(safety))
	p.ok("report", "OWN", "--cache", "mirror.sqlite3", "--out", "alone/study.html", "--ae-form", "AE")
	require.Equal(t, withoutTime(t, filepath.Join(p.dir, "alone/study.html")), withoutTime(t, filepath.Join(p.dir, "out/study.html")))
	require.Equal(t, origin, p.page("out/study.html").Origin)
	var rows []struct{ Records, AE int64 }
	p.json(&rows, "warehouse", "query", "SELECT (SELECT count(DISTINCT record_id) FROM bronze_records) AS records, (SELECT count(*) FROM silver_OWN.AE) AS ae", "--db", "study.duckdb")
	require.Equal(t, int64(plannedRecords), rows[0].Records)
	require.Equal(t, rowsOfTable(tables, "AE"), rows[0].AE)
}

// withoutTime is a page without the moment when it was made.
func withoutTime(t *testing.T, path string) string {
	t.Helper()
	return madeAt.ReplaceAllString(readFile(t, path), "")
}

var madeAt = regexp.MustCompile(time.Now().UTC().Format("2006-01-02") + `[ T]\d\d:\d\d:\d\d|Made on [^.]* UTC`)

func (p *planned) page(path string) pageManifest {
	p.t.Helper()
	var m pageManifest
	require.NoError(p.t, json.Unmarshal([]byte(readFile(p.t, filepath.Join(p.dir, pageManifestOf(path)))), &m))
	return m
}

func rowsOfTable(m *pipeline.Manifest, name string) int64 {
	for _, t := range m.Tables {
		if t.Name == name {
			return t.Rows
		}
	}
	return -1
}

func TestRefreshDoesNothingTwice(t *testing.T) {
	p := newPlanned(t, wholePlan)
	p.refresh(exitOK)
	before := filesOf(t, filepath.Join(p.dir, "out"))
	again := p.refresh(exitOK)
	require.Equal(t, every(stateCurrent, wholeNames...), statesOf(again))
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out")))
	require.Contains(t, p.ok("refresh", "--plan", "study.yaml"), "Nothing to do: every output is up to date.\n")
	require.True(t, p.plan().OK)

	p.edit("Changed meanwhile")
	require.Equal(t, every(stateCurrent, wholeNames...), statesOf(p.plan()), "a plan does not ask the server")
	third := p.refresh(exitOK)
	require.Equal(t, every(stateMade, wholeNames...), statesOf(third))
	require.Greater(t, third.Studies[0].Version, again.Studies[0].Version)
	require.Contains(t, third.Outputs[0].Reasons[0], "version "+number(again.Studies[0].Version))
	origin := p.manifest("out/tables", "").Origin
	require.Equal(t, third.Studies[0].Version, int64(origin.Version))
	require.Equal(t, origin, p.manifest("out/events", "").Origin)
	require.Equal(t, origin, p.origins().Silver.Origin)
	var rows []struct{ N int64 }
	p.json(&rows, "warehouse", "query", "SELECT count(*) AS n FROM silver_OWN.AE WHERE AETERM = 'Changed meanwhile'", "--db", "study.duckdb")
	require.Equal(t, int64(1), rows[0].N)
}

// filesOf reads all files below a directory.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	}))
	return all
}

// TestAnEditedPlanMakesWhatWasEdited and leaves the rest.
func TestAnEditedPlanMakesWhatWasEdited(t *testing.T) {
	p := newPlanned(t, withoutWarehouse(wholePlan))
	p.refresh(exitOK)
	p.write("study.yaml", strings.Replace(withoutWarehouse(wholePlan), "AESEV==Severe", "AESEV==Mild", 1))
	p.write("sound.json", strings.Replace(soundConfiguration, "1.0.0", "1.0.1", 1))
	want := map[string]string{"tables": stateCurrent, "events": stateStale, "safety": stateStale, "report": stateCurrent}
	plan := p.plan()
	require.Equal(t, want, statesOf(plan))
	require.Equal(t, []string{"it was made with other settings or from other files"}, plan.Outputs[1].Reasons)
	want["events"], want["safety"] = stateMade, stateMade
	require.Equal(t, want, statesOf(p.refresh(exitOK)))

	p.write("study.yaml", strings.Replace(withoutWarehouse(wholePlan), "AESEV==Severe", "AESEV==Mild", 1)+"  lateDays: 3\n")
	want = every(stateCurrent, fileNames...)
	want["report"] = stateMade
	require.Equal(t, want, statesOf(p.refresh(exitOK)))

	p.write("found.json", twoFindings)
	p.ok("triage", "report", "OWN", "found.json", "--user", "nightly")
	require.Equal(t, want, statesOf(p.refresh(exitOK)), "the review queue is on the page")
	require.Equal(t, every(stateCurrent, fileNames...), statesOf(p.refresh(exitOK)))
}

// TestWhatIsDamagedIsMadeAgain, whatever the time of its files.
func TestWhatIsDamagedIsMadeAgain(t *testing.T) {
	p := newPlanned(t, withoutWarehouse(wholePlan))
	p.refresh(exitOK)
	before := hashes(p.manifest("out/events", ""))
	csv := filepath.Join(p.dir, "out/events", p.manifest("out/events", "").Tables[0].Files[0].Path)
	info, err := os.Stat(csv)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(p.dir, "out/study.html")))
	text, err := os.ReadFile(csv)
	require.NoError(t, err)
	text[len(text)-2] ^= 1
	require.NoError(t, os.WriteFile(csv, text, 0o600))
	require.NoError(t, os.Chtimes(csv, info.ModTime(), info.ModTime()))
	report := p.refresh(exitOK)
	require.Equal(t, map[string]string{"tables": stateCurrent, "events": stateMade, "safety": stateCurrent, "report": stateMade}, statesOf(report))
	require.Equal(t, before, hashes(p.manifest("out/events", "")))
}

// TestRowsToReviewEndWithTheirCode, also when nothing is made.
func TestRowsToReviewEndWithTheirCode(t *testing.T) {
	p := newPlanned(t, strings.Replace(withoutWarehouse(wholePlan), "sound.json", "own.json", 1))
	configuration, err := os.ReadFile(filepath.Join("..", "..", "examples", "safety", "demo.json"))
	require.NoError(t, err)
	p.write("own.json", strings.ReplaceAll(string(configuration), `"DEMO"`, `"OWN"`))
	for _, state := range []string{stateMade, stateCurrent} {
		report := p.refresh(exitInvalid)
		require.Equal(t, every(state, fileNames...), statesOf(report))
		require.False(t, report.OK)
		require.Contains(t, report.Outputs[2].Review, "rows were rejected")
	}
}

// TestEverySettingCounts: whatever an export or extraction can be told is part of what identifies it.
func TestEverySettingCounts(t *testing.T) {
	s := newShell(t)
	s.write("secret", "0123456789abcdef")
	s.write("a.json", soundConfiguration)
	s.write("b.json", soundConfiguration+"\n")
	const head, export, extract = "name: n\nstudies: [S]\n", "exports:\n  - name: a\n    dir: a\n", "extracts:\n  - name: a\n    dir: a\n"
	const page = "report: {file: r.html"
	a := &app{settings: settings{Triage: filepath.Join(s.dir, "none"), Configurations: filepath.Join(s.dir, "history.sqlite3")}}
	for _, name := range []string{"first", "second"} {
		writeExport(s, name, "DEMO")
		s.write(name+"/FORMS.csv", "Form Key\n"+name+"\n")
		s.ok("dictionary", "commit", "S", name, "--author", "anna", "-m", "why", "--store", "history.sqlite3")
	}
	seen := map[string]string{}
	for _, text := range []string{
		export, export + "    format: csv", export + "    prefix: p", export + "    fileRows: 7", export + "    noFormulaGuard: true", export + "    layout: wide",
		export + "    strict: true", export + "    forms: [AE]", export + "    variables: [AETERM]", export + "    visit: 7", export + "    site: AE", export + "    subject: AE",
		export + "    where: ['A==1']", export + "    where: ['A==2']", export + "    text: true", export + "    includeDeleted: true", export + "    labels: true",
		export + "    inferTypes: true", export + "    extraColumns: true", export + "    deidentify: {keyFile: secret}", export + "    deidentify: {keyFile: secret, phi: [A]}",
		export + "    deidentify: {keyFile: secret, freeText: [A]}", export + "    deidentify: {keyFile: secret, ages: [A]}", export + "    deidentify: {keyFile: a.json}",
		extract + "    configuration: a.json", extract + "    configuration: b.json", extract + "    configurationCommit: S@1", extract + "    configurationCommit: S@2",
		extract + "    configuration: a.json\n    includeDeleted: true", extract + "    configuration: a.json\n    format: csv", extract + "    configuration: a.json\n    prefix: p",
		extract + "    configuration: a.json\n    fileRows: 7", extract + "    configuration: a.json\n    noFormulaGuard: true",
		page + "}", page + ", showValues: true}", page + ", groupSize: 7}", page + ", lateDays: 4}", page + ", overdueDays: 4}", page + ", maxRows: 4}",
		page + ", dictionary: a.json}", page + ", dictionary: b.json}", page + ", dictionary: store:S@1}", page + ", dictionary: 'store:S@2'}", page + ", configuration: b.json}", page + ", aeForms: [AE]}",
		page + ", aeForms: [AE], aeSeverity: A}", page + ", aeForms: [AE], aeSerious: A}",
	} {
		p, err := readStudyPlan(s.write("study.yaml", head+text))
		require.NoError(t, err, text)
		settings, err := p.outputs[0].task.settings(t.Context(), a, p.outputs[0])
		require.NoError(t, err, text)
		require.Len(t, settings, 64)
		require.NotContains(t, seen, settings, "%s and %s", text, seen[settings])
		seen[settings] = text
	}
}

// TestJudge: what an output must agree in, one by one.
func TestJudge(t *testing.T) {
	origin := imednet.Origin{Version: 7}
	found := madeOutput{there: true, plan: "p", origin: origin, program: "v1", settings: "s"}
	want := wantedOutput{plan: "p", program: "v1", settings: "s", origin: origin}
	state, reasons := judge(found, want)
	require.Equal(t, stateCurrent, state)
	require.Empty(t, reasons)
	for name, c := range map[string]struct {
		change func(*madeOutput)
		state  string
		reason string
	}{
		"nothing":  {func(m *madeOutput) { m.there = false }, stateMissing, "nothing is there"},
		"plan":     {func(m *madeOutput) { m.plan = "q" }, stateForeign, "this plan did not make"},
		"version":  {func(m *madeOutput) { m.origin.Version = 6 }, stateStale, "version 6 of the mirror, which is at 7"},
		"mirror":   {func(m *madeOutput) { m.origin.ServerTime = imednettest.NewClock(imednet.SystemClock().Now()).Now() }, stateStale, "version 7 of another mirror"},
		"cut":      {func(m *madeOutput) { m.origin.Cut = "IA1" }, stateStale, "a data cut"},
		"server":   {func(m *madeOutput) { m.origin = imednet.Origin{} }, stateStale, "not made from the mirror alone"},
		"settings": {func(m *madeOutput) { m.settings = "t" }, stateStale, "other settings"},
		"program":  {func(m *madeOutput) { m.program = "v2" }, stateStale, "another version of imednet"},
		"damage":   {func(m *madeOutput) { m.damage = "torn" }, stateStale, "torn"},
	} {
		changed := found
		c.change(&changed)
		state, reasons := judge(changed, want)
		require.Equal(t, c.state, state, name)
		require.Len(t, reasons, 1, name)
		require.Contains(t, reasons[0], c.reason, name)
	}
}

// TestAPlanForetellsWhatARefreshRefuses: names that the study does not have, once it is mirrored.
func TestAPlanForetellsWhatARefreshRefuses(t *testing.T) {
	const head = "name: nightly\nstudies: [OWN]\nmirror: {cache: mirror.sqlite3}\n"
	export := func(members string) string { return head + "exports:\n  - {name: a, dir: out, " + members + "}\n" }
	p := newPlanned(t, export("forms: [AE]"))
	p.write("other.json", `{"studyKey": "OTHER", "version": "1.0.0"}`)
	p.write("study.yaml", export("where: [NOPE==1]"))
	require.Equal(t, map[string]string{"a": stateMissing}, statesOf(p.plan()), "nothing is known of a study that is not mirrored")
	p.write("study.yaml", export("forms: [AE]"))
	p.refresh(exitOK)
	for members, says := range map[string]string{
		"where: ['AESEVV is blank']":             "AESEVV: there is no such variable; did you mean AESEV",
		"forms: [AEE]":                           "did you mean AE?",
		"variables: [AETREM]":                    "did you mean AETERM",
		"site: site 1":                           "there is no site",
		"subject: nobody":                        "there is no subject",
		"visit: five":                            "not a whole number",
		"forms: [VS], where: [AESEV==1]":         "there is no such variable",
		"inferTypes: true, where: [AESEVV==1]":   "did you mean AESEV",
		"inferTypes: true, where: [AESEV==Mild]": "",
		"extraColumns: true":                     "",
	} {
		p.write("study.yaml", export(members))
		foretold := p.plan().Outputs[0]
		code := exitOK
		if says != "" {
			out, _ := p.run(exitOK, "plan", "--plan", "study.yaml")
			require.Contains(t, out, "1 would fail", members)
			code = exitNotFound
			if members == "visit: five" {
				code = exitInvalid
			}
		}
		done := p.refresh(code).Outputs[0]
		require.Equal(t, done.Error == "", foretold.Error == "", members)
		require.True(t, strings.HasSuffix(done.Error, foretold.Error), members)
		require.Contains(t, foretold.Error+foretold.Hint, says, members)
		require.Equal(t, says == "", foretold.State != stateFailed, members)
	}
	for members, says := range map[string]string{"aeForms: [AEE]": "did you mean AE?", "aeForms: [AE], aeSeverity: AESEVV": "did you mean AESEV", "aeForms: [AE]": ""} {
		p.write("study.yaml", head+"report: {file: r.html, "+members+"}\n")
		require.Contains(t, p.plan().Outputs[0].Error, says)
		code := exitOK
		if says != "" {
			code = exitNotFound
		}
		require.Contains(t, p.refresh(code).Outputs[0].Error, says)
	}
	p.write("study.yaml", head+"extracts:\n  - {name: a, dir: safe, configuration: other.json}\n")
	require.Contains(t, p.plan().Outputs[0].Error, "of another study")
}
