package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAListThatFailsCountsNothing: "0 queries" is an answer, and a failure is none.
func TestAListThatFailsCountsNothing(t *testing.T) {
	s := newShell(t)
	for name, args := range map[string][]string{
		"no such column":  {"queries", "list", "DEMO", "--columns", "query,nothing"},
		"not in a mirror": {"changes", "DEMO"},
		"no such form":    {"queries", "list", "DEMO", "--form", "AEX"},
		"no such subject": {"queries", "list", "DEMO", "--subject", "nobody"},
	} {
		want := exitNotFound
		if name == "no such column" {
			want = exitUsage
		}
		out, _ := s.run(want, args...)
		require.Empty(t, out, name)
	}
	require.Contains(t, s.ok("queries", "list", "DEMO", "--form", "AE", "--older-than", "20000d"), "0 queries")
}

// TestTheWarehouseShowsValuesAsTheirTypeSays: no midnight beside a date, no day beside a time, no lost digit.
func TestTheWarehouseShowsValuesAsTheirTypeSays(t *testing.T) {
	s := newShell(t)
	s.ok("warehouse", "ingest", "DEMO")
	out := s.ok("warehouse", "query", "--format", "ndjson", `SELECT DATE '2024-02-29' AS d, TIME '12:34:56.7' AS t,
		1.10::DECIMAL(10,2) AS n, (-0.05)::DECIMAL(4,2) AS m, TIMESTAMP_NS '2024-01-01 00:00:00.123456789' AS ns,
		'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::UUID AS u, [1, NULL, 3] AS l, {'x': 1, 'y': 'z w'} AS s,
		INTERVAL '1 month 2 days' AS i, TIMESTAMP '2024-01-01 10:00:00' AS ts`)
	var row map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &row))
	require.Equal(t, map[string]any{
		"d": "2024-02-29", "t": "12:34:56.7", "n": "1.10", "m": "-0.05", "ns": "2024-01-01T00:00:00.123456789+00:00",
		"u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "l": []any{1.0, nil, 3.0}, "s": map[string]any{"x": 1.0, "y": "z w"},
		"i": "1 months 2 days 0 microseconds", "ts": "2024-01-01T10:00:00+00:00",
	}, row)
	s.run(exitInvalid, "warehouse", "query", `SELECT '{"a": 12345678901234567890}'::JSON AS j`)
	s.run(exitInvalid, "warehouse", "query", "--format", "ndjson", "SELECT 1 AS a, 2 AS a")
	require.Contains(t, s.ok("warehouse", "query", "--format", "csv", "SELECT 1 AS a, 2 AS a"), "a,a\n1,2\n")
}
