package extraction_test

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

const exampleConfiguration = `{
 "studyKey": "DEMO", "version": "1.2.0",
 "terminologyLookups": {"AE.aeSeverity": {"1": "MILD", "2": "MODERATE", "3": "SEVERE"}},
 "mappings": [
  {"domain": "ADSL", "targetField": "TRTSDT", "sourceFormKey": "EX", "sourceVariableName": "FIRSTDOSE"},
  {"domain": "AE", "targetField": "aeTerm", "sourceFormKey": "AE", "sourceVariableName": "AETERM"},
  {"domain": "AE", "targetField": "aeSeverity", "sourceFormKey": "AE", "sourceVariableName": "AESEV"},
  {"domain": "AE", "targetField": "aeSerious", "sourceFormKey": "AE", "sourceVariableName": "AESER"},
  {"domain": "AE", "targetField": "aeStartDate", "sourceFormKey": "AE", "sourceVariableName": "AESTDT"},
  {"domain": "ADAE", "targetField": "AETERM", "sourceFormKey": "AE", "sourceVariableName": "AETERM"},
  {"domain": "ADAE", "targetField": "ASTDT", "sourceFormKey": "AE", "sourceVariableName": "AESTDT"},
  {"domain": "ADAE", "targetField": "AETOXGR", "sourceFormKey": "AE", "sourceVariableName": "AESEV", "businessLogic": "int(value) if value else None"}
 ],
 "extraction": {"analysis": {}}
}`

const exampleRecords = `{"recordId":1,"formKey":"EX","subjectId":9,"subjectKey":"101","dateCreated":"2024-01-10 09:00:00","recordData":{"FIRSTDOSE":"2024-01-10"}}
{"recordId":2,"formKey":"AE","subjectId":9,"subjectKey":"101","dateCreated":"2024-02-01 09:00:00","dateModified":"2024-02-03 08:30:00","recordData":{"AETERM":"Headache","AESEV":"3","AESER":"N","AESTDT":"2024-01-31"}}
{"recordId":3,"formKey":"AE","subjectId":9,"subjectKey":"101","dateCreated":"2024-02-02 09:00:00","recordData":{"AETERM":"Nausea","AESEV":"1","AESER":"perhaps","AESTDT":"2024-01"}}
{"recordId":4,"formKey":"AE","subjectId":9,"subjectKey":"101","dateCreated":"2024-02-03 09:00:00","recordData":{"AETERM":"","AESEV":"2","AESER":"Y","AESTDT":"2024-02-03"}}`

