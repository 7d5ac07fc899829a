package versioning

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// headKind begins the exported line of a head.
const headKind = "imednet-config-head/1"

// Head is the end of a study's history. Store it elsewhere, so that [VerifyOptions.Heads] can
// reveal that entries were removed from the end.
type Head struct {
	StudyKey string
	Sequence int64  // 0 if the study has no history
	CommitID string // newest configuration; not part of the exported line
	Hash     string // of the newest entry
}

// String returns the head as one line of text, which ParseHead reads.
func (h Head) String() string { return audit.FormatHead(headKind, h.Sequence, h.Hash, h.StudyKey) }

// ParseHead reads a line that [Head.String] wrote. CommitID is empty.
func ParseHead(line string) (h Head, err error) {
	h.Sequence, h.Hash, err = audit.ParseHead(line, headKind, &h.StudyKey)
	return h, wrap("parse head", "", "", err)
}

// Head returns the end of a study's history. Its sequence is 0 if there is none.
func (s *ConfigVersionStore) Head(ctx context.Context, studyKey string) (h Head, err error) {
	if err := argument.Named("versioning.ConfigVersionStore.Head", "studyKey", studyKey); err != nil {
		return h, err
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		last, err := oneEntry(ctx, tx, lastQuery, studyKey)
		if err != nil {
			return err
		}
		newest, err := oneEntry(ctx, tx, newestQuery, studyKey)
		h = last.head(studyKey, newest.CommitID)
		return err
	})
	return h, wrap("head", studyKey, "", err)
}

func (r *entryRow) head(studyKey, newest string) Head {
	return Head{StudyKey: studyKey, Sequence: r.Sequence, CommitID: newest, Hash: r.Hash}
}

// Heads returns the ends of all histories, by study. Their CommitID is empty.
func (s *ConfigVersionStore) Heads(ctx context.Context) (all []Head, err error) {
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		all = nil
		rows, err := tx.QueryContext(ctx, `SELECT `+entryColumns+` FROM config_entries e WHERE sequence =
			(SELECT max(sequence) FROM config_entries f WHERE f.study_key = e.study_key) ORDER BY study_key`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r entryRow
			if err := rows.Scan(r.fields()...); err != nil {
				return err
			}
			all = append(all, Head{StudyKey: r.StudyKey, Sequence: r.Sequence, Hash: r.Hash})
		}
		return rows.Err()
	})
	return all, wrap("heads", "", "", err)
}
