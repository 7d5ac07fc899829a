package cache_test

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// otherProgram opens the file as another program would: without our pragmas and hooks.
func otherProgram(t *testing.T, path string) *sql.DB {
	db := sql.OpenDB(plainConnector(path))
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

type plainConnector string

func (c plainConnector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }
func (c plainConnector) Connect(context.Context) (driver.Conn, error) {
	return c.Driver().Open(string(c) + "?_busy_timeout=30000&_journal_mode=WAL")
}

// The statements of the Python package.
const (
	referenceSchema = `CREATE TABLE IF NOT EXISTS record_cache (
		study_key TEXT NOT NULL, record_id INTEGER NOT NULL, form_key TEXT NOT NULL, date_modified TEXT NOT NULL, payload TEXT NOT NULL,
		PRIMARY KEY (study_key, record_id));
		CREATE INDEX IF NOT EXISTS idx_record_cache_study_modified ON record_cache (study_key, date_modified)`
	referenceUpsert = `INSERT INTO record_cache (study_key, record_id, form_key, date_modified, payload) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT(study_key, record_id) DO UPDATE SET form_key = excluded.form_key, date_modified = excluded.date_modified, payload = excluded.payload`
)

// pythonPayload is a row as the Python package stores it: keys sorted, a blank after every separator.
func pythonPayload(t *testing.T, raw []byte) string {
	var v map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&v))
	out, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(bytes.ReplaceAll(out, []byte("\n"), nil))
}

func TestReferenceFileIsTakenOver(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	path := filepath.Join(t.TempDir(), "records_cache.sqlite3")
	other := otherProgram(t, path)
	_, err := other.Exec(referenceSchema)
	require.NoError(t, err)
	ids := study.RecordIDs()
	for _, id := range ids[:400] {
		rec, _ := study.Record(id)
		at, _ := rec.DateModified.Get()
		_, err := other.Exec(referenceUpsert, study.Key(), id, rec.FormKey.Or(""), at.Format("2006-01-02 15:04:05-07:00"), pythonPayload(t, rec.Raw))
		require.NoError(t, err)
	}
	gone := ids[len(ids)-1] + 1000
	_, err = other.Exec(referenceUpsert, study.Key(), gone, "AE", "2024-01-02 00:00:00+00:00", `{"recordId": 1, "zzz": true}`)
	require.NoError(t, err)

	server := imednettest.NewServer(study)
	l := openAt(t, server.Client(), path)
	n := 0
	for rec, err := range l.IterCachedRecords(t.Context(), study.Key()) {
		require.NoError(t, err)
		require.NotEmpty(t, rec.Raw)
		n++
	}
	require.Equal(t, 401, n)
	for _, err := range l.Records(t.Context(), study.Key(), all) {
		require.ErrorIs(t, err, cache.ErrNotSynced)
	}
	r := sync(t, l, study.Key())
	require.True(t, r.First)
	require.EqualValues(t, 900, r.Added)
	require.EqualValues(t, 1, r.Adopted)
	requireEqual(t, study, l)
	v, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, v.OK(), "%+v", v)

	// The reference's own statements work on our file.
	var mark string
	require.NoError(t, other.QueryRow(`SELECT MAX(date_modified) FROM record_cache WHERE study_key = ?`, study.Key()).Scan(&mark))
	require.NotEmpty(t, mark)
	var count int64
	require.NoError(t, other.QueryRow(`SELECT count(*) FROM record_cache WHERE study_key = ? AND json_valid(payload)`, study.Key()).Scan(&count))
	require.Equal(t, r.After.Active, count)
}

func TestOtherProgramsAreNoticed(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	sync(t, l, study.Key())
	other := otherProgram(t, l.Path())
	var active []int64
	var deleted int64
	for _, id := range study.RecordIDs() {
		if rec, _ := study.Record(id); rec.IsDeleted() {
			deleted = id
		} else {
			active = append(active, id)
		}
	}
	require.NotZero(t, deleted)
	exec := func(query string, args ...any) {
		t.Helper()
		_, err := other.Exec(query, args...)
		require.NoError(t, err)
	}
	exec(referenceUpsert, study.Key(), active[10], "AE", "x", `{"recordId": 1}`)
	exec(referenceUpsert, study.Key(), active[10], "AE", "y", `{"recordId": 2}`)
	exec(`UPDATE record_cache SET payload = '{}' WHERE study_key = ? AND record_id = ?`, study.Key(), active[20])
	exec(`DELETE FROM record_cache WHERE study_key = ? AND record_id = ?`, study.Key(), active[30])
	exec(`INSERT OR REPLACE INTO record_cache VALUES (?, ?, 'AE', '', '{}')`, study.Key(), active[40])
	exec(referenceUpsert, study.Key(), int64(1<<40), "AE", "", `{"recordId": 1099511627776}`)
	exec(referenceUpsert, study.Key(), active[0]-1, "AE", "", `{}`)
	exec(referenceUpsert, study.Key(), deleted, "AE", "", `{}`)
	require.NoError(t, study.EditRecord(active[20], "X", 1))

	status, err := l.Status(t.Context(), study.Key())
	require.NoError(t, err)
	require.GreaterOrEqual(t, status.Foreign, int64(5))
	before := status.Records.Total()
	r := sync(t, l, study.Key())
	require.EqualValues(t, 1, r.Updated)
	require.EqualValues(t, 4, r.Repaired)
	require.EqualValues(t, 2, r.Adopted)
	require.Equal(t, before+r.Adopted, r.After.Total())
	requireEqual(t, study, l)
	v, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, v.OK(), "%+v", v)
	status, err = l.Status(t.Context(), study.Key())
	require.NoError(t, err)
	require.Zero(t, status.Foreign)
	// What we had held before was kept, not what the other program wrote.
	var states []string
	for v, err := range l.RecordHistory(t.Context(), study.Key(), active[20]) {
		require.NoError(t, err)
		states = append(states, string(v.Record.Raw))
	}
	require.Len(t, states, 2)
	require.Contains(t, states[0], `"recordData"`)
}

// TestFullDisk lets the file reach its greatest size in the middle of a run.
func TestFullDisk(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 3000})
	server := imednettest.NewServer(study)
	path := filepath.Join(t.TempDir(), "mirror.sqlite3")
	l := openAt(t, server.Client(), path, cache.WithBatchRows(200))
	require.NoError(t, l.LimitPages(t.Context(), 60))
	r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
	var full sqlite3.Error
	require.ErrorAs(t, err, &full)
	require.Equal(t, sqlite3.ErrFull, full.Code)
	require.ErrorContains(t, err, "free some space")
	requireBalanced(t, r)
	require.Positive(t, r.Added)
	damaged, _, err := l.Check(t.Context(), study.Key())
	require.NoError(t, err)
	require.Empty(t, damaged)
	require.NoError(t, l.LimitPages(t.Context(), 1<<30))
	r = sync(t, l, study.Key())
	require.True(t, r.Resumed)
	requireEqual(t, study, l)
}

// requireNothingLeft demands that a text is in none of the database's files.
func requireNothingLeft(t *testing.T, path, text string) {
	for _, name := range []string{path, path + "-wal"} {
		b, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		require.False(t, bytes.Contains(b, []byte(text)), "%s still holds %q", name, text)
	}
}
