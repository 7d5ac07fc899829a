package main

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/warehouse"
)

const cutPlan = `name: nightly
studies: [OWN]
mirror: {cache: mirror.sqlite3}
exports:
  - {name: newest, dir: out/newest, forms: [AE], format: ndjson}
  - {name: frozen, dir: out/frozen, forms: [AE], format: ndjson, cut: IA1}
extracts:
  - {name: safety, dir: out/safety, configuration: sound.json, cut: IA1}
report: {file: out/study.html, cut: IA1, aeForms: [AE]}
`

// TestOutputsOfADataCut stay what they are while the study goes on, and are not made before there is the cut.
func TestOutputsOfADataCut(t *testing.T) {
	p := newPlanned(t, cutPlan)
	ofCut := []string{"frozen", "safety", "report"}
	report := p.refresh(exitNotFound)
	require.Equal(t, stateMade, statesOf(report)["newest"])
	for _, one := range report.Outputs[1:] {
		require.Equal(t, stateFailed, one.State, one.Name)
		require.Contains(t, one.Error, "no data cut with this name")
		require.Contains(t, one.Hint, "imednet cache cuts")
	}
	require.NoDirExists(t, filepath.Join(p.dir, "out/frozen"))
	require.Equal(t, every(stateFailed, ofCut...), statesWithout(statesOf(p.plan()), "newest"))

	p.ok("cache", "cut", "OWN", "--name", "IA1", "--cache", "mirror.sqlite3")
	require.Equal(t, every(stateMissing, ofCut...), statesWithout(statesOf(p.plan()), "newest"))
	require.Equal(t, every(stateMade, ofCut...), statesWithout(statesOf(p.refresh(exitOK)), "newest"))
	frozen := hashes(p.manifest("out/frozen", ""))
	require.Equal(t, hashes(p.manifest("out/newest", "")), frozen)
	require.Equal(t, "IA1", p.manifest("out/frozen", "").Origin.Cut)

	p.edit("Changed after the cut")
	report = p.refresh(exitOK)
	require.Equal(t, every(stateCurrent, ofCut...), statesWithout(statesOf(report), "newest"))
	require.Equal(t, stateMade, statesOf(report)["newest"])
	require.NotEqual(t, hashes(p.manifest("out/newest", "")), frozen)
	require.Equal(t, frozen, hashes(p.manifest("out/frozen", "")))
	require.True(t, p.plan().OK)

	p.ok("cache", "cut", "OWN", "--name", "IA2", "--cache", "mirror.sqlite3")
	p.write("study.yaml", strings.ReplaceAll(cutPlan, "IA1", "IA2"))
	require.Equal(t, every(stateStale, ofCut...), statesWithout(statesOf(p.plan()), "newest"))
	require.Contains(t, p.plan().Outputs[1].Reasons, "it was not made from the data cut that the plan names")
	p.refresh(exitOK)
	require.Equal(t, hashes(p.manifest("out/newest", "")), hashes(p.manifest("out/frozen", "")))
	p.write("study.yaml", strings.ReplaceAll(cutPlan, ", cut: IA1", ""))
	require.Contains(t, p.plan().Outputs[1].Reasons, "it was made from a data cut")
}

// TestADroppedTableIsMadeAgain: what somebody dropped from the warehouse by hand is noticed.
func TestADroppedTableIsMadeAgain(t *testing.T) {
	p := newPlanned(t, wholePlan)
	p.refresh(exitOK)
	whole := p.origins()
	execute := func(statement string) {
		db, err := warehouse.NewDuckDBIngestion(t.Context(), filepath.Join(p.dir, "study.duckdb"))
		require.NoError(t, err)
		_, err = db.DB().ExecContext(t.Context(), statement)
		require.NoError(t, err)
		require.NoError(t, db.Close())
	}
	execute(`DROP TABLE "silver_OWN"."AE"`)
	require.Equal(t, stateStale, statesOf(p.plan())["warehouse"])
	report := p.refresh(exitOK)
	require.Equal(t, stateMade, statesOf(report)["warehouse"])
	require.Equal(t, whole, p.origins())
	execute(`FROM "silver_OWN"."AE"`)

	execute(`DROP TABLE bronze_revisions CASCADE`)
	require.Equal(t, stateFailed, statesOf(p.plan())["warehouse"])
	require.Contains(t, p.plan().Outputs[3].Error, "bronze_revisions was dropped")
	require.Equal(t, stateFailed, statesOf(p.refresh(exitFailure))["warehouse"])
}

// statesWithout are the states of the other outputs.
func statesWithout(states map[string]string, name string) map[string]string {
	others := maps.Clone(states)
	delete(others, name)
	return others
}
