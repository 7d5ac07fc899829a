// Package submit measures what checking a submission costs.
package submit

import (
	"context"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// BenchmarkValidate checks one batch of 10,000 records of mixed forms, made from the records of a
// generated study.
//
//	go test -bench . -benchmem ./bench/submit
func BenchmarkValidate(b *testing.B) {
	const size = 10_000
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: size})).Client()
	cache, err := submissions.NewSchemaCache(client)
	if err != nil {
		b.Fatal(err)
	}
	items := updates(b, client)
	if err := cache.Validate(context.Background(), "DEMO", items); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := cache.Validate(context.Background(), "DEMO", items); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(items)), "ns/record")
}

// updates turns records into updates with text for text variables, which fits them all.
func updates(b *testing.B, client *imednettest.Client) []imednet.Submission {
	texts := map[string]bool{}
	for v, err := range client.Variables(context.Background(), "DEMO", imednet.ListOptions{}) {
		if err != nil {
			b.Fatal(err)
		}
		if typ := v.VariableType.Or(""); (typ == "TEXT" || typ == "RADIO" || typ == "DROPDOWN" || typ == "MEMO") && !v.Retired() {
			texts[v.FormKey.Or("")+"."+v.VariableName.Or("")] = true
		}
	}
	var items []imednet.Submission
	for rec, err := range client.Records(context.Background(), "DEMO", imednet.ListOptions{}) {
		if err != nil {
			b.Fatal(err)
		}
		item := imednet.Submission{FormKey: rec.FormKey.Or(""), RecordID: rec.RecordID, Data: map[string]any{}}
		for name, v := range rec.RecordData.All() {
			if texts[item.FormKey+"."+name] && v.Kind() == '"' {
				item.Data[name] = v.Text()
			}
		}
		items = append(items, item)
	}
	return items
}
