package scenarios

import (
	"context"
	"errors"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/versioning"
)

var configurations = qualification.Scenario{
	ID: "OQ-STO-3", Title: "Configurations are reviewed and approved by others, and their history cannot be altered unnoticed",
	Requirements: []string{"STO-01", "STO-03", "STO-04", "STO-05", "STO-07", "STO-12", "STO-13", "STO-28"},
	Run: func(ctx context.Context, t *qualification.Trial) (err error) {
		path := t.Path("config_versions.sqlite3")
		store, err := versioning.NewConfigVersionStore(ctx, path, versioning.WithClock(t.Clock))
		if err != nil {
			return err
		}
		older := t.Path("older.sqlite3")
		head, err := commitAndApprove(ctx, t, store, older)
		if err := errors.Join(err, store.Close()); err != nil {
			return err
		}
		refusedByGuard(ctx, t, path, "UPDATE config_entries SET author = 'eve' WHERE sequence = 1")
		refusedByGuard(ctx, t, path, "DELETE FROM config_commits")
		heads := []versioning.Head{head}
		t.Equal("verification of the untouched history", "intact", outcome(verifyHistory(ctx, path, versioning.VerifyOptions{Heads: heads, Keys: publicOf(keyOf("carl"))})))
		t.Refused("verification of an older copy with the newer head", versioning.ErrIntegrity, verifyHistory(ctx, older, versioning.VerifyOptions{Heads: heads}))
		t.Refused("verification with the keys of somebody else", versioning.ErrIntegrity, verifyHistory(ctx, path, versioning.VerifyOptions{Keys: publicOf(keyOf("eve"))}))
		if err := t.Evidence("head.txt", []byte(head.String()+"\n")); err != nil {
			return err
		}
		return findForgeries(ctx, t, path, historyFile(ctx), []forgery{
			{"the author of an entry was changed", "UPDATE config_entries SET author = 'eve' WHERE sequence = 1"},
			{"an entry was removed", "DELETE FROM config_entries WHERE sequence = 2"},
			{"a configuration was changed", "UPDATE config_commits SET config_data = replace(config_data, 'AETERM', 'AEFAKE')"},
			{"another program put a configuration in", `INSERT INTO config_commits SELECT replace(commit_id, '0', '1'), study_key, version_tag, config_data, 'anna', 'by hand', '2020-01-01T00:00:00+00:00' FROM config_commits LIMIT 1`},
		})
	},
}

func historyFile(ctx context.Context) audited {
	return audited{
		verify: func(path string) error { return verifyHistory(ctx, path, versioning.VerifyOptions{}) },
		shown: func(path string) (text string, err error) {
			store, err := versioning.NewConfigVersionStore(ctx, path)
			if err != nil {
				return "", err
			}
			for e, failure := range store.History(ctx, "DEMO", versioning.HistoryOptions{}) {
				document, missing := store.Document(ctx, "DEMO", e.CommitID)
				text, err = text+asJSON(e)+asJSON(document), errors.Join(err, failure, missing)
			}
			return text, errors.Join(err, store.Close())
		},
		broken: versioning.ErrIntegrity,
	}
}

func verifyHistory(ctx context.Context, path string, o versioning.VerifyOptions) error {
	store, err := versioning.NewConfigVersionStore(ctx, path)
	if err != nil {
		return errors.Join(versioning.ErrIntegrity, err)
	}
	_, err = store.Verify(ctx, o)
	return errors.Join(err, store.Close())
}

// commitAndApprove commits two configurations, and has the second reviewed, approved and signed by others. It
// keeps a copy of the file as it was between.
func commitAndApprove(ctx context.Context, t *qualification.Trial, store *versioning.ConfigVersionStore, older string) (head versioning.Head, err error) {
	commit := func(version, author string) (versioning.Entry, error) {
		document := strings.Replace(string(safetyConfiguration), "1.0.0", version, 1)
		config, err := imednet.ParseStudyConfiguration([]byte(document), imednet.ConfigurationOptions{})
		if err != nil {
			return versioning.Entry{}, err
		}
		return store.CommitConfig(ctx, "DEMO", &config, versioning.CommitOptions{Author: author, Reason: "version " + version})
	}
	if _, err := commit("1.0.0", "anna"); err != nil {
		return head, err
	}
	_, err = commit("1.0.0", "anna")
	t.Refused("the same configuration again", versioning.ErrDuplicate, err)
	second, err := commit("1.1.0", "anna")
	if err != nil {
		return head, err
	}
	by := func(author string) versioning.Approval {
		return versioning.Approval{CommitID: second.CommitID, Author: author, Reason: "read"}
	}
	_, err = store.ApproveConfig(ctx, "DEMO", by("bert"))
	t.Refused("approval before a review", versioning.ErrNotReviewed, err)
	_, err = store.ReviewConfig(ctx, "DEMO", by("anna"))
	t.Refused("a review by the author", versioning.ErrSamePerson, err)
	if _, err := store.ReviewConfig(ctx, "DEMO", by("bert")); err != nil {
		return head, err
	}
	if err := store.Backup(ctx, older); err != nil {
		return head, err
	}
	if _, err := store.ApproveConfig(ctx, "DEMO", by("carl")); err != nil {
		return head, err
	}
	if _, err := store.SignConfig(ctx, "DEMO", versioning.Signing{CommitID: second.CommitID, Author: "carl", Meaning: "approval", Key: keyOf("carl")}); err != nil {
		return head, err
	}
	approved, err := store.ApprovedConfig(ctx, "DEMO")
	if err != nil {
		return head, err
	}
	t.Equal("the approved configuration", second.CommitID, approved.CommitID)
	t.Equal("commit id of {\"studyKey\": \"S1\", \"version\": \"1.0.0\"}, as the Python package computes it",
		"47e68f7f7ce753c1c60120fb4e425fd3edb61f8888b3e98252d4ef079b2500a8", pythonsCommitID())
	return store.Head(ctx, "DEMO")
}

func pythonsCommitID() string {
	document, err := versioning.CanonicalDocument([]byte(`{"studyKey": "S1", "version": "1.0.0"}`))
	if err != nil {
		return err.Error()
	}
	return document.CommitID
}
