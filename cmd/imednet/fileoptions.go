package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/pipeline"
)

// fileOptions say where and how tables become files.
type fileOptions struct {
	dir, format, prefix string
	fileRows            int
	noGuard             bool
}

func (o *fileOptions) flags(cmd *cobra.Command, prefix string) {
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "", "`directory` to write to")
	f.StringVar(&o.format, "format", string(pipeline.Parquet), "parquet, csv or ndjson")
	choices(cmd, "format", "parquet", "csv", "ndjson")
	f.StringVar(&o.prefix, "prefix", prefix, "`prefix` of the file names")
	f.IntVar(&o.fileRows, "file-rows", pipeline.DefaultFileRows, "rows per file")
	formulaGuardFlag(cmd, &o.noGuard)
}

func formulaGuardFlag(cmd *cobra.Command, off *bool) {
	cmd.Flags().BoolVar(off, "no-formula-guard", false, "leave text in CSV unchanged even if a spreadsheet would interpret it as a formula")
}

func (o fileOptions) check() error {
	if o.fileRows < 1 {
		return usagef("--file-rows must be at least 1")
	}
	return oneOf("--format", o.format, pipeline.Parquet, pipeline.CSV, pipeline.NDJSON)
}

// needDir refuses what says how files are written where none are.
func (o fileOptions) needDir(cmd *cobra.Command) error {
	if o.dir != "" {
		return nil
	}
	for _, name := range []string{"format", "prefix", "file-rows", "no-formula-guard"} {
		if cmd.Flags().Changed(name) {
			return usagef("--%s is about files: name their directory with --dir", name)
		}
	}
	return nil
}

// oneOf refuses a flag's value that is not among the allowed ones.
func oneOf[T ~string](flag, value string, allowed ...T) error {
	if slices.Contains(allowed, T(value)) {
		return nil
	}
	names := make([]string, len(allowed))
	for i, a := range allowed {
		names[i] = string(a)
	}
	last := len(names) - 1
	return usagef("%s must be %s or %s", flag, strings.Join(names[:last], ", "), names[last])
}
