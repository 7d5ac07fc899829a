package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/workflows/probe"
)

type probeOptions struct {
	out              string
	pause            time.Duration
	limit            int
	write, testStudy string
}

func newProbe(a *app) *cobra.Command {
	var o probeOptions
	cmd := &cobra.Command{
		Use:     "probe STUDY",
		GroupID: groupData,
		Short:   "Examine how a server behaves where its documentation is silent",
		Long: `Examine how a server behaves where its documentation is silent: page sizes, filters,
orders, deleted rows, dates, errors. One request is sent at a time, fewer than 200 in
all, and none after the first 429 or 401. What was found has no data of subjects.

With --out it is written to a file. Name that file as "capabilities" in the configuration
file, and the other commands ask the server only what it is known to answer; give it to
"imednet demo --capabilities", and a server on this computer behaves alike.

Nothing is written to the study, unless --write and --test-study both name it: then one
record is submitted, for a subject that does not exist, to see what becomes of it. Do
that only with a study that its owner has declared a test study.`,
		Example:     "  imednet probe CARDIO\n  imednet probe CARDIO --out capabilities.json\n  imednet probe TEST --write TEST --test-study TEST",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.probe(cmd, args[0], o)
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "", "write what was found to this `file`")
	cmd.Flags().DurationVar(&o.pause, "pause", probe.DefaultPause, "pause between two requests")
	cmd.Flags().IntVar(&o.limit, "limit", probe.MaxRequests, "most `requests` to send")
	cmd.Flags().StringVar(&o.write, "write", "", "submit one record to this `study`")
	cmd.Flags().StringVar(&o.testStudy, "test-study", "", "declare that this `study` is a test study")
	cmd.MarkFlagsRequiredTogether("write", "test-study")
	return cmd
}

func (a *app) probe(cmd *cobra.Command, study string, o probeOptions) error {
	opts := []probe.Option{probe.WithPause(o.pause), probe.WithLimit(o.limit)}
	if o.write != "" {
		if o.write != study || o.testStudy != study {
			return usagef("--write and --test-study must both name %s, the study to examine", study)
		}
		opts = append(opts, probe.WithTestStudy(study))
	}
	if err := mayReplaceProbed(o.out); err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	server, err := probe.NewServerProbe(client, opts...)
	if err != nil {
		return usagef("%v", err)
	}
	report, failed := server.Examine(cmd.Context(), study)
	if report == nil {
		return failed
	}
	if o.out != "" {
		if err := writeCapabilities(o.out, report); err != nil {
			return orFirst(failed, err)
		}
	}
	if a.json {
		return orFirst(failed, a.writeJSON(report))
	}
	if failed != nil && report.Count(probe.Open) >= len(report.Points)-1 {
		return failed // nothing to show
	}
	return orFirst(failed, a.printProbe(report, o.out))
}

func writeCapabilities(path string, report *probe.Report) error {
	return replaceFile(path, func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	})
}

// printProbe shows each point with what came and what it means.
func (a *app) printProbe(report *probe.Report, path string) error {
	for _, p := range report.Points {
		if err := a.printf("%-8s %s\n", p.Answer, p.Question); err != nil {
			return err
		}
		for _, line := range []string{p.Came, p.Meaning} {
			if line == "" {
				continue
			}
			if err := a.printf("         %s\n", printable(line)); err != nil {
				return err
			}
		}
	}
	if err := a.printf("\n%s\n", report); err != nil || path == "" {
		return err
	}
	return a.printf("Written to %s\n", path)
}
