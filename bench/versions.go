package main

import (
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

var configurationJobs = []job{
	{name: "plain commits of 4 KB", share: commitShare, run: func(w *work) error { return w.plainCommits(4000) }},
	{name: "configuration, commits", limit: "plain commits of 4 KB", share: commitShare, run: commitConfigurations},
	{name: "plain pages of 4 KB", share: commitShare, run: func(w *work) error { return w.plainPages(4000) }},
	{name: "configuration, verify", limit: "plain pages of 4 KB", share: commitShare, streams: true, run: verifyConfigurations},
}

// numbered is a configuration of 20 rules, half of which depend on the number.
func numbered(i int) *imednet.StudyConfiguration {
	c := &imednet.StudyConfiguration{StudyKey: studyKey}
	for j := range rules {
		c.Mappings = append(c.Mappings, imednet.MappingRule{Domain: "ADSL", TargetField: fmt.Sprintf("field%d", j), SourceFormKey: "DM",
			SourceVariableName: fmt.Sprintf("VAR%d", i*(j%2)+j)})
	}
	return c
}

func (w *work) withVersions(use func(*versioning.ConfigVersionStore) error) error {
	store, err := versioning.NewConfigVersionStore(w.ctx, w.path("config.sqlite3"))
	if err != nil {
		return err
	}
	return errors.Join(use(store), store.Close())
}

func (w *work) commitAll(store *versioning.ConfigVersionStore) error {
	for i := range w.Rows {
		if _, err := store.CommitConfig(w.ctx, studyKey, numbered(i+1), versioning.CommitOptions{Author: "anna", Reason: "step"}); err != nil {
			return err
		}
	}
	return nil
}

func commitConfigurations(w *work) error {
	return w.withVersions(func(store *versioning.ConfigVersionStore) error {
		return w.measure(func() (int64, error) { return int64(w.Rows), w.commitAll(store) })
	})
}

func verifyConfigurations(w *work) error {
	return w.withVersions(func(store *versioning.ConfigVersionStore) error {
		if err := w.commitAll(store); err != nil {
			return err
		}
		return w.measure(func() (int64, error) {
			v, err := store.Verify(w.ctx, versioning.VerifyOptions{})
			return v.Entries, err
		})
	})
}
