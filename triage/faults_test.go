package triage_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

// shown returns what a reader of a file sees: the queue with its comments and history, and the log.
func shown(t *testing.T, path string) string {
	s, err := triage.NewTriageStore(t.Context(), path, triage.WithoutCheck())
	if err != nil {
		return "cannot be opened"
	}
	defer s.Close()
	page, err := s.Queue(t.Context(), triage.QueueOptions{StudyKey: "S"})
	if err != nil {
		return "cannot be read"
	}
	all := []any{page.Items}
	for e, err := range s.Events(t.Context(), triage.EventOptions{}) {
		if err != nil {
			return "cannot be read"
		}
		all = append(all, e)
	}
	text, err := json.Marshal(all)
	require.NoError(t, err)
	return string(text)
}

// A queue that shows another status than table and log is found by Verify, with or without a head,
// and by opening.
func TestAStaleIndexIsFound(t *testing.T) {
	for _, index := range []string{"idx_triage_items_study_status", "triage_items_updated", "triage_items_created", "triage_items_due",
		"triage_items_severity", "triage_items_assignee"} {
		path, _ := reviewed(t)
		root := storetest.RootPage(t, path, index)
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		page := file[(root-1)*4096 : root*4096]
		require.Contains(t, string(page), "NEW", index)
		copy(page, bytes.ReplaceAll(page, []byte("NEW"), []byte("OLD")))
		require.NoError(t, os.WriteFile(path, file, 0o600))
		_, err = verify(t, path, nil)
		require.ErrorIs(t, err, triage.ErrIntegrity, index)
		_, err = triage.NewTriageStore(t.Context(), path)
		require.ErrorIs(t, err, triage.ErrIntegrity, index)
		require.ErrorContains(t, err, "triage verify")
	}
}

// A read model that was changed with its guards away is found when the store is opened.
func TestAStaleItemIsFoundAtOpening(t *testing.T) {
	path, _ := reviewed(t)
	storetest.WithoutGuards(t, path, `UPDATE triage_items SET status = 'RESOLVED' WHERE fingerprint IS NOT NULL`)
	_, err := triage.NewTriageStore(t.Context(), path)
	require.ErrorIs(t, err, triage.ErrIntegrity)
}

func TestAFileWithoutContentIsNotIntact(t *testing.T) {
	path, _ := reviewed(t)
	require.NoError(t, os.Truncate(path, 0))
	_, err := triage.NewTriageStore(t.Context(), path)
	require.ErrorIs(t, err, triage.ErrIntegrity)
}

// A file of the Python package stays as it is until somebody imports it; a log that was emptied is not
// imported anew.
func TestNothingIsImportedUnasked(t *testing.T) {
	path := newPath(t)
	storetest.Exec(t, path, referenceFile)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = triage.NewTriageStore(t.Context(), path)
	require.ErrorIs(t, err, triage.ErrNotImported)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after))

	ours, _ := reviewed(t)
	storetest.WithoutGuards(t, ours, `DELETE FROM triage_events`)
	_, err = triage.NewTriageStore(t.Context(), ours, triage.WithImport("chris"))
	require.ErrorIs(t, err, triage.ErrIntegrity)
	v, err := verify(t, ours, nil)
	require.ErrorIs(t, err, triage.ErrIntegrity)
	require.Zero(t, v.Events)
}

func TestClockBack(t *testing.T) {
	path := newPath(t)
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	write := func(now time.Time, severity string, o ...triage.Option) (triage.Item, error) {
		s := open(t, path, append(o, triage.WithClock(imednettest.NewClock(now)), triage.WithIDs(storetest.Counter(now.Format("20060102T150405")+severity)))...)
		return s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "u", Severity: severity})
	}
	_, err := write(noon, "HIGH")
	require.NoError(t, err)
	item, err := write(noon.Add(-5*time.Second), "LOW")
	require.NoError(t, err)
	require.Equal(t, noon, item.UpdatedAt, "updated is never before created")
	_, err = write(noon.AddDate(-1, 0, 0), "MEDIUM")
	require.ErrorIs(t, err, triage.ErrClockBack)
	_, err = write(noon.AddDate(-1, 0, 0), "MEDIUM", triage.WithClockTolerance(400*24*time.Hour))
	require.NoError(t, err)
	var clocks []time.Time
	s := open(t, path)
	for e, err := range s.Events(t.Context(), triage.EventOptions{}) {
		require.NoError(t, err)
		clocks = append(clocks, e.Change.ClockAt)
	}
	require.Equal(t, []time.Time{{}, noon.Add(-5 * time.Second), noon.AddDate(-1, 0, 0)}, clocks)
	require.NoError(t, s.Close())

	// A log whose times fall, hashes and all, is not intact.
	_, err = verify(t, path, nil)
	require.NoError(t, err)
}

func TestReservedNames(t *testing.T) {
	s := open(t, newPath(t))
	_, err := s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "Import", Severity: "HIGH"})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	_, err = s.ReportFindings(t.Context(), "import", nil)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	path, head := reviewed(t)
	before := shown(t, path)
	storetest.FlipBits(t, path, storetest.Flips(), func(at string) bool {
		s, err := triage.NewTriageStore(t.Context(), path, triage.WithoutCheck())
		if err != nil {
			return true
		}
		_, err = s.Verify(t.Context(), triage.VerifyOptions{Head: &head})
		require.NoError(t, s.Close())
		if err == nil {
			require.True(t, before == shown(t, path), "%s changes what is shown", at)
		}
		return err != nil
	})
}

// desk is a queue with one item, used by several people.
func desk(t *testing.T, o ...triage.Option) (*triage.TriageStore, triage.Item) {
	s := open(t, newPath(t), o...)
	item, err := s.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "a", StudyKey: "S", UserID: "anna", Severity: "HIGH"})
	require.NoError(t, err)
	return s, item
}

