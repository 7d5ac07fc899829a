package cache

import (
	"context"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
)

// VerifyReport is the result of [CachedRecordsLoader.Verify]. Directly after a sync there are no
// differences, provided nothing changed on the server.
type VerifyReport struct {
	StudyKey  string
	Compared  int64 // records listed by the server
	Equal     int64 // of these, held with the same bytes
	Missing   int64 // of these, not held
	Different int64 // of these, held with other bytes or as gone
	Extra     int64 // held as listed but not listed by the server
	Former    int64 // former states, of records and of rows of other resources, that were compared with their digests
	// Undigested are those of them that an older version of the program kept, without a digest: nothing shows what they were.
	Undigested int64
	Findings   []string // problems of the file itself
	// Examples holds the ids of the first records that differ, at most 100.
	Examples []int64
	// Resources holds one entry for each resource other than the records.
	Resources []ResourceVerification
}

// OK reports whether the mirror equals the server in every resource that was compared, and the file
// is consistent.
func (r *VerifyReport) OK() bool {
	for i := range r.Resources {
		if r.Resources[i].differences() > 0 {
			return false
		}
	}
	return r.Missing+r.Different+r.Extra == 0 && len(r.Findings) == 0
}

// String returns the lines that the command prints: one for the records, and one for each other resource.
func (r VerifyReport) String() string {
	lines := []string{r.recordLine()}
	for _, one := range r.Resources {
		lines = append(lines, one.String())
	}
	if r.Undigested > 0 {
		lines = append(lines, fmt.Sprintf("%d of %d former states were kept without a digest: nothing shows whether they are as they were", r.Undigested, r.Former))
	}
	return strings.Join(lines, "\n")
}

func (r *VerifyReport) recordLine() string {
	return fmt.Sprintf("%d records compared: %d equal, %d missing, %d different; %d held that the server does not list; %d findings in the file",
		r.Compared, r.Equal, r.Missing, r.Different, r.Extra, len(r.Findings))
}

// maxExamples bounds VerifyReport.Examples.
const maxExamples = 100

// Verify checks the mirror of a study: it checks the file, reads every record and every row of the
// other resources from the server and compares bytes, without writing, not even a lock file. It excludes runs of the study
// meanwhile; where it cannot, because no run has left a lock file that this user may read, a run that changes the study is
// [ErrSyncRunning]. Rows that changed on the server since the last sync are reported as different. A resource
// that the mirror does not hold, or that the API keys are not permitted to read (403), is left out and
// reported.
//
// Former states are compared with the digests that were kept with them, since the server no longer has them, and the
// versions with one another: a state that is missing between others, and a version that has another number, are found. So
// are records and rows that would not be found by what they say, or belong to nothing, and faults of
// the tombstones of purges.
//
// Compared = Equal + Missing + Different. An error means that the verification could not be
// completed; differences are not errors and are in the report.
func (l *CachedRecordsLoader) Verify(ctx context.Context, studyKey string) (VerifyReport, error) {
	report := VerifyReport{StudyKey: studyKey}
	err := l.needClient(studyKey)
	if err != nil {
		return report, wrap("verify", studyKey, err)
	}
	err = l.lockedToRead(ctx, studyKey, func() error {
		if err := l.checkFile(ctx, studyKey, &report); err != nil {
			return err
		}
		if err := l.compareAll(ctx, studyKey, &report); err != nil {
			return err
		}
		return l.verifyResources(ctx, studyKey, &report)
	})
	return report, wrap("verify", studyKey, err)
}

// checkFile looks for damage, for counters that do not fit the rows, and for records that are not found by what they say.
func (l *CachedRecordsLoader) checkFile(ctx context.Context, studyKey string, report *VerifyReport) error {
	found, err := l.db.damage(ctx)
	if err != nil {
		return err
	}
	report.Findings = append(report.Findings, found...)
	st, err := l.loadStudy(ctx, studyKey)
	if err != nil {
		return err
	}
	if err := l.checkVersion(ctx, &st, report); err != nil {
		return err
	}
	if err := l.checkCounts(ctx, &st, report); err != nil {
		return err
	}
	if err := l.checkKeys(ctx, &st, report); err != nil {
		return err
	}
	if err := l.checkChains(ctx, &st, report); err != nil {
		return err
	}
	if err := l.checkStrays(ctx, &st, report); err != nil {
		return err
	}
	if err := l.checkPurges(ctx, report); err != nil {
		return err
	}
	return l.checkFormer(ctx, &st, report)
}

