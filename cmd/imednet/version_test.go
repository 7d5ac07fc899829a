package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersion(t *testing.T) {
	s := newShell(t)
	require.Contains(t, s.ok("version"), "imednet ")
	var v versionJSON
	s.json(&v, "version")
	require.Equal(t, runtime.Version(), v.Go)
	require.Regexp(t, `^3\.\d+\.\d+$`, v.SQLite)
	require.NotEmpty(t, v.Version)
	for _, version := range []string{v.DuckDB, v.Arrow, v.Starlark} {
		require.Regexp(t, `^v\d`, version)
	}
}
