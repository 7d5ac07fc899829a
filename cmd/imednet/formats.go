package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
)

func newFormats(a *app) *cobra.Command {
	cmd := parent("formats", "Write data sets in the formats of statisticians and agencies",
		newFormatsExport(a), newFormatsNames(a), newFormatsODM(a), newFormatsAudit(a), newFormatsDiff(a))
	cmd.GroupID = groupData
	cmd.Long = `Write data sets in the formats of statisticians and agencies: SAS XPORT, Dataset-JSON
and Define-XML. A data set is what export or extract --dir wrote as Parquet.`
	return cmd
}

// formatOptions say what a data set becomes.
type formatOptions struct {
	to, prefix      string
	formats         []string
	names, metadata string
	created         string
	originator      string
	sourceVersion   string
	context         string
	encoding        string
	lists           codelistOptions
	configuration   canonicalOptions
	noDefine        bool
	numericDates    bool
	acceptRejected  bool
	blankText       bool
	level           int
	remedies        cdisc.Remedies
}

func newFormatsExport(a *app) *cobra.Command {
	var o formatOptions
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "Write a data set as XPORT, Dataset-JSON and Define-XML",
		Long: `Write the data set in DIR, which export or extract --dir wrote as Parquet, as one file
per dataset and format, with a define.xml and a manifest. Either everything is
written, or nothing is and one error lists every dataset and variable that a format
cannot hold.

Nothing is truncated, renamed or rounded unless a flag or --names requests it. The
manifest counts what a format cannot express, such as the difference between empty and
missing text in XPORT.

Equal data and flags give equal bytes: the time of creation is that of the data set
unless --created gives another.`,
		Example:     "  imednet formats names out --output names.json\n  imednet formats export out --to submission --names names.json\n  imednet formats export safety --to submission --formats xpt5,json,ndjson,dsjc",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "the previous content of the directory is unchanged; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.formatsExport(cmd.Context(), args[0], o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "`directory` to write to")
	f.StringVar(&o.prefix, "prefix", "", "`prefix` of the data set, if DIR has several")
	f.StringSliceVar(&o.formats, "formats", []string{string(cdisc.XPT5)}, "xpt5, xpt8, json, ndjson, dsjc")
	choices(cmd, "formats", "xpt5", "xpt8", "json", "ndjson", "dsjc")
	f.StringVar(&o.names, "names", "", "`file` with new names and labels, as written by formats names")
	f.StringVar(&o.metadata, "metadata", "", "JSON `file` with standards, code lists and the names of the study")
	o.lists.flags(cmd)
	f.StringVar(&o.configuration.file, "configuration", "", "`file` of the study configuration, for origins, methods and terms of canonical data")
	f.StringVar(&o.configuration.commit, "configuration-commit", "", "the same from the history: `STUDY@COMMIT`")
	historyFlag(cmd, &o.configuration.store)
	cmd.MarkFlagsMutuallyExclusive("configuration", "configuration-commit")
	f.StringVar(&o.created, "created", "", "`time` of creation in the files, such as 2026-03-01T08:00:00Z")
	f.StringVar(&o.originator, "originator", "", "`organisation` that created the files")
	f.StringVar(&o.sourceVersion, "source-version", "", "`version` of the EDC system, omitted by default")
	f.StringVar(&o.context, "context", "Other", "context of the define.xml: Other or Submission")
	choices(cmd, "context", "Other", "Submission")
	f.StringVar(&o.encoding, "encoding", string(cdisc.UTF8), "encoding of texts in XPORT: "+strings.Join(encodings, ", "))
	choices(cmd, "encoding", encodings...)
	f.BoolVar(&o.noDefine, "no-define", false, "write no define.xml")
	f.BoolVar(&o.numericDates, "numeric-dates", false, "add the day of each date of a form as a number")
	f.BoolVar(&o.acceptRejected, "accept-rejected", false, "leave out and count values that the data set rejected")
	f.BoolVar(&o.blankText, "blank-text", false, "write missing text as empty text in Dataset-JSON, as SAS does")
	f.IntVar(&o.level, "compression", 1, "how hard dsjc compresses, from 1 to 9")
	f.BoolVar(&o.remedies.CutLabels, "cut-labels", false, "truncate labels to the length that XPORT can hold")
	f.BoolVar(&o.remedies.SplitTexts, "split-texts", false, "split texts of more than 200 bytes into numbered variables")
	f.BoolVar(&o.remedies.EscapeControls, "escape-controls", false, "write control characters as \\u000a")
	f.BoolVar(&o.remedies.NumbersAsText, "numbers-as-text", false, "convert variables whose numbers have too many digits to text")
	required(cmd, "to")
	return cmd
}

