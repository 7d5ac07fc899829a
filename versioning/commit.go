package versioning

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// CommitOptions say who commits a configuration, and why.
type CommitOptions struct {
	Author string // required
	Reason string // required
	// IfHead, when not nil, commits only if the study's history still ends there: compare and
	// append. The zero sequence means that the study has no history yet.
	IfHead *Head
}

// CommitConfig appends a configuration to a study's history. The configuration must be valid and
// of that study. Going back to an older configuration is a new entry with the old commit id. When
// the call has returned without error, the entry survives the death of the process and of the
// machine.
//
// Errors: ErrDuplicate when the newest entry has the same configuration, ErrHeadMoved,
// ErrOtherStudy, ErrIntegrity when the body is stored already and damaged, *imednet.ValidationError.
func (s *ConfigVersionStore) CommitConfig(ctx context.Context, studyKey string, config *imednet.StudyConfiguration, o CommitOptions) (Entry, error) {
	const op = "commit"
	row, body, err := s.prepare(studyKey, config, o)
	if err != nil {
		return Entry{}, wrap(op, "", "", err)
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		head, err := headRow(ctx, tx, row.StudyKey)
		if err != nil {
			return err
		}
		current := head.head(row.StudyKey)
		if o.IfHead != nil && (o.IfHead.Sequence != head.Sequence || o.IfHead.Hash != head.Hash) {
			return refuse(&HeadError{current, ErrHeadMoved}, "read the history again and decide anew")
		}
		if head.CommitID == row.CommitID {
			return &HeadError{current, ErrDuplicate}
		}
		row.Timestamp = audit.FormatTime(s.file.Now())
		if err := s.appendEntry(ctx, tx, &head, row); err != nil {
			return err
		}
		return storeBody(ctx, tx, row, body)
	})
	if err != nil {
		return Entry{}, wrap(op, studyKey, row.CommitID, err)
	}
	return row.entry(sql.NullString{String: string(body), Valid: true}), nil
}

// prepare checks the arguments and returns the entry's row, without its place in the chain.
func (s *ConfigVersionStore) prepare(studyKey string, config *imednet.StudyConfiguration, o CommitOptions) (*entryRow, []byte, error) {
	c := &audit.Checker{}
	row := &entryRow{StudyKey: c.Name("studyKey", studyKey), Author: c.Name("Author", o.Author), Reason: c.RequiredComment("Reason", o.Reason)}
	if config == nil {
		c.Add("config", "must be given")
	}
	if err := c.Err("commit"); err != nil {
		return nil, nil, err
	}
	if err := config.Validate(); err != nil {
		return nil, nil, err
	}
	if config.StudyKey != row.StudyKey {
		return nil, nil, refuse(ErrOtherStudy, "its studyKey must be the study that is named")
	}
	body, commitID, err := Canonical(config)
	if err != nil {
		return nil, nil, err
	}
	canonical, err := decodeBody(body)
	row.CommitID, row.VersionTag = commitID, canonical.Version
	return row, body, err
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
