package profiles_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

// demo is a generated study, served in memory. A program would use rest.New instead.
func demo() *imednettest.Client {
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
}

func ExampleSchemaProfiler_ProfileRecords() {
	p, err := profiles.NewSchemaProfiler(demo())
	if err != nil {
		log.Fatal(err)
	}
	profile, err := p.ProfileRecords(context.Background(), "DEMO", profiles.Options{})
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

func ExampleCompare() {
	p, err := profiles.NewSchemaProfiler(demo())
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	before, err := p.ProfileRecords(ctx, "DEMO", profiles.Options{Filter: imednet.Where("dateModified", imednet.Less, time.Date(2024, 9, 1, 0, 0, 0, 0, time.UTC))})
	if err != nil {
		log.Fatal(err)
	}
	after, err := p.ProfileRecords(ctx, "DEMO", profiles.Options{})
	if err != nil {
		log.Fatal(err)
	}
	drift, err := profiles.Compare(before, after, profiles.DriftOptions{PopulationPoints: 4})
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
	if err := after.WriteHTML(page, profiles.PageOptions{Drift: drift}); err != nil {
		log.Fatal(err)
	}
	if err := page.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// VS.SYSBP population rate moved: 88.89 % → 93.65 %
	// VS.VSND population rate moved: 88.89 % → 93.65 %
	// LB.HGB population rate moved: 100.00 % → 95.24 %
}
