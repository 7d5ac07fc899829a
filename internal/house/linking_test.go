package house

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// neverLinked lists what a package must not link, not even through others: its users would pay for
// it. A path stands for everything below it.
var neverLinked = map[string][]string{
	"workflows/criteria":  {arrow, starlark, sqlite, duckdb},
	"internal/expression": {arrow, sqlite, duckdb, module},
	"extraction":          {sqlite, duckdb, module + "/workflows"},
}

const (
	arrow    = "github.com/apache/arrow"
	starlark = "go.starlark.net"
	sqlite   = "github.com/mattn/go-sqlite3" // needs C
	duckdb   = "github.com/duckdb"           // needs C
)

// TestPackagesLinkOnlyWhatTheyNeed asks the go command what each package links.
func TestPackagesLinkOnlyWhatTheyNeed(t *testing.T) {
	for dir, paths := range neverLinked {
		self := module + "/" + dir
		for _, linked := range linkedBy(t, self) {
			for _, path := range paths {
				below := linked == path || strings.HasPrefix(linked, path+"/")
				if below && linked != self {
					t.Errorf("%s links %s", dir, linked)
				}
			}
		}
	}
}

// linkedBy lists the packages that a program which imports the package links.
func linkedBy(t *testing.T, pkg string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg)
	list.Dir = root
	list.Env = append(list.Environ(), "CGO_ENABLED=1") // so that packages in C are seen
	out, err := list.Output()
	require.NoError(t, err, pkg)
	return strings.Fields(string(out))
}
