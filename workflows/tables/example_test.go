package tables_test

import (
	"context"
	"fmt"
	"iter"
	"log"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// mapperExample is a source of three lines a method. A Client and the mirror are sources too.
type mapperExample struct{}

func (mapperExample) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return decoded[imednet.Form](imednet.Decode[imednet.Form], `{"formId":1,"formKey":"AE","formName":"Adverse Events"}`)
}

func (mapperExample) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return decoded[imednet.Variable](imednet.Decode[imednet.Variable],
		`{"variableId":1,"variableName":"AETERM","variableType":"TEXT","label":"Event term","formKey":"AE","sequence":1}`,
		`{"variableId":2,"variableName":"AESTDTC","variableType":"DATE","label":"Start date","formKey":"AE","sequence":2}`,
		`{"variableId":3,"variableName":"AEDUR","variableType":"NUMBER","label":"Days","formKey":"AE","sequence":3}`)
}

func (mapperExample) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return decoded[imednet.Record](imednet.Decode[imednet.Record],
		`{"recordId":101,"formKey":"AE","subjectId":7,"subjectKey":"01-001","visitId":5,"recordData":{"AETERM":"Headache","AESTDTC":"2013-12","AEDUR":"3"}}`,
		`{"recordId":102,"formKey":"AE","subjectId":7,"subjectKey":"01-001","parentRecordId":101,"recordData":{"aeterm":"Nausea","AESTDTC":"2013-12-26","AEDUR":"<1","AECODE":"N1"}}`,
		`{"recordId":103,"formKey":"AE","subjectId":8,"subjectKey":"01-002","deleted":true,"recordData":{"AETERM":"Entered twice"}}`)
}

// Subjects is what de-identification needs besides.
func (mapperExample) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return decoded[imednet.Subject](imednet.Decode[imednet.Subject], `{"subjectId":7,"subjectKey":"01-001"}`, `{"subjectId":8,"subjectKey":"01-002"}`)
}

func decoded[T any](decode func([]byte) (T, error), rows ...string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(decode([]byte(row))) {
				return
			}
		}
	}
}

func exampleMapper(opts ...tables.Option) *tables.RecordMapper {
	m, err := tables.NewRecordMapper(mapperExample{}, opts...)
	if err != nil {
		log.Fatal(err)
	}
	return m
}

// Typed batches of every form, with what does not fit beside them.
func ExampleRecordMapper_MapForms() {
	var rejects tables.RejectList
	run := exampleMapper().MapForms(context.Background(), "DEMO", tables.MapOptions{OnReject: rejects.Add})
	for batch, err := range run.Batches() {
		if err != nil {
			log.Fatal(err)
		}
		schema := batch.Record.Schema()
		for i := schema.NumFields() - 5; i < schema.NumFields(); i++ {
			fmt.Printf("%-18s %-8s %v\n", schema.Field(i).Name, schema.Field(i).Type, batch.Record.Column(i))
		}
	}
	for r := range rejects.All() {
		fmt.Printf("rejected: record %d %s.%s %s: %s\n", r.RecordID, r.FormKey, r.Variable, r.Raw, r.Reason)
	}
	report := run.Report()
	fmt.Printf("%d records = %d rows + %d deleted; %d values = %d cells + %d rejected\n",
		report.Records, report.Rows, report.Deleted, report.Values, report.Cells, report.Rejected)
	// Output:
	// AETERM             utf8     ["Headache" "Nausea"]
	// AESTDTC            utf8     ["2013-12" "2013-12-26"]
	// AESTDTC_date       date32   [(null) 16065]
	// AESTDTC_precision  utf8     ["month" "day"]
	// AEDUR              float64  [3 (null)]
	// rejected: record 102 AE.AEDUR "<1": not a decimal number
	// rejected: record 102 AE.AECODE "N1": key that no variable of the form declares
	// 3 records = 2 rows + 1 deleted; 7 values = 5 cells + 2 rejected
}

