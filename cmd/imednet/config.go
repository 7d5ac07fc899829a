package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

func newConfig(a *app) *cobra.Command {
	cmd := parent("config", "Manage the history of study configurations",
		newConfigCommit(a), newConfigLog(a), newConfigDiff(a), newConfigRollback(a), newConfigVerify(a),
		newConfigImport(a), newConfigReview(a), newConfigApprove(a), newConfigSign(a), newConfigExport(a))
	cmd.GroupID = groupState
	return cmd
}

func historyFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "store", "", "the history's `file` (default ~/.imednet/config_versions.sqlite3)")
}

// withHistory runs do over the history; only the first commit may make the file.
func (a *app) withHistory(ctx context.Context, path string, create bool, do func(*versioning.ConfigVersionStore) error, o ...versioning.Option) error {
	if !create {
		if err := a.mustExist(ctx, path, cmp.Or(path, a.settings.Configurations), "versioning", "`imednet config commit` and `imednet dictionary commit` create the history"); err != nil {
			return err
		}
	}
	store, err := a.openHistory(ctx, path, o...)
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}

func (a *app) openHistory(ctx context.Context, path string, o ...versioning.Option) (*versioning.ConfigVersionStore, error) {
	if !a.inDatabase(path) {
		return versioning.NewConfigVersionStore(ctx, cmp.Or(path, a.settings.Configurations), o...)
	}
	db, err := a.database(ctx)
	if err != nil {
		return nil, err
	}
	return db.Versions(ctx, o...)
}

// mustExist demands the file at path, or the store in the database, so that looking at nothing makes none; named is the
// path that the command line names.
func (a *app) mustExist(ctx context.Context, named, path, store, hint string) error {
	if !a.inDatabase(named) {
		return mustExist(path, hint)
	}
	_, err := a.databaseWith(ctx, store, hint)
	return err
}

func mustExist(path, hint string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &imednet.Error{Package: "imednet", Op: "open", Err: err, Hint: hint}
	}
	return nil
}

// entryJSON is one entry of the history.
type entryJSON struct {
	StudyKey   string                      `json:"studyKey"`
	Sequence   int64                       `json:"sequence"`
	CommitID   string                      `json:"commitId"`
	VersionTag string                      `json:"versionTag"`
	Author     string                      `json:"author"`
	Reason     string                      `json:"reason"`
	Timestamp  string                      `json:"timestamp"`
	Hash       string                      `json:"hash"`
	Kind       string                      `json:"kind"`
	Imported   bool                        `json:"imported"`
	ImportedBy string                      `json:"importedBy,omitempty"`
	ImportedAt string                      `json:"importedAt,omitempty"`
	Identified string                      `json:"identified,omitempty"` // how the author was identified; left out: only claimed
	Signature  string                      `json:"signature,omitempty"`  // key and meaning
	Files      []versioning.DictionaryFile `json:"files,omitempty"`      // of a dictionary
	Fault      string                      `json:"fault,omitempty"`
}

func newEntryJSON(e versioning.Entry) entryJSON {
	out := entryJSON{StudyKey: e.StudyKey, Sequence: e.Sequence, CommitID: e.CommitID, VersionTag: e.VersionTag, Author: e.Author, Reason: e.Reason,
		Timestamp: isoTime(e.Timestamp), Hash: e.Hash, Kind: string(e.Kind), Imported: e.Imported(), ImportedBy: e.Details.ImportedBy, Files: e.Details.Files}
	if e.Imported() {
		out.ImportedAt = isoTime(e.Details.ImportedAt)
	}
	if e.Details.Actor != nil {
		out.Identified = e.Details.Actor.Authenticated
	}
	if s := e.Details.Signature; s != nil {
		out.Signature = s.Meaning + " " + s.KeyID
	}
	if e.Fault != nil {
		out.Fault = e.Fault.Error()
	}
	return out
}