// studyMetadata is the file of --metadata.
type studyMetadata struct {
	StudyName          string                     `json:"studyName"`
	StudyDescription   string                     `json:"studyDescription"`
	ProtocolName       string                     `json:"protocolName"`
	MetaDataVersionOID string                     `json:"metaDataVersionOID"`
	Comment            string                     `json:"comment"`
	Standards          []cdisc.Standard           `json:"standards"`
	Datasets           map[string]datasetMetadata `json:"datasets"`  // under their names in the data set
	Codelists          map[string]*cdisc.Codelist `json:"codelists"` // under FORM.VARIABLE
}

// datasetMetadata is what a data set does not say about a table.
type datasetMetadata struct {
	Standard  string `json:"standard"`
	Class     string `json:"class"`
	SubClass  string `json:"subClass"`
	Purpose   string `json:"purpose"`
	Structure string `json:"structure"`
	Comment   string `json:"comment"`
}

func (a *app) formatsExport(ctx context.Context, dir string, o formatOptions) error {
	if o.level < 1 || o.level > 9 {
		return usagef("--compression is %d; it must be from 1 to 9", o.level)
	}
	set, err := datasets.Open(dir, o.prefix)
	if err != nil {
		return err
	}
	if o.configuration.file+o.configuration.commit != "" {
		config, _, err := a.configuration(ctx, o.configuration)
		if err != nil {
			return err
		}
		if err := set.Explain(config); err != nil {
			return err
		}
	}
	options, sources, err := o.export(ctx, a, set)
	if err != nil {
		return err
	}
	bar := a.progress()
	defer bar.finish()
	options.Progress = bar.report
	manifest, err := cdisc.Export(ctx, o.to, sources, options)
	switch {
	case err != nil:
		return err
	case a.json:
		return a.writeJSON(manifest)
	}
	return a.printFormats(manifest, o.to)
}

// export makes the options of an export and its sources.
func (o formatOptions) export(ctx context.Context, a *app, set *datasets.Set) (options cdisc.ExportOptions, sources []cdisc.Source, err error) {
	var metadata studyMetadata
	err = errors.Join(readJSONFile(o.metadata, &metadata), readJSONFile(o.names, &options.Names))
	if err != nil {
		return options, nil, err
	}
	set.NumericDates = o.numericDates
	if err := o.lists.apply(ctx, a, set, metadata.Codelists); err != nil {
		return options, nil, err
	}
	if sources, err = metadata.apply(set.Sources()); err != nil {
		return options, nil, err
	}
	created, err := o.time(set)
	if err != nil {
		return options, nil, err
	}
	m := set.Manifest
	options.JSON = cdisc.JSONOptions{Created: created, Originator: o.originator, StudyOID: m.StudyKey, MetaDataVersionOID: orText(metadata.MetaDataVersionOID, "MDV."+m.StudyKey+"."+set.Digest[:12]), BlankText: o.blankText, Level: o.level}
	if t := m.Origin.ServerTime; !t.After(created) {
		options.JSON.Modified = t
	}
	if o.sourceVersion != "" {
		options.JSON.SourceSystem, options.JSON.SourceSystemVersion = edcSystem, o.sourceVersion
	}
	for _, f := range o.formats {
		options.Formats = append(options.Formats, cdisc.Format(f))
	}
	if !o.noDefine {
		options.JSON.MetaDataRef = "define.xml"
		options.Define = &cdisc.DefineOptions{StudyName: metadata.StudyName, StudyDescription: metadata.StudyDescription, ProtocolName: metadata.ProtocolName, Standards: metadata.Standards,
			Comment: orText(metadata.Comment, encodingComment(o.encoding)), Context: o.context, Originator: o.originator, SourceSystem: options.JSON.SourceSystem, SourceSystemVersion: options.JSON.SourceSystemVersion}
	}
	options.Remedies, options.Encoding = o.remedies, cdisc.Encoding(o.encoding)
	if options.Problems, err = set.SubjectProblems(ctx); err != nil {
		return options, nil, err
	}
	unfit, err := set.UnfitProblems(ctx)
	if err != nil {
		return options, nil, err
	}
	rejected := append(set.Problems(), unfit...)
	if !o.acceptRejected {
		options.Problems = append(options.Problems, rejected...)
	}
	options.Source = formatSource{m.StudyKey, set.Digest, m.Created, m.Deidentified, m.Report, rejected}
	options.Losses, err = set.Losses(ctx)
	return options, sources, err
}

