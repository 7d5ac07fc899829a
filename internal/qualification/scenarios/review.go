package scenarios

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/triage"
)

// keyOf is a key for the signatures of a trial.
func keyOf(person string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("acceptance trial of " + person))
	return ed25519.NewKeyFromSeed(seed[:])
}

func publicOf(key ed25519.PrivateKey) []ed25519.PublicKey {
	return []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
}

var reviewQueue = qualification.Scenario{
	ID: "OQ-STO-2", Title: "A review follows its steps, by two persons, and its log cannot be altered unnoticed",
	Requirements: []string{"STO-01", "STO-03", "STO-04", "STO-05", "STO-07", "STO-08", "STO-11", "STO-12", "STO-13", "STO-15", "STO-26"},
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		path := t.Path("triage.sqlite3")
		store, err := triage.NewTriageStore(ctx, path, triage.WithClock(t.Clock))
		if err != nil {
			return err
		}
		if err := errors.Join(reviewInSteps(ctx, t, store), mayNotWrite(ctx, t)); err != nil {
			return errors.Join(err, store.Close())
		}
		head, err := store.Head(ctx)
		if err != nil {
			return errors.Join(err, store.Close())
		}
		older := t.Path("older.sqlite3")
		if err := store.Backup(ctx, older); err != nil {
			return errors.Join(err, store.Close())
		}
		if _, err := store.AddAnnotation(ctx, triage.Comment{ItemID: "item-2", UserID: "bert", Text: "added after the copy"}); err != nil {
			return errors.Join(err, store.Close())
		}
		newer, err := store.Head(ctx)
		if err := errors.Join(err, exportLog(ctx, t, store), store.Close()); err != nil {
			return err
		}
		refusedByGuard(ctx, t, path, "UPDATE triage_events SET user_id = 'eve' WHERE sequence = 1")
		refusedByGuard(ctx, t, path, "DELETE FROM triage_events")
		t.Equal("verification of the untouched log", "intact", outcome(verifyReview(ctx, path, triage.VerifyOptions{Head: &head})))
		t.Refused("verification of an older copy with the newer head", triage.ErrIntegrity, verifyReview(ctx, older, triage.VerifyOptions{Head: &newer}))
		t.Refused("verification with the keys of somebody else", triage.ErrIntegrity, verifyReview(ctx, path, triage.VerifyOptions{Keys: publicOf(keyOf("eve"))}))
		t.Equal("verification with the key of who signed", "intact", outcome(verifyReview(ctx, path, triage.VerifyOptions{Keys: publicOf(keyOf("carl"))})))
		return findForgeries(ctx, t, path, reviewFile(ctx), []forgery{
			{"the author of an entry was changed", "UPDATE triage_events SET user_id = 'eve' WHERE sequence = 2"},
			{"the time of an entry was changed", "UPDATE triage_events SET timestamp = '2001-01-01T00:00:00.000000+00:00' WHERE sequence = 2"},
			{"an entry was removed", "DELETE FROM triage_events WHERE sequence = 3"},
			{"the status of an item was changed", "UPDATE triage_items SET status = 'NEW'"},
			{"a comment was changed", "UPDATE triage_annotations SET comment = 'nothing to see'"},
		})
	},
}

func reviewFile(ctx context.Context) audited {
	return audited{
		verify: func(path string) error { return verifyReview(ctx, path, triage.VerifyOptions{}) },
		shown: func(path string) (text string, err error) {
			store, err := triage.NewTriageStore(ctx, path, triage.WithoutCheck())
			if err != nil {
				return "", err
			}
			page, err := store.Queue(ctx, triage.QueueOptions{StudyKey: "DEMO"})
			for e, failure := range store.Events(ctx, triage.EventOptions{}) {
				text, err = text+asJSON(e), errors.Join(err, failure)
			}
			return text + asJSON(page), errors.Join(err, store.Close())
		},
		broken: triage.ErrIntegrity,
	}
}

// outcome is "intact" for what verified.
func outcome(err error) string {
	if err != nil {
		return "not intact"
	}
	return "intact"
}

func verifyReview(ctx context.Context, path string, o triage.VerifyOptions) error {
	store, err := triage.NewTriageStore(ctx, path, triage.WithoutCheck())
	if err != nil {
		return errors.Join(triage.ErrIntegrity, err)
	}
	_, err = store.Verify(ctx, o)
	return errors.Join(err, store.Close())
}

