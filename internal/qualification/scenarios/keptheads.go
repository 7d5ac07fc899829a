package scenarios

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/triage"
)

var keptHeads = qualification.Scenario{
	ID: "OQ-STO-7", Title: "A cut tail and an older copy are found with signed heads in another place",
	Requirements: []string{"STO-61"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		place := heads.Dir(t.Path("heads"))
		path, older := t.Path("triage.sqlite3"), t.Path("older.sqlite3")
		var last heads.Written
		for n := range 3 {
			if n == 2 {
				if err := copyFile(path, older); err != nil {
					return err
				}
			}
			written, err := reportAndKeep(ctx, t, path, place, n)
			if err != nil {
				return err
			}
			last = written
		}
		t.Equal("verification with all heads", "intact", outcome(verifyKept(ctx, path, place, keyOf("keeper"))))
		t.Refused("verification of an older copy with all heads", triage.ErrIntegrity, verifyKept(ctx, older, place, keyOf("keeper")))
		t.Equal("verification of the older copy without heads", "intact", outcome(verifyReview(ctx, older, triage.VerifyOptions{})))
		t.Refused("verification with the key of somebody else", heads.ErrIntegrity, verifyKept(ctx, path, place, keyOf("eve")))
		if err := cutTail(ctx, t, path, place); err != nil {
			return err
		}
		text, err := place.Read(ctx, last.Name)
		if err != nil {
			return err
		}
		return errors.Join(alteredHeads(ctx, t, path, place, last.Name, text), t.Evidence(last.Name, text))
	},
}

// reportAndKeep adds an item and keeps the head.
func reportAndKeep(ctx context.Context, t *qualification.Trial, path string, place heads.Place, n int) (heads.Written, error) {
	store, err := triage.NewTriageStore(ctx, path, triage.WithClock(t.Clock))
	if err != nil {
		return heads.Written{}, err
	}
	_, err = store.UpsertItem(ctx, triage.ItemUpsert{ItemID: fmt.Sprint("item-", n), StudyKey: "DEMO", UserID: "nightly", Severity: "HIGH", Summary: "a finding"})
	head, failed := store.Head(ctx)
	if err := errors.Join(err, failed, store.Close()); err != nil {
		return heads.Written{}, err
	}
	keeper := heads.Keeper{Place: place, Clock: t.Clock, Signer: imednet.Identity{ID: "keeper"}, Key: func() (ed25519.PrivateKey, error) { return keyOf("keeper"), nil }}
	return keeper.Write(ctx, heads.Store{Kind: "triage", Name: "trial", Heads: func(context.Context) ([]string, error) { return []string{head.String()}, nil }})
}

// verifyKept proves the directory and the store.
func verifyKept(ctx context.Context, path string, place heads.Place, key ed25519.PrivateKey) error {
	kept, err := heads.Open(ctx, place, heads.Options{Keys: publicOf(key)})
	if err != nil {
		return err
	}
	if err := kept.Err(); err != nil {
		return err
	}
	of, _, err := kept.Of("triage", "trial")
	if err != nil {
		return err
	}
	return verifyReview(ctx, path, triage.VerifyOptions{Kept: of})
}

// cutTail removes the newest entry with all that followed from it.
func cutTail(ctx context.Context, t *qualification.Trial, path string, place heads.Place) error {
	cut := t.Path("cut.sqlite3")
	err := errors.Join(copyFile(path, cut), withoutGuards(ctx, cut, `DELETE FROM triage_items WHERE item_id = 'item-2'; DELETE FROM triage_events WHERE item_id = 'item-2'`))
	if err != nil {
		return err
	}
	t.Equal("verification of a cut tail without heads", "intact", outcome(verifyReview(ctx, cut, triage.VerifyOptions{})))
	t.Refused("verification of a cut tail with all heads", triage.ErrIntegrity, verifyKept(ctx, cut, place, keyOf("keeper")))
	return nil
}

// alteredHeads flips a bit of each byte of the newest file of heads.
func alteredHeads(ctx context.Context, t *qualification.Trial, path string, place heads.Dir, name string, text []byte) error {
	found := 0
	file := t.Path("heads/" + name)
	for i := range text {
		altered := append([]byte(nil), text...)
		altered[i] ^= 1 << (i % 8)
		if err := os.WriteFile(file, altered, 0o600); err != nil {
			return err
		}
		if verifyKept(ctx, path, place, keyOf("keeper")) != nil {
			found++
		}
	}
	t.Equal("altered bytes of a file of heads that are found", len(text), found)
	return os.WriteFile(file, text, 0o600)
}