const edcSystem = "iMednet EDC"

// encodings are what --encoding takes.
var encodings = []string{string(cdisc.UTF8), string(cdisc.ASCII), string(cdisc.Latin1), string(cdisc.Windows1252)}

// encodingComment says what XPORT files do not.
func encodingComment(encoding string) string {
	return "Texts in XPORT files are in " + strings.ToUpper(encoding) + "."
}

// formatSource is what the manifest says about the data set.
type formatSource struct {
	StudyKey     string              `json:"studyKey"`
	Manifest     string              `json:"manifestSHA256"`
	Created      time.Time           `json:"created"`
	Deidentified bool                `json:"deidentified"`
	Report       *datasets.MapReport `json:"report,omitempty"`
	Rejected     []cdisc.Problem     `json:"rejected,omitempty"`
}

// time is the time of creation.
func (o formatOptions) time(set *datasets.Set) (time.Time, error) {
	if o.created == "" {
		return set.Manifest.Created.UTC().Truncate(time.Second), nil
	}
	return parseISO(o.created)
}

// described is a source with what the metadata say about it.
type described struct {
	cdisc.Source
	dataset cdisc.Dataset
}

func (d described) Dataset() cdisc.Dataset { return d.dataset }

func (m studyMetadata) apply(sources []cdisc.Source) ([]cdisc.Source, error) {
	left := maps.Clone(m.Datasets)
	for i, src := range sources {
		d := src.Dataset()
		given, ok := m.Datasets[d.Source]
		if !ok {
			continue
		}
		delete(left, d.Source)
		d.Standard, d.Class, d.SubClass = given.Standard, orText(given.Class, d.Class), orText(given.SubClass, d.SubClass)
		d.Purpose, d.Structure, d.Comment = orText(given.Purpose, d.Purpose), orText(given.Structure, d.Structure), orText(given.Comment, d.Comment)
		sources[i] = described{src, d}
	}
	switch names := slices.Sorted(maps.Keys(left)); len(names) {
	case 0:
		return sources, nil
	case 1:
		return nil, usagef("--metadata describes %s, which is no dataset of the data set", names[0])
	default:
		return nil, usagef("--metadata describes %s, which are no datasets of the data set", strings.Join(names, ", "))
	}
}

// readJSONFile reads a file of the caller's, in which a member that does not exist or comes twice is a
// mistake, and so is something behind the document.
func readJSONFile(path string, into any) error {
	if path == "" {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := json.UnmarshalRead(file, into, json.RejectUnknownMembers(true)); err != nil {
		return usagef("%s: %v", path, err)
	}
	return nil
}

func orText(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

func (a *app) printFormats(m *cdisc.Manifest, dir string) error {
	t := newTable(a.out, "DATASET", "FROM", "ROWS", "VARIABLES")
	for _, d := range m.Datasets {
		if err := t.add(d.Name, d.Source, number(d.Rows), number(len(d.Variables))); err != nil {
			return err
		}
	}
	counts := map[string]int64{}
	for _, loss := range m.Losses {
		counts[strings.TrimSpace(string(loss.Kind)+" "+string(loss.Format))] += loss.Count
	}
	var kinds []string
	for kind := range counts {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	err := t.flush()
	for _, kind := range kinds {
		err = orFirst(err, a.printf("%d %s\n", counts[kind], kind))
	}
	return orFirst(err, a.printf("%d files and %s written to %s\n", len(m.Files), cdisc.ManifestName, dir))
}
