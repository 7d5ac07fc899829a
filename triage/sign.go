package triage

import (
	"context"
	"crypto/ed25519"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// Signing is the input of [TriageStore.SignItem]: user who signs an item, and with what meaning.
type Signing struct {
	ItemID  string
	Version int64  // Item.Version as the signer read it; AnyVersion is not allowed
	UserID  string // user who signs
	Meaning string // such as "review", "approval" or "responsibility"; required
	// Key is the private key. It is used once and not retained.
	Key ed25519.PrivateKey
}

// SignItem signs a version of an item: the signature covers the hash of the entry that created the
// version and, through it, all previous entries. It is itself an entry of the log and appears in
// [Item.Signatures]. [TriageStore.Verify] checks signatures with [VerifyOptions.Keys]. Errors:
// [ErrVersionConflict] and [imednet.ErrNotFound].
func (s *TriageStore) SignItem(ctx context.Context, o Signing) (Item, error) {
	const op = "sign item"
	c := &audit.Checker{}
	checkItem(c, o.ItemID, o.Version)
	if o.Version == AnyVersion {
		c.Add("Version", "must be the version that the signer has read")
	}
	o.Meaning = c.Name("Meaning", o.Meaning)
	by, err := s.user(ctx, c, op, o.UserID, "triage.sign", o.ItemID)
	if err != nil {
		return Item{}, wrap(op, "", o.ItemID, err)
	}
	return s.mutate(ctx, op, o.ItemID, o.Version, by, func(w *logWriter, row *itemRow) (*change, error) {
		var hash string
		if err := w.row(versionHashQuery, []any{&hash}, o.ItemID, row.Version); err != nil {
			return nil, err
		}
		signature, err := imednet.Sign(o.Key, by.signer(), o.Meaning, w.now, hash)
		return &change{KindSigned, Change{Signature: &signature}}, err
	})
}

const versionHashQuery = `SELECT hash FROM triage_events WHERE item_id = ? AND version = ?`

// signer is who acts, as far as is known.
func (a actor) signer() imednet.Identity {
	if a.identity != nil {
		return *a.identity
	}
	return imednet.Identity{ID: a.id}
}

// signatureChecker proves the signatures of a log that is read in order. Hashes are kept only of the
// newest entry of each item.
type signatureChecker struct {
	by    audit.Signers
	hash  map[string]string // item → hash of its newest entry
	found *audit.Findings
}

func (k *signatureChecker) entry(row *eventRow) {
	at := fmt.Sprintf("triage_events/%d", row.Sequence)
	before := k.hash[row.ItemID]
	k.hash[row.ItemID] = row.Hash
	if Kind(row.Kind) != KindSigned {
		return
	}
	e, ok := row.event()
	if !ok || e.Change.Signature == nil {
		k.found.Add(at, "has no signature that can be read")
		return
	}
	s := e.Change.Signature
	if s.Hash != before || s.Signer.ID != row.UserID || audit.FormatTime(s.SignedAt) != row.Timestamp {
		k.found.Add(at, "its signature is of something else")
		return
	}
	audit.CheckSignature(k.found, at, s, k.by)
}
