package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/warehouse"
)

func makeLink(target, link string) error {
	if err := os.MkdirAll(target, 0o700); err != nil {
		return err
	}
	return os.Symlink(target, link)
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestAServerThatGoesDownMidway leaves everything as it was, and the next run makes up for it.
func TestAServerThatGoesDownMidway(t *testing.T) {
	p := newPlanned(t, withoutWarehouse(wholePlan))
	p.refresh(exitOK)
	before := filesOf(t, filepath.Join(p.dir, "out"))
	p.edit("Changed meanwhile")
	p.server.Inject(imednettest.Fault{Path: "queries", Times: -1, Status: 500})
	out, problem := p.run(exitFailure, "refresh", "--plan", "study.yaml", "--json") // asks again with pauses
	var report planJSON
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.False(t, report.OK)
	require.Equal(t, stateFailed, report.Studies[0].State)
	require.NotEmpty(t, report.Studies[0].Error)
	require.Equal(t, every(stateNotTried, fileNames...), statesOf(report))
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out")))
	require.Contains(t, problem, "not refreshed: study OWN, export tables, export events, extract safety, report report; what stood there before is unchanged")
	require.True(t, *p.plan().Due, "what failed is due at once")

	p.flow()
	require.Equal(t, every(stateMade, fileNames...), statesOf(p.refresh(exitOK)))
	require.False(t, *p.plan().Due)
}

// TestOneStudyThatFails does not prevent the others.
func TestOneStudyThatFails(t *testing.T) {
	p := newPlanned(t, "name: n\nstudies: [NOPE, OWN]\nmirror: {resources: none}\nexports:\n  - {name: a, study: NOPE, dir: a}\n  - {name: b, study: OWN, dir: b, layout: wide, format: csv}\n")
	report := p.refresh(exitAuth)
	require.Equal(t, map[string]string{"a": stateNotTried, "b": stateFailed}, statesOf(report), "forms are not mirrored")
	p.write("study.yaml", "name: n\nstudies: [NOPE, OWN]\nmirror: {resources: [forms, variables]}\nexports:\n  - {name: a, study: NOPE, dir: a}\n  - {name: b, study: OWN, dir: b, layout: wide, format: csv}\n")
	report = p.refresh(exitAuth)
	require.Equal(t, map[string]string{"a": stateNotTried, "b": stateMade}, statesOf(report))
	require.Equal(t, int64(plannedRecords), p.manifest("b", "").Report.Records)
	require.Equal(t, map[string]string{"a": stateNotTried, "b": stateCurrent}, statesOf(p.refresh(exitAuth)))
}

// TestOneOutputThatFails leaves the earlier one, and is tried again alone.
func TestOneOutputThatFails(t *testing.T) {
	p := newPlanned(t, wholePlan)
	p.write("out/events", "a file where a directory should be")
	report := p.refresh(exitFailure)
	want := map[string]string{"tables": stateMade, "events": stateFailed, "safety": stateMade, "warehouse": stateMade, "report": stateMade}
	require.Equal(t, want, statesOf(report))
	require.Contains(t, report.Outputs[1].Error, "not a directory")
	require.NoError(t, os.Remove(filepath.Join(p.dir, "out/events")))
	want = every(stateCurrent, wholeNames...)
	want["events"] = stateMade
	require.Equal(t, want, statesOf(p.refresh(exitOK)))

	before := filesOf(t, filepath.Join(p.dir, "out"))
	p.write("sound.json", "{")
	report = p.refresh(exitInvalid)
	require.Equal(t, stateFailed, statesOf(report)["safety"])
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out")), "a configuration that cannot be read changes nothing")
	p.write("sound.json", strings.Replace(soundConfiguration, "OWN", "OTHER", 1))
	require.Contains(t, p.refresh(exitUsage).Outputs[2].Error, "is of another study")
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out")))
}

// TestAPlaceThatIsNotOurs is left as it is.
func TestAPlaceThatIsNotOurs(t *testing.T) {
	p := newPlanned(t, withoutWarehouse(wholePlan))
	p.ok("export", "OWN", "--dir", "out/tables")
	p.write("study2.yaml", strings.NewReplacer("nightly", "other", "out/tables", "out2").Replace(withoutWarehouse(wholePlan)))
	require.Equal(t, stateForeign, statesOf(p.plan())["tables"])
	before := filesOf(t, filepath.Join(p.dir, "out/tables"))
	report := p.refresh(exitInvalid)
	require.Equal(t, map[string]string{"tables": stateFailed, "events": stateMade, "safety": stateMade, "report": stateMade}, statesOf(report))
	require.Contains(t, report.Outputs[0].Error, "did not make")
	require.Equal(t, before, filesOf(t, filepath.Join(p.dir, "out/tables")))

	events := filesOf(t, filepath.Join(p.dir, "out/events"))
	out, _ := p.run(exitInvalid, "refresh", "--plan", "study2.yaml")
	require.Contains(t, out, "did not make")
	require.Equal(t, events, filesOf(t, filepath.Join(p.dir, "out/events")), "another plan's")
}

// TestARefreshWithoutRoom limits how large a file may grow, which is to a program what a full disk is.
func TestARefreshWithoutRoom(t *testing.T) {
	p := newPlanned(t, strings.Replace(wholePlan, "format: csv", "format: ndjson", 1))
	p.refresh(exitOK)
	before := filesOf(t, filepath.Join(p.dir, "out"))
	p.edit("Changed meanwhile")
	p.ok("sync", "OWN", "--cache", "mirror.sqlite3")
	cmd := p.command("refresh", "--plan", "study.yaml")
	limited := append([]string{"-c", `ulimit -f 20 && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh"}, limited...)
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, exitFailure, cmd.ProcessState.ExitCode(), "%s", out)
	require.NotContains(t, string(out), "goroutine")
	for path, text := range before {
		if strings.Contains(path, "out/tables") {
			require.Equal(t, text, readFile(t, path), "the earlier data set is whole")
		}
	}
	p.manifest("out/tables", "")
	require.True(t, p.refresh(exitOK).OK)
	require.Equal(t, p.manifest("out/tables", "").Origin, p.origins().Silver.Origin)
}

// TestTwoRefreshesAtOnce: the second is told that the first is at work.
func TestTwoRefreshesAtOnce(t *testing.T) {
	p := newPlanned(t, withoutWarehouse(wholePlan))
	held := p.stall(at{"records", 1})
	first := p.command("refresh", "--plan", "study.yaml")
	require.NoError(t, first.Start())
	<-held
	_, problem := p.run(exitBusy, "refresh", "--plan", "study.yaml")
	require.Contains(t, problem, "the plan is being refreshed by another process")
	require.NoError(t, makeLink(filepath.Join(p.dir, "elsewhere"), filepath.Join(p.dir, "by")))
	require.NoError(t, os.Symlink(filepath.Join(p.dir, "study.yaml"), filepath.Join(p.dir, "elsewhere", "same.yaml")))
	p.run(exitBusy, "refresh", "--plan", "by/same.yaml")
	p.ok("plan", "--plan", "study.yaml")
	require.NoError(t, first.Process.Signal(os.Interrupt))
	require.Error(t, first.Wait())
	require.Equal(t, exitInterrupted, first.ProcessState.ExitCode())
	p.flow()
	require.True(t, p.refresh(exitOK).OK, "the lock went with its holder")
}

// TestAKilledRefreshLeavesWholeOutputs, the earlier ones or the new ones, at whatever moment.
func TestAKilledRefreshLeavesWholeOutputs(t *testing.T) {
	p := newPlanned(t, strings.Replace(wholePlan, "dir: out/tables\n", "dir: out/tables\n    fileRows: 20\n", 1))
	began := time.Now()
	p.refresh(exitOK)
	took := time.Since(began)
	origin := p.manifest("out/tables", "").Origin
	rounds := 3
	if os.Getenv("IMEDNET_LONG") == "1" {
		rounds = 24
	}
	for i := range rounds {
		p.edit("Edit " + number(i))
		cmd := p.command("refresh", "--plan", "study.yaml")
		require.NoError(t, cmd.Start())
		<-time.After(took * time.Duration(i+1) / time.Duration(rounds)) // wherever it is by then
		require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait()
		for _, one := range []struct{ dir, prefix string }{{"out/tables", ""}, {"out/events", ""}, {"out/safety", canonicalPrefix}} {
			m := p.manifest(one.dir, one.prefix) // which proves its files
			require.GreaterOrEqual(t, m.Origin.Version, origin.Version)
		}
		if found, err := p.readOrigins(); errors.Is(err, warehouse.ErrDamaged) { // a fault of DuckDB's, in one of several hundred kills
			p.requireWarehouseMadeAnew()
		} else {
			require.NoError(t, err)
			require.GreaterOrEqual(t, found.Ingested.Version, origin.Version)
		}
		require.True(t, strings.HasSuffix(strings.TrimSpace(readFile(t, filepath.Join(p.dir, "out/study.html"))), "</html>"))
		if i%3 < 2 {
			continue
		}
		require.True(t, p.refresh(exitOK).OK)
		next := p.manifest("out/tables", "").Origin
		require.Greater(t, next.Version, origin.Version)
		require.Equal(t, next, p.origins().Silver.Origin)
		origin = next
	}
	require.Equal(t, origin, p.page("out/study.html").Origin)
	require.Empty(t, leftovers(t, p.dir, "out"), "of the killed runs nothing is left")
}

// TestADamagedWarehouse fails by name beside whole outputs, and is made anew from the mirror when it has been moved away.
func TestADamagedWarehouse(t *testing.T) {
	p := newPlanned(t, wholePlan)
	p.refresh(exitOK)
	file, err := os.OpenFile(filepath.Join(p.dir, "study.duckdb"), os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteAt(make([]byte, 64), 3*4096+100)
	require.NoError(t, errors.Join(err, file.Close()))
	p.edit("Changed meanwhile")
	p.requireWarehouseMadeAnew()
}

// requireWarehouseMadeAnew refreshes beside a damaged warehouse, and again without it.
func (p *planned) requireWarehouseMadeAnew() {
	p.t.Helper()
	var damaged planOutputJSON
	for _, one := range p.refresh(exitFailure).Outputs {
		if one.Name == "warehouse" {
			damaged = one
			continue
		}
		require.Contains(p.t, []string{stateMade, stateCurrent}, one.State, one.Name)
	}
	require.Equal(p.t, stateFailed, damaged.State)
	require.Contains(p.t, damaged.Error, "the DuckDB file is damaged")
	require.Contains(p.t, damaged.Hint, "ingest anew")
	path := filepath.Join(p.dir, "study.duckdb")
	require.NoError(p.t, os.Rename(path, path+".damaged"))
	if err := os.Remove(path + ".wal"); !errors.Is(err, fs.ErrNotExist) {
		require.NoError(p.t, err)
	}
	require.True(p.t, p.refresh(exitOK).OK)
	require.Equal(p.t, p.manifest("out/tables", "").Origin, p.origins().Silver.Origin)
}

// leftovers lists files that only writers at work have.
func leftovers(t *testing.T, dir, below string) (all []string) {
	t.Helper()
	for path := range filesOf(t, filepath.Join(dir, below)) {
		base := filepath.Base(path)
		if strings.HasPrefix(base, ".") || strings.HasSuffix(base, "_commit.json") {
			all = append(all, path)
		}
	}
	return all
}

const keepingPlan = `name: nightly
studies: [OWN]
mirror: {cache: mirror.sqlite3}
exports:
  - {name: tables, dir: out, keep: 3, format: ndjson}
  - {name: hive, dir: hive, keep: 2, layout: hive}
`

// TestRetentionRemovesWhatThePlanMade beyond what it keeps, and nothing else.
func TestRetentionRemovesWhatThePlanMade(t *testing.T) {
	p := newPlanned(t, keepingPlan)
	var made []string
	for i := range 3 {
		p.edit("Edit " + number(i))
		report := p.refresh(exitOK)
		require.Empty(t, ofOutput(report, "tables"))
		made = append(made, filepath.Base(report.Outputs[0].Place))
	}
	require.Equal(t, made, namesIn(t, p.dir, "out"))
	require.Equal(t, made[1:], namesIn(t, p.dir, "hive"))

	p.ok("export", "OWN", "--dir", "out/v000001", "--format", "ndjson")
	p.write("out/v000002/note.txt", "mine")
	p.write("out/"+made[0]+"/note.txt", "mine too")
	require.NoError(t, os.MkdirAll(filepath.Join(p.dir, "out/archive"), 0o700))
	require.NoError(t, os.Symlink(filepath.Join(p.dir, "hive", made[1]), filepath.Join(p.dir, "out/v000003")))
	foreign := filesOf(t, filepath.Join(p.dir, "out/v000001"))
	p.edit("Edit again")
	p.ok("sync", "OWN", "--cache", "mirror.sqlite3")
	plan := p.plan()
	require.Equal(t, []string{made[0]}, ofOutput(plan, "tables"), "the plan says it before")
	require.Contains(t, p.ok("plan", "--plan", "study.yaml"), "Would remove "+filepath.Join(p.dir, "out", made[0])+"\n")
	report := p.refresh(exitOK)
	require.Equal(t, []string{made[0]}, ofOutput(report, "tables"))
	newest := filepath.Base(report.Outputs[0].Place)
	require.Equal(t, map[string]string{filepath.Join(p.dir, "out", made[0], "note.txt"): "mine too"}, filesOf(t, filepath.Join(p.dir, "out", made[0])))
	require.Equal(t, foreign, filesOf(t, filepath.Join(p.dir, "out/v000001")))
	require.Equal(t, "mine", readFile(t, filepath.Join(p.dir, "out/v000002/note.txt")))
	require.FileExists(t, filepath.Join(p.dir, "hive", newest, "studyKey=OWN", "_records_manifest.json"))

	p.write("study.yaml", strings.Replace(keepingPlan, "keep: 3", "keep: 1", 1))
	require.Equal(t, []string{made[1], made[2]}, ofOutput(p.refresh(exitOK), "tables"), "also when nothing is made")
	require.Contains(t, p.ok("refresh", "--plan", "study.yaml"), "Nothing to do")
	m, err := pipeline.ReadManifest(filepath.Join(p.dir, "out", newest), "")
	require.NoError(t, err)
	require.NoError(t, m.Verify(filepath.Join(p.dir, "out", newest)), "the newest stays")
}

// TestRetentionAfterAMirrorMadeAnew: its versions begin again, and the newest has the lowest number.
func TestRetentionAfterAMirrorMadeAnew(t *testing.T) {
	p := newPlanned(t, keepingPlan)
	for i := range 3 {
		p.edit("Edit " + number(i))
		p.refresh(exitOK)
	}
	for path := range filesOf(t, p.dir) {
		if strings.HasPrefix(filepath.Base(path), "mirror.sqlite3") {
			require.NoError(t, os.Remove(path))
		}
	}
	p.edit("After it")
	p.study.Advance(time.Hour)
	report := p.refresh(exitOK)
	require.Equal(t, stateMade, report.Outputs[0].State)
	require.DirExists(t, report.Outputs[0].Place)
	require.Contains(t, strings.Join(readTree(t, report.Outputs[0].Place), ""), "After it")
}

func readTree(t *testing.T, dir string) (all []string) {
	t.Helper()
	for _, text := range filesOf(t, dir) {
		all = append(all, text)
	}
	return all
}

func namesIn(t *testing.T, dir, below string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, below))
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// ofOutput lists what was removed of an output.
func ofOutput(r planJSON, name string) (all []string) {
	for _, gone := range r.Removed {
		if gone.Output == name {
			all = append(all, filepath.Base(gone.Place))
		}
	}
	return all
}
