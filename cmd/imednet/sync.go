package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/cache"
)

type syncOptions struct {
	path        string
	recordsOnly bool
	run         cache.SyncOptions
}

func newSync(a *app) *cobra.Command {
	var o syncOptions
	cmd := &cobra.Command{
		Use:     "sync STUDY...",
		GroupID: groupState,
		Short:   "Bring the local mirror of studies up to date",
		Long: `Bring the local mirror of studies up to date: records, structure, subjects, visits,
queries, codings, users and the audit trail. Only changes are read; --sweep reads and
compares everything. A resource that the API keys are not permitted to read is left
out and named. A study that fails does not prevent the others from being synced.`,
		Example:     "  imednet sync CARDIO\n  imednet sync CARDIO DERMA --sweep --json",
		Args:        cobra.MinimumNArgs(1),
		Annotations: map[string]string{afterInterrupt: "records that arrived are kept; the same command continues from there"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.sync(cmd.Context(), args, o)
		},
	}
	cacheFlag(cmd, &o.path)
	cmd.Flags().BoolVar(&o.recordsOnly, "records-only", false, "do not sync the other resources")
	cmd.Flags().BoolVar(&o.run.Sweep, "sweep", false, "read every record and compare it")
	cmd.Flags().BoolVar(&o.run.AllowMassDeletion, "allow-mass-deletion", false, "accept that a large share of the records, or of another resource, is gone")
	return cmd
}

func (a *app) sync(ctx context.Context, studies []string, o syncOptions) (err error) {
	bar := a.progress()
	defer bar.finish()
	mirror, err := a.openMirror(ctx, o.path, cache.WithProgress(bar.report))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	reports := []reportJSON{}
	var failed error
	for _, study := range studies {
		report, err := syncStudy(ctx, mirror, study, o)
		bar.finish()
		if failed = errors.Join(failed, err); ctx.Err() != nil {
			break
		}
		if err != nil {
			continue
		}
		reports = append(reports, report)
		if !a.json {
			if err := a.printf("%s", report.line()); err != nil {
				return err
			}
		}
	}
	if a.json {
		return errors.Join(failed, a.writeJSON(reports))
	}
	return failed
}

func syncStudy(ctx context.Context, mirror *cache.CachedRecordsLoader, study string, o syncOptions) (reportJSON, error) {
	records, err := mirror.SyncRecords(ctx, study, o.run)
	if err != nil {
		return reportJSON{}, err
	}
	report := newReportJSON(records)
	if o.recordsOnly {
		return report, nil
	}
	others, err := mirror.SyncResources(ctx, study, o.run)
	report.Resources, report.version = others.Resources, others.Version
	return report, err
}
