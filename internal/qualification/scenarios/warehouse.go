package scenarios

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

var warehouseTwice = qualification.Scenario{
	ID: "OQ-DWH-1", Title: "The warehouse holds what the server has, and a second run doubles nothing",
	Requirements: []string{"DWH-02", "DWH-05", "DWH-08"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		return withMirror(ctx, t, 1000, func(s *site, mirror *cache.CachedRecordsLoader) (err error) {
			if _, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
				return err
			}
			path := t.Path("warehouse.duckdb")
			if err := ingestTwice(ctx, t, s, mirror, path); err != nil {
				return err
			}
			db, err := warehouse.OpenReadOnly(ctx, path)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			if err := sameStates(ctx, t, s, db); err != nil {
				return err
			}
			_, err = db.ExecContext(ctx, "DELETE FROM bronze_records")
			t.Holds("a statement that changes a warehouse that was opened for reading is refused", err != nil)
			return nil
		})
	},
}

// ingestTwice ingests everything twice, and builds the typed tables.
func ingestTwice(ctx context.Context, t *qualification.Trial, s *site, mirror *cache.CachedRecordsLoader, path string) (err error) {
	w, err := warehouse.NewDuckDBIngestion(ctx, path, warehouse.WithClock(t.Clock))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for _, run := range []struct {
		name string
		new  int
	}{{"first", s.study.Count(imednet.Records)}, {"second", 0}} {
		records, err := w.IngestRecords(ctx, mirror, s.study.Key(), warehouse.RecordOptions{})
		if err != nil {
			return err
		}
		t.Equal("records that the "+run.name+" run added", run.new, records.Inserted)
	}
	mapper, err := tables.NewRecordMapper(mirror)
	if err != nil {
		return err
	}
	_, err = w.BuildSilverTables(ctx, mapper, s.study.Key(), warehouse.SilverOptions{})
	return err
}

// sameStates compares the rows of the warehouse with those of the server, and one typed table with a count
// of its answers.
func sameStates(ctx context.Context, t *qualification.Trial, s *site, db *sql.DB) error {
	raw, _, err := s.records(ctx)
	if err != nil {
		return err
	}
	seen := map[int64]string{}
	if err := each(ctx, db, "SELECT record_id, payload FROM bronze_records", func(rows *sql.Rows) error {
		var id int64
		var payload []byte
		err := rows.Scan(&id, &payload)
		seen[id] = string(payload)
		return err
	}); err != nil {
		return err
	}
	t.Equal("records of the warehouse, byte for byte", digest(raw), digest(seen))
	expected, counted := map[string]int{}, map[string]int{}
	for _, text := range raw {
		record, answers, err := answersOf([]byte(text))
		if err != nil {
			return err
		}
		for _, a := range answers {
			if severity, ok := textOf(a.value); ok && severity != "" && record.FormKey == "AE" && a.variable == "AESEV" && !record.Deleted {
				expected[severity]++
			}
		}
	}
	err = each(ctx, db, `SELECT "AESEV", count(*) FROM "silver_DEMO"."AE" WHERE "AESEV" <> '' GROUP BY 1`, func(rows *sql.Rows) error {
		var severity string
		var n int
		err := rows.Scan(&severity, &n)
		counted[severity] = n
		return err
	})
	t.Equal("adverse events by severity, by SQL", asJSON(expected), asJSON(counted))
	return err
}

func each(ctx context.Context, db *sql.DB, query string, do func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
