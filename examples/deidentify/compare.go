package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// madeUp returns a study in which the first subject, 01-001, has something to hide.
func madeUp() (*imednettest.Study, error) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2000})
	first, _ := study.Record(study.RecordIDs()[0])
	event, err := imednet.NewRecordData([]byte(`{"AETERM":"Headache","AESTDTC":"2024-01-20","AEENDTC":"2024-02","AEDESC":"Dr. Baker, her neighbour, was called"}`))
	study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectKey: first.SubjectKey, SubjectID: first.SubjectID, RecordData: event})
	return study, errors.Join(err, study.EditRecord(first.RecordID, "DMNOTE", "lives at the old mill"))
}

// compare prints a form's record of the subject as it is, as it is exported, and as it would be
// under another key. Never print patients' data like this.
func compare(ctx context.Context, out io.Writer, source tables.Source, studyKey string, key []byte) error {
	for _, form := range []string{"DM", "AE"} {
		fmt.Fprintln(out)
		for _, view := range []struct {
			title   string
			options []tables.Option
		}{
			{"before", nil},
			{"after", []tables.Option{tables.WithDeidentification(rules(key))}},
			{"other key", []tables.Option{tables.WithDeidentification(rules([]byte("the key of another house")))}},
		} {
			mapper, err := tables.NewRecordMapper(source, view.options...)
			if err != nil {
				return err
			}
			line, err := last(ctx, mapper, studyKey, form)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%-10s %s  %s\n", view.title, form, line)
		}
	}
	return nil
}

// shown lists the columns that are worth a look.
var shown = []string{"subjectKey", "DMDTC", "SEX", "RACE", "DMNOTE", "AETERM", "AESTDTC", "AEENDTC", "AEDESC"}

// last maps a form's records of the subject and returns the newest as a line.
func last(ctx context.Context, mapper *tables.RecordMapper, studyKey, form string) (line string, err error) {
	options := tables.MapOptions{Forms: []string{form}, Filter: imednet.Where("subjectKey", imednet.Equal, "01-001")}
	for batch, err := range mapper.MapForms(ctx, studyKey, options).Batches() {
		if err != nil {
			return "", err
		}
		var cells []string
		for i, f := range batch.Record.Schema().Fields() {
			if slices.Contains(shown, f.Name) {
				cells = append(cells, f.Name+"="+batch.Record.Column(i).ValueStr(int(batch.Record.NumRows())-1))
			}
		}
		line = strings.Join(cells, "  ")
	}
	return line, nil
}
