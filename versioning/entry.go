package versioning

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// EntryKind is the kind of an [Entry].
type EntryKind string

// The kinds of entries.
const (
	KindCommitted EntryKind = "COMMITTED" // a configuration became the head
	KindImported  EntryKind = "IMPORTED"  // a commit of the Python package was imported
	KindReviewed  EntryKind = "REVIEWED"  // a second person reviewed a commit
	KindApproved  EntryKind = "APPROVED"  // a person approved a reviewed commit
	KindSigned    EntryKind = "SIGNED"    // a person signed a commit
	// KindDictionary is a dictionary, the study's design export. It changes nothing about configurations.
	KindDictionary EntryKind = "DICTIONARY"
)

// bringsConfiguration reports whether an entry of the kind says which configuration is the newest.
func (k EntryKind) bringsConfiguration() bool { return k == KindCommitted || k == KindImported }

// Entry is one step of a study's history. Hash covers every other field except Fault and, through
// ParentHash, all previous entries.
type Entry struct {
	StudyKey   string
	Sequence   int64 // 1, 2, 3 … within the study
	EntryID    string
	Kind       EntryKind
	CommitID   string // SHA-256 of the canonical body, or of the files of a dictionary; the same for equal ones
	VersionTag string // the configuration's version; for a dictionary, its number in the study
	Author     string // who acted; for an imported commit, who committed it
	Reason     string
	Timestamp  time.Time // for an imported commit, the time given by the Python package
	Details    Details
	ParentHash string // empty for the first entry
	Hash       string
	// Fault describes damage to the entry or its body and wraps [ErrIntegrity]. It is nil for
	// intact entries. History continues after a damaged one.
	Fault error
}

// Details holds data that only some entries have.
type Details struct {
	Replaces   string             `json:"replaces,omitzero"`    // commit id of the previous head, or of the previous dictionary; empty for the first
	ImportedAt time.Time          `json:"imported_at,omitzero"` // when the commit was imported
	ImportedBy string             `json:"imported_by,omitzero"` // who imported it
	Actor      *imednet.Identity  `json:"actor,omitzero"`       // acting identity; nil if Author is only claimed
	ClockAt    time.Time          `json:"clock_at,omitzero"`    // the clock's reading, where it was behind the entry before
	Unknown    jsontext.Value     `json:"unknown,omitzero"`     // members that the Python package drops; see CanonicalDocument
	Signature  *imednet.Signature `json:"signature,omitzero"`   // of a SIGNED entry
	Files      []DictionaryFile   `json:"files,omitzero"`       // of a DICTIONARY entry, by name
}

// Imported reports whether the Python package wrote the commit.
func (e *Entry) Imported() bool { return e.Kind == KindImported }

// entryRow is a row of config_entries, as it is stored and hashed.
type entryRow struct {
	StudyKey                                                       string
	Sequence                                                       int64
	EntryID, Kind, CommitID, VersionTag, Author, Reason, Timestamp string
	Details                                                        string // JSON
	ParentHash, Hash                                               string
}

const entryColumns = `study_key, sequence, entry_id, kind, commit_id, version_tag, author, reason, timestamp, details, parent_hash, entry_hash`

func (r *entryRow) fields() []any {
	return []any{&r.StudyKey, &r.Sequence, &r.EntryID, &r.Kind, &r.CommitID, &r.VersionTag, &r.Author, &r.Reason, &r.Timestamp, &r.Details, &r.ParentHash, &r.Hash}
}

// hashDomain begins what is hashed.
const hashDomain = "imednet/config/v1"

// computeHash hashes what is stored. The commit id stands for the body.
func (r *entryRow) computeHash() string {
	return audit.Hash(hashDomain, r.StudyKey, strconv.FormatInt(r.Sequence, 10), r.EntryID, r.Kind, r.CommitID, r.VersionTag,
		r.Author, r.Reason, r.Timestamp, r.Details, r.ParentHash)
}

// readable reports whether the details can be decoded, as all that were written can.
func (r *entryRow) readable() bool {
	_, err := r.details()
	return err == nil
}

// details decodes the details; the zero value where they cannot be read.
func (r *entryRow) details() (d Details, err error) {
	if err := json.Unmarshal([]byte(r.Details), &d); err != nil {
		return Details{}, errors.New("the details cannot be read")
	}
	return d, nil
}

// entryChanged is what is wrong with an entry that is not what was hashed.
const entryChanged = "the entry was changed"

