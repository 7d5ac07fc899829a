package formats

import (
	"cmp"
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
// tags in its source. The struct is a type, "rejectLine", or stands in a method, "Lineage.MarshalJSON".
func sourceMembers(t *testing.T, file, name, tag string) []fact {
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", file), nil, 0)
	require.NoError(t, err)
	var facts []fact
	for _, decl := range parsed.Decls {
		ast.Inspect(named(decl, name), func(n ast.Node) bool {
			list, ok := n.(*ast.StructType)
			if !ok || len(facts) > 0 {
				return len(facts) == 0
			}
			facts = taggedMembers(t, list, tag)
			return false
		})
	}
	require.NotEmpty(t, facts, "%s has no %s", file, name)
	return facts
}

// readMembers lists the members that a function reads of a document: the keys of its mappings, each with
// what reads it, r.flag(…) for a boolean.
func readMembers(t *testing.T, file, function string) []fact {
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", file), nil, 0)
	require.NoError(t, err)
	var facts []fact
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Name.Name != function {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				facts = append(facts, readMember(n.Key, n.Value)...)
			case *ast.AssignStmt:
				if index, ok := n.Lhs[0].(*ast.IndexExpr); ok {
					facts = append(facts, readMember(index.Index, n.Rhs[0])...)
				}
			}
			return true
		})
	}
	require.NotEmpty(t, facts, "%s has no %s", file, function)
	return facts
}

func readMember(key, value ast.Expr) []fact {
	name, ok := key.(*ast.BasicLit)
	if !ok || name.Kind != token.STRING {
		return nil
	}
	text, err := strconv.Unquote(name.Value)
	if err != nil {
		return nil
	}
	words := map[string]string{"name": "string", "text": "string", "choice": "string", "prefix": "string", "texts": "array of string", "where": "array of string",
		"flag": "boolean", "count": "integer", "place": "path", "age": "age"}
	typ := ""
	if call, ok := value.(*ast.CallExpr); ok {
		if method, ok := call.Fun.(*ast.SelectorExpr); ok {
			typ = words[method.Sel.Name]
		}
	}
	return []fact{{text, typ}}
}

// named returns a declaration if it is the one of this name, otherwise one of nothing.
func named(decl ast.Decl, name string) ast.Node {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			if receiver, ok := d.Recv.List[0].Type.(*ast.Ident); ok && receiver.Name+"."+d.Name.Name == name {
				return d
			}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if typ, ok := spec.(*ast.TypeSpec); ok && typ.Name.Name == name {
				return typ
			}
		}
	}
	return &ast.EmptyStmt{}
}

func taggedMembers(t *testing.T, list *ast.StructType, tag string) []fact {
	var facts []fact
	for _, field := range list.Fields.List {
		if field.Tag == nil {
			continue // what the package keeps beside the members
		}
		text, err := strconv.Unquote(field.Tag.Value)
		require.NoError(t, err)
		name, options, _ := strings.Cut(reflect.StructTag(text).Get(tag), ",")
		typ := sourceType(field.Type)
		if strings.Contains(options, "omit") {
			typ += ", optional"
		}
		facts = append(facts, fact{name, typ})
	}
	return facts
}

// sourceType words a type as the pages do.
func sourceType(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		if e.Name == "CanonicalValue" { // of package extraction
			return "value"
		}
		return cmp.Or(sourceWords[e.Name], e.Name)
	case *ast.StarExpr:
		return sourceType(e.X)
	case *ast.MapType:
		return "object"
	case *ast.ArrayType:
		return "array of " + sourceType(e.Elt)
	case *ast.SelectorExpr:
		if e.Sel.Name == "Value" { // of package jsontext
			return "any"
		}
		return sourceType(e.Sel)
	}
	return "any"
}

// sourceWords are types that are named otherwise in the pages.
var sourceWords = map[string]string{
	"int": "integer", "int64": "integer", "bool": "boolean",
	"Domain": "string", "Reason": "string", "RevisionID": "integer", "Duration": "duration", "Time": "time",
	"retentionSettings": "object",
}
