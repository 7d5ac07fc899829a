package house

import (
	"go/ast"
	"strings"
	"testing"
)

// parts are reports that stand in another one, which has the line to print.
var parts = map[string]string{
	"workflows/tables.FormReport":  "of MapReport",
	"cdisc/datasets.FormReport":    "of MapReport",
	"cdisc/datasets.MapReport":     "of Manifest, as pipeline wrote it",
	"workflows/report.StudyReport": "the workflow, whose Report prints",
}

// TestReportsPrintThemselves: what a run counted prints as one line.
func TestReportsPrintThemselves(t *testing.T) {
	printed, reports := map[string]bool{}, map[string]bool{}
	for _, s := range sources(t) {
		if s.isTest() || !s.isPublic() {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && d.Name.Name == "String" {
					printed[s.dir+"."+receiver(d)] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if typ, ok := spec.(*ast.TypeSpec); ok && isReport(typ) {
						reports[s.dir+"."+typ.Name.Name] = true
					}
				}
			}
		}
	}
	for report := range reports {
		if _, part := parts[report]; !part && !printed[report] {
			t.Errorf("%s has no String: it is what a run counted, and prints as one line", report)
		}
	}
}

func isReport(typ *ast.TypeSpec) bool {
	name := typ.Name.Name
	_, isStruct := typ.Type.(*ast.StructType)
	return isStruct && typ.Name.IsExported() && (strings.HasSuffix(name, "Report") || strings.HasSuffix(name, "Verification") || name == "PollSummary")
}

// TestOptionsHaveOneName: whatever takes a clock or shows progress is given it by one name.
func TestOptionsHaveOneName(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || !s.isPublic() {
			continue
		}
		for _, decl := range s.file.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok || d.Recv != nil || !d.Name.IsExported() {
				continue
			}
			name, isOption := strings.CutPrefix(d.Name.Name, "With")
			for _, word := range []string{"Clock", "Progress", "Author"} {
				if isOption && name != word && strings.HasSuffix(name, word) {
					t.Errorf("%s: %s is another name for With%s", s.path, d.Name.Name, word)
				}
			}
		}
	}
}
