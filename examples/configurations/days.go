package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

const studyKey = "DEMO"

const document = `{
	"studyKey": "DEMO",
	"mappings": [{"domain": "AE", "targetField": "aeTerm", "sourceFormKey": "AE", "sourceVariableName": "AETERM"}],
	"terminologyLookups": {"AE.aeSeverity": {"1": "MILD", "2": "MODERATE"}}
}`

// firstDay commits a configuration and a change to it, and compares the two.
func (o *office) firstDay(ctx context.Context, store *versioning.ConfigVersionStore) error {
	config, err := imednet.ParseStudyConfiguration([]byte(document), imednet.ConfigurationOptions{})
	if err != nil {
		return err
	}
	anna := versioning.CommitOptions{Author: "anna", Reason: "first mapping"}
	first, err := store.CommitConfig(ctx, studyKey, &config, anna)
	if err != nil {
		return err
	}
	_, err = store.CommitConfig(ctx, studyKey, &config, anna)
	fmt.Fprintf(o.out, "Committed twice, kept once: %t\n", errors.Is(err, versioning.ErrDuplicate))

	// Anna and Bob read the same head; only one of them can commit on top of it.
	seen, err := store.Head(ctx, studyKey)
	if err != nil {
		return err
	}
	o.clock.Advance(time.Hour)
	config.Version = "1.1.0"
	config.Mappings = append(config.Mappings, imednet.MappingRule{Domain: "AE", TargetField: "aeSeverity", SourceFormKey: "AE", SourceVariableName: "AESEV"})
	config.TerminologyLookups["AE.aeSeverity"]["3"] = "SEVERE"
	second, err := store.CommitConfig(ctx, studyKey, &config, versioning.CommitOptions{Author: "anna", Reason: "map the severity", IfHead: &seen})
	if err != nil {
		return err
	}
	config.ReportingProfile = "device"
	_, err = store.CommitConfig(ctx, studyKey, &config, versioning.CommitOptions{Author: "bob", Reason: "it is a device", IfHead: &seen})
	var moved *versioning.HeadError
	if errors.As(err, &moved) && errors.Is(err, versioning.ErrHeadMoved) {
		fmt.Fprintf(o.out, "Bob decided on entry %d; the history has %d: look again before you commit.\n", seen.Sequence, moved.Head.Sequence)
	}

	diff, err := store.DiffConfigs(ctx, first.CommitID, second.CommitID)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.out, "\nWhat Anna changed:\n%s\nThe same as a JSON Patch:\n", diff.Text())
	for _, operation := range diff.Patch {
		line, err := json.Marshal(operation)
		if err != nil {
			return err
		}
		fmt.Fprintf(o.out, "%s\n", line)
	}
	return nil
}

// secondDay rolls back to the first configuration, which is a commit like any other, prints the log,
// and exports the head.
func (o *office) secondDay(ctx context.Context, store *versioning.ConfigVersionStore) error {
	var entries []versioning.Entry
	for e, err := range store.History(ctx, studyKey, versioning.HistoryOptions{}) {
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	old, err := store.RollbackConfig(ctx, studyKey, entries[0].CommitID)
	if err != nil {
		return err
	}
	last, err := store.CommitConfig(ctx, studyKey, &old, versioning.CommitOptions{Author: "bob", Reason: "severity was mapped too early", AllowRollback: true})
	if err != nil {
		return err
	}
	fmt.Fprintln(o.out, "\nThe history after the rollback:")
	for _, e := range append(entries, last) {
		fmt.Fprintf(o.out, "  %d  %s  %s  %-5s  %s: %s\n", e.Sequence, e.Timestamp.Format("2006-01-02 15:04"), e.CommitID[:12], e.VersionTag, e.Author, e.Reason)
	}
	head, err := store.Head(ctx, studyKey)
	o.head = head.String() // keep this line where those who can write the file cannot
	return err
}
