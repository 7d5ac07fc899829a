package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

func newFormatsAudit(a *app) *cobra.Command {
	var o odmOptions
	cmd := &cobra.Command{
		Use:   "odm-audit STUDY",
		Short: "Write the states of all records as a transactional ODM file",
		Long: `Write every state of every record that the mirror saw, from oldest to newest, as one
transactional ODM file: what was inserted, changed and removed, when, by whom and why.

States come from the mirror's history, and users and reasons from the audit trail,
joined by record and time: the mirror's, or the server's if the mirror does not keep it.
A state that is not in the audit trail has the user "unknown"; one whose record has no
date, or kept it, has that user too, and the time at which it was seen. Entries of the
audit trail without a state, and those without a date, are counted. Nothing is invented.
A subject whose key changed appears under each of its keys: its records are removed
under the former key and inserted under the new one, and so is a record that moves to
another subject or form. The audit trail is held in memory while the file is written.`,
		Example:     "  imednet formats odm-audit CARDIO --to audit.xml",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "the file is unchanged; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.formatsAudit(cmd.Context(), args[0], o)
		},
	}
	cmd.Flags().BoolVar(&o.acceptRejected, "accept-rejected", false, "leave out answers that do not fit their variable")
	o.flags(cmd)
	return cmd
}

func (a *app) formatsAudit(ctx context.Context, studyKey string, o odmOptions) error {
	if err := mayReplaceODM(o.to); err != nil {
		return err
	}
	mirror, err := a.readMirror(ctx, o.cache)
	if err != nil {
		return err
	}
	return errors.Join(a.auditOf(ctx, mirror, studyKey, o), mirror.Close())
}

func (a *app) auditOf(ctx context.Context, mirror *cache.CachedRecordsLoader, studyKey string, o odmOptions) (err error) {
	status, err := mirror.Status(ctx, studyKey)
	if err != nil {
		return err
	}
	if !status.Whole {
		return &imednet.Error{Package: "cache", Op: "read", StudyKey: studyKey, Err: cache.ErrNotSynced, Hint: "`imednet sync " + studyKey + "` completes the mirror"}
	}
	trail, err := a.auditTrail(ctx, mirror, studyKey)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(o.to), ".imednet-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := writeStates(ctx, mirror, trail, studyKey, work); err != nil {
		return err
	}
	set, err := datasets.Open(work, "")
	if err != nil {
		return err
	}
	if o.created == "" {
		o.created = time.Now().UTC().Format(time.RFC3339)
	}
	problems, err := set.AuditProblems(ctx)
	if err := errors.Join(err, unfitODM(studyKey, problems), o.acceptRejects(studyKey, set.Problems())); err != nil {
		return err
	}
	study, options, err := o.study(ctx, a, set, fmt.Sprintf("v%06d", status.Version))
	if err != nil {
		return err
	}
	options.Transactional, options.AsOf = true, status.AsOf
	if err := nameODM(ctx, mirror, studyKey, &study); err != nil {
		return err
	}
	forms, err := set.Audit()
	if err != nil {
		return err
	}
	written, err := writeODM(ctx, forms, study, options, o.to)
	if err != nil {
		return err
	}
	report := auditReport{ODMReport: written, Entries: trail.listed, WithoutState: trail.listed - trail.undated - trail.used, Undated: trail.undated, Purged: status.Purged}
	if a.json {
		return a.writeJSON(report)
	}
	return orFirst(a.printODM(written, o.to), report.print(a))
}

// auditReport is what was written, and what of the audit trail is not in it.
type auditReport struct {
	*cdisc.ODMReport
	Entries      int                   `json:"auditEntries"`
	WithoutState int                   `json:"entriesWithoutState"`
	Undated      int                   `json:"undatedEntries"`
	Purged       imednet.MirrorVersion `json:"purgedTo"` // 0 for none
}

func (r auditReport) print(a *app) error {
	err := a.printf("%d of %d entries of the audit trail have no state in the mirror: they were superseded between two syncs or in the same second, or did not move the record's date\n", r.WithoutState, r.Entries)
	if r.Undated > 0 {
		err = orFirst(err, a.printf("%d more have no date, and are joined with no state\n", r.Undated))
	}
	if r.Purged > 0 {
		err = orFirst(err, a.printf("States superseded up to version %d of the mirror were purged and are missing\n", r.Purged))
	}
	return err
}

// writeStates writes the states as a data set.
func writeStates(ctx context.Context, mirror *cache.CachedRecordsLoader, trail *auditTrail, studyKey, dir string) error {
	mapper, err := tables.NewRecordMapper(states{mirror, trail})
	if err != nil {
		return err
	}
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	_, err = p.WriteParquet(ctx, mapper, studyKey, dir, pipeline.DataSetOptions{Map: tables.MapOptions{IncludeDeleted: true, AllMetadata: true}})
	return err
}
