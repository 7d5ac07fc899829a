package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
)

// odmOptions say what becomes ODM.
type odmOptions struct {
	to, prefix, version, created, originator, sourceVersion string
	cached, acceptRejected, escape                          bool
	cache                                                   string
	metadata                                                string
	lists                                                   codelistOptions
}

func newFormatsODM(a *app) *cobra.Command {
	var o odmOptions
	cmd := &cobra.Command{
		Use:   "odm DIR",
		Short: "Write a data set of forms as an ODM snapshot",
		Long: `Write the data set in DIR, which export wrote as Parquet, as one ODM file: the newest
state of every record that is not deleted. With --cached the names of visits and sites
come from the mirror; otherwise their ids are used.`,
		Example:     "  imednet formats odm out --to odm.xml --cached\n  imednet formats odm out --to odm2.xml --odm-version 2.0",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "the file is unchanged; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := datasets.Open(args[0], o.prefix)
			if err != nil {
				return err
			}
			return a.formatsODM(cmd.Context(), set, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.prefix, "prefix", "", "`prefix` of the data set, if DIR has several")
	f.BoolVar(&o.acceptRejected, "accept-rejected", false, "leave out values that the data set rejected")
	f.BoolVar(&o.cached, "cached", false, "take the names of visits and sites from the mirror")
	o.flags(cmd)
	return cmd
}

func (o *odmOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "`file` to write")
	f.StringVar(&o.version, "odm-version", "1.3.2", "1.3.2 or 2.0")
	choices(cmd, "odm-version", "1.3.2", "2.0")
	f.StringVar(&o.metadata, "metadata", "", "JSON `file` with code lists and the names of the study")
	f.StringVar(&o.created, "created", "", "`time` of creation in the file, such as 2026-03-01T08:00:00Z")
	f.StringVar(&o.originator, "originator", "", "`organisation` that created the file")
	f.StringVar(&o.sourceVersion, "source-version", "", "`version` of the EDC system, omitted by default")
	f.BoolVar(&o.escape, "escape-controls", false, "write characters that XML cannot hold as \\u0001")
	o.lists.flags(cmd)
	cacheFlag(cmd, &o.cache)
	required(cmd, "to")
}

func (a *app) formatsODM(ctx context.Context, set *datasets.Set, o odmOptions) error {
	if err := mayReplaceODM(o.to); err != nil {
		return err
	}
	if err := o.accept(ctx, set); err != nil {
		return err
	}
	study, options, err := o.study(ctx, a, set, set.Digest[:12])
	if err != nil {
		return err
	}
	if o.cached {
		mirror, err := a.readMirror(ctx, o.cache)
		if err != nil {
			return err
		}
		if err := errors.Join(nameODM(ctx, mirror, set.Manifest.StudyKey, &study), mirror.Close()); err != nil {
			return err
		}
	}
	forms, err := set.ODM()
	if err != nil {
		return err
	}
	report, err := writeODM(ctx, forms, study, options, o.to)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(report)
	}
	return a.printODM(report, o.to)
}

// accept refuses subjects that are not certain, and what the data set left out.
func (o odmOptions) accept(ctx context.Context, set *datasets.Set) error {
	problems, err := set.SubjectProblems(ctx)
	if err := errors.Join(err, unfitODM(set.Manifest.StudyKey, problems)); err != nil {
		return err
	}
	return o.acceptRejects(set.Manifest.StudyKey, set.Problems())
}

// unfitODM is the error of what an ODM file cannot hold; nil for nothing.
func unfitODM(studyKey string, problems []cdisc.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return &imednet.Error{Package: "cdisc", Op: "write ODM", StudyKey: studyKey, Err: &cdisc.UnfitError{Problems: problems}}
}

// acceptRejects refuses what the data set left out, unless the flag accepts it.
func (o odmOptions) acceptRejects(studyKey string, rejected []cdisc.Problem) error {
	if len(rejected) == 0 || o.acceptRejected {
		return nil
	}
	return &imednet.Error{Package: "cdisc", Op: "write ODM", StudyKey: studyKey, Err: &cdisc.UnfitError{Problems: rejected}, Hint: "--accept-rejected leaves them out"}
}

// study describes the study as far as the data set and the metadata do, as of a state that has a name.
func (o odmOptions) study(ctx context.Context, a *app, set *datasets.Set, state string) (study cdisc.ODMStudy, options cdisc.ODMOptions, err error) {
	var metadata studyMetadata
	if err := readJSONFile(o.metadata, &metadata); err != nil {
		return study, options, err
	}
	if err := o.lists.apply(ctx, a, set, metadata.Codelists); err != nil {
		return study, options, err
	}
	created, err := formatOptions{created: o.created}.time(set)
	if err != nil {
		return study, options, err
	}
	m := set.Manifest
	study = cdisc.ODMStudy{OID: m.StudyKey, Name: metadata.StudyName, Description: metadata.StudyDescription, ProtocolName: metadata.ProtocolName,
		MetaDataVersionOID: cmp.Or(metadata.MetaDataVersionOID, "MDV."+m.StudyKey+"."+state), Effective: created.Format(time.DateOnly)}
	options = cdisc.ODMOptions{Version: o.version, Created: created, Originator: o.originator, EscapeControls: o.escape}
	if o.sourceVersion != "" {
		options.SourceSystem, options.SourceSystemVersion = edcSystem, o.sourceVersion
	}
	options.AsOf = m.Origin.ServerTime
	return study, options, nil
}

// odmNames is what knows the names of visits and sites.
type odmNames interface {
	imednet.IntervalReader
	imednet.SiteReader
}

func nameODM(ctx context.Context, names odmNames, studyKey string, study *cdisc.ODMStudy) error {
	for interval, err := range names.Intervals(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		name, _ := interval.IntervalName.Get()
		study.Events = append(study.Events, cdisc.ODMEvent{ID: strconv.FormatInt(interval.IntervalID, 10), Name: name})
	}
	for site, err := range names.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		name, _ := site.SiteName.Get()
		study.Sites = append(study.Sites, cdisc.ODMSite{ID: strconv.FormatInt(site.SiteID, 10), Name: name})
	}
	return nil
}

// writeODM writes the file under a temporary name.
func writeODM(ctx context.Context, forms []cdisc.ODMForm, study cdisc.ODMStudy, options cdisc.ODMOptions, path string) (report *cdisc.ODMReport, err error) {
	options.TempDir = filepath.Dir(path)
	err = replaceFile(path, func(w io.Writer) (err error) {
		report, err = cdisc.WriteODM(ctx, w, forms, study, options)
		return err
	})
	return report, err
}

// printODM tells people what was written.
func (a *app) printODM(report *cdisc.ODMReport, path string) error {
	return a.printf("%s\nWritten to %s\n", report, path)
}
