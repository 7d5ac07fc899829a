package report_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/report"
)

func ExampleStudyReport_Build() {
	// A generated study, served in memory. A program would give a view of the mirror instead.
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 2000})).Client()
	clock := imednettest.NewClock(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC))
	workflow, err := report.NewStudyReport(client, report.WithClock(clock))
	if err != nil {
		log.Fatal(err)
	}
	study, err := workflow.Build(context.Background(), "DEMO", report.Options{AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(study)
	for _, site := range study.Sites {
		fmt.Printf("%s: %d subjects, %d visits done, %d missed, %d open queries, %d overdue\n",
			site.Name, site.Subjects, site.Visits.Done(), site.Visits.Missed, site.Queries.Open, site.Queries.Overdue)
	}
	for _, s := range study.AdverseEvents.Severity {
		fmt.Printf("%s: %d serious, %d not, %d unknown\n", s.Severity, s.Serious, s.NotSerious, s.Unknown)
	}
	if err := study.WriteHTML(io.Discard, report.PageOptions{}); err != nil { // a program would give a file
		log.Fatal(err)
	}
	// Output:
	// 42 subjects at 3 sites, 250 visits, 21 open queries, 1981 records
	// Site 01: 14 subjects, 59 visits done, 0 missed, 10 open queries, 10 overdue
	// Site 02 - North; Annex: 14 subjects, 59 visits done, 0 missed, 7 open queries, 7 overdue
	// Site 03: 14 subjects, 54 visits done, 0 missed, 4 open queries, 3 overdue
	// Mild: 67 serious, 79 not, 12 unknown
	// Moderate: 55 serious, 65 not, 12 unknown
	// Severe: 67 serious, 59 not, 12 unknown
	// unknown: 11 serious, 11 not, 2 unknown
}
