package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/internal/whose"
	"github.com/imednetgo/imednet/pipeline"
)

// canonicalPrefix begins the files of canonical data, so that they can stand beside an export.
const canonicalPrefix = "canonical"

func newExtract(a *app) *cobra.Command {
	var o canonicalOptions
	var files fileOptions
	cmd := &cobra.Command{
		Use:     "extract",
		GroupID: groupData,
		Short:   "Derive canonical data from records by a study configuration",
		Long: `Derive canonical data from records by a study configuration, which names the study.
With --dir the rows are written as one table per domain, with a manifest and lists of
the rejected rows and of the findings; a directory holds one extraction, which the
next one replaces entirely. Without --dir the output is the counts and what a person
should review, or with --json the rows, including rejected ones with reasons.

With --cached memory does not grow with the study; without it the listing is held
in memory, compressed. The exit code is 6, after everything has been written, if a
row was rejected or a finding has severity ERROR.`,
		Example:     "  imednet extract --configuration cardio.json\n  imednet extract --configuration cardio.json --cached --dir safety\n  imednet extract --configuration-commit CARDIO@47e68f7f… \\\n    --cached --dir safety --format csv",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := orFirst(files.check(), files.needDir(cmd)); err != nil {
				return err
			}
			if files.dir == "" {
				return a.extract(cmd.Context(), o)
			}
			return a.extractTo(cmd.Context(), o, files)
		},
	}
	o.flags(cmd)
	files.flags(cmd, canonicalPrefix)
	return cmd
}

// extract shows canonical data.
func (a *app) extract(ctx context.Context, o canonicalOptions) error {
	var findings []extraction.Finding
	var finder *whose.Finder
	var report extraction.Report
	err := a.canonical(ctx, o, func(r canonicalRun) (err error) {
		run := r.engine.Run(ctx, r.source, r.options)
		if a.json {
			err = writeResult(a.out, run)
		} else {
			findings, err = findingsOf(run)
		}
		report = run.Report()
		if err != nil || len(findings) == 0 {
			return err
		}
		finder, err = whose.Read(ctx, r.source, r.config.StudyKey)
		return err
	})
	if err == nil && !a.json {
		err = orFirst(a.printReport(report), a.printFindings(findings, finder))
	}
	return orFirst(err, sound(report))
}

func findingsOf(run *extraction.Run) ([]extraction.Finding, error) {
	var list []extraction.Finding
	for subject, err := range run.Subjects() {
		if err != nil {
			return nil, err
		}
		list = append(list, subject.Findings...)
	}
	return list, nil
}

// sound is an error when rows were rejected or a finding is an error. All is written by then.
func sound(report extraction.Report) error {
	if report.Sound() {
		return nil
	}
	return &invalidError{fmt.Sprintf("%d rows were rejected, and %d findings are errors: review them before using the data", report.Rejected(), report.Errors)}
}

// aboutCanonical is what the manifest says about canonical data.
type aboutCanonical struct {
	Configuration extraction.Configuration `json:"configuration"`
	Report        extraction.Report        `json:"report"`
}

// extractTo writes canonical data as files, and shows what was written.
func (a *app) extractTo(ctx context.Context, o canonicalOptions, files fileOptions) error {
	manifest, report, err := a.writeExtract(ctx, o, files)
	switch {
	case err != nil:
		return err
	case a.json:
		err = a.writeJSON(manifest)
	default:
		err = orFirst(a.printReport(report), a.printLists(manifest, files.dir))
	}
	return orFirst(err, sound(report))
}

// writeExtract writes canonical data as files.
func (a *app) writeExtract(ctx context.Context, o canonicalOptions, files fileOptions) (manifest *pipeline.Manifest, report extraction.Report, err error) {
	p, err := pipeline.New()
	if err != nil {
		return nil, report, err
	}
	err = a.canonical(ctx, o, func(r canonicalRun) (err error) {
		var tables []pipeline.Table
		for _, domain := range r.engine.Domains() {
			tables = append(tables, pipeline.Table{Name: string(domain), Schema: r.engine.ArrowSchema(domain)})
		}
		options := pipeline.TableOptions{Prefix: files.prefix, FileRows: files.fileRows, NoFormulaGuard: files.noGuard, Recipe: o.recipe, Dictionary: r.dictionary}
		if options.Origin, err = imednet.OriginOf(ctx, r.source, r.config.StudyKey); err != nil {
			return err
		}
		manifest, err = p.WriteTables(ctx, r.config.StudyKey, files.dir, pipeline.Format(files.format), tables, options, func(w *pipeline.TableWriter) error {
			run := r.engine.Run(ctx, r.source, r.options)
			if err := writeCanonical(run, w); err != nil {
				return err
			}
			report = run.Report()
			return w.Describe(aboutCanonical{r.engine.Configuration(), report})
		})
		return err
	})
	return manifest, report, err
}

// writeCanonical writes rows, rejected rows and findings while they are made.
func writeCanonical(run *extraction.Run, w *pipeline.TableWriter) error {
	lists := func(s extraction.SubjectRows) error {
		for _, row := range s.Rejected {
			if err := w.AddReject(row); err != nil {
				return err
			}
		}
		for _, finding := range s.Findings {
			if err := w.AddFinding(finding); err != nil {
				return err
			}
		}
		return nil
	}
	for batch, err := range run.Batches(extraction.BatchOptions{Rejected: lists}) {
		if err != nil {
			return err
		}
		if err := w.Write(string(batch.Domain), batch.Record); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) printReport(r extraction.Report) error {
	t := newTable(a.out, "DOMAIN", "CANDIDATES", "ROWS", "REJECTED")
	for _, domain := range extraction.Domains() {
		if c, ok := r.Domains[domain]; ok {
			if err := t.add(string(domain), number(c.In), number(c.Out), number(c.Rejected)); err != nil {
				return err
			}
		}
	}
	return orFirst(t.flush(), a.printf("%s\n", r))
}

func (a *app) printFindings(list []extraction.Finding, finder *whose.Finder) error {
	t := newTable(a.out, "FINDING", "SEVERITY", "DOMAIN", "SITE", "SUBJECT", "RECORD", "FORM", "FIELD", "MESSAGE")
	for _, f := range list {
		site := finder.Site(&imednet.Record{SubjectKey: imednet.Some(f.SubjectKey)})
		if err := t.add(f.Code, string(f.Severity), string(f.Domain), site, f.SubjectKey, recordCell(f.RecordID), f.FormKey, f.Field, f.Message); err != nil {
			return err
		}
	}
	return orFirst(orFirst(a.printf("\n"), t.flush()), a.printf("%d findings\n", len(list)))
}

// recordCell is the record of something that may concern none.
func recordCell(id int64) string {
	if id == 0 {
		return ""
	}
	return number(id)
}

func (a *app) printLists(m *pipeline.Manifest, dir string) error {
	for _, list := range []struct {
		name string
		file pipeline.File
	}{{"rejected rows", m.Rejects}, {"findings", m.Findings}} {
		where := ""
		if list.file.Path != "" {
			where = ", listed in " + filepath.Join(dir, list.file.Path)
		}
		if err := a.printf("%d %s%s\n", list.file.Rows, list.name, where); err != nil {
			return err
		}
	}
	return a.printf("Written to %s\n", dir)
}
