package queries_test

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/queries"
)

// demo is a generated study, served in memory. A program would use rest.New instead.
func demo() *imednettest.Client {
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
}

func ExampleQueryManagement_Queries() {
	now := imednettest.NewClock(time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)) // a program leaves the clock out
	m, err := queries.NewQueryManagement(demo(), queries.WithClock(now))
	if err != nil {
		log.Fatal(err)
	}
	overdue := queries.Options{Site: "Site 01", State: queries.Open, OlderThan: 30 * 24 * time.Hour}
	for q, err := range m.Queries(context.Background(), "DEMO", overdue) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(q.AnnotationID, q.Variable.Or("-"))
	}
	// Output:
	// 61002 LOGDTC
	// 61005 CMTRT
}

func ExampleQueryManagement_OpenQueries() {
	m, err := queries.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	ofForm := queries.Options{Filter: imednet.Where("annotationType", imednet.Equal, "Monitor Query")}
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
	m, err := queries.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	for q, err := range m.QueriesForSubject(context.Background(), "DEMO", "01-001", queries.Options{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(q.AnnotationID, queries.StateOf(q))
	}
	// Output:
	// 61001 closed
	// 61011 unknown
}

func ExampleQueryManagement_QueriesBySite() {
	m, err := queries.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	n := 0
	for _, err := range m.QueriesBySite(context.Background(), "DEMO", "Site 01", queries.Options{}) {
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
	m, err := queries.NewQueryManagement(demo())
	if err != nil {
		log.Fatal(err)
	}
	metrics, err := m.QueryMetrics(context.Background(), "DEMO", queries.MetricsOptions{
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
