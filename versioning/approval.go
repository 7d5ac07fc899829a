package versioning

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Approval is the review or approval of a commit by a second person.
type Approval struct {
	CommitID string
	Author   string // who reviews or approves; must differ from the one who committed
	Reason   string // required
}

// ReviewConfig records that a person has reviewed a commit of a study's history. The person must
// not be the one who last committed it; names that differ only in spelling are one
// person's. Errors: [ErrSamePerson], [ErrOnlyClaimed] and [imednet.ErrNotFound].
func (s *ConfigVersionStore) ReviewConfig(ctx context.Context, studyKey string, o Approval) (Entry, error) {
	return s.approve(ctx, studyKey, o, KindReviewed)
}

// ApproveConfig records that a person approves a commit that has been reviewed since it was last
// committed. The person must not be the one who committed it. Errors: [ErrSamePerson],
// [ErrOnlyClaimed], [ErrNotReviewed] and [imednet.ErrNotFound].
func (s *ConfigVersionStore) ApproveConfig(ctx context.Context, studyKey string, o Approval) (Entry, error) {
	return s.approve(ctx, studyKey, o, KindApproved)
}

func (s *ConfigVersionStore) approve(ctx context.Context, studyKey string, o Approval, kind EntryKind) (entry Entry, err error) {
	op, action := "review", "config.review"
	if kind == KindApproved {
		op, action = "approve", "config.approve"
	}
	c := &audit.Checker{}
	row := &entryRow{Kind: string(kind), StudyKey: c.Name("studyKey", studyKey), CommitID: o.CommitID, Reason: c.RequiredComment("Reason", o.Reason)}
	by, err := s.author(ctx, c, o.Author, action, row.StudyKey)
	if err != nil {
		return Entry{}, wrap(op, studyKey, "", err)
	}
	row.Author = by.id
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		commit, err := broughtBy(ctx, tx, row)
		if err != nil {
			return err
		}
		committed, err := commit.details()
		if err != nil {
			return err
		}
		if audit.SameActor(commit.Author, committed.authorProof(), by.id, by.identity) {
			return refuse(ErrSamePerson, "another person than the one who committed it reviews and approves")
		}
		if kind == KindApproved {
			if err := s.checkReviews(ctx, tx, commit, by); err != nil {
				return err
			}
		}
		if err := s.appendEntry(ctx, tx, row, Details{Actor: by.identity}); err != nil {
			return err
		}
		entry, err = storedEntry(ctx, tx, row)
		return err
	})
	if err != nil {
		return Entry{}, wrap(op, studyKey, o.CommitID, err)
	}
	return entry, nil
}

const reviewedQuery = `SELECT ` + entryColumns + ` FROM config_entries WHERE commit_id = ? AND study_key = ? AND sequence > ? AND kind = 'REVIEWED'`

// checkReviews demands a review of a commit. Where two persons decide, it must have been proven who they are:
// who reviewed it, and who committed it, or else the one who approves is another than who reviewed.
func (s *ConfigVersionStore) checkReviews(ctx context.Context, tx *sql.Tx, commit entryRow, by actor) error {
	reviews, err := entriesOf(ctx, tx, reviewedQuery, commit.CommitID, commit.StudyKey, commit.Sequence)
	if err != nil {
		return err
	}
	if len(reviews) == 0 {
		return refuse(ErrNotReviewed, "a review comes first (ReviewConfig, `imednet config review`)")
	}
	if !s.twoPersons {
		return nil
	}
	committed, err := commit.details()
	if err != nil {
		return err
	}
	byProven := 0
	for _, r := range reviews {
		d, err := r.details()
		if err != nil {
			return err
		}
		if !audit.Proven(d.Actor) {
			continue
		}
		if byProven++; audit.Proven(committed.authorProof()) || !audit.SameActor(r.Author, d.Actor, by.id, by.identity) {
			return nil
		}
	}
	if byProven == 0 {
		return refuse(ErrOnlyClaimed, "who reviewed it is only claimed: somebody who is identified must review it")
	}
	return refuse(ErrSamePerson, "who committed it is only claimed: one person reviews it, and another approves it")
}

// broughtBy returns the newest entry that brought the row's commit to its study, and takes over what
// it says of the configuration.
func broughtBy(ctx context.Context, tx *sql.Tx, row *entryRow) (commit entryRow, err error) {
	commit, err = oneEntry(ctx, tx, commitQuery, row.CommitID, row.StudyKey)
	if err == nil && commit.Sequence == 0 {
		err = fmt.Errorf("commit in the study's history: %w", imednet.ErrNotFound)
	}
	row.VersionTag = commit.VersionTag
	return commit, err
}

func storedEntry(ctx context.Context, tx *sql.Tx, row *entryRow) (Entry, error) {
	body, err := loadBody(ctx, tx, row.CommitID)
	return row.entry(row.bodyFault(sql.NullString{String: string(body), Valid: err == nil})), err
}

const approvedQuery = `SELECT ` + entryColumns + ` FROM config_entries WHERE commit_id = ? AND study_key = ? AND sequence > ? AND kind = 'APPROVED' ORDER BY sequence`

