package main

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/structure"
)

func newStructure(a *app) *cobra.Command {
	cmd := parent("structure", "Show and compare the designs of studies", newStructureShow(a), newStructureCompare(a))
	cmd.GroupID = groupData
	return cmd
}

func newStructureShow(a *app) *cobra.Command {
	var source sourceOptions
	cmd := &cobra.Command{
		Use:         "show STUDY",
		Short:       "Show the design of a study: intervals, forms and variables",
		Long:        "Show the design of a study as a tree, or with --json as a document for\n`imednet structure compare`.",
		Example:     "  imednet structure show CARDIO\n  imednet structure show CARDIO --json >design.json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSource(cmd.Context(), source, func(s studySource) error {
				design, err := readDesign(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(design)
				}
				return design.WriteTree(a.out)
			})
		},
	}
	source.flags(cmd)
	return cmd
}

func readDesign(ctx context.Context, source studySource, study string) (*structure.Design, error) {
	workflow, err := structure.NewStudyStructure(source)
	if err != nil {
		return nil, err
	}
	return workflow.Structure(ctx, study)
}

// compareOptions say between what a comparison is, and how it is shown.
type compareOptions struct {
	source sourceOptions
	with   string
	impact bool
	html   bool
	shown  listOptions

	dictionaries []string // the old one and the new one
	reading      dictionaryOptions
}

func newStructureCompare(a *app) *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "List what changed between two designs",
		Long: `List what changed between two designs: forms, variables and intervals, their order,
labels, types, flags, windows and assignments. OLD and NEW are each a file written by
"imednet structure show --json", or a study. With --with, the only argument is a study,
which is compared with its own past: a file, or out of the mirror a data cut by its name
or a version by its number.

--dictionaries adds what changed between two design exports of the study: choices, required
answers, edit checks, and whatever else the API does not say.

--impact counts the records that each change concerns. The exit code is 7 if the designs
differ.`,
		Example: "  imednet structure compare design.json CARDIO\n  imednet structure compare CARDIO --with IA1 --cached --impact\n" +
			"  imednet structure compare old.json new.json --html >changes.html\n" +
			"  imednet structure compare old.json CARDIO \\\n    --dictionaries store:CARDIO@1,store:CARDIO@2",
		Args:        cobra.RangeArgs(1, 2),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (o.with == "") {
				return usagef("name two designs, or one study and --with")
			}
			if n := len(o.dictionaries); n != 0 && n != 2 {
				return usagef("--dictionaries names two exports: OLD,NEW")
			}
			if o.html && (a.json || o.shown.format != "table") {
				return usagef("--html cannot be given with another format")
			}
			if len(args) == 2 && isFile(args[0]) && isFile(args[1]) {
				return a.compareFiles(cmd.Context(), args[0], args[1], o)
			}
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				return a.compareDesigns(cmd.Context(), s, args, o)
			})
		},
	}
	o.source.flags(cmd)
	o.shown.flags(cmd)
	cmd.Flags().StringVar(&o.with, "with", "", "compare the study with this `file, version or cut`")
	cmd.Flags().BoolVar(&o.impact, "impact", false, "count the records that each change concerns")
	cmd.Flags().BoolVar(&o.html, "html", false, "write an HTML page")
	cmd.Flags().StringSliceVar(&o.dictionaries, "dictionaries", nil, "add the changes between two design exports: `OLD,NEW`, each a path or store:STUDY@VERSION")
	o.reading.besideFlags(cmd)
	return cmd
}

// isFile reports whether an argument names a file: one that exists, or that no study's key would look like.
func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir() || strings.HasSuffix(name, ".json") || strings.ContainsRune(name, os.PathSeparator)
}

func (a *app) compareFiles(ctx context.Context, before, after string, o compareOptions) error {
	if o.impact {
		return usagef("--impact needs a study, whose records it counts")
	}
	old, err := readDesignFile(before)
	if err != nil {
		return err
	}
	now, err := readDesignFile(after)
	if err != nil {
		return err
	}
	changes, _, err := a.allChanges(ctx, old, now, o)
	if err != nil {
		return err
	}
	return a.printChanges(changes, nil, o)
}

