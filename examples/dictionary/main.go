// Command dictionary reads the design export of a study and uses what the API does not say: the
// choices, the required answers and the edit checks.
//
// It joins the export with the study, counts what is missing and what is no choice, lists the records
// that violate a check, and tries the checks in a test study: first one that was built as
// specified, then one in which a check was built otherwise. Everything runs offline on synthetic
// studies.
//
//	go run ./examples/dictionary
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dictionary:", err)
		os.Exit(1)
	}
}

var clock = imednettest.NewClock(time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))

func run(ctx context.Context, out io.Writer) error {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: 300})
	export := study.DesignExport() // in your program dictionary.Read(ctx, "export.zip", …)
	design, err := dictionary.ReadFiles(export, dictionary.ReadOptions{StudyKey: "DEMO"})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The export: %s\n  hash %s\n", design, design.Hash())
	if err := data(ctx, out, imednettest.NewServer(study).Client(), design); err != nil {
		return err
	}
	fmt.Fprintln(out)
	if err := acceptance(ctx, out, "As specified", design, design); err != nil {
		return err
	}
	// Somebody compares the wrong way round.
	export[dictionary.RulesFile] = bytes.Replace(export[dictionary.RulesFile],
		[]byte("<gt><question>DMDTC</question><current_date_only/></gt>"), []byte("<lt><question>DMDTC</question><current_date_only/></lt>"), 1)
	built, err := dictionary.ReadFiles(export, dictionary.ReadOptions{StudyKey: "DEMO"})
	if err != nil {
		return err
	}
	return acceptance(ctx, out, "Built otherwise", design, built)
}

// data holds the records of a study against its dictionary.
func data(ctx context.Context, out io.Writer, client *imednettest.Client, design *dictionary.Dictionary) error {
	joined, err := join(ctx, client, design)
	if err != nil {
		return err
	}
	checker, err := dictionary.NewChecker(design, dictionary.WithClock(clock))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The study: %s\n", joined)
	survey, err := joined.Survey(ctx, checker, client.Records(ctx, "DEMO", imednet.ListOptions{}))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Answers: %s\n", survey)
	queries, err := collect(client.Queries(ctx, "DEMO", imednet.ListOptions{}))
	if err != nil {
		return err
	}
	checks := checker.Study(ctx, joined, client.Records(ctx, "DEMO", imednet.ListOptions{}), queries)
	shown := 0
	for breach, err := range checks.Breaches() {
		if err != nil {
			return err
		}
		if breach.Unqueried && shown < 3 {
			shown++
			fmt.Fprintf(out, "  record %d: rule %s acts on %s, and there is no query\n", breach.RecordID, breach.Outcome.RuleID, strings.Join(breach.Outcome.Queries, ", "))
		}
	}
	fmt.Fprintf(out, "Checks: %s\n", checks.Report())
	return nil
}

func join(ctx context.Context, client *imednettest.Client, design *dictionary.Dictionary) (*dictionary.Joined, error) {
	forms, err := collect(client.Forms(ctx, "DEMO", imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	variables, err := collect(client.Variables(ctx, "DEMO", imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	return design.Join(forms, variables, dictionary.JoinOptions{})
}

// acceptance sends synthetic records to a test study that runs the checks of one export, and holds
// what it did against another.
func acceptance(ctx context.Context, out io.Writer, title string, specified, built *dictionary.Dictionary) error {
	running, err := dictionary.NewChecker(built, dictionary.WithClock(clock))
	if err != nil {
		return err
	}
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "TEST", Records: 20})
	study.SetTime(clock.Now())
	study.SetJobPlan(imednettest.JobPlan{})
	study.EnforceChecks(running)
	checker, err := dictionary.NewChecker(specified, dictionary.WithClock(clock))
	if err != nil {
		return err
	}
	trial, err := checker.Try(ctx, imednettest.NewServer(study).Client(), dictionary.TrialOptions{
		StudyKey: "TEST", SiteName: "Site 01", Rules: []string{"50001", "50002", "50011"}, Most: 3, Poll: imednet.PollOptions{Interval: time.Millisecond}})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d records, checks that behave differently: %v\n", title, len(trial.Results), trial.Failed())
	for _, result := range trial.Results {
		day, _ := result.Data.Get("DMDTC")
		for _, e := range result.Effects {
			if result.RuleID == "50002" && e.Expected != e.Observed {
				fmt.Fprintf(out, "  rule %s on DMDTC %s: %s expected %t, observed %t\n", result.RuleID, day.Text(), e.Effect, e.Expected, e.Observed)
			}
		}
	}
	return nil
}

// collect reads a listing to its end.
func collect[T any](rows func(func(T, error) bool)) (all []T, err error) {
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}
