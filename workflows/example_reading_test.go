package workflows_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows"
)

// demo is a generated study, served in memory. A program would use rest.New instead.
func demo() *imednettest.Client {
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
}

func ExampleWorkflows() {
	w, err := workflows.NewWorkflows(demo())
	if err != nil {
		log.Fatal(err)
	}
	counts, err := w.QueryManagement().QueryStateCounts(context.Background(), "DEMO", workflows.QueryOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Open, "open", counts.Closed, "closed", counts.Unknown, "unknown")
	// Output:
	// 6 open 7 closed 5 unknown
}

func ExampleQueryManagement_OpenQueries() {
	m, err := workflows.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	ofForm := workflows.QueryOptions{Filter: imednet.Where("annotationType", imednet.Equal, "Monitor Query")}
	n := 0
	for q, err := range m.OpenQueries(context.Background(), "DEMO", ofForm) {
		if err != nil {
			log.Fatal(err)
		}
		if n++; n <= 2 {
			fmt.Println(q.AnnotationID, q.Variable.Or("-"), len(q.QueryComments))
		}
	}
	fmt.Println(n, "in all")
	// Output:
	// 61002 LOGDTC 3
	// 61005 CMTRT 3
	// 6 in all
}

func ExampleQueryManagement_QueriesForSubject() {
	m, err := workflows.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	for q, err := range m.QueriesForSubject(context.Background(), "DEMO", "01-001", workflows.QueryOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(q.AnnotationID, workflows.StateOf(q))
	}
	// Output:
	// 61001 closed
	// 61011 unknown
}

func ExampleQueryManagement_QueriesBySite() {
	m, err := workflows.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	n := 0
	for _, err := range m.QueriesBySite(context.Background(), "DEMO", "Site 01", workflows.QueryOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		n++
	}
	fmt.Println(n)
	// Output:
	// 7
}

func ExampleQueryManagement_QueryMetrics() {
	m, err := workflows.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	metrics, err := m.QueryMetrics(context.Background(), "DEMO", workflows.QueryMetricsOptions{
		AsOf:      time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC),
		AgeLimits: []time.Duration{30 * 24 * time.Hour, 90 * 24 * time.Hour},
	})
	if err != nil {
		log.Fatal(err)
	}
	total := metrics.Total
	fmt.Println("median time to close:", total.TimeToClose.Median.Round(time.Hour))
	for _, bucket := range total.Ages {
		fmt.Printf("open since %d days or more: %d\n", bucket.From/(24*time.Hour), bucket.Count)
	}
	for _, form := range metrics.ByForm {
		fmt.Println(cmp.Or(form.Name, "no form"), form.States.Open)
	}
	// Output:
	// median time to close: 24h0m0s
	// open since 0 days or more: 0
	// open since 30 days or more: 1
	// open since 90 days or more: 5
	// no form 1
	// AE 1
	// CM 1
	// DM 0
	// LB 1
	// LOG 1
	// NOTE 1
	// VS 0
}

func ExampleSubjectData_AllSubjectData() {
	s, err := workflows.NewSubjectData(demo())
	if err != nil {
		log.Fatal(err)
	}
	data, err := s.AllSubjectData(context.Background(), "DEMO", "01-001", workflows.SubjectDataOptions{Codings: true})
	if err != nil {
		log.Fatal(err) // a *SubjectPartsError comes with what succeeded
	}
	fmt.Println(len(data.Visits), "visits", len(data.Records), "records", len(data.Queries), "queries", len(data.Codings), "codings")
	// Output:
	// 6 visits 46 records 2 queries 14 codings
}

