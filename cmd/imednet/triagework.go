package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/triage"
)

func newTriageReport(a *app) *cobra.Command {
	var path, user string
	var o triage.FindingsOptions
	cmd := &cobra.Command{
		Use:   "report STUDY FILE",
		Short: "Add the findings of a check to the review queue",
		Long: `Add the findings of a check to the review queue, all or none. FILE, or - for standard
input, is what imednet extract --json writes, or a JSON array of findings with the
members code, domain, severity, recordId, revisionId, formKey, subjectKey, field,
message, fingerprint and values. A finding that is already in the queue is not added
again; one that was resolved and is found again becomes NEW.`,
		Example:     "  imednet extract --configuration cardio.json --json |\n    imednet triage report CARDIO - --user nightly --severity MEDIUM",
		Args:        cobra.ExactArgs(2),
		Annotations: map[string]string{afterInterrupt: "either all findings are in the queue or none; run the same command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.StudyKey = args[0]
			return a.triageReport(cmd, path, user, args[1], o)
		},
	}
	triageFlag(cmd, &path)
	userFlag(cmd, &user)
	cmd.Flags().StringVar(&o.Severity, "severity", "MEDIUM", "severity of findings without one")
	cmd.Flags().BoolVar(&o.KeepResolved, "keep-resolved", false, "keep items resolved while their revisionId is unchanged")
	return cmd
}

// reportedJSON is what became of the findings of a report: Findings = Created + Updated +
// Unchanged + Regressed.
type reportedJSON struct {
	StudyKey  string           `json:"studyKey"`
	Findings  int              `json:"findings"`
	Created   int              `json:"created"`
	Updated   int              `json:"updated"`
	Unchanged int              `json:"unchanged"`
	Regressed int              `json:"regressed"`
	Items     []reportItemJSON `json:"items"` // one for each finding, in their order
}

type reportItemJSON struct {
	ItemID  string         `json:"itemId"`
	Version int64          `json:"version"`
	Outcome triage.Outcome `json:"outcome"`
}

func newReportedJSON(study string, r triage.FindingsReport) reportedJSON {
	out := reportedJSON{StudyKey: study, Findings: len(r.Findings), Items: []reportItemJSON{},
		Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, Regressed: r.Regressed}
	for _, one := range r.Findings {
		out.Items = append(out.Items, reportItemJSON(one))
	}
	return out
}

func (a *app) triageReport(cmd *cobra.Command, path, user, name string, o triage.FindingsOptions) error {
	file, err := openInput(cmd, name)
	if err != nil {
		return err
	}
	findings, err := triage.ReadFindings(file, o)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	store, err := a.openTriage(cmd.Context(), path, a.asReviewer(user)...)
	if err != nil {
		return err
	}
	reported, err := store.ReportFindings(cmd.Context(), user, findings)
	if err = errors.Join(err, store.Close()); err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(newReportedJSON(o.StudyKey, reported))
	}
	return a.printf("%s\n", reported)
}

func newTriageClaim(a *app) *cobra.Command {
	var path string
	var claim triage.Claim
	var next triage.QueueOptions
	cmd := &cobra.Command{
		Use:   "claim [ITEM]",
		Short: "Claim an item, or the next item of a study",
		Long: `Claim an item, or with --next the first unclaimed item of a study's queue, for a
limited time. Until the claim expires, or the item is resolved or released, no one
else can claim it or change its status. Claiming it again extends the claim.`,
		Example: "  imednet triage claim 4f1c… --user anna --lease 2h\n  imednet triage claim --next CARDIO --order severity --user anna",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (next.StudyKey != "") {
				return usagef("name an ITEM, or a study with --next")
			}
			if len(args) == 1 && (cmd.Flags().Changed("order") || cmd.Flags().Changed("severity")) {
				return usagef("--order and --severity require --next")
			}
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				if next.StudyKey != "" {
					return a.printItem(s.ClaimNext(cmd.Context(), next, claim))
				}
				return a.printItem(s.ClaimItem(cmd.Context(), args[0], claim))
			}, a.asReviewer(claim.UserID)...)
		},
	}
	triageFlag(cmd, &path)
	f := cmd.Flags()
	userFlag(cmd, &claim.UserID)
	f.DurationVar(&claim.Lease, "lease", triage.DefaultLease, "duration of the claim")
	f.StringVar(&next.StudyKey, "next", "", "the next item of this `study`")
	f.StringVar(&next.Severity, "severity", "", "with --next: only of this severity")
	orderFlag(cmd, &next.Order)
	return cmd
}

