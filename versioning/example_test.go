package versioning_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/versioning"
)

// A configuration is committed, changed, compared and taken back.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "versioning")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	clock := imednettest.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	store, err := versioning.NewConfigVersionStore(ctx, filepath.Join(dir, "config_versions.sqlite3"), versioning.WithClock(clock))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	commit := func(c *imednet.StudyConfiguration, author, reason string, rollback bool) versioning.Entry {
		e, err := store.CommitConfig(ctx, "DEMO", c, versioning.CommitOptions{Author: author, Reason: reason, AllowRollback: rollback})
		if err != nil {
			log.Fatal(err)
		}
		if err := clock.Sleep(ctx, 24*time.Hour); err != nil {
			log.Fatal(err)
		}
		return e
	}

	config, err := imednet.ParseStudyConfiguration([]byte(`{
		"studyKey": "DEMO",
		"mappings": [{"domain": "AE", "targetField": "aeTerm", "sourceFormKey": "AE", "sourceVariableName": "AETERM"}],
		"terminologyLookups": {"AE.aeSeverity": {"1": "MILD", "2": "MODERATE"}}
	}`), imednet.ConfigurationOptions{})
	if err != nil {
		log.Fatal(err)
	}
	first := commit(&config, "anna", "first mapping", false)
	fmt.Println("commit", first.CommitID[:12])

	config.Version = "1.1.0"
	config.Mappings = append([]imednet.MappingRule{
		{Domain: "AE", TargetField: "aeSeverity", SourceFormKey: "AE", SourceVariableName: "AESEV"},
	}, config.Mappings...)
	config.TerminologyLookups["AE.aeSeverity"]["3"] = "SEVERE"
	second := commit(&config, "bob", "map the severity", false)

	diff, err := store.DiffConfigs(ctx, first.CommitID, second.CommitID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(diff.Text())
	for _, o := range diff.Patch {
		fmt.Println(o.Op, o.Path)
	}

	// Going back is a commit of what a rollback reads.
	old, err := store.RollbackConfig(ctx, "DEMO", first.CommitID)
	if err != nil {
		log.Fatal(err)
	}
	commit(&old, "anna", "severity was mapped too early", true)
	for e, err := range store.History(ctx, "DEMO", versioning.HistoryOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Sequence, e.Timestamp.Format(time.DateOnly), e.CommitID[:12], e.Author+":", e.Reason)
	}

	proof, err := store.Verify(ctx, versioning.VerifyOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(proof.Entries, "entries,", proof.Bodies, "bodies, intact")
	// Output:
	// commit 4a74d0530d9f
	// changed setting version: "1.0.0" → "1.1.0"
	// added mapping AE.aeSeverity from form AE: sourceVariableName "AESEV"
	// added term AE.aeSeverity: 3: "SEVERE"
	// add /mappings/0
	// add /terminologyLookups/AE.aeSeverity/3
	// test /version
	// replace /version
	// 1 2026-03-02 4a74d0530d9f anna: first mapping
	// 2 2026-03-03 377b2a5ab0c9 bob: map the severity
	// 3 2026-03-04 4a74d0530d9f anna: severity was mapped too early
	// 3 entries, 2 bodies, intact
}