func newConfigCommit(a *app) *cobra.Command {
	var path, message, author, ifHead string
	var rollback bool
	cmd := &cobra.Command{
		Use:   "commit STUDY FILE",
		Short: "Add a configuration to a study's history",
		Long: `Add a configuration to a study's history. With --if-head nothing is committed unless
the newest configuration is the one that you have seen. Returning to an earlier
configuration requires --allow-rollback: a Python program that reads the file does not
see that it is the newest again.`,
		Example: "  imednet config commit CARDIO cardio.json --author anna \\\n    -m 'maps the new AE form'\n  imednet config commit CARDIO cardio.json --author anna \\\n    -m 'new sites' --if-head 47e68f7f…",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readInput(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			return a.withHistory(cmd.Context(), path, true, func(s *versioning.ConfigVersionStore) error {
				options := versioning.CommitOptions{Author: author, Reason: message, AllowRollback: rollback}
				if ifHead != "" {
					if options.IfHead, err = expectHead(cmd.Context(), s, args[0], ifHead); err != nil {
						return err
					}
				}
				entry, err := s.CommitDocument(cmd.Context(), args[0], text, options)
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(newEntryJSON(entry))
				}
				return a.printf("Committed version %s of study '%s' as %s\n", entry.VersionTag, entry.StudyKey, entry.CommitID)
			}, a.asAuthor(author)...)
		},
	}
	historyFlag(cmd, &path)
	authorFlag(cmd, &author)
	cmd.Flags().StringVarP(&message, "message", "m", "", "why")
	cmd.Flags().StringVar(&ifHead, "if-head", "", "only if this `commit` is the newest; none means only if there are no commits")
	cmd.Flags().BoolVar(&rollback, "allow-rollback", false, "allow a configuration that is already in the history")
	required(cmd, "message")
	return cmd
}

// expectHead returns the end of the history if it is the commit that is expected.
func expectHead(ctx context.Context, store *versioning.ConfigVersionStore, study, commit string) (*versioning.Head, error) {
	head, err := store.Head(ctx, study)
	if err != nil {
		return nil, err
	}
	if cmp.Or(head.CommitID, "none") != commit {
		return nil, &imednet.Error{Package: "versioning", Op: "commit", StudyKey: study, Err: &versioning.HeadError{Head: head, Err: versioning.ErrHeadMoved},
			Hint: "`imednet config log " + study + "` shows what has been committed meanwhile"}
	}
	return &head, nil
}

func newConfigLog(a *app) *cobra.Command {
	var path string
	var shown listOptions
	cmd := &cobra.Command{
		Use:     "log STUDY",
		Short:   "Show a study's history, the newest entry first",
		Example: "  imednet config log CARDIO",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				return a.historyLog(cmd.Context(), s, args[0], shown, historyColumns, func(versioning.Entry) bool { return true })
			})
		},
	}
	historyFlag(cmd, &path)
	shown.flags(cmd)
	return cmd
}

func (a *app) historyLog(ctx context.Context, store *versioning.ConfigVersionStore, study string, shown listOptions, columns []column[entryJSON], wanted func(versioning.Entry) bool) error {
	entries := []entryJSON{}
	var faults error
	for e, err := range store.History(ctx, study, versioning.HistoryOptions{Newest: true}) {
		if err != nil {
			return err
		}
		faults = errors.Join(faults, e.Fault) // also of what is not shown: it may have been
		if wanted(e) {
			entries = append(entries, newEntryJSON(e))
		}
	}
	if a.json {
		return orFirst(a.writeJSON(entries), faults)
	}
	_, err := list(a, shown, columns, values(entries))
	return orFirst(err, faults)
}

var historyColumns = []column[entryJSON]{
	{"sequence", "NO", func(e entryJSON) any { return e.Sequence }},
	{"commitId", "COMMIT", func(e entryJSON) any { return e.CommitID }},
	{"kind", "DID", func(e entryJSON) any { return e.did() }},
	{"version", "VERSION", func(e entryJSON) any { return e.VersionTag }},
	{"author", "AUTHOR", func(e entryJSON) any { return e.Author }},
	{"timestamp", "WHEN", func(e entryJSON) any { return clockText(e.Timestamp) }},
	{"reason", "REASON", func(e entryJSON) any { return e.Reason }},
}

