package house

import (
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parsers are the calls that read a date, a number or a name in any case. What an answer means is
// decided in the root and in internal/answers: whoever calls one of these elsewhere asks another
// question, and says which in homes.
var parsers = []string{
	"time.Parse", "time.ParseInLocation", "strconv.ParseFloat", "strconv.ParseInt", "strconv.ParseUint", "strconv.Atoi",
	"strconv.ParseBool", "strings.EqualFold", "fmt.Sscan", "fmt.Sscanf", "fmt.Sscanln", "SetString", "norm.NFC", "norm.NFD", "cases.Fold",
}

// homes lists the files that may call a parser, and what they read. A folder stands for its files.
var homes = map[string]string{
	"time.go":                          "the API's times and dates",
	"numberconvert.go":                 "a Number as other types",
	"numberparse.go":                   "the exponent of a Number",
	"opt.go":                           "booleans of the models, which are no flags",
	"partialdate_format.go":            "the name of a date format",
	"internal/answers":                 "answers, their keys and their text",
	"internal/expression":              "Python's literals, as expressions have them",
	"versioning/document.go":           "numbers as Python writes them, for equal commit ids",
	"versioning/patch_apply.go":        "the index of a JSON pointer",
	"versioning/unknown.go":            "the index of a JSON pointer",
	"workflows/tables/survey.go":       "whether a layout of package time gives a text back",
	"workflows/tables/cellwriter.go":   "text in the layout that the survey found",
	"workflows/tables/pass.go":         "the visit id of an option",
	"cdisc":                            "names, dates and counts of the formats' own",
	"dictionary":                       "words and positions of the design export",
	"cache/database.go":                "ids of rows, as we wrote them",
	"cache/copy.go":                    "numbers as the database has them",
	"cache/notes.go":                   "a ticket of a file of ours",
	"internal/postgrestest/owner.go":   "the number of a user of the system",
	"internal/shown":                   "words of a server that may be repeated",
	"internal/storetest/flip.go":       "a page number of SQLite's own",
	"internal/audit/head.go":           "a line of a file of ours",
	"internal/audit/person.go":         "whether two names are of one person",
	"internal/idtoken/unambiguous.go":  "members of a token in other letters",
	"internal/sqlite/readers_linux.go": "the kernel's table of locks",
	"internal/wire":                    "headers and pages of HTTP",
	"rest":                             "settings of the environment, hosts",
	"postgres/translate.go":            "the number of a placeholder",
	"triage/options.go":                "names of severities",
	"workflows/submissions":            "names, as people type them, for a hint",
	"cmd":                              "arguments of the command",
	"bench":                            "the kernel's figures",
	"lake/properties.go":               "properties of snapshots, as we wrote them",
	"internal/qualification/scenarios": "what a server sends, which must not share the library's mistakes",
	"imednettest":                      "what a server reads, which must not share the client's mistakes",
}

// TestAnswersAreParsedInOnePlace finds a second parser the day it is written.
func TestAnswersAreParsedInOnePlace(t *testing.T) {
	used := map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest() {
			continue
		}
		home := homeOf(s.path)
		for _, call := range callsOf(s.file) {
			if !slices.Contains(parsers, call) {
				continue
			}
			if home == "" {
				t.Errorf("%s calls %s: use the root's reading of answers, or say in homes what else it reads", s.path, call)
			}
			used[home] = true
		}
	}
	for home := range homes {
		require.True(t, used[home], "%s parses nothing any more: take it off the list", home)
	}
}

// homeOf is the entry of homes that a file belongs to, or "".
func homeOf(path string) string {
	for home := range homes {
		if path == home || strings.HasPrefix(path, home+"/") {
			return home
		}
	}
	return ""
}

// callsOf lists the functions that a file names with their package, and methods by their name alone.
func callsOf(file *ast.File) []string {
	var calls []string
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok {
				calls = append(calls, pkg.Name+"."+sel.Sel.Name)
			}
			calls = append(calls, sel.Sel.Name)
		}
		return true
	})
	return calls
}
