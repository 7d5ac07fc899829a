// Command configurations keeps the history of a study's configuration in a file that can be
// verified: who changed which mapping, when and why.
//
// On the first day a configuration is committed and changed, and a colleague learns that the history
// has moved on. On the second day the change is rolled back. Then an auditor checks three files: the
// genuine one, one in which a word was changed, and one from which the last step is missing.
// Everything runs offline, on a simulated clock.
//
//	go run ./examples/configurations
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/versioning"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "configurations:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-configurations-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := func(name string) string { return filepath.Join(dir, name) }

	o := office{out: out, clock: imednettest.NewClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	if err := o.with(ctx, file("configurations.sqlite3"), o.firstDay); err != nil {
		return err
	}
	yesterday, err := os.ReadFile(file("configurations.sqlite3"))
	if err != nil {
		return err
	}
	o.clock.Advance(24 * time.Hour)
	if err := o.with(ctx, file("configurations.sqlite3"), o.secondDay); err != nil {
		return err
	}

	today, err := os.ReadFile(file("configurations.sqlite3"))
	if err != nil {
		return err
	}
	forged := bytes.ReplaceAll(today, []byte("map the severity"), []byte("skip the review!"))
	if err := errors.Join(os.WriteFile(file("forged.sqlite3"), forged, 0o600), os.WriteFile(file("cut.sqlite3"), yesterday, 0o600)); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nThe auditor, who has the exported head:")
	for _, name := range []string{"configurations.sqlite3", "forged.sqlite3", "cut.sqlite3"} {
		if err := o.audit(ctx, file(name)); err != nil {
			return err
		}
	}
	return nil
}

// office works on the configuration of one study.
type office struct {
	out   io.Writer
	clock *imednettest.Clock
	ids   int
	head  string // the end of the history, as it was exported at the end of the second day
}

// with opens a store, uses it, and closes it.
func (o *office) with(ctx context.Context, path string, work func(context.Context, *versioning.ConfigVersionStore) error) error {
	// Without the two options entries are dated by the computer's clock and have random ids.
	store, err := versioning.NewConfigVersionStore(ctx, path, versioning.WithClock(o.clock), versioning.WithIDs(o.nextID))
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, store), store.Close())
}

func (o *office) nextID() (string, error) {
	o.ids++
	return fmt.Sprintf("entry-%d", o.ids), nil
}

// audit verifies a file against the exported head and prints what is wrong with it.
func (o *office) audit(ctx context.Context, path string) error {
	return o.with(ctx, path, func(ctx context.Context, store *versioning.ConfigVersionStore) error {
		head, err := versioning.ParseHead(o.head)
		if err != nil {
			return err
		}
		proof, err := store.Verify(ctx, versioning.VerifyOptions{Heads: []versioning.Head{head}})
		if err != nil && !errors.Is(err, versioning.ErrIntegrity) {
			return err
		}
		fmt.Fprintf(o.out, "  %-22s  %d entries, %d bodies, %d faults\n", filepath.Base(path), proof.Entries, proof.Bodies, proof.Faults)
		for _, p := range proof.Problems {
			fmt.Fprintf(o.out, "    %s: %s\n", p.Path, p.Message)
		}
		return nil
	})
}
