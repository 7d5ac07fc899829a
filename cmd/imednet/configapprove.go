package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/versioning"
)

func newConfigImport(a *app) *cobra.Command {
	var path, author string
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Import what the Python package has committed",
		Long: `Import what the Python package has committed to the history's file: each of its
commits becomes an entry that records that it was imported, by whom and when. No other
command does so.`,
		Example: "  imednet config import --author anna",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.onlyFile(path, "store"); err != nil {
				return err
			}
			report, err := a.importCommits(cmd.Context(), cmp.Or(path, a.settings.Configurations), author)
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(map[string]int{"imported": report.Imported})
			}
			return a.printf("%s\n", report)
		},
	}
	historyFlag(cmd, &path)
	authorFlag(cmd, &author)
	return cmd
}

// importCommits takes over the commits of a file, or the whole file where it was not ours.
func (a *app) importCommits(ctx context.Context, path, author string) (report versioning.ImportReport, err error) {
	if err := mustExist(path, "`imednet config commit` creates the history"); err != nil {
		return report, err
	}
	who, err := a.admit(ctx, author, "config.import")
	if err != nil {
		return report, err
	}
	store, err := versioning.NewConfigVersionStore(ctx, path, a.asAuthor(author)...)
	if err == nil {
		report, err = store.ImportCommits(ctx, versioning.ImportOptions{Author: author})
		return report, errors.Join(err, store.Close())
	}
	if !errors.Is(err, versioning.ErrNotImported) {
		return report, err
	}
	if store, err = versioning.NewConfigVersionStore(ctx, path, append(a.asAuthor(author), versioning.WithImport(who.ID))...); err != nil {
		return report, err
	}
	v, err := store.Verify(ctx, versioning.VerifyOptions{})
	return versioning.ImportReport{Imported: int(v.Entries)}, errors.Join(err, store.Close())
}

func authorFlag(cmd *cobra.Command, author *string) {
	cmd.Flags().StringVar(author, "author", "", "name of the acting person, as claimed, for the history (default: the user of the operating system)")
}

func newConfigReview(a *app) *cobra.Command {
	return a.secondPerson("review STUDY COMMIT", "Record, as a second person, that you have reviewed a configuration",
		"  imednet config review CARDIO 47e68f7f… --author bert -m 'compared to CRF'", (*versioning.ConfigVersionStore).ReviewConfig)
}

func newConfigApprove(a *app) *cobra.Command {
	return a.secondPerson("approve STUDY COMMIT", "Approve, as a second person, a configuration that was reviewed",
		"  imednet config approve CARDIO 47e68f7f… --author bert \\\n    -m 'for the interim analysis'", (*versioning.ConfigVersionStore).ApproveConfig)
}

func (a *app) secondPerson(use, short, example string,
	do func(*versioning.ConfigVersionStore, context.Context, string, versioning.Approval) (versioning.Entry, error)) *cobra.Command {
	var path string
	var o versioning.Approval
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.CommitID = args[1]
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				return a.printEntry(do(s, cmd.Context(), args[0], o))
			}, a.asAuthor(o.Author)...)
		},
	}
	historyFlag(cmd, &path)
	authorFlag(cmd, &o.Author)
	cmd.Flags().StringVarP(&o.Reason, "message", "m", "", "why")
	required(cmd, "message")
	return cmd
}

func newConfigSign(a *app) *cobra.Command {
	var path, author string
	var sign signing
	cmd := &cobra.Command{
		Use:     "sign STUDY COMMIT",
		Short:   "Sign a configuration",
		Long:    "Sign a configuration. imednet config verify --public-key checks the signature.",
		Example: "  imednet config sign CARDIO 47e68f7f… --author bert \\\n    --meaning approval --key bert.pem",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := a.signingKey(cmd.Context(), sign.key, author)
			if err != nil {
				return err
			}
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				return a.printEntry(s.SignConfig(cmd.Context(), args[0], versioning.Signing{CommitID: args[1], Author: author, Meaning: sign.meaning, Key: key}))
			}, a.asAuthor(author)...)
		},
	}
	historyFlag(cmd, &path)
	authorFlag(cmd, &author)
	sign.flags(cmd)
	return cmd
}

// printEntry shows one entry unless it could not be had.
func (a *app) printEntry(e versioning.Entry, err error) error {
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(newEntryJSON(e))
	}
	return a.printf("Entry %d of study '%s': %s %s by %s\n", e.Sequence, e.StudyKey, e.Kind, e.CommitID, e.Author)
}
