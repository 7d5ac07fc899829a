package formats

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sourceMembers lists the members of a struct that its package keeps to itself, from the struct
// tags in its source.
func sourceMembers(t *testing.T, file, typeName, tag string) []fact {
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", file), nil, 0)
	require.NoError(t, err)
	var facts []fact
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != typeName {
			return true
		}
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			text, err := strconv.Unquote(field.Tag.Value)
			require.NoError(t, err)
			name, options, _ := strings.Cut(reflect.StructTag(text).Get(tag), ",")
			typ := sourceType(field.Type)
			if strings.Contains(options, "omit") {
				typ += ", optional"
			}
			facts = append(facts, fact{name, typ})
		}
		return false
	})
	require.NotEmpty(t, facts, "%s has no %s", file, typeName)
	return facts
}

// sourceType words a type as the pages do. A named type of another package is one of strings.
func sourceType(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return map[string]string{"string": "string", "int64": "integer", "bool": "boolean"}[e.Name]
	case *ast.SelectorExpr:
		if e.Sel.Name == "Duration" {
			return "duration"
		}
	}
	return "string"
}