// did says in a cell what an entry did, and by whom a commit of the Python package was taken over.
func (e *entryJSON) did() string {
	did := strings.ToLower(e.Kind)
	if e.Imported {
		did += " by " + e.ImportedBy + " at " + clockText(e.ImportedAt)
	}
	if e.Signature != "" {
		did += ": " + e.Signature
	}
	return did
}

func newConfigDiff(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:     "diff COMMIT COMMIT",
		Short:   "Compare two configurations",
		Example: "  imednet config diff 47e68f7f… 654bcc8d…",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				diff, err := s.DiffConfigs(cmd.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(diff)
				}
				return a.printf("%s\n", diff.Text())
			})
		},
	}
	historyFlag(cmd, &path)
	return cmd
}

func newConfigRollback(a *app) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "rollback STUDY COMMIT",
		Short: "Write an earlier configuration to standard output",
		Long: `Write an earlier configuration to standard output, in its canonical form. Nothing is
changed: to roll back, commit the output with --allow-rollback.`,
		Example: "  imednet config rollback CARDIO 47e68f7f… >cardio.json\n  imednet config commit CARDIO cardio.json --author anna \\\n    -m 'back to 1.0.0' --allow-rollback",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				document, err := s.Document(cmd.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				body, err := document.Text()
				if err != nil {
					return err
				}
				return a.printf("%s\n", body)
			})
		},
	}
	historyFlag(cmd, &path)
	return cmd
}

func newConfigVerify(a *app) *cobra.Command {
	var path string
	var heads []string
	var signed signers
	var kept keptOptions
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify that the histories are intact",
		Long: `Verify that the histories are intact, and print their heads. Store the heads
elsewhere: --head then detects that entries were removed from the end of a history.
--heads does so with all signed heads that imednet heads or a worker wrote to a
directory. With --public-key every signature must be by one of these keys, with
--signer also in the name of its holder. The exit code is 6 if a history or a head is
not intact.`,
		Example: "  imednet config verify\n  imednet config verify --heads /mnt/heads --heads-public-key heads.pub",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var o versioning.VerifyOptions
			for _, line := range heads {
				head, err := versioning.ParseHead(line)
				if err != nil {
					return usagef("--head: %v", err)
				}
				o.Heads = append(o.Heads, head)
			}
			var err error
			if o.Keys, o.Signers, err = signed.read(); err != nil {
				return err
			}
			elsewhere, err := a.keptOf(cmd.Context(), kept, kindConfigurations, path, a.settings.Configurations, o.Keys)
			if err != nil {
				return err
			}
			o.Kept = elsewhere.of
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				v, err := s.Verify(cmd.Context(), o)
				if err != nil && !notIntact(err) {
					return err
				}
				err = elsewhere.fault(err)
				return orFirst(err, a.printHistories(v, err == nil, elsewhere.report(v.Problems)))
			})
		},
	}
	historyFlag(cmd, &path)
	cmd.Flags().StringArrayVar(&heads, "head", nil, "`line` that an earlier run printed; repeatable")
	signed.flags(cmd)
	kept.flags(cmd)
	return cmd
}

func (a *app) printHistories(v versioning.Verification, ok bool, kept *headsJSON) error {
	heads := []string{}
	for _, head := range v.Heads {
		if ok {
			heads = append(heads, head.String())
		}
	}
	if a.json {
		return a.writeJSON(kept.add(map[string]any{"ok": ok, "entries": v.Entries, "bodies": v.Bodies, "files": v.Files, "faults": v.Faults, "heads": heads}))
	}
	return a.printVerified(ok, verified{counts: v, faults: v.Faults, heads: heads}, kept)
}
