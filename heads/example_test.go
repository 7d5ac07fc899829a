package heads_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io/fs"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/imednettest"
)

// bucket is a place as object storage offers it: a few lines over its client.
type bucket map[string][]byte

func (b bucket) Names(context.Context) (names []string, err error) {
	for name := range b {
		names = append(names, name)
	}
	return names, nil
}

func (b bucket) Read(_ context.Context, name string) ([]byte, error) { return b[name], nil }

func (b bucket) Create(_ context.Context, name string, text []byte) error {
	if _, taken := b[name]; taken { // with S3: If-None-Match: *
		return fs.ErrExist
	}
	b[name] = text
	return nil
}

func Example() {
	ctx := context.Background()
	private := ed25519.NewKeyFromSeed(make([]byte, 32))
	place := bucket{}
	keeper := &heads.Keeper{
		Place: place, Clock: imednettest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)), Signer: imednet.Identity{ID: "worker"},
		Key: func() (ed25519.PrivateKey, error) { return private, nil },
	}
	queue := heads.Store{Kind: "triage", Name: "cardio", Heads: func(context.Context) ([]string, error) {
		return []string{"imednet-triage-head/1 12 …"}, nil // store.Head(ctx), its String
	}}
	written, err := keeper.Write(ctx, queue)
	fmt.Println(written.Name, err)

	kept, err := heads.Open(ctx, place, heads.Options{Keys: []ed25519.PublicKey{private.Public().(ed25519.PublicKey)}})
	if err != nil {
		panic(err)
	}
	of, others, err := kept.Of("triage", "cardio")
	fmt.Println(len(of), others, kept.Err(), err) // store.Verify(ctx, triage.VerifyOptions{Kept: of})
	// Output:
	// 20260301T080000.000000Z-77f1188a4568648c.heads <nil>
	// 1 0 <nil> <nil>
}
