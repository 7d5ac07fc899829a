//go:build cgo && !race

package formats

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

func (d *document) dir() string { return filepath.Join(d.t.TempDir(), "store") }

func (d *document) ok(err error) {
	d.t.Helper()
	require.NoError(d.t, err)
}

func checkMirror(d *document) {
	dir := d.dir()
	path := filepath.Join(dir, "m.sqlite3")
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	mirror, err := cache.NewCachedRecordsLoader(d.t.Context(), imednettest.NewServer(study).Client(), path)
	d.ok(err)
	_, err = mirror.SyncRecords(d.t.Context(), study.Key(), cache.SyncOptions{})
	d.ok(err)
	checkFiles(d, d.find("mirror", "Files"), dir, "m.sqlite3")
	checkSQLite(d, "mirror", path)
	checkObjects(d, "mirror", reflect.TypeFor[cache.Report](), reflect.TypeFor[cache.Counts](),
		reflect.TypeFor[cache.PurgeStatement](), reflect.TypeFor[cache.PurgedRows](), reflect.TypeFor[cache.PurgedBy]())
	d.ok(mirror.Close())
}

func checkLedger(d *document) {
	checkLedgerFile(d)
	checkObjects(d, "ledger", reflect.TypeFor[ledger.Attempt](), reflect.TypeFor[ledger.Author](), reflect.TypeFor[ledger.Run]())
	checkWords(d, "ledger", "Values of status", "ledger", "Status")
	checkWords(d, "ledger", "Values of kind", "ledger", "RunKind")

	dir := d.dir()
	path := filepath.Join(dir, "l.sqlite3")
	store, err := ledger.OpenSQLite(d.t.Context(), path)
	d.ok(err)
	useLedger(d, store)
	checkFiles(d, d.find("ledger", "Files of the SQLite ledger"), dir, "l.sqlite3")
	checkSQLite(d, "ledger", path)
	d.ok(store.Close())
}

func checkLedgerFile(d *document) {
	dir := d.dir()
	path := filepath.Join(dir, "l.json")
	store, err := ledger.OpenFile(path)
	d.ok(err)
	useLedger(d, store)
	written, err := os.ReadFile(path)
	d.ok(err)
	for heading, place := range map[string][]string{
		"Object Ledger":   {},
		"Object Study":    {"studies", "*"},
		"Object Stream":   {"studies", "*", "streams", "*"},
		"Object _imednet": {"studies", "*", "streams", "*", "metadata", "_imednet"},
	} {
		checkProduced(d, d.find("ledger", heading), observe(d.t, written, place...))
	}

	d.ok(os.WriteFile(path, []byte("{"), 0o600))
	err = store.Commit(d.t.Context(), ledger.Commit{Changes: []ledger.Change{{Key: ledger.Key{StudyKey: "S", Stream: "m"}}}})
	require.ErrorIs(d.t, err, ledger.ErrDamaged)
	checkFiles(d, d.find("ledger", "Files"), dir, "l")
}

// pythonLedger is what only the Python package has written.
const pythonLedger = `{"studies": {"OLD": {"streams": {"records": {"last_timestamp": "2026-03-01T08:00:01Z",
	"records_processed": 1, "last_run_status": "success", "error_message": null, "metadata": {}}}}}}`

// useLedger leaves entries of all kinds: one that succeeded, one that failed after a success, one
// that never succeeded here.
func useLedger(d *document, store ledger.Store) {
	l, err := ledger.NewExtractionStateLedger(store)
	d.ok(err)
	_, err = l.Import(d.t.Context(), strings.NewReader(pythonLedger), ledger.ImportOptions{})
	d.ok(err)
	mark := time.Date(2026, 3, 1, 8, 0, 1, 0, time.UTC)
	for _, stream := range []string{"records", "revisions"} {
		d.ok(l.Advance(d.t.Context(), "DEMO", stream, imednet.Watermark{Time: mark, Records: 3}))
	}
	failure := errors.New("no answer")
	for _, study := range []string{"DEMO", "OLD"} {
		err = l.Transaction(d.t.Context(), study, "records", mark, func(context.Context, *ledger.Tx) error { return failure })
		require.ErrorIs(d.t, err, failure)
	}
}

func checkJournal(d *document) {
	dir := d.dir()
	path := filepath.Join(dir, "j.sqlite3")
	j, err := sqlitejournal.Open(d.t.Context(), path, sqlitejournal.WithClock(storetest.NewClock()))
	d.ok(err)
	_, err = j.Prepare(d.t.Context(), submissions.Preparation{
		ID: "sub-1", StudyKey: "DEMO", Lease: submissions.Lease{Holder: "p1", For: time.Minute},
		Items: []submissions.Item{{Payload: []byte(`{"formKey":"AE"}`), FormKey: "AE", ContentHash: "h"}},
	})
	d.ok(err)
	checkFiles(d, d.find("journal", "Files"), dir, "j.sqlite3")
	checkSQLite(d, "journal", path)
	checkWords(d, "journal", "Values of state", "workflows/submissions", "State")
	d.ok(j.Close())
}
