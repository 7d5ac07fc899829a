package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

func newStateSet(a *app) *cobra.Command {
	var o stateOptions
	var text string
	var options ledger.SetOptions
	cmd := &cobra.Command{
		Use:   "set",
		Short: "Set the high-water mark of a stream",
		Long: `Set the high-water mark of a stream. A time without a zone is UTC. A mark before the
stored one is an error without --allow-backward and a --reason.`,
		Example: "  imednet state set -s CARDIO -m records -t 2026-01-31 -r 1200",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			mark, err := parseISO(text)
			if err != nil {
				return err
			}
			marks, _, err := a.ledger(cmd.Context(), o.path)
			if err == nil {
				err = marks.SetLastTimestamp(cmd.Context(), o.study, o.stream, mark, options)
			}
			if err != nil {
				return fmt.Errorf("Failed to write ledger: %w", err)
			}
			if a.json {
				return a.writeJSON(markJSON{o.study, o.stream, mark, options.RecordsProcessed, string(ledger.StatusSuccess), nil})
			}
			return a.printf("Successfully set high-water mark for '%s' -> '%s' to %s\n", o.study, o.stream, isoTime(mark))
		},
	}
	o.streamFlags(cmd)
	cmd.Flags().StringVarP(&text, "timestamp", "t", "", "the mark, such as 2026-01-31T00:00:00Z")
	cmd.Flags().Int64VarP(&options.RecordsProcessed, "records-processed", "r", 0, "number of records processed by the run")
	backwardFlags(cmd, &options.AllowBackward, &options.Reason)
	required(cmd, "study-key", "stream", "timestamp")
	return o.flags(cmd)
}

func (o *stateOptions) streamFlags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&o.study, "study-key", "s", "", "the study")
	cmd.Flags().StringVarP(&o.stream, "stream", "m", "", "the stream")
}

func required(cmd *cobra.Command, flags ...string) {
	for _, name := range flags {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a flag that the command does not have
		}
	}
}

// parseISO reads a time; without a zone it is UTC.
func parseISO(text string) (time.Time, error) {
	at, err := imednet.ParseInstant(text)
	if err != nil {
		return time.Time{}, usagef("Invalid ISO timestamp format: %q is not a time such as 2026-01-31T00:00:00Z", text)
	}
	return at.UTC(), nil
}

func newStateReset(a *app) *cobra.Command {
	var o stateOptions
	var strict bool
	var reason string
	cmd := &cobra.Command{
		Use:     "reset",
		Short:   "Remove the entry of a stream, so that its next run starts over",
		Example: "  imednet state reset -s CARDIO -m records --reason 'new variables'\n  imednet state reset -s CARDIO --strict",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			marks, _, err := a.ledger(cmd.Context(), o.path)
			if err != nil {
				return fmt.Errorf("Failed to reset ledger state: %w", err)
			}
			removed, err := marks.DeleteEntry(cmd.Context(), o.study, o.stream, ledger.DeleteOptions{Reason: reason})
			if err != nil {
				return fmt.Errorf("Failed to reset ledger state: %w", err)
			}
			if !removed && strict {
				return fmt.Errorf("%s %w", o.outcome(false), errNotFound)
			}
			if a.json {
				return a.writeJSON(map[string]any{"studyKey": o.study, "streamName": o.stream, "reset": removed})
			}
			return a.printf("%s\n", o.outcome(removed))
		},
	}
	o.streamFlags(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "fail if there is nothing to reset")
	cmd.Flags().StringVar(&reason, "reason", "reset by hand", "reason, for the history")
	required(cmd, "study-key")
	return o.flags(cmd)
}

func (o *stateOptions) outcome(removed bool) string {
	switch {
	case removed && o.stream != "":
		return fmt.Sprintf("Successfully reset stream '%s' for study '%s'.", o.stream, o.study)
	case removed:
		return fmt.Sprintf("Successfully reset all streams for study '%s'.", o.study)
	case o.stream != "":
		return fmt.Sprintf("No stream '%s' found for study '%s'.", o.stream, o.study)
	}
	return fmt.Sprintf("No state found for study '%s'.", o.study)
}
