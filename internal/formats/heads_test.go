//go:build cgo && !race

package formats

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"reflect"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/imednettest"
)

func checkHeads(d *document) {
	const page = "heads"
	checkObjects(d, page, reflect.TypeFor[heads.Statement](), reflect.TypeFor[heads.StoreHeads]())
	dir := filepath.Join(d.t.TempDir(), "heads")
	k := &heads.Keeper{
		Place: heads.Dir(dir), Clock: imednettest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)), Signer: imednet.Identity{ID: "worker"},
		Key: func() (ed25519.PrivateKey, error) { return ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), nil },
	}
	_, err := k.Write(d.t.Context(), heads.Store{Kind: "triage", Name: "queue", Heads: func(context.Context) ([]string, error) { return nil, nil }})
	d.ok(err)
	checkFiles(d, d.find(page, "Files"), dir, "")
}
