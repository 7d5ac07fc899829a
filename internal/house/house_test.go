package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/imednetgo/imednet"

// private lists the folders that hold no packages for users. They may import anything.
var private = []string{"cmd", "examples", "bench", "internal", "docs"}

// exceptions lists which public packages may import which others besides the one that they stand
// below; no other may.
var exceptions = map[string][]string{
	"cache/cachetest":       {"imednettest"},
	"pipeline":              {"workflows/tables"},
	"warehouse":             {"workflows/tables"},
	"lake":                  {"arrow18", "cache", "workflows/tables"},
	"lake/cmd/imednet-lake": {"postgres"}, // a command, which opens what its package only reads
	"postgres":              {"cache", "ledger", "triage", "versioning", "workflows/submissions"},
}

// nested lists the folders that are modules of their own. What needs their packages linked is held by
// their own tests, which .ci/run runs: this module does not see theirs.
var nested = []string{"lake"}

type source struct {
	path string // slash-separated, relative to the root
	dir  string
	file *ast.File
	fset *token.FileSet
}

func (s source) top() string {
	top, _, _ := strings.Cut(s.dir, "/")
	return top
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// isNested reports whether a file belongs to a module of its own.
func (s source) isNested() bool { return slices.Contains(nested, s.top()) }

func (s source) isPublic() bool {
	return !slices.Contains(private, s.top()) && s.dir != "lake/bench" // a command too
}

// sources are the Go files of the tree. They are read once: a test must not change them.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := parsedTree()
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

var parsedTree = sync.OnceValues(func() (all []source, err error) {
	root := filepath.Join("..", "..")
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root && d.Name() != "..") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		all = append(all, source{rel, filepath.ToSlash(filepath.Dir(rel)), file, fset})
		return nil
	})
	return all, err
})

func TestNoPublicPackageImportsAnother(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || !s.isPublic() {
			continue
		}
		for _, imp := range s.file.Imports {
			path, ours := strings.CutPrefix(strings.Trim(imp.Path.Value, `"`), module+"/")
			if ours && !mayImport(s.dir, path) {
				t.Errorf("%s imports %s: declare a small interface instead", s.path, path)
			}
		}
	}
}

// mayImport reports whether a public package may import another package of the module.
func mayImport(from, to string) bool {
	switch {
	case strings.HasPrefix(to, "internal/"), room(from) == room(to), strings.HasPrefix(from, to+"/"):
		return true
	case from == "workflows":
		return strings.HasPrefix(to, "workflows/")
	}
	return slices.Contains(exceptions[room(from)], to) || slices.Contains(exceptions[from], to)
}

// room is the public package that a folder belongs to: its top folder, or the one below workflows.
func room(dir string) string {
	parts := strings.Split(dir, "/")
	if parts[0] == "workflows" && len(parts) > 1 {
		return "workflows/" + parts[1]
	}
	return parts[0]
}

func TestEveryPublicPackageHasAManual(t *testing.T) {
	manuals := map[string]int{}
	for _, s := range sources(t) {
		if !s.isPublic() || s.isTest() {
			continue
		}
		if _, seen := manuals[s.dir]; !seen {
			manuals[s.dir] = 0
		}
		manuals[s.dir] = max(manuals[s.dir], len(s.file.Doc.Text()))
	}
	for dir, length := range manuals {
		if length < 150 {
			t.Errorf("%s: the package comment is no manual (%d characters)", dir, length)
		}
	}
}

func TestEveryExportedNameHasAComment(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || s.top() == "examples" || s.top() == "bench" {
			continue
		}
		for _, decl := range s.file.Decls {
			for _, name := range undocumented(decl) {
				t.Errorf("%s: %s has no comment", s.fset.Position(decl.Pos()), name)
			}
		}
	}
}

// undocumented lists the exported names that a declaration leaves without a comment. A group's
// comment serves all of its names.
func undocumented(decl ast.Decl) []string {
	var names []string
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			names = append(names, undocumentedSpec(d, spec)...)
		}
	}
	return names
}

func undocumentedSpec(d *ast.GenDecl, spec ast.Spec) []string {
	var names []string
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
			names = append(names, spec.Name.Name)
		}
	case *ast.ValueSpec:
		for _, n := range spec.Names {
			if n.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

func exportedReceiver(d *ast.FuncDecl) bool {
	return d.Recv == nil || ast.IsExported(receiver(d))
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if index, ok := typ.(*ast.IndexExpr); ok {
		typ = index.X
	}
	name, _ := typ.(*ast.Ident)
	if name == nil {
		return ""
	}
	return name.Name
}

func TestTestsDoNotSleep(t *testing.T) {
	for _, s := range sources(t) {
		if !s.isTest() || s.top() == "bench" { // benchmarks play a slow network
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if ok && sel.Sel.Name == "Sleep" {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
					t.Errorf("%s: a test must not sleep to wait", s.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
