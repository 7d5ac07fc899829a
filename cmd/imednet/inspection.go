package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// inspectionNote is what a folder of an inspection copy has.
const inspectionNote = `for readers who have neither this program nor the store: the log with one JSON object per
line, a page to read, a short Python script that verifies both, and a manifest of hashes.
Pass the heads that you stored elsewhere to the script.`

func newTriageExport(a *app) *cobra.Command {
	var path, dir string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write a copy of the log for an inspector",
		Long:    "Write a copy of the log to a new directory, " + inspectionNote + "\nIt contains comments and summaries in clear text.",
		Example: "  imednet triage export --dir inspection\n  python3 inspection/check.py inspection \"$(cat head.txt)\"",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				e, err := s.ExportLog(cmd.Context(), dir)
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(map[string]any{"dir": dir, "entries": e.Events, "heads": []string{e.Head.String()}})
				}
				return a.printf("%s\nhead %s\n", e, e.Head)
			}, triage.WithoutCheck())
		},
	}
	triageFlag(cmd, &path)
	inspectionFlag(cmd, &dir)
	return cmd
}

func newConfigExport(a *app) *cobra.Command {
	var path, dir string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write a copy of the histories for an inspector",
		Long:    "Write a copy of the histories to a new directory, " + inspectionNote,
		Example: "  imednet config export --dir inspection\n  python3 inspection/check.py inspection \"$(cat head.txt)\"",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				e, err := s.ExportHistories(cmd.Context(), dir)
				if err != nil {
					return err
				}
				heads := []string{}
				for _, h := range e.Heads {
					heads = append(heads, h.String())
				}
				if a.json {
					return a.writeJSON(map[string]any{"dir": dir, "entries": e.Entries, "configurations": e.Bodies, "files": e.Files, "heads": heads})
				}
				return a.printf("%s\n", e)
			})
		},
	}
	historyFlag(cmd, &path)
	inspectionFlag(cmd, &dir)
	return cmd
}

func newSubmitExport(a *app) *cobra.Command {
	var o journalOptions
	var dir string
	cmd := &cobra.Command{
		Use:         "export",
		Short:       "Write a copy of the journal for an inspector",
		Long:        "Write a copy of the journal to a new directory, " + inspectionNote + "\nIt contains every answer that was submitted, in clear text.",
		Example:     "  imednet submit export --dir inspection\n  python3 inspection/check.py inspection \"$(cat journal.head)\"",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{afterInterrupt: "no complete copy was written; run the command again with another new directory"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withJournal(cmd.Context(), o.path, func(kept submissions.Journal) error {
				exporter, ok := kept.(submissions.Exporter)
				if !ok {
					return errors.ErrUnsupported
				}
				e, err := exporter.ExportLog(cmd.Context(), dir)
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(map[string]any{"dir": dir, "entries": e.Events, "submissions": e.Submissions, "records": e.Items, "heads": []string{e.Head}})
				}
				return a.printf("%s\nhead %s\n", e, e.Head)
			}, sqlitejournal.ReadOnly())
		},
	}
	inspectionFlag(cmd, &dir)
	return o.pathFlag(cmd)
}

func inspectionFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "dir", "", "the new `directory`")
	required(cmd, "dir")
}
