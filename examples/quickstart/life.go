package main

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// life is a study and what happens to it between two syncs.
type life struct {
	study  *imednettest.Study
	change func() string // makes the change and returns a description
}

func newLife(data string, records int) (life, error) {
	if data == "" {
		study := imednettest.Generate(imednettest.GenerateOptions{Seed: 1, Records: records})
		return life{study, func() string { return entriesAndCorrections(study) }}, nil
	}
	study, err := imednettest.LoadDir(data)
	if err != nil {
		return life{}, fmt.Errorf("load the study in %s: %w", data, err)
	}
	study.SetTime(time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC))
	return life{study, func() string {
		later := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
		study.SetTime(later)
		return "the study continues from 2014-01-01 to " + later.Format(time.DateOnly) + "."
	}}, nil
}

// entriesAndCorrections makes the changes that sites make every day, and those that make mirroring
// hard: deletions that leave the record's date unchanged, and rows that simply disappear.
func entriesAndCorrections(study *imednettest.Study) string {
	ids := study.RecordIDs()
	at := func(share float64) int64 { return ids[int(share*float64(len(ids)-1))] }
	const edits, deletions, silent, inserts, removals = 150, 10, 5, 25, 2
	for i := range edits {
		must(study.EditRecord(at(float64(i)/edits), "NOTE", fmt.Sprintf("corrected %d", i)))
	}
	for i := range deletions {
		must(study.DeleteRecord(at((float64(i)+0.3)/deletions), i >= silent))
	}
	for i := range removals {
		must(study.RemoveRecord(at((float64(i) + 0.77) / removals)))
	}
	for i := range inserts {
		study.InsertRecord(newEvent(i))
	}
	return fmt.Sprintf("%d records edited, %d deleted (%d of them without a new date), %d entered, %d removed for good.", edits, deletions, silent, inserts, removals)
}

func newEvent(i int) imednet.Record {
	data, err := imednet.NewRecordData(fmt.Appendf(nil, `{"AETERM":"Headache","AESEQ":%d}`, i+1))
	must(err)
	return imednet.Record{FormKey: imednet.Some("AE"), RecordData: data}
}

// must guards steps that can fail only through a mistake in this program.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