// bodyFault says what is wrong with the body that a commit id stands for, "" for nothing.
func (r *entryRow) bodyFault(body sql.NullString) string {
	switch {
	case !body.Valid:
		return "the body is missing"
	case bodyHash([]byte(body.String)) != r.CommitID:
		return "the body was changed"
	}
	return ""
}

// entry turns a row into what callers see; fault says what is wrong with the body or the files.
func (r *entryRow) entry(fault string) Entry {
	e := Entry{
		StudyKey: r.StudyKey, Sequence: r.Sequence, EntryID: r.EntryID, Kind: EntryKind(r.Kind), CommitID: r.CommitID, VersionTag: r.VersionTag,
		Author: r.Author, Reason: r.Reason, ParentHash: r.ParentHash, Hash: r.Hash,
	}
	var readable bool
	var err error
	e.Timestamp, readable = audit.ParseTime(r.Timestamp)
	e.Details, err = r.details()
	hint := ""
	switch {
	case r.Hash != r.computeHash():
		hint = entryChanged
	case fault != "":
		hint = fault
	case !readable:
		hint = "the timestamp cannot be read"
	case err != nil:
		hint = err.Error()
	default:
		return e
	}
	e.Fault = wrap("read entry "+strconv.FormatInt(r.Sequence, 10), r.StudyKey, r.CommitID, refuse(ErrIntegrity, hint))
	return e
}

// recordedAt is when the entry was written, as text: that of a commit of the Python package is older.
func (r *entryRow) recordedAt() string {
	if EntryKind(r.Kind) != KindImported {
		return r.Timestamp
	}
	d, err := r.details()
	if err != nil {
		return ""
	}
	return audit.FormatTime(d.ImportedAt)
}

// oneEntry reads one entry, or the zero row.
func oneEntry(ctx context.Context, tx *sql.Tx, query string, args ...any) (r entryRow, err error) {
	err = tx.QueryRowContext(ctx, query, args...).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return entryRow{}, nil
	}
	return r, err
}

// entriesOf returns the rows that a query finds.
func entriesOf(ctx context.Context, tx *sql.Tx, query string, args ...any) (found []entryRow, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(r.fields()...); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// lastQuery finds a study's newest entry, newestQuery the one that brought its newest configuration.
const (
	lastQuery   = `SELECT ` + entryColumns + ` FROM config_entries WHERE study_key = ? ORDER BY sequence DESC LIMIT 1`
	newestQuery = `SELECT ` + entryColumns + ` FROM config_entries WHERE study_key = ? AND kind IN ('COMMITTED', 'IMPORTED') ORDER BY sequence DESC LIMIT 1`
)

// appendEntry completes a row as the next of its study and writes it, with the time of now.
func (s *ConfigVersionStore) appendEntry(ctx context.Context, tx *sql.Tx, r *entryRow, d Details) error {
	parent, err := oneEntry(ctx, tx, lastQuery, r.StudyKey)
	if err != nil {
		return err
	}
	newest, _ := audit.ParseTime(parent.recordedAt())
	stamp, err := s.file.Stamp(newest)
	if err != nil {
		return refuse(err, "set the clock; versioning.WithClockTolerance, or clockTolerance in the configuration file, accepts more, and records what the clock said")
	}
	d.ClockAt = stamp.Clock
	if EntryKind(r.Kind) == KindImported {
		d.ImportedAt = stamp.Time
	} else {
		r.Timestamp = audit.FormatTime(stamp.Time)
	}
	details, err := json.Marshal(d, json.Deterministic(true))
	if err != nil {
		return errors.New("the details cannot be written as JSON")
	}
	if r.EntryID, err = s.file.NewID(); err != nil {
		return err
	}
	r.Sequence, r.ParentHash, r.Details = parent.Sequence+1, parent.Hash, string(details)
	r.Hash = r.computeHash()
	_, err = tx.ExecContext(ctx, `INSERT INTO config_entries (`+entryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.StudyKey, r.Sequence, r.EntryID, r.Kind, r.CommitID, r.VersionTag, r.Author, r.Reason, r.Timestamp, r.Details, r.ParentHash, r.Hash)
	return err
}

// authorProof is how the author was identified; nil if nobody but the Python package, or whoever wrote the
// row, says who the author was. Who imported a commit is not who made it.
func (d *Details) authorProof() *imednet.Identity {
	if d.ImportedBy != "" {
		return nil
	}
	return d.Actor
}
