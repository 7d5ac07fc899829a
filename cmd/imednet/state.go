package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/ledger"
)

type stateOptions struct {
	path, study, stream string
}

func (o *stateOptions) flags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVarP(&o.path, "ledger-path", "l", "", "the ledger's `file` (default ~/.imednet/pipeline_ledger.json)")
	return cmd
}

func newState(a *app) *cobra.Command {
	cmd := parent("state", "Show and correct how far streams have been processed",
		newStateShow(a), newStateSet(a), newStateReset(a), newStateExport(a), newStateImport(a), newStateRestore(a), newStateVerify(a))
	cmd.GroupID = groupState
	return cmd
}

// ledger opens the file that the flag names, or else the database's ledger or the file of the settings,
// and says where it is.
func (a *app) ledger(ctx context.Context, path string) (*ledger.ExtractionStateLedger, string, error) {
	store, place, err := a.ledgerStore(ctx, path)
	if err != nil {
		return nil, place, err
	}
	author, err := a.runner(ctx)
	if err != nil {
		return nil, place, err
	}
	marks, err := ledger.NewExtractionStateLedger(store, ledger.WithAuthor(author))
	return marks, place, err
}

const createsLedger = "`imednet worker STUDY --stream NAME` and `imednet state set` create the ledger"

// ledgerToRead is ledger for who writes nothing: the database must have one.
func (a *app) ledgerToRead(ctx context.Context, path string) (*ledger.ExtractionStateLedger, string, error) {
	if a.inDatabase(path) {
		if _, err := a.databaseWith(ctx, "ledger", createsLedger); err != nil {
			return nil, "", err
		}
	}
	marks, place, err := a.ledger(ctx, path)
	if err != nil {
		err = fmt.Errorf("Failed to read ledger from %s: %w", place, err)
	}
	return marks, place, err
}

func (a *app) ledgerStore(ctx context.Context, path string) (store ledger.Store, place string, err error) {
	if !a.inDatabase(path) {
		path = cmp.Or(path, a.settings.Ledger)
		store, err = ledger.OpenFile(path, a.ledgerHistory()...)
		return store, path, err
	}
	db, err := a.database(ctx)
	if err != nil {
		return nil, "the database", err
	}
	store, err = db.Ledger(ctx, a.ledgerHistory()...)
	return store, "schema " + db.Schema(), err
}

// runner is who runs this program, for the ledger's history. Without a policy nobody need be identified.
func (a *app) runner(ctx context.Context) (ledger.Author, error) {
	author := ledger.Author{Process: fmt.Sprintf("imednet %d", os.Getpid())}
	who, err := a.acting(ctx, "")
	if err != nil && a.policy != nil {
		return author, err
	}
	author.User, author.Authenticated = who.ID, who.Authenticated
	if host, err := os.Hostname(); err == nil {
		author.Host = host
	}
	return author, nil
}

func newStateVerify(a *app) *cobra.Command {
	var o stateOptions
	var head string
	var keys []string
	var heads keptOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify that the ledger's history is intact",
		Long: `Verify that the ledger's history is intact and that each entry is as its newest run
left it, and print the head of the history. Store the head elsewhere: --head then
detects that entries were removed from the end. --heads does so with all signed heads
that imednet heads or a worker wrote to a directory. The exit code is 6 if anything was
changed, including by a Python program. Entries that no run left, as a Python program
writes them, are counted: nothing shows who wrote them.`,
		Example: "  imednet state verify\n  imednet state verify --heads /mnt/heads --public-key heads.pub",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			marks, path, err := a.ledgerToRead(cmd.Context(), o.path)
			if err != nil {
				return err
			}
			if err := a.mustExist(cmd.Context(), o.path, path, "ledger", createsLedger); err != nil {
				return err
			}
			signers, err := publicKeys(keys)
			if err != nil {
				return err
			}
			elsewhere, err := a.keptOf(cmd.Context(), heads, kindLedger, o.path, a.settings.Ledger, signers)
			if err != nil {
				return err
			}
			v, err := marks.Verify(cmd.Context(), ledger.VerifyOptions{Head: head, Kept: elsewhere.of})
			if err != nil && !errors.Is(err, ledger.ErrIntegrity) {
				return fmt.Errorf("Failed to read ledger from %s: %w", path, err)
			}
			err = elsewhere.fault(err)
			return orFirst(err, a.printMarksIntact(err == nil, v, elsewhere.report(v.Problems)))
		},
	}
	cmd.Flags().StringArrayVar(&keys, "public-key", nil, "`file` with the public key of whose heads count; repeatable")
	heads.flags(cmd)
	cmd.Flags().StringVar(&head, "head", "", "`hash` that an earlier run printed")
	return o.flags(cmd)
}

// printMarksIntact shows the end of a history that was verified, and what is found of kept heads.
func (a *app) printMarksIntact(ok bool, v ledger.Verification, kept *headsJSON) error {
	if a.json {
		return a.writeJSON(kept.add(map[string]any{"ok": ok, "runs": v.Runs, "entries": v.Entries, "faults": v.Faults, "head": onlyIf(ok, v.Head), "cut": v.Cut, "outlivedHeads": v.Outlived, "unattested": v.Unattested}))
	}
	return a.printVerified(ok, verified{counts: v, faults: v.Faults, heads: []string{v.Head}}, kept)
}

func newStateShow(a *app) *cobra.Command {
	var o stateOptions
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Show the ledger",
		Example: "  imednet state show\n  imednet state show -s CARDIO --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.stateShow(cmd, o) },
	}
	cmd.Flags().StringVarP(&o.study, "study-key", "s", "", "only this study")
	return o.flags(cmd)
}

