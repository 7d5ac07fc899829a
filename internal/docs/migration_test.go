package docs_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/workflows/criteria"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/tables"
)

func openQueries(ctx context.Context, client imednet.Client) error {
	management, err := queries.NewQueryManagement(client)
	if err != nil {
		return err
	}
	for query, err := range management.OpenQueries(ctx, "DEMO", queries.Options{}) {
		if err != nil {
			return err
		}
		fmt.Println(query.AnnotationID, query.SubjectKey.Or(""))
	}
	return nil
}

func frames(ctx context.Context, client imednet.Client) error {
	mapper, err := tables.NewRecordMapper(client)
	if err != nil {
		return err
	}
	table, err := mapper.Map(ctx, "DEMO", tables.MapOptions{Titles: tables.ByLabel}).Table()
	if err != nil {
		return err
	}
	defer table.Release()
	fmt.Println(table.NumRows(), "rows", table.NumCols(), "columns")
	return nil
}

func formFrame(ctx context.Context, mapper *tables.RecordMapper) error {
	reader, err := mapper.MapForm(ctx, "DEMO", "AE", tables.MapOptions{}).Reader()
	if err != nil {
		return err
	}
	defer reader.Release()
	for reader.Next() {
		use(reader.Record())
	}
	return reader.Err()
}

func use(batch arrow.Record) { fmt.Println(batch.NumRows(), "rows of AE") }

func cachedRecords(ctx context.Context, mirror *cache.CachedRecordsLoader) error {
	report, err := mirror.SyncRecords(ctx, "DEMO", cache.SyncOptions{})
	if err != nil {
		return err
	}
	records, err := mirror.CachedRecords(ctx, "DEMO")
	if err != nil {
		return err
	}
	fmt.Println(len(records), "records,", report.Added+report.Updated, "of them new or changed")
	return nil
}

func incremental(ctx context.Context, marks *ledger.ExtractionStateLedger, start time.Time) error {
	return marks.Transaction(ctx, "DEMO", "records", start, func(ctx context.Context, tx *ledger.Tx) error {
		newest, n, err := extract(ctx, tx.LastTimestamp)
		if err != nil {
			return err // the mark stays where it is
		}
		tx.NewTimestamp, tx.RecordsProcessed = newest, n
		return nil
	})
}

func extract(_ context.Context, since time.Time) (time.Time, int64, error) {
	return since.Add(time.Hour), 3, nil
}

func byCriteria(ctx context.Context, client imednet.Client) iter.Seq2[imednet.Record, error] {
	workflow, err := criteria.NewDataExtraction(client)
	if err != nil {
		return func(yield func(imednet.Record, error) bool) { yield(imednet.Record{}, err) }
	}
	return workflow.Extract(ctx, "DEMO", criteria.RecordCriteria{
		Records:  imednet.Where("formKey", imednet.Equal, "AE"),
		Subjects: imednet.Where("siteName", imednet.Equal, "Site 01"),
	}).Records()
}

func submit(ctx context.Context, client imednet.Client) error {
	update, err := submissions.NewRecordUpdate(client)
	if err != nil {
		return err
	}
	receipt, err := update.CreateOrUpdateRecords(ctx, "DEMO", []imednet.Submission{
		{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Headache"}},
	}, submissions.Options{Wait: true, Poll: imednet.PollOptions{Interval: time.Second, Timeout: 5 * time.Minute}})
	if err != nil {
		return err
	}
	fmt.Println(receipt) // 1 record: 1 standing
	return nil
}

func TestTheProgramsOfTheMigrationPage(t *testing.T) {
	ctx := t.Context()
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 300})).Client()
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, t.TempDir()+"/mirror.sqlite3")
	require.NoError(t, err)
	defer mirror.Close()
	mapper, err := tables.NewRecordMapper(client)
	require.NoError(t, err)
	store, err := ledger.OpenFile(t.TempDir() + "/pipeline_ledger.json")
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)

	require.NoError(t, openQueries(ctx, client))
	require.NoError(t, frames(ctx, client))
	require.NoError(t, formFrame(ctx, mapper))
	require.NoError(t, cachedRecords(ctx, mirror))
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, incremental(ctx, marks, start))
	mark, _, err := marks.LastTimestamp(ctx, "DEMO", "records")
	require.NoError(t, err)
	require.Equal(t, start.Add(time.Hour), mark)
	found := 0
	for _, err := range byCriteria(ctx, client) {
		require.NoError(t, err)
		found++
	}
	require.Positive(t, found)
	require.NoError(t, submit(ctx, client))
}
