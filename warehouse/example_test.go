package warehouse_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

func Example() {
	ctx := context.Background()
	w, err := warehouse.NewDuckDBIngestion(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()

	server := imednettest.NewServer(
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "NORTH", Seed: 1, Records: 400}),
		imednettest.Generate(imednettest.GenerateOptions{StudyKey: "SOUTH", Seed: 2, Records: 600}),
	)
	client := server.Client()
	for _, study := range []string{"NORTH", "SOUTH"} {
		if _, err := w.IngestRevisions(ctx, client, study, warehouse.RevisionOptions{}); err != nil {
			log.Fatal(err)
		}
		if _, err := w.IngestRecords(ctx, client, study, warehouse.RecordOptions{}); err != nil {
			log.Fatal(err)
		}
		again, err := w.IngestRevisions(ctx, client, study, warehouse.RevisionOptions{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(study, "again:", again.Inserted, "new revisions")
	}
	var studies, unattributed int
	err = w.DB().QueryRowContext(ctx, `SELECT count(DISTINCT study_key) FROM silver_current_state`).Scan(&studies)
	if err != nil {
		log.Fatal(err)
	}
	err = w.DB().QueryRowContext(ctx, `SELECT count(*) FROM bronze_cells WHERE attribution IS NULL`).Scan(&unattributed)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(studies, "studies in one view,", unattributed, "cells without a word on their origin")
	// Output:
	// NORTH again: 0 new revisions
	// SOUTH again: 0 new revisions
	// 2 studies in one view, 0 cells without a word on their origin
}

func ExampleDuckDBIngestion_IngestRecords() {
	ctx := context.Background()
	w, err := warehouse.NewDuckDBIngestion(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()

	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	client := imednettest.NewServer(study).Client()
	ingest := func() {
		if _, err := w.IngestRecords(ctx, client, study.Key(), warehouse.RecordOptions{}); err != nil {
			log.Fatal(err)
		}
		if _, err := w.IngestRevisions(ctx, client, study.Key(), warehouse.RevisionOptions{}); err != nil {
			log.Fatal(err)
		}
	}
	id := study.RecordIDs()[0]
	study.SetTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err := study.EditRecord(id, "NOTE", "first"); err != nil {
		log.Fatal(err)
	}
	ingest()
	study.SetTime(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	if err := study.EditRecord(id, "NOTE", "second"); err != nil {
		log.Fatal(err)
	}
	ingest()

	rows, err := w.DB().QueryContext(ctx, `SELECT change, coalesce(old_value, '-'), value, attribution, coalesce(strftime(date_modified, '%Y-%m-%d'), '-')
		FROM bronze_cells WHERE record_id = ? AND variable_name = 'NOTE' ORDER BY version`, id)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var change, before, after, attribution, when string
		if err := rows.Scan(&change, &before, &after, &attribution, &when); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %s → %s, known from %s, %s\n", change, before, after, attribution, when)
	}
	// Output:
	// first seen: - → first, known from several, 2026-01-01
	// changed: first → second, known from revision, 2026-01-02
}

func ExampleDuckDBIngestion_BuildSilverTables() {
	ctx := context.Background()
	w, err := warehouse.NewDuckDBIngestion(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer w.Close()
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{StudyKey: "S1", Records: 300})).Client()
	mapper, err := tables.NewRecordMapper(client)
	if err != nil {
		log.Fatal(err)
	}
	run, err := w.BuildSilverTables(ctx, mapper, "S1", warehouse.SilverOptions{Evolution: warehouse.Freeze})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("reconciles:", run.Read == run.Inserted+run.Unchanged+run.Rejected)
	var subjects bool
	err = w.DB().QueryRowContext(ctx, `SELECT count(DISTINCT "subjectKey") > 0 FROM "`+warehouse.SilverSchema("S1")+`"."AE"`).Scan(&subjects)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("subjects with an adverse event:", subjects)
	// Output:
	// reconciles: true
	// subjects with an adverse event: true
}

// A RecordHistorySource gives IngestRecords every state that it saw; the mirror is one.
var _ imednet.RecordHistorySource = (*chronicle)(nil)
