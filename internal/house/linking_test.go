package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	arrow    = "github.com/apache/arrow"
	arrowGo  = "github.com/apache/arrow-go"
	starlark = "go.starlark.net"
	sqlite   = "github.com/mattn/go-sqlite3" // needs C
	duckdb   = "github.com/duckdb"           // needs C
	sketches = "github.com/axiomhq/hyperloglog"
	pgx      = "github.com/jackc/pgx"
	jwt      = "github.com/golang-jwt" // the command's alone
)

// neverLinked lists what a package must not link, not even through others: its users would pay for
// it. A path stands for everything below it.
var neverLinked = map[string][]string{
	".":                                   {arrow, arrowGo, starlark, sqlite, duckdb, sketches, module + "/workflows"},
	"rest":                                {arrow, arrowGo, starlark, sqlite, duckdb, sketches, module + "/workflows"},
	"imednettest":                         {arrow, arrowGo, starlark, sqlite, duckdb, sketches, module + "/workflows"},
	"cache":                               {arrow, arrowGo, starlark, duckdb, sketches, module + "/workflows"},
	"heads":                               {arrow, arrowGo, starlark, sqlite, duckdb, sketches, module + "/workflows"},
	"ledger":                              {arrow, arrowGo, starlark, duckdb, sketches},
	"triage":                              {arrow, arrowGo, starlark, duckdb, sketches},
	"versioning":                          {arrow, arrowGo, starlark, duckdb, sketches},
	"workflows/queries":                   {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/jobs":                      {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/subjects":                  {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/structure":                 {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/probe":                     {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/criteria":                  {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/submissions":               {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/submissions/sqlitejournal": {arrow, arrowGo, starlark, duckdb, sketches},
	"workflows/profiles":                  {arrow, arrowGo, starlark, sqlite, duckdb},
	"workflows/report":                    {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"workflows/tables":                    {starlark, sqlite, duckdb, sketches},
	"postgres":                            {arrow, arrowGo, starlark, duckdb, sketches},
	"pipeline":                            {starlark, sqlite, duckdb, sketches},
	"arrow18":                             {starlark, sqlite, duckdb, sketches},
	"cdisc":                               {arrow, arrowGo, starlark, sqlite, duckdb, sketches},
	"cdisc/datasets":                      {arrow, starlark, sqlite, duckdb, sketches, module + "/workflows", module + "/pipeline"},
	"extraction":                          {sqlite, duckdb, sketches, module + "/workflows"},
	"warehouse":                           {starlark, sqlite},
	"dictionary":                          {arrow, arrowGo, starlark, sqlite, duckdb, sketches, module + "/workflows"},
	"examples/quickstart":                 {arrow, arrowGo, starlark, duckdb, sketches}, // the README's first command, built cold
	"internal/expression":                 {arrow, arrowGo, sqlite, duckdb, module},
}

// TestPackagesLinkOnlyWhatTheyNeed asks the go command what each package links.
func TestPackagesLinkOnlyWhatTheyNeed(t *testing.T) {
	linkedBy := linkedByAll(t)
	for dir, paths := range neverLinked {
		paths = append(paths, jwt)
		if dir != "postgres" {
			paths = append(paths, pgx)
		}
		self := module
		if dir != "." {
			self += "/" + dir
		}
		require.Contains(t, linkedBy, self)
		for _, linked := range linkedBy[self] {
			for _, path := range paths {
				below := linked == path || strings.HasPrefix(linked, path+"/")
				if below && linked != self {
					t.Errorf("%s links %s", dir, linked)
				}
			}
		}
	}
}

// TestEveryPublicPackageHasALinkingRule finds packages that the table forgot.
func TestEveryPublicPackageHasALinkingRule(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || !s.isPublic() || s.isNested() || s.dir == "workflows" { // which may link whatever stands below it
			continue
		}
		_, ruled := neverLinked[s.dir]
		suite := strings.HasSuffix(s.dir, "test") && s.dir != "imednettest" // contract suites, linked by tests only
		require.True(t, ruled || suite, "internal/house/linking_test.go says nothing about %s", s.dir)
	}
}

// TestAProgramOverQueriesLinksNoArrow builds the smallest program over a workflow and reads from the
// binary itself which modules it holds.
func TestAProgramOverQueriesLinksNoArrow(t *testing.T) {
	dir, err := os.MkdirTemp(filepath.Join(root, "internal", "house"), "testdata-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(`package main

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/queries"
)

func main() {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 100})).Client()
	management, err := queries.NewQueryManagement(client)
	if err == nil {
		fmt.Println(management.QueryStateCounts(context.Background(), "DEMO", queries.Options{}))
	}
}
`), 0o600))
	binary := filepath.Join(t.TempDir(), "program")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, filepath.Join(dir, "main.go")).CombinedOutput()
	require.NoError(t, err, string(out))
	modules, err := exec.CommandContext(t.Context(), "go", "version", "-m", binary).Output()
	require.NoError(t, err)
	require.Contains(t, string(modules), "github.com/go-json-experiment/json")
	for _, heavy := range []string{arrow, arrowGo, starlark, sqlite, duckdb, sketches} {
		require.NotContains(t, string(modules), heavy)
	}
}

// linkedByAll lists, for each package of the module, the packages that a program which imports it links.
func linkedByAll(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")
	list.Dir = root
	list.Env = append(list.Environ(), "CGO_ENABLED=1") // so that packages in C are seen
	out, err := list.Output()
	require.NoError(t, err)
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		names := strings.Fields(line)
		all[names[0]] = names[1:]
	}
	return all
}