// exampleStudy returns an engine and records that stand in for a mirror or a client.
func exampleStudy() (*extraction.Engine, extraction.RecordList) {
	cfg, err := imednet.ParseStudyConfiguration([]byte(exampleConfiguration), imednet.ConfigurationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	engine, err := extraction.NewEngine(cfg, extraction.WithCommit("5f1d0c2"))
	if err != nil {
		log.Fatal(err)
	}
	var records extraction.RecordList
	for line := range strings.SplitSeq(exampleRecords, "\n") {
		record, err := imednet.Decode[imednet.Record]([]byte(line))
		if err != nil {
			log.Fatal(err)
		}
		records = append(records, record)
	}
	return engine, records
}

func ExampleEngine_Extract() {
	engine, records := exampleStudy()
	result, err := engine.Extract(context.Background(), records, extraction.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range result.AdverseEvents {
		fmt.Println("AE:", e.AETerm, e.AESeverity, "serious:", cmp.Or(e.AESerious.String(), "unknown"))
	}
	for _, e := range result.ADAERecords {
		fmt.Printf("ADAE: %s, started %s, study day %q, treatment-emergent %q\n", e.Term, e.Start, e.StartDay, e.TreatmentEmergent)
	}
	for _, f := range result.ValidationErrors {
		fmt.Println("rejected:", f.Domain, "record", f.RecordID, f.Findings[0].Field, f.Findings[0].Message)
	}
	for _, f := range result.Findings {
		fmt.Println(f.Severity, f.Code, f.Domain, "record", f.RecordID, f.Field)
	}
	counts := result.Report.Domains[extraction.AE]
	fmt.Println("in", counts.In, "= out", counts.Out, "+ rejected", counts.Rejected)
	// Output:
	// AE: Headache SEVERE serious: N
	// AE: Nausea MILD serious: unknown
	// ADAE: Headache, started 2024-01-31, study day "22", treatment-emergent "Y"
	// ADAE: Nausea, started 2024-01, study day "", treatment-emergent ""
	// ADAE: , started 2024-02-03, study day "25", treatment-emergent "Y"
	// rejected: AE record 4 aeTerm is required and has no value
	// ERROR not-typed AE record 3 aeSerious
	// ERROR serious-unknown AE record 3 aeSerious
	// WARNING not-derived ADAE record 3 ASTDY
	// WARNING not-derived ADAE record 3 TRTEMFL
	// in 3 = out 2 + rejected 1
}

func ExampleRun_Subjects() {
	engine, records := exampleStudy()
	run := engine.Run(context.Background(), records, extraction.Options{})
	for subject, err := range run.Subjects() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("subject", subject.SubjectKey, "gives", len(subject.Rows), "rows")
	}
	report := run.Report()
	fmt.Println(report.Records.In, "records, balanced:", report.Balanced())
	// Output:
	// subject 101 gives 6 rows
	// 4 records, balanced: true
}

func ExampleExplain() {
	engine, records := exampleStudy()
	result, err := engine.Extract(context.Background(), records, extraction.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, question := range []struct {
		row   extraction.CanonicalRow
		field string
	}{{result.AdverseEvents[0].CanonicalRow, "aeSeverity"}, {result.ADAERecords[0].CanonicalRow, "TRTEMFL"}} {
		sentence, err := extraction.Explain(question.row, question.field)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sentence)
	}
	// Output:
	// aeSeverity is "SEVERE" from variable AESEV, which held "3", changed by a terminology lookup; record 2 of form AE, modified 2024-02-03 08:30:00 UTC; mapping 2 of configuration 1.2.0 (commit 5f1d0c2).
	// TRTEMFL is true, derived: whether ASTDT is on or after ADSL.TRTSDT; from record 1 of form EX, 2 of form AE; configuration 1.2.0 (commit 5f1d0c2).
}

// Where the values come from that one record gave, rejected rows included.
func ExampleEngine_Lineage() {
	engine, records := exampleStudy()
	query := extraction.LineageQuery{RecordID: 4, Domain: extraction.AE, Field: "aeTerm"}
	for row, err := range engine.Lineage(context.Background(), records, query, extraction.Options{}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, value := range row.Values {
			fmt.Println(value)
		}
		for _, v := range row.Rejected {
			fmt.Println("rejected:", v.Field, v.Message)
		}
	}
	// Output:
	// aeTerm is no value from variable AETERM, which held ""; record 4 of form AE; mapping 1 of configuration 1.2.0 (commit 5f1d0c2).
	// rejected: aeTerm is required and has no value
}

func ExampleCheckExpression() {
	for _, source := range []string{
		`"Y" if float(value) >= 3 and record.record_data["AESER"] == "Y" else "N"`,
		`[x for x in value]`,
		`f"grade {value}"`,
	} {
		fmt.Println(extraction.CheckExpression(source))
	}
	// Output:
	// <nil>
	// line 1, column 4: comprehensions and loops are not supported: name the elements, or use in, min and max
	// line 1, column 1: f-strings are not supported: write "text " + str(value)
}

func ExampleStandardsReadinessValidator_ScoreRecords() {
	engine, records := exampleStudy()
	result, err := engine.Extract(context.Background(), records, extraction.Options{})
	if err != nil {
		log.Fatal(err)
	}
	profile, err := extraction.NewProfileRegistry().Profile("general")
	if err != nil {
		log.Fatal(err)
	}
	report := extraction.NewStandardsReadinessValidator(profile).ScoreRecords(result.Rows(), nil)
	fmt.Printf("%d of %d fields: %.1f\n", report.Validated, report.Expected, *report.Score)
	for _, v := range report.Findings {
		fmt.Println(v.Severity, v.Domain, "record", v.RecordID, v.Message)
	}
	// Output:
	// 6 of 10 fields: 60.0
	// WARNING AE record 2 aeDecod is recommended for AE in general.
	// WARNING AE record 2 aeRelationship is recommended for AE in general.
	// WARNING AE record 3 aeDecod is recommended for AE in general.
	// WARNING AE record 3 aeRelationship is recommended for AE in general.
}

func ExampleConformance() {
	rows := []extraction.CanonicalRow{
		extraction.NewCanonicalRow(extraction.AE, "101", 7, []string{"aeTerm", "aeSeverity", "aeStartDate", "aeEndDate"}, map[string]extraction.CanonicalValue{
			"aeTerm": extraction.TextValue("Rash"), "aeSeverity": extraction.TextValue("MILD"),
			"aeStartDate": extraction.TextValue("2024-03-10"), "aeEndDate": extraction.TextValue("2024-02"),
		}),
	}
	conformance, err := extraction.NewConformance(extraction.ConformanceRules())
	if err != nil {
		log.Fatal(err)
	}
	conformance.All(slices.Values(rows))
	for _, r := range conformance.Results() {
		if r.Domain == extraction.AE {
			fmt.Printf("%s %s %q\n", r.ID, r.State, r.Reason)
		}
	}
	// Output:
	// AE-001 pass ""
	// AE-002 pass ""
	// AE-003 issues ""
	// AE-004 skipped "no row of AE has aeOutcome"
	// AE-005 skipped "no row of AE has aeOutcome"
	// AE-008 pass ""
	// AE-020 skipped "no row of AE has aeOutcome"
	// AE-023 skipped "no row of AE has aeOutcome"
	// AE-024 skipped "no row of AE has aeOutcome"
	// AE-025 skipped "no row of ADSL has DTHDT"
	// AE-030 pass ""
	// AE-031 skipped "no row of AE has aeSerious"
	// AE-033 skipped "no row of AE has aeOutcome"
}
