package versioning

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/imednetgo/imednet/internal/audit"
)

// Entry is one step of a study's history. Hash covers every other field but Fault and, through
// ParentHash, every entry before it.
type Entry struct {
	StudyKey   string
	Sequence   int64 // 1, 2, 3 … within the study
	EntryID    string
	CommitID   string // SHA-256 of the canonical body; the same configuration has it again
	VersionTag string // the configuration's version
	Author     string
	Reason     string
	Timestamp  time.Time
	ImportedAt time.Time // when a commit of the Python package became an entry; zero for our own
	ParentHash string    // empty for the first entry
	Hash       string
	// Fault says what is wrong with the entry or its body; it wraps ErrIntegrity. History goes on
	// behind it. It is nil for sound entries.
	Fault error
}

// Imported reports whether the Python package wrote the commit.
func (e *Entry) Imported() bool { return !e.ImportedAt.IsZero() }

// entryRow is a row of config_entries, as it is stored and hashed.
type entryRow struct {
	StudyKey                                                 string
	Sequence                                                 int64
	EntryID, CommitID, VersionTag, Author, Reason, Timestamp string
	ImportedAt                                               string // empty for our own
	ParentHash, Hash                                         string
}

const entryColumns = `study_key, sequence, entry_id, commit_id, version_tag, author, reason, timestamp, imported_at, parent_hash, entry_hash`

func (r *entryRow) fields() []any {
	return []any{&r.StudyKey, &r.Sequence, &r.EntryID, &r.CommitID, &r.VersionTag, &r.Author, &r.Reason, &r.Timestamp, &r.ImportedAt, &r.ParentHash, &r.Hash}
}

// computeHash hashes what is stored. The commit id stands for the body.
func (r *entryRow) computeHash() string {
	return audit.Hash("imednet/config/v1", r.StudyKey, strconv.FormatInt(r.Sequence, 10), r.EntryID, r.CommitID, r.VersionTag,
		r.Author, r.Reason, r.Timestamp, r.ImportedAt, r.ParentHash)
}

// entry turns a row and its body into what callers see.
func (r *entryRow) entry(body sql.NullString) Entry {
	e := Entry{
		StudyKey: r.StudyKey, Sequence: r.Sequence, EntryID: r.EntryID, CommitID: r.CommitID, VersionTag: r.VersionTag,
		Author: r.Author, Reason: r.Reason, ParentHash: r.ParentHash, Hash: r.Hash,
	}
	var readable bool
	e.Timestamp, readable = audit.ParseTime(r.Timestamp)
	if r.ImportedAt != "" {
		e.ImportedAt, _ = audit.ParseTime(r.ImportedAt)
	}
	hint := ""
	switch {
	case r.Hash != r.computeHash():
		hint = "the entry was changed"
	case !body.Valid:
		hint = "the body is missing"
	case bodyHash([]byte(body.String)) != r.CommitID:
		hint = "the body was changed"
	case !readable:
		hint = "the timestamp cannot be read"
	default:
		return e
	}
	e.Fault = wrap("read entry "+strconv.FormatInt(r.Sequence, 10), r.StudyKey, r.CommitID, refuse(ErrIntegrity, hint))
	return e
}

// headRow returns a study's newest entry, or the zero row.
func headRow(ctx context.Context, tx *sql.Tx, studyKey string) (r entryRow, err error) {
	err = tx.QueryRowContext(ctx, headQuery, studyKey).Scan(r.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return entryRow{}, nil
	}
	return r, err
}

const headQuery = `SELECT ` + entryColumns + ` FROM config_entries WHERE study_key = ? ORDER BY sequence DESC LIMIT 1`

// appendEntry completes a row as the next of its study and writes it.
func (s *ConfigVersionStore) appendEntry(ctx context.Context, tx *sql.Tx, parent *entryRow, r *entryRow) (err error) {
	if r.EntryID, err = s.file.NewID(); err != nil {
		return err
	}
	r.Sequence, r.ParentHash = parent.Sequence+1, parent.Hash
	r.Hash = r.computeHash()
	_, err = tx.ExecContext(ctx, `INSERT INTO config_entries (`+entryColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.StudyKey, r.Sequence, r.EntryID, r.CommitID, r.VersionTag, r.Author, r.Reason, r.Timestamp, r.ImportedAt, r.ParentHash, r.Hash)
	return err
}