func TestTwoPersons(t *testing.T) {
	s, _ := desk(t)
	confirm := func(user string) (triage.Item, error) {
		return s.ConfirmItem(t.Context(), triage.Confirmation{ItemID: "a", Version: triage.AnyVersion, UserID: user, Comment: "seen"})
	}
	move := func(to triage.Status) triage.Item {
		item, err := s.UpdateStatus(t.Context(), triage.StatusUpdate{ItemID: "a", Version: triage.AnyVersion, To: to, UserID: "anna", Comment: "because"})
		require.NoError(t, err)
		return item
	}
	waiting := func() int {
		page, err := s.Queue(t.Context(), triage.QueueOptions{StudyKey: "S", Statuses: []triage.Status{triage.StatusResolved}, Unconfirmed: true})
		require.NoError(t, err)
		return len(page.Items)
	}
	_, err := confirm("bert")
	require.ErrorIs(t, err, triage.ErrTransition, "nothing is resolved")
	move(triage.StatusUnderReview)
	require.Equal(t, "anna", move(triage.StatusResolved).ResolvedBy)
	require.Equal(t, 1, waiting())
	_, err = confirm("anna")
	require.ErrorIs(t, err, triage.ErrSamePerson)
	item, err := confirm("bert")
	require.NoError(t, err)
	require.Equal(t, "bert", item.ConfirmedBy)
	require.Zero(t, waiting())
	_, err = confirm("chris")
	require.ErrorIs(t, err, triage.ErrTransition)
	item = move(triage.StatusUnderReview)
	require.Equal(t, []string{"", ""}, []string{item.ResolvedBy, item.ConfirmedBy}, "reopening ends both")
	_, err = s.Verify(t.Context(), triage.VerifyOptions{})
	require.NoError(t, err)
}

func TestSignatures(t *testing.T) {
	s, item := desk(t)
	sign := func(version int64, key ed25519.PrivateKey) (triage.Item, error) {
		return s.SignItem(t.Context(), triage.Signing{ItemID: "a", Version: version, UserID: "bert", Meaning: "approval", Key: key})
	}
	for _, bad := range []struct {
		version int64
		key     ed25519.PrivateKey
	}{{triage.AnyVersion, signingKey}, {1, nil}} {
		_, err := sign(bad.version, bad.key)
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
	_, err := sign(7, signingKey)
	require.ErrorIs(t, err, triage.ErrVersionConflict)
	item, err = sign(item.Version, signingKey)
	require.NoError(t, err)
	require.Len(t, item.Signatures, 1)
	public := signingKey.Public().(ed25519.PublicKey)
	require.NoError(t, item.Signatures[0].Verify(public))
	require.Equal(t, []string{"bert", "approval"}, []string{item.Signatures[0].Signer.ID, item.Signatures[0].Meaning})

	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)).Public().(ed25519.PublicKey)
	_, err = s.Verify(t.Context(), triage.VerifyOptions{Keys: []ed25519.PublicKey{other, public}})
	require.NoError(t, err)
	_, err = s.Verify(t.Context(), triage.VerifyOptions{Keys: []ed25519.PublicKey{other}})
	require.ErrorIs(t, err, triage.ErrIntegrity, "a signature of nobody who may sign")
}

// Who acts comes from the identifier, and the authorizer is asked; what is only claimed is stored as
// claimed.
func TestIdentityAndAuthority(t *testing.T) {
	acting := imednet.Identity{ID: "anna", DisplayName: "Anna A.", Roles: []string{"reviewer"}, Authenticated: "oidc"}
	var asked []string
	s, _ := desk(t, triage.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) { return acting, nil })),
		triage.WithAuthorizer(authorizer(func(who imednet.Identity, action, item string) error {
			asked = append(asked, who.ID+" "+action+" "+item)
			if action == "triage.assign" {
				return imednet.ErrNotAuthorized
			}
			return nil
		})))
	_, err := s.AddAnnotation(t.Context(), triage.Comment{ItemID: "a", UserID: "bert", Text: "x"})
	require.ErrorIs(t, err, imednet.ErrNotIdentified)
	_, err = s.AddAnnotation(t.Context(), triage.Comment{ItemID: "a", Text: "x"})
	require.NoError(t, err)
	_, err = s.AssignItem(t.Context(), triage.Assignment{ItemID: "a", Version: triage.AnyVersion, Assignee: "bert"})
	require.ErrorIs(t, err, imednet.ErrNotAuthorized)
	require.Equal(t, []string{"anna triage.upsert a", "anna triage.annotate a", "anna triage.assign a"}, asked)
	var events []triage.Event
	for e, err := range s.Events(t.Context(), triage.EventOptions{}) {
		require.NoError(t, err)
		events = append(events, e)
	}
	require.Len(t, events, 2)
	require.Equal(t, &acting, events[1].Change.Actor)
	require.Equal(t, "anna", events[1].UserID)

	claimed, _ := desk(t)
	for e, err := range claimed.Events(t.Context(), triage.EventOptions{}) {
		require.NoError(t, err)
		require.Nil(t, e.Change.Actor)
	}
	unknown := open(t, newPath(t), triage.WithIdentity(imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
		return imednet.Identity{}, errors.New("no token")
	})))
	_, err = unknown.ReportFindings(t.Context(), "anna", nil)
	require.ErrorIs(t, err, imednet.ErrNotIdentified)
}

type authorizer func(who imednet.Identity, action, item string) error

func (a authorizer) Authorize(_ context.Context, who imednet.Identity, action, item string) error {
	return a(who, action, item)
}
