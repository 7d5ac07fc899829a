package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// queryOptions select what the journal holds.
type queryOptions struct {
	journalOptions
	states        []string
	open          bool
	older, newer  time.Duration
	study, submit string
}

func (o *queryOptions) stateFlag(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&o.states, "state", nil, "only records in these states: "+stateNames())
}

func (o *queryOptions) flags(cmd *cobra.Command) *cobra.Command {
	o.stateFlag(cmd)
	cmd.Flags().BoolVar(&o.open, "open", false, "only what still needs attention")
	return o.pathFlag(cmd)
}

func stateNames() string {
	var names []string
	for _, s := range submissions.States() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func (o *queryOptions) query() (submissions.Query, error) {
	q := submissions.Query{StudyKey: o.study, SubmissionID: o.submit, Open: o.open}
	for _, name := range o.states {
		state := submissions.State(name)
		if !slices.Contains(submissions.States(), state) {
			return q, usagef("--state takes %s", stateNames())
		}
		q.States = append(q.States, state)
	}
	return q, nil
}

// aged limits a query to the ages that were asked for, at a moment by the journal's clock.
func (o *queryOptions) aged(q submissions.Query, now time.Time) submissions.Query {
	if o.older > 0 {
		q.Until = now.Add(-o.older)
	}
	if o.newer > 0 {
		q.Since = now.Add(-o.newer)
	}
	return q
}

func newSubmitList(a *app) *cobra.Command {
	var o queryOptions
	var shown listOptions
	cmd := &cobra.Command{
		Use:     "list [STUDY]",
		Short:   "List submissions",
		Long:    "List the submissions in the journal: who, when, and how many records are in which state.\nThe server is not contacted.",
		Example: "  imednet submit list CARDIO --open\n  imednet submit list --state refused,absent --newer-than 168h",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.study = args[0]
			}
			q, err := o.query()
			if err != nil {
				return err
			}
			return a.withJournal(cmd.Context(), o.path, func(kept submissions.Journal) error {
				now := submissions.ClockOf(kept).Now()
				entries, err := kept.Entries(cmd.Context(), o.aged(q, now))
				if err != nil {
					return err
				}
				return a.printEntries(entries, now, shown)
			}, sqlitejournal.ReadOnly())
		},
	}
	shown.flags(cmd)
	cmd.Flags().DurationVar(&o.older, "older-than", 0, "only submissions of at least this age")
	cmd.Flags().DurationVar(&o.newer, "newer-than", 0, "only submissions of at most this age")
	return o.flags(cmd)
}

// submissionJSON is one submission of the journal.
type submissionJSON struct {
	SubmissionID string             `json:"submissionId"`
	StudyKey     string             `json:"studyKey"`
	PreparedAt   time.Time          `json:"preparedAt"`
	Author       string             `json:"author"`
	Source       string             `json:"source"`
	Records      int                `json:"records"`
	Counts       submissions.Counts `json:"counts"`
	Open         int                `json:"open"`
	Holder       string             `json:"holder,omitempty"`
}

func (a *app) printEntries(entries []submissions.Entry, now time.Time, shown listOptions) error {
	out := []submissionJSON{}
	for i := range entries {
		e := &entries[i]
		row := submissionJSON{e.ID, e.StudyKey, e.PreparedAt, e.Author, e.Source, e.Counts.Total(), e.Counts, e.Open, ""}
		if e.Leased(now) {
			row.Holder = e.Holder
		}
		out = append(out, row)
	}
	if a.json {
		return a.writeJSON(out)
	}
	if len(out) == 0 && shown.format == "table" {
		return a.printf("No matching submissions.\n")
	}
	_, err := list(a, shown, submissionColumns, values(out))
	return err
}

var submissionColumns = []column[submissionJSON]{
	{"submission", "SUBMISSION", func(e submissionJSON) any { return e.SubmissionID }},
	{"study", "STUDY", func(e submissionJSON) any { return e.StudyKey }},
	{"preparedAt", "PREPARED", func(e submissionJSON) any { return e.PreparedAt.Format(time.RFC3339) }},
	{"author", "AUTHOR", func(e submissionJSON) any { return e.Author }},
	{"records", "RECORDS", func(e submissionJSON) any { return int64(e.Records) }},
	{"states", "STATES", func(e submissionJSON) any { return countsText(e.Counts) }},
	{"open", "OPEN", func(e submissionJSON) any { return int64(e.Open) }},
	{"holder", "SENDING", func(e submissionJSON) any { return e.Holder }},
}