// ApprovalOf returns the entry that approved a commit since it was last committed to the study. With
// [WithTwoPersons], an approval counts only if the persons who decided were identified and distinct,
// whatever the rules were at that time. Errors: [ErrNotApproved] and [imednet.ErrNotFound].
func (s *ConfigVersionStore) ApprovalOf(ctx context.Context, studyKey, commitID string) (entry Entry, err error) {
	const function = "versioning.ConfigVersionStore.ApprovalOf"
	if err := errors.Join(argument.Named(function, "studyKey", studyKey), argument.Named(function, "commitID", commitID)); err != nil {
		return entry, err
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		commit, err := broughtBy(ctx, tx, &entryRow{StudyKey: studyKey, CommitID: commitID})
		if err != nil {
			return err
		}
		approvals, err := entriesOf(ctx, tx, approvedQuery, commitID, studyKey, commit.Sequence)
		if err != nil {
			return err
		}
		for _, a := range approvals {
			if s.counts(ctx, tx, commit, &a) {
				entry, err = storedEntry(ctx, tx, &a)
				return err
			}
		}
		return refuse(ErrNotApproved, "ReviewConfig and ApproveConfig come first, or `imednet config review` and `imednet config approve`")
	})
	return entry, wrap("look for approval", studyKey, commitID, err)
}

// counts reports whether an approval is one by the rules of this store.
func (s *ConfigVersionStore) counts(ctx context.Context, tx *sql.Tx, commit entryRow, approval *entryRow) bool {
	committed, wrong := commit.details()
	d, err := approval.details()
	if wrong != nil || err != nil || audit.SameActor(commit.Author, committed.authorProof(), approval.Author, d.Actor) || s.twoPersons && !audit.Proven(d.Actor) {
		return false
	}
	return s.checkReviews(ctx, tx, commit, actor{approval.Author, d.Actor}) == nil
}

// ApprovedConfig returns the entry that approved the newest approved configuration of a study,
// which need not be the newest configuration. The error is [imednet.ErrNotFound] if none is
// approved.
func (s *ConfigVersionStore) ApprovedConfig(ctx context.Context, studyKey string) (entry Entry, err error) {
	if err := argument.Named("versioning.ConfigVersionStore.ApprovedConfig", "studyKey", studyKey); err != nil {
		return entry, err
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		row, err := oneEntry(ctx, tx, `SELECT `+entryColumns+` FROM config_entries WHERE study_key = ? AND kind = 'APPROVED' ORDER BY sequence DESC LIMIT 1`, studyKey)
		if err == nil && row.Sequence == 0 {
			err = fmt.Errorf("approved configuration: %w", imednet.ErrNotFound)
		}
		if err != nil {
			return err
		}
		entry, err = storedEntry(ctx, tx, &row)
		return err
	})
	return entry, wrap("approved configuration", studyKey, "", err)
}

// Signing is the input of [ConfigVersionStore.SignConfig]: who signs a commit, and with what
// meaning.
type Signing struct {
	CommitID string
	Author   string // who signs
	Meaning  string // such as "review", "approval" or "responsibility"; required
	// Key signs. It is used once and not kept.
	Key ed25519.PrivateKey
}

// SignConfig signs a commit of a study's history: the signature covers the hash of the newest entry
// that committed it and, through it, the body and all previous entries. It is itself an entry.
// [ConfigVersionStore.Verify] checks signatures with [VerifyOptions.Keys]. Errors:
// [imednet.ErrNotFound].
func (s *ConfigVersionStore) SignConfig(ctx context.Context, studyKey string, o Signing) (entry Entry, err error) {
	const op = "sign"
	c := &audit.Checker{}
	row := &entryRow{Kind: string(KindSigned), StudyKey: c.Name("studyKey", studyKey), CommitID: o.CommitID, Reason: c.Name("Meaning", o.Meaning)}
	by, err := s.author(ctx, c, o.Author, "config.sign", row.StudyKey)
	if err != nil {
		return Entry{}, wrap(op, studyKey, "", err)
	}
	row.Author = by.id
	signer := imednet.Identity{ID: by.id}
	if by.identity != nil {
		signer = *by.identity
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		commit, err := broughtBy(ctx, tx, row)
		if err != nil {
			return err
		}
		signature, err := imednet.Sign(o.Key, signer, row.Reason, s.file.Now(), commit.Hash)
		if err != nil {
			return err
		}
		if err := s.appendEntry(ctx, tx, row, Details{Actor: by.identity, Signature: &signature}); err != nil {
			return err
		}
		entry, err = storedEntry(ctx, tx, row)
		return err
	})
	if err != nil {
		return Entry{}, wrap(op, studyKey, o.CommitID, err)
	}
	return entry, nil
}

// signedThen reports whether the signature is of the time at which the clock stood when its entry was written.
func (d *Details) signedThen(timestamp string) bool {
	at := d.ClockAt
	if at.IsZero() {
		at, _ = audit.ParseTime(timestamp)
	}
	return at.Sub(d.Signature.SignedAt).Abs() <= audit.DefaultClockTolerance
}

// signatureChecker proves the signatures of a study's history that is read in order.
type signatureChecker struct {
	by      audit.Signers
	brought map[string]string // commit id → hash of the newest entry that brought it
	found   *audit.Findings
}

func (k *signatureChecker) entry(r *entryRow) {
	if EntryKind(r.Kind).bringsConfiguration() {
		k.brought[r.StudyKey+"\x00"+r.CommitID] = r.Hash
	}
	if EntryKind(r.Kind) != KindSigned {
		return
	}
	d, err := r.details()
	switch {
	case err != nil || d.Signature == nil:
		k.found.Add(r.place(), "has no signature that can be read")
	case d.Signature.Hash != k.brought[r.StudyKey+"\x00"+r.CommitID] || d.Signature.Signer.ID != r.Author || d.Signature.Meaning != r.Reason:
		k.found.Add(r.place(), "its signature is of something else")
	case !d.signedThen(r.Timestamp):
		k.found.Add(r.place(), "its signature is of another time")
	default:
		audit.CheckSignature(k.found, r.place(), d.Signature, k.by)
	}
}
