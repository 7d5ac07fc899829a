package house

import (
	"flag"
	"go/ast"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/qualification/scenarios"
	"github.com/imednetgo/imednet/internal/requirement"
)

var update = flag.Bool("update", false, "write the generated parts of the pages anew")

// knownSource is what a requirement may come from besides a page and a clause of the crosswalk.
var knownSource = regexp.MustCompile(`^(API contract \d+(\.\d+)?|CDISC .+|HIPAA .+)$`)

// TestEveryRequirementHasTests reads the requirements as a person would review them: each has a text, a
// risk, sources that exist, and tests that exist, one of which runs without the pilot study.
func TestEveryRequirementHasTests(t *testing.T) {
	clauses := clauseNames(t)
	tests := testsOfTheTree(t)
	areas, err := requirement.Areas()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, area := range areas {
		prefix := area.Requirements[0].ID[:4]
		for _, r := range area.Requirements {
			require.Regexp(t, `^[A-Z]{3}-\d\d$`, r.ID)
			assert.True(t, strings.HasPrefix(r.ID, prefix), "%s stands among %s", r.ID, prefix)
			assert.False(t, known[r.ID], "%s stands twice", r.ID)
			known[r.ID] = true
			assert.NotEmpty(t, r.Text, r.ID)
			assert.Contains(t, []string{"high", "medium", "low"}, r.Risk, r.ID)
			assert.NotEmpty(t, r.Source, r.ID)
			for _, s := range r.Source {
				assert.True(t, clauses[s] || knownSource.MatchString(s) || isPage(s), "%s comes from %q, which is nothing known", r.ID, s)
			}
			assertTests(t, r, tests)
		}
	}
}

func assertTests(t *testing.T, r requirement.Requirement, tests map[string]bool) {
	always := false
	for _, name := range r.Tests {
		runs, exists := tests[path.Base(name)]
		assert.True(t, exists, "%s names %s, which does not exist", r.ID, name)
		always = always || runs
	}
	assert.True(t, always, "no test of %s runs without the pilot study", r.ID)
}

func clauseNames(t *testing.T) map[string]bool {
	clauses, err := requirement.Clauses()
	require.NoError(t, err)
	names := map[string]bool{}
	for _, c := range clauses {
		assert.False(t, names[c.Clause], "%s stands twice", c.Clause)
		names[c.Clause] = true
		assert.NotEmpty(t, c.Asks+c.Gives+c.Yours, c.Clause)
	}
	return names
}

func isPage(name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil && strings.HasSuffix(name, ".md")
}

// testsOfTheTree maps every test, package.TestName, to whether it runs without the pilot study.
func testsOfTheTree(t *testing.T) map[string]bool {
	all := map[string]bool{}
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && s.isTest() {
				all[path.Base(packageName(s.dir))+"."+f.Name.Name] = !readsThePilot(f)
			}
		}
	}
	return all
}

// readsThePilot reports whether a function as a whole is skipped without the pilot study: it calls what
// does so outside of a function of its own.
func readsThePilot(f *ast.FuncDecl) (reads bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			name := ""
			switch fun := n.Fun.(type) {
			case *ast.Ident:
				name = fun.Name
			case *ast.SelectorExpr:
				name = fun.Sel.Name
			}
			reads = reads || strings.HasPrefix(name, "Pilot") || strings.HasPrefix(name, "pilot") || name == "NDJSON"
		}
		return true
	})
	return reads
}

// TestEveryNamedTestBelongsToARequirement: what a page calls proven is a requirement.
func TestEveryNamedTestBelongsToARequirement(t *testing.T) {
	all, err := requirement.All()
	require.NoError(t, err)
	owned := map[string]bool{}
	for _, r := range all {
		for _, name := range r.Tests {
			owned[path.Base(name)] = true
		}
	}
	for _, page := range markdownFiles(t) {
		for _, m := range namedTest.FindAllStringSubmatch(page.text, -1) {
			name := path.Base(m[1]) + "." + m[2]
			if !owned[name] && !strings.HasPrefix(m[2], "Example") {
				t.Errorf("%s names %s as a proof: add what it shows to docs/requirements", page.path, name)
			}
		}
	}
}

// generatedParts are the parts of pages that are made from the requirements, between comments.
var generatedParts = map[string]func() (string, error){
	"README.md":            requirement.GuaranteeTable,
	"docs/validation.md":   requirement.ClauseTable,
	"docs/requirements.md": func() (string, error) { return requirement.Tables(shownBy()) },
}

// shownBy maps each requirement to the scenarios of `imednet qualify` that show it.
func shownBy() map[string][]string {
	shown := map[string][]string{}
	for _, s := range scenarios.All(true) {
		for _, id := range s.Requirements {
			shown[id] = append(shown[id], s.ID)
		}
	}
	return shown
}

const (
	generatedFrom = "<!-- generated from docs/requirements: go test ./internal/house -update -->\n"
	generatedTo   = "<!-- end of what is generated -->\n"
)

// TestGeneratedPagesAreCurrent compares the tables of the pages with the requirements.
func TestGeneratedPagesAreCurrent(t *testing.T) {
	for page, generate := range generatedParts {
		file := filepath.Join(root, filepath.FromSlash(page))
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		before, rest, found := strings.Cut(string(text), generatedFrom)
		_, after, ends := strings.Cut(rest, generatedTo)
		require.True(t, found && ends, "%s has no generated part", page)
		table, err := generate()
		require.NoError(t, err)
		current := before + generatedFrom + "\n" + table + "\n" + generatedTo + after
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(current), 0o600))
			continue
		}
		require.Equal(t, current, string(text), "%s: run go test ./internal/house -update", page)
	}
}

// TestEveryPageIsASource: a page that promises something is where a requirement comes from.
func TestEveryPageIsASource(t *testing.T) {
	all, err := requirement.All()
	require.NoError(t, err)
	promising := []string{"README.md", "docs/guide.md", "docs/operations.md", "docs/security.md", "docs/validation.md",
		"docs/statistics.md", "docs/formats.md", "docs/migration.md", "docs/dictionary.md", "docs/scale.md"}
	for _, page := range promising {
		require.True(t, slices.ContainsFunc(all, func(r requirement.Requirement) bool { return slices.Contains(r.Source, page) }), page)
	}
}