func ExampleStudyStructure_Structure() {
	s, err := workflows.NewStudyStructure(demo())
	if err != nil {
		log.Fatal(err)
	}
	structure, err := s.Structure(context.Background(), "DEMO")
	if err != nil {
		log.Fatal(err)
	}
	var tree strings.Builder
	if err := structure.WriteTree(&tree); err != nil {
		log.Fatal(err)
	}
	for _, line := range strings.SplitN(tree.String(), "\n", 9)[:8] {
		fmt.Println(line)
	}
	// Output:
	// DEMO
	// ├── intervals (7)
	// │   ├── Registration
	// │   │   ├── DM Demographics
	// │   │   ├── VS Vital Signs
	// │   │   └── LB Laboratory
	// │   ├── Day 30
	// │   │   ├── VS Vital Signs
}

// A design that was saved as JSON is compared with today's, so that a change is seen before data
// of the new shape are loaded.
func ExampleCompareStructures() {
	client := demo()
	s, err := workflows.NewStudyStructure(client)
	if err != nil {
		log.Fatal(err)
	}
	today, err := s.Structure(context.Background(), "DEMO")
	if err != nil {
		log.Fatal(err)
	}
	text, err := today.MarshalJSON()
	if err != nil {
		log.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`"variableType":"NUMBER"`), []byte(`"variableType":"TEXT"`), 1)
	earlier, err := workflows.ReadStructure(bytes.NewReader(text))
	if err != nil {
		log.Fatal(err)
	}
	for _, change := range workflows.CompareStructures(earlier, today) {
		fmt.Println(change, "changes the shape of data:", change.ChangesShape())
	}
	// Output:
	// DM.AGE type changed: TEXT → NUMBER changes the shape of data: true
}

func ExampleSchemaProfiler_ProfileRecords() {
	p, err := workflows.NewSchemaProfiler(demo())
	if err != nil {
		log.Fatal(err)
	}
	profile, err := p.ProfileRecords(context.Background(), "DEMO", workflows.ProfileOptions{})
	if err != nil {
		log.Fatal(err)
	}
	form, _ := profile.Form("VS")
	for _, field := range form.Fields {
		fmt.Printf("%-8s %-7s %6.2f %% of %d, %d distinct\n", field.Variable, field.Inferred, field.PopulationRate, form.Records, field.Unique.Count)
	}
	// Output:
	// VSDTC    date     95.24 % of 63, 60 distinct
	// SYSBP    numeric  93.65 % of 63, 47 distinct
	// DIABP    numeric  95.24 % of 63, 44 distinct
	// PULSE    numeric  92.06 % of 63, 47 distinct
	// TEMP     numeric  93.65 % of 63, 32 distinct
	// VSPOS    string   92.06 % of 63, 3 distinct
	// VSND     boolean  93.65 % of 63, 3 distinct
	// VSOLD    string    0.00 % of 63, 0 distinct
}

// A profile is kept as JSON and compared with a later one; the page shows the drift first.
func ExampleCompareProfiles() {
	p, err := workflows.NewSchemaProfiler(demo())
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	before, err := p.ProfileRecords(ctx, "DEMO", workflows.ProfileOptions{Filter: imednet.Where("dateModified", imednet.Less, time.Date(2024, 9, 1, 0, 0, 0, 0, time.UTC))})
	if err != nil {
		log.Fatal(err)
	}
	after, err := p.ProfileRecords(ctx, "DEMO", workflows.ProfileOptions{})
	if err != nil {
		log.Fatal(err)
	}
	drift, err := workflows.CompareProfiles(before, after, workflows.DriftOptions{PopulationPoints: 4})
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range drift.Findings[:min(3, len(drift.Findings))] {
		fmt.Println(finding)
	}
	page, err := os.CreateTemp("", "profile-*.html")
	if err != nil {
		log.Fatal(err)
	}
	defer os.Remove(page.Name())
	if err := after.WriteHTML(page, workflows.ReportOptions{Drift: drift}); err != nil {
		log.Fatal(err)
	}
	if err := page.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// VS.SYSBP population rate moved: 88.89 % → 93.65 %
	// VS.SYSBP range grew: 94 to 181 → 90 to 187
	// VS.PULSE range grew: 47 to 129 → 46 to 129
}