// reviewInSteps resolves an item against every step that is not permitted.
func reviewInSteps(ctx context.Context, t *qualification.Trial, store *triage.TriageStore) error {
	for _, id := range []string{"item-1", "item-2"} {
		if _, err := store.UpsertItem(ctx, triage.ItemUpsert{ItemID: id, StudyKey: "DEMO", UserID: "nightly", Severity: "HIGH", Summary: "a finding"}); err != nil {
			return err
		}
	}
	update := func(to triage.Status, user, comment string, version int64) (triage.Item, error) {
		return store.UpdateStatus(ctx, triage.StatusUpdate{ItemID: "item-1", Version: version, To: to, UserID: user, Comment: comment})
	}
	_, err := update(triage.StatusResolved, "anna", "done", triage.AnyVersion)
	t.Refused("resolving what nobody reviews", triage.ErrTransition, err)
	item, err := update(triage.StatusUnderReview, "anna", "", triage.AnyVersion)
	if err != nil {
		return err
	}
	_, err = update(triage.StatusResolved, "anna", "", item.Version)
	t.Refused("resolving without a reason", triage.ErrTransition, err)
	_, err = update(triage.StatusResolved, "anna", "done", item.Version-1)
	t.Refused("deciding on an older version", triage.ErrVersionConflict, err)
	item, err = update(triage.StatusResolved, "anna", "the site corrected the date", item.Version)
	if err != nil {
		return err
	}
	confirm := func(user string) (triage.Item, error) {
		return store.ConfirmItem(ctx, triage.Confirmation{ItemID: "item-1", Version: item.Version, UserID: user, Comment: "agreed"})
	}
	_, err = confirm("anna")
	t.Refused("confirming one's own decision", triage.ErrSamePerson, err)
	if item, err = confirm("bert"); err != nil {
		return err
	}
	item, err = store.SignItem(ctx, triage.Signing{ItemID: "item-1", Version: item.Version, UserID: "carl", Meaning: "approval", Key: keyOf("carl")})
	if err != nil {
		return err
	}
	t.Equal("signatures of the item", 1, len(item.Signatures))
	return everyEntryNamesItsAuthor(ctx, t, store)
}

func everyEntryNamesItsAuthor(ctx context.Context, t *qualification.Trial, store *triage.TriageStore) error {
	entries, anonymous, backwards := 0, 0, 0
	var last triage.Event
	for e, err := range store.Events(ctx, triage.EventOptions{}) {
		if err != nil {
			return err
		}
		entries++
		if e.UserID == "" {
			anonymous++
		}
		if e.Timestamp.Before(last.Timestamp) {
			backwards++
		}
		last = e
	}
	t.Equal("entries, without an author, before the one before", "6, 0, 0", list(int64(entries), int64(anonymous), int64(backwards)))
	return nil
}

// mayNotWrite opens a store whose authority refuses everything.
func mayNotWrite(ctx context.Context, t *qualification.Trial) error {
	store, err := triage.NewTriageStore(ctx, t.Path("locked.sqlite3"), triage.WithAuthorizer(nobody{}))
	if err != nil {
		return err
	}
	_, err = store.UpsertItem(ctx, triage.ItemUpsert{ItemID: "item-1", StudyKey: "DEMO", UserID: "eve", Severity: "HIGH", Summary: "a finding"})
	t.Refused("a write that is not authorised", imednet.ErrNotAuthorized, err)
	head, err := store.Head(ctx)
	t.Equal("entries after it", 0, head.Sequence)
	return errors.Join(err, store.Close())
}

type nobody struct{}

func (nobody) Authorize(context.Context, imednet.Identity, string, string) error {
	return imednet.ErrNotAuthorized
}

// exportLog keeps the inspection copy as evidence.
func exportLog(ctx context.Context, t *qualification.Trial, store *triage.TriageStore) error {
	export, err := store.ExportLog(ctx, t.Path("inspection"))
	if err != nil {
		return err
	}
	t.Equal("entries of the inspection copy", 7, export.Events)
	if err := checkByPython(ctx, t, export.Head.String()); err != nil {
		return err
	}
	files, err := os.ReadDir(t.Path("inspection"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := t.EvidenceFile("inspection/"+f.Name(), t.Path("inspection/"+f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// checkByPython runs the script of the inspection copy where there is a Python, on the copy as it is and with
// one byte of its log changed.
func checkByPython(ctx context.Context, t *qualification.Trial, head string) error {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Note("the script of the inspection copy", "not run: this machine has no python3")
		return nil
	}
	dir, log := t.Path("inspection"), t.Path("inspection/events.ndjson")
	run := func() string {
		said, _ := exec.CommandContext(ctx, python, t.Path("inspection/check.py"), dir, head).Output() // its exit code repeats what it says
		return strings.TrimSpace(string(said))
	}
	t.Equal("what the script of the inspection copy says", "intact", run())
	text, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	if err := os.WriteFile(log, bytes.Replace(text, []byte("bert"), []byte("eve "), 1), 0o600); err != nil {
		return err
	}
	t.Holds("it finds that the log was changed", run() != "intact")
	return os.WriteFile(log, text, 0o600)
}
