package main

import (
	"cmp"

	"github.com/mattn/go-sqlite3"
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/internal/program"
)

// versionJSON is what the program consists of.
type versionJSON struct {
	program.Build
	SQLite   string `json:"sqlite"` // the library's own version; the others are those of Go modules
	DuckDB   string `json:"duckdb"`
	Arrow    string `json:"arrow"`
	Starlark string `json:"starlark"`
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		GroupID:     groupHelp,
		Short:       "Show the versions of the program and its main dependencies",
		Example:     "  imednet version\n  imednet version --json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(*cobra.Command, []string) error {
			v := currentVersion()
			if a.json {
				return a.writeJSON(v)
			}
			return a.printf("%s\nGo %s\nArrow %s\nDuckDB %s\nSQLite %s\nStarlark %s\n", v.Build, v.Go, v.Arrow, v.DuckDB, v.SQLite, v.Starlark)
		},
	}
}

func currentVersion() versionJSON {
	build := program.Info()
	module := func(path string) string { return cmp.Or(build.Modules[path], "(unknown)") }
	sqlite, _, _ := sqlite3.Version()
	return versionJSON{
		Build: build, SQLite: sqlite, DuckDB: module("github.com/duckdb/duckdb-go/v2"),
		Arrow: module("github.com/apache/arrow-go/v18"), Starlark: module("go.starlark.net"),
	}
}
