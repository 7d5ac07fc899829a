// Package extract measures canonical extraction beside the cost of merely reading the same records.
package extract

import (
	"context"
	"fmt"
	"iter"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// recordsEach is how many records a subject of the generated source has.
const recordsEach = 96

// source makes the records of one subject after the other; nothing is kept.
type source struct{ records int }

func (s source) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return s.RecordsBySubject(ctx, study, opts)
}

func (s source) RecordsBySubject(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for i := range s.records {
			record, err := makeRecord(i)
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

func makeRecord(i int) (imednet.Record, error) {
	subject := int64(i/recordsEach + 1)
	data := fmt.Appendf(nil, `{"AETERM":"TERM %d","AESEV":"%d","AESER":"N","AESTDTC":"2013-%02d-%02d","AEENDTC":"","V1":"%d.5","V2":"x","V3":"","V4":"2013-05","V5":"12"}`,
		i%97, i%3+1, i%12+1, i%28+1, i%200)
	answers, err := imednet.NewRecordData(data)
	return imednet.Record{
		RecordID: int64(i + 1), FormKey: imednet.Some("AE"), SubjectID: imednet.Some(subject), SubjectKey: imednet.Some(strconv.FormatInt(subject, 10)),
		DateCreated: imednet.Some(imednet.NewTime(time.Unix(1_400_000_000+int64(i), 0))), RecordData: answers,
	}, err
}

// configuration maps AE and gives ADAE so many rules, each with business logic.
func configuration(logic int) imednet.StudyConfiguration {
	cfg := imednet.StudyConfiguration{StudyKey: "BENCH"}
	for _, m := range [][2]string{{"aeTerm", "AETERM"}, {"aeSeverity", "AESEV"}, {"aeSerious", "AESER"}, {"aeStartDate", "AESTDTC"}, {"aeEndDate", "AEENDTC"}} {
		cfg.Mappings = append(cfg.Mappings, imednet.MappingRule{Domain: "AE", TargetField: m[0], SourceFormKey: "AE", SourceVariableName: m[1]})
	}
	for i := range logic {
		cfg.Mappings = append(cfg.Mappings, imednet.MappingRule{
			Domain: "ADAE", TargetField: fmt.Sprintf("X%d", i), SourceFormKey: "AE", SourceVariableName: "V1", BusinessLogic: new(expression),
		})
	}
	return cfg
}

// expression is a condition with a conversion and a lookup, as configurations have them.
const expression = `"HIGH" if float(value) > 50 and record.record_data["AESER"] == "N" else "LOW"`

func benchRecords() int {
	if os.Getenv("IMEDNET_LONG") != "" {
		return 200_000
	}
	return 20_000
}

// BenchmarkExtract measures records per second with 0, 5 and 20 rules with business logic, beside the
// limit: the same records made and dropped.
func BenchmarkExtract(b *testing.B) {
	src := source{benchRecords()}
	limit := measure(b, "read only", src.records, 0, func() error {
		for _, err := range src.RecordsBySubject(b.Context(), "", imednet.ListOptions{}) {
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, logic := range []int{0, 5, 20} {
		engine, err := extraction.NewEngine(configuration(logic))
		if err != nil {
			b.Fatal(err)
		}
		measure(b, fmt.Sprintf("logic=%d", logic), src.records, limit, func() error {
			for _, err := range engine.Run(b.Context(), src, extraction.Options{}).Subjects() {
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// measure runs f and reports records per second, and its share of the limit when there is one.
func measure(b *testing.B, name string, records int, limit float64, f func() error) (perSecond float64) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
		perSecond = float64(records) * float64(b.N) / b.Elapsed().Seconds()
		b.ReportMetric(perSecond, "records/s")
		if limit > 0 {
			b.ReportMetric(100*perSecond/limit, "%limit")
		}
	})
	return perSecond
}

// BenchmarkExpression reports what one evaluation costs: 21 rules with logic against 1.
func BenchmarkExpression(b *testing.B) {
	src := source{2_000}
	elapsed := func(logic, runs int) time.Duration {
		engine, err := extraction.NewEngine(configuration(logic))
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		for range runs {
			for _, err := range engine.Run(b.Context(), src, extraction.Options{}).Subjects() {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		return time.Since(start)
	}
	elapsed(1, 1)
	runs := 0
	var difference time.Duration
	for b.Loop() {
		runs++
		difference += elapsed(21, 1) - elapsed(1, 1)
	}
	b.ReportMetric(float64(difference.Nanoseconds())/float64(runs*src.records*20), "ns/rule")
}

// TestMemory extracts a large study and reports the greatest heap that was in use after collection.
// IMEDNET_LONG=1 reads 1,000,000 records.
func TestMemory(t *testing.T) {
	records := 50_000
	if os.Getenv("IMEDNET_LONG") != "" {
		records = 1_000_000
	}
	engine, err := extraction.NewEngine(configuration(5))
	if err != nil {
		t.Fatal(err)
	}
	var stats runtime.MemStats
	var greatest uint64
	subjects, start := 0, time.Now()
	run := engine.Run(t.Context(), source{records}, extraction.Options{})
	for _, err := range run.Subjects() {
		if err != nil {
			t.Fatal(err)
		}
		if subjects++; subjects%100 == 0 {
			runtime.ReadMemStats(&stats)
			greatest = max(greatest, stats.HeapSys)
		}
	}
	if report := run.Report(); !report.Balanced() || report.Records.In != int64(records) {
		t.Fatalf("the numbers do not reconcile: %+v", report.Records)
	}
	t.Logf("%d records, %d subjects, %.0f records/s, heap from the system at most %.1f MB", records, subjects, float64(records)/time.Since(start).Seconds(), float64(greatest)/1e6)
	if greatest > 200e6 {
		t.Errorf("the heap reached %.0f MB, more than 200 MB", float64(greatest)/1e6)
	}
}
