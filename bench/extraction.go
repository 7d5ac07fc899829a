package main

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

const (
	rules             = 20
	recordsPerSubject = 96
)

var extractionJobs = []job{
	{name: "20 rules by hand", run: rulesByHand},
	{name: "extraction, 20 rules", limit: "20 rules by hand", streams: true, run: extract},
	{name: "5 mappings by hand", run: mappingsByHand},
	{name: "extraction, 5 mappings", limit: "5 mappings by hand", streams: true, run: extractMapped},
}

// events are the adverse events of one subject after the other.
type events struct {
	rows      int
	different []imednet.Record
}

func newEvents(rows int) (*events, error) {
	s := &events{rows: rows}
	for i := range differentRecords {
		data, err := imednet.NewRecordData(fmt.Appendf(nil, `{"AETERM":"TERM %d","AESEV":"%d","AESER":"N","AESTDTC":"2013-%02d-%02d","AEENDTC":"","V1":"%d.5","V2":"x","V3":"","V4":"2013-05","V5":"12"}`,
			i%97, i%3+1, i%12+1, i%28+1, i%200))
		if err != nil {
			return nil, err
		}
		s.different = append(s.different, imednet.Record{
			FormKey: imednet.Some("AE"), DateCreated: imednet.Some(imednet.NewTime(time.Unix(1_400_000_000+int64(i), 0))), RecordData: data,
		})
	}
	return s, nil
}

// Records yields the records in order of their ids, which is also that of their subjects.
func (s *events) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		var subject imednet.Opt[string]
		for i := range s.rows {
			record := s.different[i%len(s.different)]
			number := int64(i/recordsPerSubject + 1)
			if i%recordsPerSubject == 0 {
				subject = imednet.Some(strconv.FormatInt(number, 10))
			}
			record.RecordID, record.SubjectID, record.SubjectKey = int64(i+1), imednet.Some(number), subject
			if !yield(record, nil) {
				return
			}
		}
	}
}

// RecordsBySubject yields the same.
func (s *events) RecordsBySubject(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return s.Records(ctx, study, opts)
}

var mapped = [][2]string{{"aeTerm", "AETERM"}, {"aeSeverity", "AESEV"}, {"aeSerious", "AESER"}, {"aeStartDate", "AESTDTC"}, {"aeEndDate", "AEENDTC"}}

// expression is a condition with a conversion and a lookup, as configurations have them.
const expression = `"HIGH" if float(value) > 50 and record.record_data["AESER"] == "N" else "LOW"`

// configuration maps AE and gives ADAE so many rules with an expression.
func configuration(expressions int) imednet.StudyConfiguration {
	cfg := imednet.StudyConfiguration{StudyKey: studyKey}
	for _, m := range mapped {
		cfg.Mappings = append(cfg.Mappings, imednet.MappingRule{Domain: "AE", TargetField: m[0], SourceFormKey: "AE", SourceVariableName: m[1]})
	}
	for i := range expressions {
		cfg.Mappings = append(cfg.Mappings, imednet.MappingRule{
			Domain: "ADAE", TargetField: fmt.Sprintf("X%d", i), SourceFormKey: "AE", SourceVariableName: "V1", BusinessLogic: new(expression),
		})
	}
	return cfg
}

func extract(w *work) error { return w.extract(rules) }

func extractMapped(w *work) error { return w.extract(0) }

func (w *work) extract(expressions int) error {
	engine, err := extraction.NewEngine(configuration(expressions))
	if err != nil {
		return err
	}
	src, err := newEvents(w.Rows)
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		run := engine.Run(w.ctx, src, extraction.Options{})
		for _, err := range run.Subjects() {
			if err != nil {
				return 0, err
			}
		}
		report := run.Report()
		if !report.Balanced() {
			return 0, fmt.Errorf("the numbers of the run do not reconcile")
		}
		return report.Records.In, nil
	})
}

func rulesByHand(w *work) error { return w.byHand(rules) }

func mappingsByHand(w *work) error { return w.byHand(0) }

// valuesByHand is what a Go program of its own would keep of a record.
type valuesByHand struct {
	texts [5]string // in the order of mapped
	high  [rules]bool
}

// byHand finds the values of the same rules by code that knows the names, a subject at a time.
func (w *work) byHand(expressions int) error {
	src, err := newEvents(w.Rows)
	if err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		var subject []valuesByHand
		for record := range src.Records(w.ctx, studyKey, imednet.ListOptions{}) {
			if rows++; rows%recordsPerSubject == 0 {
				subject = subject[:0]
			}
			subject = append(subject, findByHand(record.RecordData, expressions))
		}
		return rows, nil
	})
}

// findByHand walks over the answers once. Each rule converts its value for itself, since rules differ.
func findByHand(data imednet.RecordData, expressions int) (found valuesByHand) {
	var measured imednet.Value
	for name, v := range data.All() {
		switch name {
		case "AETERM":
			found.texts[0] = v.Text()
		case "AESEV":
			found.texts[1] = v.Text()
		case "AESER":
			found.texts[2] = v.Text()
		case "AESTDTC":
			found.texts[3] = v.Text()
		case "AEENDTC":
			found.texts[4] = v.Text()
		case "V1":
			measured = v
		}
	}
	for i := range expressions {
		n, ok := measured.Float64()
		found.high[i] = ok && n > 50 && found.texts[2] == "N"
	}
	return found
}