// checkVersion compares the study's version with the greatest that was opened; where none was, since a purge removed
// them all, with that of the purge.
func (l *CachedRecordsLoader) checkVersion(ctx context.Context, st *study, report *VerifyReport) error {
	var opened int64
	err := l.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT coalesce((SELECT max(version) FROM imednet_version WHERE study = ?), ?)`, st.id, st.purged).Scan(&opened)
	})
	if err == nil && opened != int64(st.version) {
		report.Findings = append(report.Findings, fmt.Sprintf("the study is at version %d where %d should be", st.version, opened))
	}
	return err
}

// checkCounts compares the counters with the rows of each table.
func (l *CachedRecordsLoader) checkCounts(ctx context.Context, st *study, report *VerifyReport) error {
	checks := []struct {
		what, query string
		of          any
		want        int64
	}{
		{"active records", `SELECT count(*) FROM imednet_record r JOIN imednet_study s ON s.id = r.study
			JOIN record_cache c ON c.study_key = s.study_key AND c.record_id = r.record_id WHERE r.study = ? AND r.state = 0`, st.id, st.active},
		{"rows of record_cache", `SELECT count(*) FROM record_cache WHERE study_key = ?`, st.key, st.active},
		{"deleted records", `SELECT count(*) FROM imednet_record r JOIN imednet_tombstone t ON t.study = r.study AND t.record_id = r.record_id WHERE r.study = ? AND r.state = 1 AND t.listed = 1`, st.id, st.deleted},
		{"vanished records", `SELECT count(*) FROM imednet_record r JOIN imednet_tombstone t ON t.study = r.study AND t.record_id = r.record_id WHERE r.study = ? AND r.state = 2 AND t.listed = 0`, st.id, st.vanished},
	}
	for _, c := range checks {
		var got int64
		err := l.db.look(ctx, func(q querier) error { return q.QueryRowContext(ctx, c.query, c.of).Scan(&got) })
		if err != nil {
			return err
		}
		if got != c.want {
			report.Findings = append(report.Findings, fmt.Sprintf("%d %s where %d should be", got, c.what, c.want))
		}
	}
	return nil
}

// compareAll walks through the server's listing and the mirror's side by side.
func (l *CachedRecordsLoader) compareAll(ctx context.Context, studyKey string, report *VerifyReport) error {
	next, stop := pull(l.records(ctx, studyKey, selection{states: listedStates}))
	defer stop()
	ours, err := next()
	if err != nil {
		return err
	}
	server := newServer(l.client, studyKey, l.cfg.pageSize)
	for rec, err := range server.recordsAfter(ctx, 0, imednet.Filter{}) {
		if err != nil {
			return err
		}
		for ours != nil && ours.RecordID < rec.RecordID {
			report.Extra++
			report.example(ours.RecordID)
			if ours, err = next(); err != nil {
				return err
			}
		}
		same, err := report.compare(&rec, ours)
		if err != nil {
			return err
		}
		if same {
			if ours, err = next(); err != nil {
				return err
			}
		}
		if report.Compared%pageRows == 0 {
			l.cfg.progress(imednet.Progress{Op: "verify", StudyKey: studyKey, Done: report.Compared})
		}
	}
	for ; ours != nil && err == nil; ours, err = next() {
		report.Extra++
		report.example(ours.RecordID)
	}
	return err
}

// compare counts one record of the server against ours at the same place, and reports whether
// the two are the same record.
func (r *VerifyReport) compare(theirs, ours *imednet.Record) (same bool, err error) {
	r.Compared++
	if ours == nil || ours.RecordID != theirs.RecordID {
		r.Missing++
		r.example(theirs.RecordID)
		return false, nil
	}
	payload, err := imednet.Encode(*theirs)
	if err != nil {
		return false, err
	}
	if string(payload) == string(ours.Raw) {
		r.Equal++
		return true, nil
	}
	r.Different++
	r.example(theirs.RecordID)
	return true, nil
}

func (r *VerifyReport) example(id int64) {
	if len(r.Examples) < maxExamples {
		r.Examples = append(r.Examples, id)
	}
}
