package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
)

// compare measures the jobs here and, with the sources of this bench, at another commit, in turns.
func compare(ctx context.Context, o options, list []job, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-bench-against")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program, err := buildAt(ctx, o.against, dir)
	if err != nil {
		return fmt.Errorf("%s: %w", o.against, err)
	}
	then, err := newBench(ctx, o, program, filepath.Join(dir, "then"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, then.close()) }()
	now, err := newBench(ctx, o, "", filepath.Join(dir, "now"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, now.close()) }()
	samples, err := rounds(ctx, list, then, now)
	if err != nil {
		return err
	}
	return printBoth(out, o, newMeasured(o, list, samples[0]), newMeasured(o, list, samples[1]), samples)
}

// buildAt builds this bench with the packages of a commit.
func buildAt(ctx context.Context, commit, dir string) (program string, err error) {
	tree := filepath.Join(dir, "tree")
	if err := shell(ctx, "git", "worktree", "add", "--detach", tree, commit); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, shell(ctx, "git", "worktree", "remove", "--force", tree)) }()
	if err := os.RemoveAll(filepath.Join(tree, "bench")); err != nil {
		return "", err
	}
	if err := os.CopyFS(filepath.Join(tree, "bench"), os.DirFS("bench")); err != nil {
		return "", err
	}
	program = filepath.Join(dir, "bench")
	return program, shell(ctx, "go", "build", "-C", tree, "-o", program, "./bench")
}

func shell(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// printBoth writes the medians of CPU time a row with the least and the greatest sample, so that a change
// within the noise is seen to be one.
func printBoth(out io.Writer, o options, then, now measured, samples []map[string][]figures) error {
	fmt.Fprintf(out, "%s\n%s beside %s\n%d records, medians of %d, CPU µs/row\n\n", now.Machine, now.Commit, o.against, now.Rows, now.Samples)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "then\tleast–most\tnow\tleast–most\tnow/then\tMB then\tMB now\t  job")
	for i, l := range now.Jobs {
		old := then.Jobs[i]
		fmt.Fprintf(w, "%.2f\t%s\t%.2f\t%s\t%.2f\t%.0f\t%.0f\t  %s\n", old.CPU, spreadOf(samples[0][l.Job]), l.CPU, spreadOf(samples[1][l.Job]),
			l.CPU/old.CPU, megabytes(old.Peak), megabytes(l.Peak), l.title())
	}
	return w.Flush()
}

func spreadOf(samples []figures) string {
	least, most := samples[0].cpuPerRow(), samples[0].cpuPerRow()
	for _, f := range samples {
		least, most = min(least, f.cpuPerRow()), max(most, f.cpuPerRow())
	}
	return fmt.Sprintf("%.2f–%.2f", least, most)
}
