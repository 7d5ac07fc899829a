package cache

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// TombstoneFormat begins every [PurgeStatement].
const TombstoneFormat = "imednet-purge/1"

// purgeMeaning is that of the signatures of tombstones: one of anything else is none.
const purgeMeaning = "purge"

// PurgeStatement is what remains of a purge: what was removed, when, by whom and why. It holds no subject data,
// unless somebody writes some into the reason.
type PurgeStatement struct {
	Format   string `json:"format"`   // [TombstoneFormat]
	Sequence int64  `json:"sequence"` // 1 for the first purge of the file
	// Previous is the hash of the tombstone before, or, for the first, of the purges from before there were
	// tombstones; empty if there were none.
	Previous string    `json:"previous"`
	StudyKey string    `json:"studyKey"`
	Whole    bool      `json:"whole"`           // everything of the study was removed
	Before   time.Time `json:"before,omitzero"` // the limit of a purge that is not whole
	// Removed counts the rows that were removed, in the order in which Keys covers them.
	Removed []PurgedRows `json:"removed"`
	// Keys is the SHA-256 of the keys of these rows; docs/formats/mirror.md says how it is made.
	Keys string `json:"keys"`
	// FirstVersion and LastVersion are the least and the greatest version at which a removed state was stored;
	// 0 if no state was removed. FirstSeen and LastSeen are the server's times of these versions, if known.
	FirstVersion imednet.MirrorVersion `json:"firstVersion,omitzero"`
	LastVersion  imednet.MirrorVersion `json:"lastVersion,omitzero"`
	FirstSeen    time.Time             `json:"firstSeen,omitzero"`
	LastSeen     time.Time             `json:"lastSeen,omitzero"`
	// Version is that up to which states are missing in the file since this purge.
	Version  imednet.MirrorVersion `json:"version,omitzero"`
	PurgedAt time.Time             `json:"purgedAt"`       // by the mirror's clock, never before the purge before it
	Clock    time.Time             `json:"clock,omitzero"` // the clock's own reading, if it was behind
	By       PurgedBy              `json:"by,omitzero"`
	Reason   string                `json:"reason,omitzero"`
	Rule     string                `json:"rule,omitzero"` // name of the rule of retention that permitted it
	// PublicKey is the Ed25519 key of whoever signed, so that a missing signature is noticed; empty if nobody did.
	PublicKey []byte `json:"publicKey,omitzero"`
}

// PurgedRows counts rows of one kind that a purge removed.
type PurgedRows struct {
	// Resource is that of the rows, or "runs" for the log of runs, or "cuts" for data cuts.
	Resource string `json:"resource"`
	// State is "current", "last" (of what the server no longer lists or has deleted), "former", or "" for runs
	// and cuts.
	State string `json:"state,omitzero"`
	Rows  int64  `json:"rows"`
}

// PurgedBy is who purged, as an [imednet.Identity] has it.
type PurgedBy struct {
	ID            string `json:"id"`
	DisplayName   string `json:"displayName,omitzero"`
	Authenticated string `json:"authenticated,omitzero"` // empty: only claimed
}

// PurgeTombstone is a purge as the file keeps it.
type PurgeTombstone struct {
	PurgeStatement
	Hash      string             // SHA-256 of the statement as it is written
	Signature *imednet.Signature // of the hash; nil if nobody signed
}

// FormerPurge is what was purged of a study before there were tombstones. Nobody signed it.
type FormerPurge struct {
	StudyKey string
	Whole    imednet.MirrorVersion // where the versions of a study ended that was purged as a whole; 0 if none was
	Version  imednet.MirrorVersion // states that ended up to here were purged; 0 if none were
}

// text is the statement as it is stored and hashed.
func (s *PurgeStatement) text() (text, hash string, err error) {
	line, err := json.Marshal(s)
	sum := sha256.Sum256(line)
	return string(line), hex.EncodeToString(sum[:]), err
}

// identity is who signs a statement.
func (s *PurgeStatement) identity() imednet.Identity {
	return imednet.Identity{ID: s.By.ID, DisplayName: s.By.DisplayName}
}

// sign signs the hash of a statement; the signature is nil without a key.
func (s *PurgeStatement) sign(hash string, key ed25519.PrivateKey) (*imednet.Signature, error) {
	if key == nil {
		return nil, nil
	}
	signature, err := imednet.Sign(key, s.identity(), purgeMeaning, s.PurgedAt, hash)
	return &signature, err
}

// signatureOf reads a signature. It must be of the statement, by the key that the statement names.
func (s *PurgeStatement) signatureOf(hash string, stored any) (*imednet.Signature, error) {
	switch {
	case len(s.PublicKey) == 0 && stored == nil:
		return nil, nil
	case len(s.PublicKey) == 0:
		return nil, errors.New("has a signature that its statement does not name")
	case stored == nil:
		return nil, errors.New("its signature was removed")
	}
	signature := &imednet.Signature{}
	if !sameJSON(stored, signature) {
		return nil, errors.New("has a signature that cannot be read")
	}
	signer := signature.Signer
	if signature.Hash != hash || signature.Meaning != purgeMeaning || !signature.SignedAt.Equal(s.PurgedAt) ||
		signer.ID != s.By.ID || signer.DisplayName != s.By.DisplayName || len(signer.Roles) > 0 || signer.Authenticated != "" ||
		signature.Verify(s.PublicKey) != nil {
		return nil, errors.New("its signature is of something else")
	}
	return signature, nil
}

// PurgeHead is the end of the tombstones of a file: the number of the newest and its hash, which covers all of
// them. Keep it elsewhere: only then the removal of the newest tombstones, with all other traces, is found.
type PurgeHead struct {
	Sequence int64
	Hash     string // empty if there is no tombstone
}

const purgeHeadKind = "imednet-purge-head/1"

// String returns the head as one line of text, which [ParsePurgeHead] reads.
func (h PurgeHead) String() string { return audit.FormatHead(purgeHeadKind, h.Sequence, h.Hash) }

// ParsePurgeHead reads a line that [PurgeHead.String] wrote.
func ParsePurgeHead(line string) (h PurgeHead, err error) {
	h.Sequence, h.Hash, err = audit.ParseHead(line, purgeHeadKind)
	return h, wrap("parse head", "", err)
}

// sameJSON decodes a text into v and reports whether v is written as that text.
func sameJSON(stored, v any) bool {
	text, ok := stored.(string)
	if !ok || json.Unmarshal([]byte(text), v) != nil {
		return false
	}
	again, err := json.Marshal(v)
	return err == nil && string(again) == text
}

// digestFormer is what the first tombstone follows; empty if nothing was purged before.
func digestFormer(former []FormerPurge) string {
	if len(former) == 0 {
		return ""
	}
	var fields []string
	for _, f := range former {
		fields = append(fields, f.StudyKey, fmt.Sprint(int64(f.Whole)), fmt.Sprint(int64(f.Version)))
	}
	return audit.Hash("imednet/former-purges/v1", fields...)
}
