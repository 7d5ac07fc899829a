// Command statistics turns a study into the files that statisticians submit: SAS XPORT version 5,
// Dataset-JSON and a define.xml.
//
// The first attempt allows no remedies. It writes nothing and lists what XPORT cannot hold, and what
// the tables could not. The second uses proposed names and states which remedies are allowed. Then
// the two formats of one dataset are compared with each other.
//
//	go run ./examples/statistics              in a temporary directory
//	go run ./examples/statistics -keep DIR    the files stay in DIR
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

func main() {
	keep := flag.String("keep", "", "folder for the files; empty uses a temporary one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "statistics:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, dir string) (err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("", "statistics"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	set, err := writeTables(ctx, filepath.Join(dir, "tables"))
	if err != nil {
		return err
	}

	submission := filepath.Join(dir, "submission")
	options := cdisc.ExportOptions{
		Formats:  []cdisc.Format{cdisc.XPT5, cdisc.JSON},
		JSON:     cdisc.JSONOptions{Created: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), StudyOID: "DEMO", MetaDataVersionOID: "MDV.DEMO.1", MetaDataRef: "define.xml"},
		Define:   &cdisc.DefineOptions{StudyName: "A made-up study", Comment: "Texts are in UTF-8."},
		Problems: set.Problems(), // what is not in the tables must be accepted explicitly
	}
	_, err = cdisc.Export(ctx, submission, set.Sources(), options)
	var unfit *cdisc.UnfitError
	if !errors.As(err, &unfit) {
		return fmt.Errorf("the study has texts that XPORT cannot hold, but: %w", err)
	}
	fmt.Fprintln(out, "Without remedies nothing is written:")
	printRules(out, unfit.Problems)

	var list []cdisc.Dataset
	for _, src := range set.Sources() {
		list = append(list, src.Dataset())
	}
	options.Names = cdisc.ProposeNames(list, cdisc.XPT5)
	options.Remedies = cdisc.Remedies{SplitTexts: true, EscapeControls: true}
	options.Problems = nil // the list of rejects has been reviewed
	manifest, err := cdisc.Export(ctx, submission, set.Sources(), options)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nWith names and remedies: %d datasets in %d files\n", len(manifest.Datasets), len(manifest.Files))
	return compare(ctx, out, submission, dir)
}

// writeTables writes a synthetic study as Parquet and opens it again, which verifies that it is
// complete.
func writeTables(ctx context.Context, dir string) (*datasets.Set, error) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: 2000})
	mapper, err := tables.NewRecordMapper(imednettest.NewServer(study).Client())
	if err != nil {
		return nil, err
	}
	writer, err := pipeline.New()
	if err != nil {
		return nil, err
	}
	if _, err := writer.WriteParquet(ctx, mapper, "DEMO", dir, pipeline.DataSetOptions{}); err != nil {
		return nil, err
	}
	return datasets.Open(dir, "")
}

// printRules counts problems by rule.
func printRules(out io.Writer, problems []cdisc.Problem) {
	variables, values := map[cdisc.Rule]int{}, map[cdisc.Rule]int64{}
	for _, p := range problems {
		variables[p.Rule]++
		values[p.Rule] += p.Count
	}
	for _, rule := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(out, "  %-18s %4d in %d places\n", rule, values[rule], variables[rule])
	}
}

// compare reads one dataset back in both formats.
func compare(ctx context.Context, out io.Writer, dir, temp string) error {
	xpt, err := cdisc.OpenFile(filepath.Join(dir, "ae.xpt"))
	if err != nil {
		return err
	}
	json, err := cdisc.OpenFile(filepath.Join(dir, "ae.json"))
	if err != nil {
		return err
	}
	report, err := cdisc.Diff(ctx, xpt, json, cdisc.DiffOptions{TempDir: temp})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "ae.xpt and ae.json are", report)
	return nil
}