// markJSON is one entry of `state show --json`.
type markJSON struct {
	StudyKey         string    `json:"studyKey"`
	StreamName       string    `json:"streamName"`
	LastTimestamp    time.Time `json:"lastTimestamp"`
	RecordsProcessed int64     `json:"recordsProcessed"`
	Status           string    `json:"status"`
	ErrorMessage     *string   `json:"errorMessage"`
}

func (a *app) stateShow(cmd *cobra.Command, o stateOptions) error {
	marks, path, err := a.ledgerToRead(cmd.Context(), o.path)
	if err != nil {
		return err
	}
	state, err := marks.ReadState(cmd.Context())
	if err != nil {
		return fmt.Errorf("Failed to read ledger from %s: %w", path, err)
	}
	entries := []markJSON{}
	for _, key := range state.Keys() {
		if o.study != "" && key.StudyKey != o.study {
			continue
		}
		e, _ := state.Entry(key)
		entries = append(entries, markJSON{key.StudyKey, key.Stream, e.LastTimestamp.UTC(), e.RecordsProcessed, string(e.LastRunStatus), e.ErrorMessage})
	}
	if a.json {
		return a.writeJSON(entries)
	}
	return a.printMarks(path, entries)
}

func (a *app) printMarks(path string, entries []markJSON) error {
	if len(entries) == 0 {
		return a.printf("No ledger entries found matching filters.\n")
	}
	lines := []string{
		fmt.Sprintf("iMednet Extraction Ledger (%s)", path),
		"Study Key | Stream Name | Last Timestamp (UTC) | Records Processed | Status | Error Message",
	}
	for _, e := range entries {
		var problem string
		if e.ErrorMessage != nil {
			problem = *e.ErrorMessage
		}
		lines = append(lines, printable(strings.Join([]string{
			e.StudyKey, e.StreamName, isoTime(e.LastTimestamp), number(e.RecordsProcessed), e.Status, problem}, " | ")))
	}
	return a.printf("%s\n", strings.Join(lines, "\n"))
}

// isoTime writes a time as the Python package does: microseconds where there are any, the zone as +00:00.
func isoTime(t time.Time) string {
	t = t.UTC().Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05") + "+00:00"
	}
	return t.Format("2006-01-02T15:04:05.000000") + "+00:00"
}

func newStateExport(a *app) *cobra.Command {
	var o stateOptions
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write the ledger to standard output, as it is in its file",
		Example: "  imednet state export >ledger-backup.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			marks, _, err := a.ledgerToRead(cmd.Context(), o.path)
			if err != nil {
				return err
			}
			return marks.Export(cmd.Context(), a.out)
		},
	}
	return o.flags(cmd)
}

func newStateImport(a *app) *cobra.Command {
	var o stateOptions
	var options ledger.ImportOptions
	cmd := &cobra.Command{
		Use:     "import FILE",
		Short:   "Add or replace entries from a file",
		Example: "  imednet state import ledger-backup.json\n  imednet state import old.json --allow-backward \\\n    --reason 'restored from backup'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := openFile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			marks, path, err := a.ledger(cmd.Context(), o.path)
			if err != nil {
				return fmt.Errorf("Failed to write ledger: %w", err)
			}
			report, err := marks.Import(cmd.Context(), file, options)
			if err != nil {
				return fmt.Errorf("Failed to import %s: %w", args[0], err)
			}
			if a.json {
				return a.writeJSON(map[string]int{
					"read": report.Read, "added": report.Added, "changed": report.Changed, "unchanged": report.Unchanged})
			}
			return a.printf("Read into %s: %s.\n", path, report)
		},
	}
	backwardFlags(cmd, &options.AllowBackward, &options.Reason)
	return o.flags(cmd)
}

func newStateRestore(a *app) *cobra.Command {
	var o stateOptions
	var reason string
	var unproven bool
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Restore the last good state of the ledger",
		Long: `Restore the last good state of the ledger, which is stored next to it. Use this for a
damaged file. Marks that move backward cause data to be read again.

The backup must be what the runs of an intact history left: otherwise nothing is
restored, and the exit code is 6. --unproven restores it nevertheless, such as that of a
ledger to which the Python package writes, and the history says so.`,
		Example: "  imednet state restore --reason 'the disk was full'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.onlyFile(o.path, "ledger-path"); err != nil {
				return err
			}
			path := cmp.Or(o.path, a.settings.Ledger)
			author, err := a.runner(cmd.Context())
			if err != nil {
				return err
			}
			store, err := ledger.OpenFile(path, append(a.ledgerHistory(), ledger.WithAuthor(author))...)
			if err == nil {
				restore := store.RestoreBackup
				if unproven {
					restore = store.RestoreUnprovenBackup
				}
				err = restore(cmd.Context(), reason)
			}
			if err != nil {
				return fmt.Errorf("Failed to restore ledger: %w", err)
			}
			if a.json {
				return a.writeJSON(map[string]string{"restored": path})
			}
			return a.printf("Restored %s from %s.\n", path, store.BackupPath())
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "reason, for the history")
	cmd.Flags().BoolVar(&unproven, "unproven", false, "restore a backup of which the history does not show that runs left it")
	required(cmd, "reason")
	return o.flags(cmd)
}

// backwardFlags let a mark go back, which makes data be read again, and say why.
func backwardFlags(cmd *cobra.Command, allow *bool, reason *string) {
	cmd.Flags().BoolVar(allow, "allow-backward", false, "allow a mark to move backward; requires --reason")
	cmd.Flags().StringVar(reason, "reason", "", "reason why a mark moves backward, for the history")
}