func countsText(counts submissions.Counts) string {
	var parts []string
	for _, state := range submissions.States() {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	return strings.Join(parts, ", ")
}

func newSubmitShow(a *app) *cobra.Command {
	var o queryOptions
	cmd := &cobra.Command{
		Use:     "show STUDY SUBMISSION",
		Short:   "Show what is known about a submission, record by record",
		Long:    "Show what the journal knows about a submission, record by record. The server is not\ncontacted; `imednet submit settle` does that.",
		Example: "  imednet submit show CARDIO 0197… --state refused,absent,unknown",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.study, o.submit = args[0], args[1]
			q, err := o.query()
			if err != nil {
				return err
			}
			return a.withJournal(cmd.Context(), o.path, func(kept submissions.Journal) error {
				known, err := kept.Entries(cmd.Context(), submissions.Query{StudyKey: args[0], SubmissionID: args[1]})
				if err == nil && len(known) == 0 {
					err = noSubmission(args[0])
				}
				if err != nil {
					return err
				}
				items, err := kept.Items(cmd.Context(), q)
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(itemsJSON(items, a.words))
				}
				return a.printItems(items)
			}, sqlitejournal.ReadOnly())
		},
	}
	return o.flags(cmd)
}

// noSubmission is the error for a submission that the journal does not have.
func noSubmission(study string) error {
	return fmt.Errorf("the journal has no such submission of study %s: %w", study, errNotFound)
}

// itemJSON is what is known of one record. It holds nothing of its data.
type itemJSON struct {
	SubmissionID  string                 `json:"submissionId"`
	Item          int                    `json:"item"` // place in the submission, from 1
	Line          int                    `json:"line"` // of the input; 0 is unknown
	FormKey       string                 `json:"formKey"`
	Kind          imednet.SubmissionKind `json:"kind"`
	IntentKey     string                 `json:"intentKey,omitempty"`
	State         submissions.State      `json:"state"`
	Closed        bool                   `json:"closed"`
	Attempts      int                    `json:"attempts"`
	BatchID       string                 `json:"batchId,omitempty"`
	RecordID      int64                  `json:"recordId,omitempty"`
	RevisionID    int64                  `json:"revisionId,omitempty"`
	Reason        string                 `json:"reason,omitempty"`
	ServerMessage string                 `json:"serverMessage,omitempty"`
	// MessageHidden says that the server said something that may hold data of subjects.
	MessageHidden bool `json:"serverMessageHidden,omitempty"`
}

// newItemJSON shows an item, and with words all that the server said about it.
func newItemJSON(i *submissions.Item, words bool) itemJSON {
	out := itemJSON{i.SubmissionID, i.Index + 1, i.Line, i.FormKey, i.Kind, i.IntentKey, i.State, i.Closed, i.Attempt, batchWord(i.BatchID, words), i.RecordID, i.RevisionID, i.Reason, i.ShowableMessage(), false}
	if words {
		out.ServerMessage = printable(i.ServerMessage)
	}
	out.MessageHidden = i.ServerMessage != "" && out.ServerMessage == ""
	return out
}

// batchWord is the id of a batch, if it has the shape of one or words are asked for.
func batchWord(id string, words bool) string {
	switch {
	case id == "":
		return ""
	case words:
		return printable(id)
	}
	return shown.BatchID(id)
}

// stateWord is the state of a job, if it is a known one or words are asked for.
func stateWord(state imednet.Opt[string], words bool) string {
	switch text := state.Or(""); {
	case text == "":
		return ""
	case words:
		return printable(text)
	default:
		return shown.State(text)
	}
}

func itemsJSON(items []submissions.Item, words bool) []itemJSON {
	out := []itemJSON{}
	for i := range items {
		out = append(out, newItemJSON(&items[i], words))
	}
	return out
}

func (a *app) printItems(items []submissions.Item) error {
	t := newTable(a.out, "ITEM", "LINE", "FORM", "KIND", "STATE", "RECORD", "REVISION", "WHY")
	for i := range items {
		item := newItemJSON(&items[i], a.words)
		state := string(item.State)
		if item.Closed && item.State != submissions.Standing {
			state += ", closed"
		}
		why := strings.Join(slices.DeleteFunc([]string{item.Reason, item.ServerMessage}, func(s string) bool { return s == "" }), ": ")
		if item.MessageHidden {
			why += "; " + reasonHidden
		}
		err := t.add(number(item.Item), unlessZero(item.Line), item.FormKey, string(item.Kind), state, unlessZero(item.RecordID), unlessZero(item.RevisionID), cmp.Or(why, ""))
		if err != nil {
			return err
		}
	}
	return t.flush()
}

// unlessZero writes a number, and nothing for 0.
func unlessZero[T int | int64](n T) string {
	if n == 0 {
		return ""
	}
	return number(n)
}
