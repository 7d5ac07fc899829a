package cdisc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"os"
	"strings"
	"time"

	"github.com/imednetgo/imednet/cdisc"
)

// visits is a source of two rows.
type visits struct{}

func (visits) Dataset() cdisc.Dataset {
	return cdisc.Dataset{Name: "VS", Label: "Vital Signs", Variables: []cdisc.Variable{
		{Name: "USUBJID", Label: "Unique Subject Identifier", Type: cdisc.Character, Key: 1},
		{Name: "VSSTRESN", Label: "Numeric Result", Type: cdisc.Double},
		{Name: "TEMPERATURE", Label: "Temperature as Written", Type: cdisc.Decimal},
	}}
}

func (visits) Rows(context.Context) iter.Seq2[cdisc.Row, error] {
	return func(yield func(cdisc.Row, error) bool) {
		_ = yield(cdisc.Row{cdisc.Text("DEMO-01"), cdisc.Float(118.5), cdisc.Text("36.60")}, nil) &&
			yield(cdisc.Row{cdisc.Text("DEMO-02"), {}, cdisc.Text("37.1")}, nil)
	}
}

// A survey finds what a format cannot hold, before anything is written. Dataset-JSON takes the long
// name, XPORT 5 does not.
func Example() {
	ctx := context.Background()
	created := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	survey, err := cdisc.NewSurvey(ctx, visits{})
	if err != nil {
		fmt.Println(err)
		return
	}

	var file bytes.Buffer
	err = cdisc.WriteXPT(ctx, &file, visits{}, survey, cdisc.XPTOptions{Created: created})
	var unfit *cdisc.UnfitError
	if errors.As(err, &unfit) {
		fmt.Println(unfit.Problems[0])
	}

	if err := cdisc.WriteDatasetJSON(ctx, &file, visits{}, survey, cdisc.JSONOptions{Format: cdisc.NDJSON, Created: created}); err != nil {
		fmt.Println(err)
		return
	}
	back, err := cdisc.NewJSONReader(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range back.Rows(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		digits, _ := row[2].Text()
		fmt.Println(digits)
	}
	// Output:
	// VS.TEMPERATURE: variable-name (1): no name of SAS of at most 8 letters, digits and underscores
	// 36.60
	// 37.1
}

// scratch is a directory that the example removes.
func scratch() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

// A name map answers what XPORT does not hold; the manifest counts what the format leaves out.
func ExampleExport() {
	dir, remove := scratch()
	defer remove()
	manifest, err := cdisc.Export(context.Background(), dir, []cdisc.Source{visits{}}, cdisc.ExportOptions{
		Formats: []cdisc.Format{cdisc.XPT5, cdisc.JSON},
		Names:   cdisc.Names{"VS": {Variables: map[string]cdisc.VariableNames{"TEMPERATURE": {Name: "TEMP"}}}},
		JSON:    cdisc.JSONOptions{Created: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), StudyOID: "DEMO", MetaDataVersionOID: "MDV.1"},
		Define:  &cdisc.DefineOptions{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, file := range manifest.Files {
		fmt.Println(file.Path, file.Rows)
	}
	fmt.Println(manifest.Losses)
	// Output:
	// vs.xpt 2
	// vs.json 2
	// define.xml 0
	// [{VS TEMP written-digits xpt5 1}]
}

// Two files of different formats are equal when every value is.
func ExampleDiff() {
	ctx := context.Background()
	dir, remove := scratch()
	defer remove()
	_, err := cdisc.Export(ctx, dir, []cdisc.Source{visits{}}, cdisc.ExportOptions{
		Formats: []cdisc.Format{cdisc.XPT8, cdisc.NDJSON},
		JSON:    cdisc.JSONOptions{Created: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	first, err := cdisc.OpenFile(dir + "/vs.xpt")
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := cdisc.OpenFile(dir + "/vs.ndjson")
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := cdisc.Diff(ctx, first, second, cdisc.DiffOptions{Key: []string{"USUBJID"}, TempDir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report)
	// Output: equal: 2 rows, 6 values compared
}

// A define.xml describes surveyed tables.
func ExampleWriteDefine() {
	survey, err := cdisc.NewSurvey(context.Background(), visits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var document strings.Builder
	err = cdisc.WriteDefine(&document, []*cdisc.Survey{survey}, cdisc.DefineOptions{Created: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), StudyOID: "DEMO", MetaDataVersionOID: "MDV.1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(document.String()) {
		if strings.HasPrefix(line, "<ItemDef") {
			fmt.Println(strings.TrimSpace(line))
		}
	}
	// Output:
	// <ItemDef OID="IT.VS.USUBJID" Name="USUBJID" DataType="text" Length="7" SASFieldName="USUBJID">
	// <ItemDef OID="IT.VS.VSSTRESN" Name="VSSTRESN" DataType="float" Length="5" SignificantDigits="1" SASFieldName="VSSTRESN">
	// <ItemDef OID="IT.VS.TEMPERATURE" Name="TEMPERATURE" DataType="float" Length="5" SignificantDigits="2">
}

// numbered gives each visit the number of a record, which ODM asks for.
type numbered struct{ visits }

func (n numbered) Dataset() cdisc.Dataset {
	d := n.visits.Dataset()
	d.Variables = append(d.Variables, cdisc.Variable{Name: "recordId", Type: cdisc.WholeNumber})
	return d
}

func (n numbered) Rows(ctx context.Context) iter.Seq2[cdisc.Row, error] {
	return func(yield func(cdisc.Row, error) bool) {
		var id int64
		for row, err := range n.visits.Rows(ctx) {
			id++
			if !yield(append(row, cdisc.Integer(id)), err) {
				return
			}
		}
	}
}

// The records of a form become an ODM snapshot, by subject.
func ExampleWriteODM() {
	dir, remove := scratch()
	defer remove()
	var document strings.Builder
	form := cdisc.ODMForm{Source: numbered{}, Place: cdisc.ODMPlace{Subject: "USUBJID", Record: "recordId"}}
	report, err := cdisc.WriteODM(context.Background(), &document, []cdisc.ODMForm{form}, cdisc.ODMStudy{OID: "DEMO", MetaDataVersionOID: "MDV.1", Effective: "2026-01-01"},
		cdisc.ODMOptions{Created: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), TempDir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report)
	fmt.Println(strings.Count(document.String(), "<FormData "))
	// Output:
	// 2 subjects, 2 records, 0 rows of reference data, 3 items; 0 deleted records left out, 0 states by an unknown user
	// 2
}

// A proposal of names is for a person to read.
func ExampleProposeNames() {
	names := cdisc.ProposeNames([]cdisc.Dataset{visits{}.Dataset()}, cdisc.XPT5)
	fmt.Println(names["VS"].Variables["TEMPERATURE"].Name)
	// Output: TEMPERTR
}

// A file of others may be in an encoding that it does not name.
func ExampleWithEncoding() {
	_, err := cdisc.NewXPTReader(strings.NewReader(""), cdisc.WithEncoding("ebcdic"))
	fmt.Println(err)
	// Output: imednet: invalid argument of cdisc.WithEncoding: e: is not an encoding that this package knows
}
