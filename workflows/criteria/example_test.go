package criteria_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/criteria"
)

func ExampleDataExtraction_Extract() {
	// A program would use rest.New instead of a study in memory.
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
	d, err := criteria.NewDataExtraction(client)
	if err != nil {
		log.Fatal(err)
	}
	run := d.Extract(context.Background(), "DEMO", criteria.RecordCriteria{
		Records:  imednet.Where("formKey", imednet.Equal, "VS"),
		Subjects: imednet.Where("siteName", imednet.Equal, "Site 01"),
	})
	for r, err := range run.Records() {
		if err != nil {
			log.Fatal(err)
		}
		if run.Report().Yielded <= 3 {
			fmt.Println(r.RecordID, r.FormKey.Or(""))
		}
	}
	report := run.Report()
	fmt.Printf("%d read = %d yielded + %d deleted + %d unmatched\n", report.Read, report.Yielded, report.Deleted, report.Unmatched)
	// Output:
	// 100002 VS
	// 100027 VS
	// 100053 VS
	// 23 read = 23 yielded + 0 deleted + 0 unmatched
}

func ExampleDataExtraction_AuditTrail() {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
	d, err := criteria.NewDataExtraction(client)
	if err != nil {
		log.Fatal(err)
	}
	march := criteria.AuditCriteria{
		From:   time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		To:     time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC),
		Filter: imednet.Where("formKey", imednet.Equal, "AE"),
	}
	for r, err := range d.AuditTrail(context.Background(), "DEMO", march).Revisions() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.DateCreated.Or(imednet.Time{}), "record", r.RecordID.Or(0), "revision", r.RecordRevision.Or(0), r.Role.Or(""))
	}
	// Output:
	// 2024-03-09 04:21:49 record 100064 revision 1 Research Coordinator
	// 2024-03-19 09:49:05 record 100073 revision 1 Research Coordinator
	// 2024-03-22 19:38:10 record 100077 revision 1 Research Coordinator
	// 2024-03-26 05:27:16 record 100081 revision 1 Research Coordinator
}
