package formats

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkWords holds a list of values against the constants of a type in a package of this module,
// or, for words without a type of their own, against those whose name begins so.
func checkWords(d *document, page, heading, dir, typeOrPrefix string) {
	d.t.Helper()
	d.compare(d.find(page, heading), words(d.t, dir, typeOrPrefix))
}

func words(t *testing.T, dir, typeOrPrefix string) []fact {
	files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
	require.NoError(t, err)
	var facts []fact
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if group, ok := decl.(*ast.GenDecl); ok && group.Tok == token.CONST {
				facts = append(facts, wordsOf(group, typeOrPrefix)...)
			}
		}
	}
	require.NotEmpty(t, facts, "%s has no constants %s", dir, typeOrPrefix)
	return facts
}

func wordsOf(group *ast.GenDecl, typeOrPrefix string) []fact {
	var facts []fact
	for _, spec := range group.Specs {
		value := spec.(*ast.ValueSpec)
		typ, _ := value.Type.(*ast.Ident)
		for i, name := range value.Names {
			if i >= len(value.Values) || !name.IsExported() {
				continue
			}
			ofType := typ != nil && typ.Name == typeOrPrefix
			ofPrefix := typ == nil && strings.HasPrefix(name.Name, typeOrPrefix)
			literal, ok := value.Values[i].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING || !ofType && !ofPrefix {
				continue
			}
			word, err := strconv.Unquote(literal.Value)
			if err == nil {
				facts = append(facts, fact{name: word})
			}
		}
	}
	return facts
}
