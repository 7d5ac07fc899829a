//go:build cgo && !race

package formats

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"reflect"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
)

func checkQualification(d *document) {
	const page = "qualification"
	checkObjects(d, page, reflect.TypeFor[qualification.Manifest](), reflect.TypeFor[qualification.File](), reflect.TypeFor[qualification.Signer](),
		reflect.TypeFor[qualification.SignatureDocument](), reflect.TypeFor[qualification.Report](), reflect.TypeFor[qualification.Program](),
		reflect.TypeFor[qualification.Module](), reflect.TypeFor[qualification.Machine](), reflect.TypeFor[qualification.Result](),
		reflect.TypeFor[qualification.Step](), reflect.TypeFor[qualification.Trace](), reflect.TypeFor[qualification.ClauseTrace](),
		reflect.TypeFor[qualification.Deviation]())
	checkWords(d, page, "Values of status", "internal/qualification", "Status")
	checkFiles(d, d.find(page, "Files"), bundle(d), "")
}

// bundle makes a signed bundle. Its program is a file that starts nothing, so that locks cannot be tried.
func bundle(d *document) (dir string) {
	dir = filepath.Join(d.t.TempDir(), "bundle")
	clock := imednettest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	q, err := qualification.New(qualification.Options{
		Out: dir, Data: filepath.Join(d.t.TempDir(), "data"), Executable: "qualification_test.go", Clock: clock,
		Key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), TrialClock: func() imednet.Clock { return clock }, Progress: func(imednet.Progress) {},
		Scenarios: []qualification.Scenario{{ID: "OQ-X-1", Run: func(_ context.Context, t *qualification.Trial) error { return t.Evidence("note.txt", []byte("seen\n")) }}},
	})
	d.ok(err)
	_, _, err = q.Run(d.t.Context())
	d.ok(err)
	return dir
}