func newTriageRelease(a *app) *cobra.Command {
	var path, user string
	cmd := &cobra.Command{
		Use:     "release ITEM",
		Short:   "Release a claimed item",
		Example: "  imednet triage release 4f1c… --user anna",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				return a.printItem(s.ReleaseItem(cmd.Context(), args[0], user))
			}, a.asReviewer(user)...)
		},
	}
	triageFlag(cmd, &path)
	userFlag(cmd, &user)
	return cmd
}

func newTriageLog(a *app) *cobra.Command {
	var path string
	var o triage.EventOptions
	var shown listOptions
	cmd := &cobra.Command{
		Use:     "log",
		Short:   "List who did what to which item, when and why",
		Example: "  imednet triage log --study CARDIO\n  imednet triage log --item 4f1c… --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withTriage(cmd.Context(), path, func(s *triage.TriageStore) error {
				return a.triageLog(cmd.Context(), s, o, shown)
			})
		},
	}
	triageFlag(cmd, &path)
	shown.flags(cmd)
	cmd.Flags().StringVar(&o.StudyKey, "study", "", "only items of this study")
	cmd.Flags().StringVar(&o.ItemID, "item", "", "only this item")
	cmd.Flags().Int64Var(&o.After, "after", 0, "only entries after this `number`")
	return cmd
}

// logJSON is one entry of the log of reviews.
type logJSON struct {
	Sequence  int64         `json:"sequence"`
	EventID   string        `json:"eventId"`
	StudyKey  string        `json:"studyKey"`
	ItemID    string        `json:"itemId"`
	Version   int64         `json:"version"`
	Kind      triage.Kind   `json:"kind"`
	UserID    string        `json:"userId"`
	Timestamp string        `json:"timestamp"`
	Change    triage.Change `json:"change"`
	Hash      string        `json:"hash"`
}

func (a *app) triageLog(ctx context.Context, store *triage.TriageStore, o triage.EventOptions, shown listOptions) error {
	n, err := writeRows(a, shown, store.Events(ctx, o), logRows)
	return a.counted(err, shown, n, "entries")
}

var logRows = listing[triage.Event]{
	columns: []column[triage.Event]{
		{"sequence", "NO", func(e triage.Event) any { return e.Sequence }},
		{"timestamp", "WHEN", func(e triage.Event) any { return clockCell(e.Timestamp) }},
		{"userId", "WHO", func(e triage.Event) any { return e.UserID }},
		{"itemId", "ITEM", func(e triage.Event) any { return e.ItemID }},
		{"kind", "DID", func(e triage.Event) any { return strings.ToLower(strings.ReplaceAll(string(e.Kind), "_", " ")) }},
		{"change", "CHANGE", func(e triage.Event) any { return changeCell(e.Change) }},
	},
	encode: encodeEvent,
}

func encodeEvent(e triage.Event) (jsontext.Value, error) {
	return json.Marshal(logJSON{e.Sequence, e.EventID, e.StudyKey, e.ItemID, e.Version, e.Kind, e.UserID, isoTime(e.Timestamp), e.Change, e.Hash})
}

// changeCell says in a line what an entry of the log changed.
func changeCell(c triage.Change) string {
	var parts []string
	if c.To != "" {
		parts = append(parts, strings.TrimSpace(string(c.From)+" → "+string(c.To)))
	}
	if c.Assignee != nil {
		parts = append(parts, "assigned to "+cmp.Or(*c.Assignee, "nobody"))
	}
	if !c.ClaimUntil.IsZero() {
		parts = append(parts, "until "+clockCell(c.ClaimUntil))
	}
	if c.Details != nil {
		parts = append(parts, strings.TrimSpace(c.Details.Severity+" "+c.Details.Summary))
	}
	if c.Comment != "" {
		parts = append(parts, "“"+c.Comment+"”")
	}
	if s := c.Signature; s != nil {
		parts = append(parts, s.Meaning, "by "+cmp.Or(s.Signer.DisplayName, s.Signer.ID), "key "+s.KeyID)
	}
	return strings.Join(parts, ", ")
}
