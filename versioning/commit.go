package versioning

import (
	"context"
	"database/sql"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// CommitOptions states who commits a configuration, and why.
type CommitOptions struct {
	Author string // required unless WithIdentity is used
	Reason string // required
	// IfHead, if not nil, commits only if the study's history still ends there (compare and
	// append). The zero sequence means that the study has no history.
	IfHead *Head
	// AllowRollback permits a configuration that is an earlier one of the history. The Python
	// package cannot see that it is the newest again, because its table has each configuration
	// once, with the time of its first commit. A Python program that reads the file therefore
	// continues to use the configuration that was rolled back; if there is such a program, commit
	// the configuration with a new version instead.
	AllowRollback bool
}

// CommitConfig appends a configuration to a study's history. The configuration must be valid and
// belong to that study. Once the call has returned without error, the entry survives a crash of the
// process or the machine.
//
// Errors: [ErrDuplicate] if the newest entry has the same configuration, [ErrRollback] if an older
// one has it, [ErrHeadMoved], [ErrStrangers], [ErrOtherStudy], [ErrClockBack], [ErrIntegrity] if
// the body is already stored but damaged, and *[imednet.ValidationError].
func (s *ConfigVersionStore) CommitConfig(ctx context.Context, studyKey string, config *imednet.StudyConfiguration, o CommitOptions) (Entry, error) {
	c := &audit.Checker{}
	if config == nil {
		c.Add("config", "must not be nil")
	}
	return s.commit(ctx, c, studyKey, o, func() (Document, error) {
		if err := config.Validate(); err != nil {
			return Document{}, err
		}
		return canonicalConfiguration(config)
	})
}

// CommitDocument is like [ConfigVersionStore.CommitConfig] for a document as it is in a file: its
// commit id is the one that the Python package gives it. See [CanonicalDocument].
func (s *ConfigVersionStore) CommitDocument(ctx context.Context, studyKey string, document []byte, o CommitOptions) (Entry, error) {
	return s.commit(ctx, &audit.Checker{}, studyKey, o, func() (Document, error) { return CanonicalDocument(document) })
}

func (s *ConfigVersionStore) commit(ctx context.Context, c *audit.Checker, studyKey string, o CommitOptions, canonical func() (Document, error)) (Entry, error) {
	const op = "commit"
	row := &entryRow{Kind: string(KindCommitted), StudyKey: c.Name("studyKey", studyKey), Reason: c.RequiredComment("Reason", o.Reason)}
	by, err := s.author(ctx, c, o.Author, "config.commit", row.StudyKey)
	if err != nil {
		return Entry{}, wrap(op, "", "", err)
	}
	row.Author = by.id
	document, err := canonical()
	if err == nil {
		err = row.describe(document)
	}
	if err != nil {
		return Entry{}, wrap(op, "", "", err)
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		newest, err := s.checkHead(ctx, tx, row, document, o)
		if err != nil {
			return err
		}
		details := Details{Replaces: newest.CommitID, Actor: by.identity, Unknown: document.Unknown}
		if err := s.appendEntry(ctx, tx, row, details); err != nil {
			return err
		}
		return storeBody(ctx, tx, row, document.Body)
	})
	if err != nil {
		return Entry{}, wrap(op, studyKey, row.CommitID, err)
	}
	return row.entry(""), nil
}

// describe takes over what the body says.
func (r *entryRow) describe(d Document) error {
	config, err := decodeBody(d.Body, nil)
	if err != nil {
		return err
	}
	if config.StudyKey != r.StudyKey {
		return refuse(ErrOtherStudy, "its studyKey must be the study that is named")
	}
	r.CommitID, r.VersionTag = d.CommitID, config.Version
	return nil
}

// checkHead refuses a commit that does not fit what the study's history ends with, and returns the
// entry of its newest configuration.
func (s *ConfigVersionStore) checkHead(ctx context.Context, tx *sql.Tx, row *entryRow, d Document, o CommitOptions) (newest entryRow, err error) {
	last, err := oneEntry(ctx, tx, lastQuery, row.StudyKey)
	if err != nil {
		return newest, err
	}
	if newest, err = oneEntry(ctx, tx, newestQuery, row.StudyKey); err != nil {
		return newest, err
	}
	current := last.head(row.StudyKey, newest.CommitID)
	if o.IfHead != nil && (o.IfHead.Sequence != last.Sequence || o.IfHead.Hash != last.Hash) {
		return newest, refuse(&HeadError{current, ErrHeadMoved}, "read the history again and decide anew")
	}
	if newest.CommitID == row.CommitID {
		was, err := newest.details()
		if err != nil || string(canonicalJSON(was.Unknown)) == string(d.Unknown) {
			return newest, &HeadError{current, ErrDuplicate}
		}
		return newest, nil
	}
	if err := refuseStrangers(ctx, tx, row.StudyKey); err != nil || o.AllowRollback {
		return newest, err
	}
	earlier, err := oneEntry(ctx, tx, `SELECT `+entryColumns+` FROM config_entries WHERE study_key = ? AND commit_id = ? LIMIT 1`, row.StudyKey, row.CommitID)
	if err == nil && earlier.Sequence > 0 {
		err = refuse(ErrRollback, "a Python program that reads the file will not see it as the newest: give the document a version of its own, or allow the rollback")
	}
	return newest, err
}

// refuseStrangers demands that nobody else has committed to the study unseen.
func refuseStrangers(ctx context.Context, tx *sql.Tx, studyKey string) error {
	rows, err := strangers(ctx, tx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.StudyKey == studyKey {
			return refuse(ErrStrangers, "look at what the Python package wrote, and take it over with ImportCommits or `imednet config import`")
		}
	}
	return nil
}

// canonicalJSON writes JSON as it is stored; nil for none.
func canonicalJSON(v jsontext.Value) []byte {
	if node, err := parseNode(v); err == nil {
		return appendNode(nil, node)
	}
	return nil
}

// storeBody stores a body that the file does not have yet, with what its entry says.
func storeBody(ctx context.Context, tx *sql.Tx, r *entryRow, body []byte) error {
	stored, err := loadBody(ctx, tx, r.CommitID)
	if errors.Is(err, imednet.ErrNotFound) {
		_, err := tx.ExecContext(ctx, `INSERT INTO config_commits (commit_id, study_key, version_tag, config_data, modified_by, description, timestamp)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, r.CommitID, r.StudyKey, r.VersionTag, string(body), r.Author, r.Reason, r.Timestamp)
		return err
	}
	if err == nil && string(stored) != string(body) {
		err = ErrIntegrity
	}
	return err
}
