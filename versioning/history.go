package versioning

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// HistoryOptions configures [ConfigVersionStore.History].
type HistoryOptions struct {
	After int64 // sequence of the last entry that the caller has (with Newest, the oldest)
	// Newest yields the newest entry first. By default the oldest is first, as in the Python
	// package.
	Newest bool
}

// historyPage is how many entries are read at a time, with their bodies.
const historyPage = 100

// History yields a study's entries, or none for an unknown study. It checks the hash and body of
// every entry, and that it follows the one before it: a damaged one, and one before which entries are missing, has a
// Fault, and the entries after it are still yielded. What is missing behind the newest entry it cannot see. It reads one
// page at a time, so that it does not lock the file between entries.
func (s *ConfigVersionStore) History(ctx context.Context, studyKey string, o HistoryOptions) iter.Seq2[Entry, error] {
	if o.Newest {
		return newestFirst(s.entries(ctx, studyKey, o))
	}
	return oldestFirst(s.entries(ctx, studyKey, o), o.After)
}

// entries yields a study's entries, each looked at by itself.
func (s *ConfigVersionStore) entries(ctx context.Context, studyKey string, o HistoryOptions) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if err := argument.Named("versioning.ConfigVersionStore.History", "studyKey", studyKey); err != nil {
			yield(Entry{}, err)
			return
		}
		for {
			page, err := s.historyPage(ctx, studyKey, o)
			if err != nil {
				yield(Entry{}, wrap("history", studyKey, "", err))
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				o.After = e.Sequence
			}
			if len(page) < historyPage {
				return
			}
		}
	}
}

func (s *ConfigVersionStore) historyPage(ctx context.Context, studyKey string, o HistoryOptions) (page []Entry, err error) {
	query, args := o.query(studyKey)
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		page = page[:0]
		dictionaries, err := readPage(ctx, tx, query, args, &page)
		if err != nil {
			return err
		}
		for i, r := range dictionaries {
			fault, _, err := r.dictionaryFault(ctx, tx)
			if err != nil {
				return err
			}
			page[i] = r.entry(fault)
		}
		return nil
	})
	return page, err
}

// readPage reads entries with their bodies, and returns the rows of dictionaries by their place: what these have
// for a body is read afterwards.
func readPage(ctx context.Context, tx *sql.Tx, query string, args []any, page *[]Entry) (dictionaries map[int]entryRow, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	dictionaries = map[int]entryRow{}
	for rows.Next() {
		var r entryRow
		var body sql.NullString
		if err := rows.Scan(append(r.fields(), &body)...); err != nil {
			return nil, err
		}
		if EntryKind(r.Kind) == KindDictionary {
			dictionaries[len(*page)] = r
		}
		*page = append(*page, r.entry(r.bodyFault(body)))
	}
	return dictionaries, rows.Err()
}

func (o *HistoryOptions) query(studyKey string) (string, []any) {
	where, order, args := ``, `ASC`, []any{studyKey}
	if o.Newest {
		order = `DESC`
	}
	switch {
	case o.Newest && o.After > 0:
		where, args = ` AND sequence < ?`, append(args, o.After)
	case !o.Newest:
		where, args = ` AND sequence > ?`, append(args, o.After)
	}
	return `SELECT e.study_key, sequence, entry_id, kind, e.commit_id, e.version_tag, author, reason, e.timestamp, details, parent_hash, entry_hash, config_data
		FROM config_entries e LEFT JOIN config_commits c ON c.commit_id = e.commit_id
		WHERE e.study_key = ?` + where + ` ORDER BY sequence ` + order + ` LIMIT ?`, append(args, historyPage)
}

// RollbackConfig returns the configuration of a commit in a study's history, after checking its
// bytes, with the unknown members of its newest entry. It writes nothing: to roll back, commit what
// it returns with [CommitOptions.AllowRollback]. Errors: [imednet.ErrNotFound] if the study's
// history has no such commit, and [ErrIntegrity] if the stored body is not what was committed.
func (s *ConfigVersionStore) RollbackConfig(ctx context.Context, studyKey, commitID string) (config imednet.StudyConfiguration, err error) {
	d, err := s.Document(ctx, studyKey, commitID)
	if err != nil {
		return imednet.StudyConfiguration{}, err
	}
	config, err = decodeBody(d.Body, d.Unknown)
	return config, wrap("rollback", studyKey, commitID, err)
}

// Document returns a commit of a study's history as stored, after checking its bytes, with the
// unknown members of its newest entry. Errors are those of [ConfigVersionStore.RollbackConfig].
func (s *ConfigVersionStore) Document(ctx context.Context, studyKey, commitID string) (d Document, err error) {
	if err := argument.Named("versioning.ConfigVersionStore.Document", "studyKey", studyKey); err != nil {
		return d, err
	}
	if err := argument.Named("versioning.ConfigVersionStore.Document", "commitID", commitID); err != nil {
		return d, err
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		row, err := oneEntry(ctx, tx, commitQuery, commitID, studyKey)
		if err == nil && row.Sequence == 0 {
			err = fmt.Errorf("commit in the study's history: %w", imednet.ErrNotFound)
		}
		if err != nil {
			return err
		}
		details, err := row.details()
		if err != nil {
			return refuse(ErrIntegrity, err.Error())
		}
		body, err := loadBody(ctx, tx, commitID)
		d = Document{Body: body, CommitID: commitID, Unknown: details.Unknown}
		return err
	})
	if err != nil {
		return Document{}, wrap("rollback", studyKey, commitID, err)
	}
	return d, nil
}

// Text returns the whole document, including unknown members, with sorted names.
func (d *Document) Text() ([]byte, error) { return withUnknown(d.Body, d.Unknown) }

// commitQuery finds the newest entry that brought a commit to a study.
const commitQuery = `SELECT ` + entryColumns + ` FROM config_entries WHERE commit_id = ? AND study_key = ? AND kind IN ('COMMITTED', 'IMPORTED')
	ORDER BY sequence DESC LIMIT 1`

// loadBody reads a body and checks the bytes that are stored.
func loadBody(ctx context.Context, tx *sql.Tx, commitID string) ([]byte, error) {
	var body []byte
	err := tx.QueryRowContext(ctx, `SELECT config_data FROM config_commits WHERE commit_id = ?`, commitID).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, wrap("", "", commitID, imednet.ErrNotFound)
	}
	if err == nil && bodyHash(body) != commitID {
		err = wrap("", "", commitID, refuse(ErrIntegrity, "the body was changed"))
	}
	return body, err
}
