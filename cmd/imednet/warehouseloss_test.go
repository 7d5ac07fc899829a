package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// TestAWarehouseFollowsALossThatTheSyncAccepted: who accepts it once is not refused by what is made of the mirror.
func TestAWarehouseFollowsALossThatTheSyncAccepted(t *testing.T) {
	var server atomic.Pointer[imednettest.Server]
	serve := func(records int) {
		server.Store(imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: records})))
	}
	serve(600)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { server.Load().ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	s := newShell(t, "IMEDNET_BASE_URL="+front.URL)
	s.write("study.yaml", "name: nightly\nstudies: [OWN]\nwarehouse:\n  db: plan.duckdb\n")
	s.ok("refresh", "--plan", "study.yaml")
	s.ok("warehouse", "ingest", "OWN", "--cached", "--db", "own.duckdb")
	s.ok("warehouse", "ingest", "OWN", "--db", "online.duckdb")
	s.ok("warehouse", "silver", "OWN", "--db", "online.duckdb")
	events := func(db string) string {
		return s.ok("warehouse", "query", "SELECT * FROM silver_OWN.AE ORDER BY recordId", "--db", db, "--format", "csv")
	}
	before := events("online.duckdb")

	serve(60)
	s.run(exitFailure, "sync", "OWN")
	s.ok("sync", "OWN", "--allow-mass-deletion")
	s.ok("refresh", "--plan", "study.yaml")
	s.ok("warehouse", "ingest", "OWN", "--cached", "--db", "own.duckdb")
	s.run(exitFailure, "warehouse", "ingest", "OWN", "--db", "online.duckdb")
	s.ok("warehouse", "ingest", "OWN", "--db", "online.duckdb", "--allow-mass-deletion")
	_, problem := s.run(exitFailure, "warehouse", "silver", "OWN", "--db", "online.duckdb")
	require.Contains(t, problem, "`imednet warehouse silver OWN --allow-mass-deletion`")
	require.Equal(t, before, events("online.duckdb"), "typed tables stay as they are")
	s.ok("warehouse", "silver", "OWN", "--db", "online.duckdb", "--allow-mass-deletion")
	s.ok("warehouse", "silver", "OWN", "--cached", "--db", "own.duckdb")
	require.Less(t, strings.Count(events("online.duckdb"), "\n"), strings.Count(before, "\n"))
	require.Equal(t, events("online.duckdb"), events("own.duckdb"))

	visits := func(db string) string {
		return s.ok("warehouse", "query", "SELECT visit_id, payload FROM bronze_visits ORDER BY visit_id", "--db", db, "--format", "csv")
	}
	require.Greater(t, strings.Count(visits("online.duckdb"), "\n"), 5)
	require.Equal(t, visits("online.duckdb"), visits("own.duckdb"))
	require.Equal(t, visits("online.duckdb"), visits("plan.duckdb"))
}