func (a *app) compareDesigns(ctx context.Context, source studySource, args []string, o compareOptions) error {
	study := args[len(args)-1]
	var before, after *structure.Design
	var err error
	if o.with != "" {
		before, err = a.pastDesign(ctx, study, o)
	} else {
		before, err = readEither(ctx, source, args[0])
	}
	if err != nil {
		return err
	}
	if after, err = readEither(ctx, source, study); err != nil {
		return err
	}
	changes, tests, err := a.allChanges(ctx, before, after, o)
	if err != nil {
		return err
	}
	if !o.impact {
		return orFirst(err, a.printChanges(changes, nil, o))
	}
	if isFile(study) {
		return usagef("--impact counts the records of NEW, which must be a study")
	}
	impacts, err := structure.CountRecords(ctx, source, study, before, after, changes, tests...)
	if err != nil {
		return err
	}
	return a.printChanges(changes, impacts, o)
}

// readEither reads a file, or a study where no file has the name.
func readEither(ctx context.Context, source studySource, name string) (*structure.Design, error) {
	if isFile(name) {
		return readDesignFile(name)
	}
	return readDesign(ctx, source, name)
}

// pastDesign reads what a study is compared with: a file, a version of the mirror or a data cut.
func (a *app) pastDesign(ctx context.Context, study string, o compareOptions) (*structure.Design, error) {
	if isFile(o.with) {
		return readDesignFile(o.with)
	}
	mirror, err := a.readMirror(ctx, o.source.path)
	if err != nil {
		return nil, err
	}
	defer mirror.Close()
	version, err := strconv.ParseInt(o.with, 10, 64)
	if err != nil {
		return readDesign(ctx, mirror.CutClient(o.with), study)
	}
	view, err := mirror.AsOf(ctx, study, imednet.MirrorVersion(version))
	if err != nil {
		return nil, err
	}
	return readDesign(ctx, view, study)
}

func readDesignFile(path string) (*structure.Design, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	design, err := structure.Read(file)
	if err != nil && !errors.As(err, new(*fs.PathError)) {
		return nil, &invalidError{path + " is not a design written by `imednet structure show STUDY --json`"}
	}
	return design, err
}

// printChanges shows what differs, with the records concerned if they were counted.
func (a *app) printChanges(changes []structure.Change, impacts []structure.Impact, o compareOptions) error {
	err := a.writeChanges(changes, impacts, o)
	if err == nil && len(changes) > 0 {
		return &differError{"the designs differ"}
	}
	return err
}

func (a *app) writeChanges(changes []structure.Change, impacts []structure.Impact, o compareOptions) error {
	switch {
	case o.html && o.impact:
		return structure.WriteImpactHTML(a.out, impacts)
	case o.html:
		return structure.WriteHTML(a.out, changes)
	case a.json && o.impact:
		return a.writeJSON(append([]structure.Impact{}, impacts...))
	case a.json:
		return a.writeJSON(append([]structure.Change{}, changes...))
	case len(changes) == 0 && o.shown.format == "table":
		return a.printf("No changes.\n")
	case o.impact:
		_, err := list(a, o.shown, impactColumns, values(impacts))
		return err
	case o.shown.format != "table" || len(o.shown.columns) > 0:
		_, err := list(a, o.shown, designColumns, values(changes))
		return err
	}
	for _, c := range changes {
		if err := a.printf("%s\n", printable(c.String())); err != nil {
			return err
		}
	}
	return nil
}

// values yields what is in memory.
func values[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

var designColumns = []column[structure.Change]{
	{"kind", "CHANGE", func(c structure.Change) any { return string(c.Kind) }},
	{"part", "PART", func(c structure.Change) any { return string(c.Part) }},
	{"interval", "INTERVAL", func(c structure.Change) any { return c.Interval }},
	{"form", "FORM", func(c structure.Change) any { return c.FormKey }},
	{"variable", "VARIABLE", func(c structure.Change) any { return c.Variable }},
	{"member", "MEMBER", func(c structure.Change) any { return c.Member }},
	{"before", "BEFORE", func(c structure.Change) any { return c.Before }},
	{"after", "AFTER", func(c structure.Change) any { return c.After }},
}

var impactColumns = append(ofImpact(designColumns),
	column[structure.Impact]{"records", "RECORDS", func(i structure.Impact) any { return i.Records }})

func ofImpact(columns []column[structure.Change]) (all []column[structure.Impact]) {
	for _, c := range columns {
		all = append(all, column[structure.Impact]{c.name, c.title, func(i structure.Impact) any { return c.value(i.Change) }})
	}
	return all
}
