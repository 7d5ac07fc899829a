package house

import (
	"encoding/json"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestGoBlocksAreCompiled finds every block marked go in a file that the build or a test compiles,
// as it stands there but for white space.
func TestGoBlocksAreCompiled(t *testing.T) {
	var files []string
	for _, s := range sources(t) {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(s.path)))
		require.NoError(t, err)
		files = append(files, inOneLine(string(text)))
	}
	for _, page := range pages(t) {
		for _, b := range page.Blocks {
			if b.Lang != "go" {
				continue
			}
			excerpt := inOneLine(b.Text)
			found := slices.ContainsFunc(files, func(file string) bool { return strings.Contains(file, excerpt) })
			require.True(t, found, "%s:%d: no compiled file holds this block", page.Path, b.Line)
		}
	}
}

func inOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestDataBlocksAreValid(t *testing.T) {
	for _, page := range pages(t) {
		for _, b := range page.Blocks {
			switch b.Lang {
			case "json":
				require.True(t, json.Valid([]byte(b.Text)), "%s:%d", page.Path, b.Line)
			case "yaml":
				require.NoError(t, yaml.Unmarshal([]byte(b.Text), new(any)), "%s:%d", page.Path, b.Line)
			}
		}
	}
}

var namedTest = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz|Example)[A-Za-z0-9_]+)`")

// TestNamedTestsExist finds every test that a page names as a proof, written `package.TestName`.
func TestNamedTestsExist(t *testing.T) {
	exist := map[string]bool{}
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				exist[path.Base(packageName(s.dir))+"."+f.Name.Name] = true
			}
		}
	}
	named := 0
	for _, page := range markdownFiles(t) {
		for _, m := range namedTest.FindAllStringSubmatch(page.text, -1) {
			named++
			if !exist[path.Base(m[1])+"."+m[2]] {
				t.Errorf("%s names %s.%s, which does not exist", page.path, m[1], m[2])
			}
		}
	}
	require.NotZero(t, named, "the README names the tests that hold its promises")
}

// packageName is how pages call the package of a folder.
func packageName(dir string) string {
	if dir == "." {
		return path.Base(module)
	}
	return dir
}

type markdownFile struct{ path, text string }

// markdownFiles returns every Markdown file of the repository.
func markdownFiles(t *testing.T) []markdownFile {
	t.Helper()
	var files []markdownFile
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".md") {
			return err
		}
		text, err := os.ReadFile(path)
		files = append(files, markdownFile{path, string(text)})
		return err
	})
	require.NoError(t, err)
	return files
}
