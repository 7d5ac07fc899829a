package main

import (
	"cmp"
	"errors"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/triage"
)

func newTriageImport(a *app) *cobra.Command {
	var path, user string
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Import a review queue that the Python package wrote",
		Long: `Import a review queue that the Python package wrote: its rows remain in place and
become the first entries of the log, in your name. No other command does so, and it
happens only once.`,
		Example: "  imednet triage import --store triage.sqlite3 --user anna",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.onlyFile(path, "store"); err != nil {
				return err
			}
			who, err := a.admit(cmd.Context(), user, "triage.import")
			if err != nil {
				return err
			}
			store, err := triage.NewTriageStore(cmd.Context(), cmp.Or(path, a.settings.Triage), append(a.asReviewer(user), triage.WithImport(who.ID))...)
			if err != nil {
				return err
			}
			v, err := store.Verify(cmd.Context(), triage.VerifyOptions{})
			return errors.Join(orFirst(err, a.printIntact(err == nil, v, nil)), store.Close())
		},
	}
	triageFlag(cmd, &path)
	userFlag(cmd, &user)
	return cmd
}

func userFlag(cmd *cobra.Command, user *string) {
	cmd.Flags().StringVar(user, "user", "", "who does it, as claimed; kept in the log (default the user of the operating system)")
}

func newTriageConfirm(a *app) *cobra.Command {
	var o changeOptions
	cmd := &cobra.Command{
		Use:     "confirm ITEM",
		Short:   "Confirm, as a second person, that an item is resolved",
		Example: "  imednet triage confirm 4f1c… --user bert --comment 'agreed with the site'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTriage(cmd.Context(), o.path, func(s *triage.TriageStore) error {
				return a.printItem(s.ConfirmItem(cmd.Context(), triage.Confirmation{
					ItemID: args[0], Version: o.version, UserID: o.user, Comment: o.comment}))
			}, a.asReviewer(o.user)...)
		},
	}
	o.flags(cmd)
	required(cmd, "comment")
	return cmd
}

func newTriageSign(a *app) *cobra.Command {
	var path, user string
	var version int64
	var sign signing
	cmd := &cobra.Command{
		Use:   "sign ITEM",
		Short: "Sign an item as you have read it",
		Long: `Sign an item as you have read it: the signature covers its version and everything in
the log about it. imednet triage verify --public-key checks the signature.`,
		Example: "  imednet triage sign 4f1c… --version 5 --user bert \\\n    --meaning approval --key bert.pem",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := a.signingKey(cmd.Context(), sign.key, user)
			if err != nil {
				return err
			}
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				return a.printItem(s.SignItem(cmd.Context(), triage.Signing{ItemID: args[0], Version: version, UserID: user, Meaning: sign.meaning, Key: key}))
			}, a.asReviewer(user)...)
		},
	}
	triageFlag(cmd, &path)
	userFlag(cmd, &user)
	sign.flags(cmd)
	cmd.Flags().Int64Var(&version, "version", 0, "version of the item that you have read")
	required(cmd, "version")
	return cmd
}