// One wide table over all forms, with labels as titles.
func ExampleRun_Table() {
	table, err := exampleMapper().Map(context.Background(), "DEMO", tables.MapOptions{Titles: tables.ByLabel}).Table()
	if err != nil {
		log.Fatal(err)
	}
	defer table.Release()
	fmt.Println(table.NumRows(), "rows")
	for _, f := range table.Schema().Fields() {
		fmt.Println(f.Name)
	}
	// Output:
	// 2 rows
	// recordId
	// subjectKey
	// visitId
	// formId
	// recordStatus
	// dateCreated
	// Event term
	// Start date
	// Start date (date)
	// Start date (precision)
	// Days
}

// A plan that fits the data, with columns for undeclared keys, kept for later runs.
func ExampleRecordMapper_InferPlan() {
	plan, _, err := exampleMapper().InferPlan(context.Background(), "DEMO", tables.InferOptions{ExtraColumns: true})
	if err != nil {
		log.Fatal(err)
	}
	form, _ := plan.Form("AE")
	for _, c := range form.Columns {
		fmt.Println(c.Name, c.Type, c.Extra)
	}
	// Output:
	// AETERM text false
	// AESTDTC date false
	// AEDUR int64 false
	// AECODE text true
}

// An array.RecordReader, for everything that takes one.
func ExampleRecordMapper_MapForm() {
	reader, err := exampleMapper().MapForm(context.Background(), "DEMO", "AE", tables.MapOptions{IncludeDeleted: true}).Reader()
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Release()
	for reader.Next() {
		fmt.Println(reader.Record().Column(0))
	}
	if err := reader.Err(); err != nil {
		log.Fatal(err)
	}
	// Output: [101 102 103]
}

// Records below their subject, visit and form.
func ExampleRecordMapper_Hierarchy() {
	for subject, err := range exampleMapper().Hierarchy(context.Background(), "DEMO", tables.MapOptions{}).Subjects() {
		if err != nil {
			log.Fatal(err)
		}
		for _, visit := range subject.Visits {
			for _, form := range visit.Forms {
				for _, record := range form.Records {
					fmt.Println(subject.SubjectKey.Or(""), visit.VisitID.Or(0), form.FormKey, record.RecordID, record.ParentRecordID.Or(0), record.Cells[0].Value.Text())
				}
			}
		}
	}
	// Output:
	// 01-001 5 AE 101 0 Headache
	// 01-001 0 AE 102 101 Nausea
}

// Pseudonyms for subjects, shifted dates, and no verbatim terms.
func ExampleWithDeidentification() {
	m := exampleMapper(tables.WithDeidentification(tables.Deidentification{
		Key: []byte("a secret of 16 bytes or more"), PHIFields: []string{"aeterm"},
	}))
	table, err := m.Map(context.Background(), "DEMO", tables.MapOptions{Variables: []string{"AETERM", "AEDUR"}}).Table()
	if err != nil {
		log.Fatal(err)
	}
	defer table.Release()
	fmt.Println(table.Schema().HasField("AETERM"), table.Schema().HasField("AEDUR"))
	keys := table.Column(1).Data().Chunk(0).(*array.String)
	fmt.Println(len(keys.Value(0)), keys.Value(0) == keys.Value(1))
	// Output:
	// false true
	// 26 true
}

// Rejects as an Arrow table of their own.
func ExampleRejectList() {
	var rejects tables.RejectList
	for _, err := range exampleMapper().Map(context.Background(), "DEMO", tables.MapOptions{OnReject: rejects.Add}).Batches() {
		if err != nil {
			log.Fatal(err)
		}
	}
	reader := rejects.Reader(memory.DefaultAllocator)
	defer reader.Release()
	for reader.Next() {
		fmt.Println(reader.Record().Column(2), reader.Record().Column(4))
	}
	// Output: ["AEDUR" "AECODE"] ["<1" "N1"]
}
