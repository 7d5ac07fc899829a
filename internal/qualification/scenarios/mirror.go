package scenarios

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
)

// withMirror serves a generated study, opens a mirror of it and closes both at the end.
func withMirror(ctx context.Context, t *qualification.Trial, records int, do func(*site, *cache.CachedRecordsLoader) error, opts ...cache.Option) (err error) {
	s, err := generated(ctx, t, records)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	mirror, err := openMirror(ctx, t, s, opts...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	return do(s, mirror)
}

var mirrorEqualsServer = qualification.Scenario{
	ID: "OQ-MIR-1", Title: "A first sync makes the mirror equal to the server although requests fail",
	Requirements: []string{"MIR-01", "MIR-07", "MIR-08", "MIR-21", "MIR-22"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		return withMirror(ctx, t, 1500, func(s *site, mirror *cache.CachedRecordsLoader) error {
			s.server.Inject(faults...)
			report, err := mirror.SyncRecords(ctx, s.study.Key(), cache.SyncOptions{})
			if err != nil {
				return err
			}
			s.server.ClearFaults()
			t.Equal("requests that were refused", 3, s.server.CountRequests(func(r imednettest.Request) bool { return r.Status >= 400 }))
			t.Equal("received = added + updated + deleted + restored + unchanged", report.Received,
				report.Added+report.Updated+report.Deleted+report.Restored+report.Unchanged)
			if err := sameAsServer(ctx, t, "after the first sync", s, mirror); err != nil {
				return err
			}
			if err := mirrorOfResources(ctx, t, s, mirror); err != nil {
				return err
			}
			if err := verifyFinds(ctx, t, s, mirror); err != nil {
				return err
			}
			return t.EvidenceJSON("report.json", report)
		}, cache.WithPageSize(100))
	},
}

// mirrorOfResources compares the rows of every other resource with the server's, byte for byte.
func mirrorOfResources(ctx context.Context, t *qualification.Trial, s *site, mirror *cache.CachedRecordsLoader) error {
	if _, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
		return err
	}
	client, study := mirror.Client(), s.study.Key()
	for _, resource := range []struct {
		name, id string
		rows     iter.Seq2[json.Marshaler, error]
	}{
		{"sites", "siteId", marshalers(client.Sites(ctx, study, imednet.ListOptions{}))},
		{"forms", "formId", marshalers(client.Forms(ctx, study, imednet.ListOptions{}))},
		{"intervals", "intervalId", marshalers(client.Intervals(ctx, study, imednet.ListOptions{}))},
		{"variables", "variableId", marshalers(client.Variables(ctx, study, imednet.ListOptions{}))},
		{"subjects", "subjectId", marshalers(client.Subjects(ctx, study, imednet.ListOptions{}))},
		{"visits", "visitId", marshalers(client.Visits(ctx, study, imednet.ListOptions{}))},
		{"queries", "annotationId", marshalers(client.Queries(ctx, study, imednet.ListOptions{}))},
		{"codings", "codingId", marshalers(client.Codings(ctx, study, imednet.ListOptions{}))},
		{"recordRevisions", "recordRevisionId", marshalers(client.RecordRevisions(ctx, study, imednet.ListOptions{}))},
	} {
		expected, err := s.rows(ctx, resource.name, resource.id)
		if err != nil {
			return err
		}
		seen, err := texts(resource.rows)
		if err != nil {
			return err
		}
		t.Equal("rows of "+resource.name+" in the mirror", digestOf(expected), digestOf(seen))
	}
	return nil
}

// marshalers are rows of any resource.
func marshalers[T json.Marshaler](rows iter.Seq2[T, error]) iter.Seq2[json.Marshaler, error] {
	return func(yield func(json.Marshaler, error) bool) {
		for row, err := range rows {
			if !yield(row, err) {
				return
			}
		}
	}
}

func texts(rows iter.Seq2[json.Marshaler, error]) (all []json.RawMessage, err error) {
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		text, err := row.MarshalJSON()
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

// verifyFinds alters two records in the file by SQL. Of the first, which the file's own triggers notice, the
// library keeps what it had; the second, altered with the triggers out of the way, verification must find and a
// sweep repair.
func verifyFinds(ctx context.Context, t *qualification.Trial, s *site, mirror *cache.CachedRecordsLoader) error {
	file, err := os.ReadFile(mirror.Path())
	if err != nil {
		return err
	}
	before, err := mirror.Verify(ctx, s.study.Key())
	if err != nil {
		return err
	}
	t.Holds("verification finds the mirror equal", before.OK())
	same, err := os.ReadFile(mirror.Path())
	if err != nil {
		return err
	}
	t.Holds("verification leaves the file as it is", bytes.Equal(file, same))
	expected, err := held(ctx, mirror, s.study.Key())
	if err != nil {
		return err
	}
	ids := active(s.study)
	alter := "UPDATE record_cache SET payload = replace(payload, 'recordStatus', 'recordstatus') WHERE record_id = "
	if err := damage(ctx, mirror.Path(), alter+strconv.FormatInt(ids[100], 10)); err != nil {
		return err
	}
	seen, err := held(ctx, mirror, s.study.Key())
	if err != nil {
		return err
	}
	t.Equal("records as the library reads them after another program wrote over one", digest(expected), digest(seen))
	if err := withoutGuards(ctx, mirror.Path(), alter+strconv.FormatInt(ids[200], 10)); err != nil {
		return err
	}
	after, err := mirror.Verify(ctx, s.study.Key())
	if err != nil {
		return err
	}
	t.Equal("records that verification finds different after one was altered with the guards removed", 1, after.Different)
	if _, err := mirror.ReconcileCache(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
		return err
	}
	return sameAsServer(ctx, t, "after the sweep that followed", s, mirror)
}

// damage changes a file of ours as another program would.
func damage(ctx context.Context, path, statement string) error {
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

var mirrorFollows = qualification.Scenario{
	ID: "OQ-MIR-2", Title: "An incremental sync brings every change, and nothing costs nothing",
	Requirements: []string{"MIR-01", "MIR-03", "MIR-05", "MIR-06", "MIR-08", "MIR-14"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		return withMirror(ctx, t, 1500, func(s *site, mirror *cache.CachedRecordsLoader) error {
			first, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{})
			if err != nil {
				return err
			}
			ids := active(s.study)
			edits := errors.Join(s.study.EditRecord(ids[10], "NOTE", "corrected"), s.study.DeleteRecord(ids[20], true),
				s.study.DeleteRecord(ids[30], false), s.study.RemoveRecord(ids[40]))
			s.study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
			study, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{})
			if err := errors.Join(edits, err); err != nil {
				return err
			}
			report := study.Records
			t.Equal("added, updated, deleted, vanished", "1, 1, 2, 1", list(report.Added, report.Updated, report.Deleted, report.Vanished))
			if err := sameAsServer(ctx, t, "after an edit, two deletions, a removal and an entry", s, mirror); err != nil {
				return err
			}
			if err := whoChanged(ctx, t, s, mirror, first.Records.Version, ids[10]); err != nil {
				return err
			}
			return errors.Join(nothingNew(ctx, t, s, mirror), silentChanges(ctx, t, s, mirror, ids))
		})
	},
}

// whoChanged looks for the edit in the list of changes: old and new value, who, and why.
func whoChanged(ctx context.Context, t *qualification.Trial, s *site, mirror *cache.CachedRecordsLoader, since imednet.MirrorVersion, id int64) error {
	for change, err := range mirror.Changes(ctx, s.study.Key(), since) {
		if err != nil {
			return err
		}
		if change.Resource != imednet.Records || change.RecordID != id || change.Variable != "NOTE" {
			continue
		}
		t.Equal("the new value of the edit in the list of changes", "corrected", change.New.Text())
		t.Equal("saves that can have made it", 1, len(change.Revisions))
		if len(change.Revisions) == 1 {
			t.Holds("its user is named", change.Revisions[0].User.Or("") != "")
			t.Equal("its reason", "Data entry error", change.Revisions[0].ReasonForChange.Or(""))
		}
		return nil
	}
	t.Holds("the edit is in the list of changes", false)
	return nil
}

// active lists the records that are not deleted.
func active(study *imednettest.Study) (ids []int64) {
	for _, id := range study.RecordIDs() {
		if record, ok := study.Record(id); ok && !record.IsDeleted() {
			ids = append(ids, id)
		}
	}
	return ids
}

// nothingNew syncs until nothing of the overlap is left to read, and counts the requests of one more sync.
func nothingNew(ctx context.Context, t *qualification.Trial, s *site, mirror *cache.CachedRecordsLoader) error {
	s.server.ResetRequests()
	report, err := mirror.SyncRecords(ctx, s.study.Key(), cache.SyncOptions{})
	if err != nil {
		return err
	}
	t.Equal("requests of a sync that finds nothing new", 5, len(s.server.Requests()))
	t.Equal("whether it changed the mirror", false, report.Changed)
	return nil
}

// silentChanges makes two changes that neither a date nor a revision shows: syncs find the first when its block
// is compared, a sweep finds the second at once.
func silentChanges(ctx context.Context, t *qualification.Trial, s *site, mirror *cache.CachedRecordsLoader, ids []int64) error {
	if err := s.study.EditSilently(ids[500], "NOTE", "changed in silence", false); err != nil {
		return err
	}
	updated, syncs := int64(0), s.study.Count(imednet.Records)/500+1
	for range syncs {
		report, err := mirror.SyncRecords(ctx, s.study.Key(), cache.SyncOptions{})
		if err != nil {
			return err
		}
		updated += report.Updated
	}
	t.Equal("records that "+strconv.Itoa(syncs)+" syncs find changed in silence", 1, updated)
	if err := s.study.EditSilently(ids[50], "NOTE", "changed in silence, too", false); err != nil {
		return err
	}
	report, err := mirror.ReconcileCache(ctx, s.study.Key(), cache.SyncOptions{})
	if err != nil {
		return err
	}
	t.Equal("records that one sweep finds changed in silence", 1, report.Updated)
	return sameAsServer(ctx, t, "after the sweep", s, mirror)
}

var mirrorGuards = qualification.Scenario{
	ID: "OQ-MIR-3", Title: "An empty or short answer does not empty the mirror",
	Requirements: []string{"MIR-04", "MIR-09"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		return withMirror(ctx, t, 600, func(s *site, mirror *cache.CachedRecordsLoader) error {
			if _, err := mirror.SyncRecords(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
				return err
			}
			expected, err := held(ctx, mirror, s.study.Key())
			if err != nil {
				return err
			}
			before, err := mirror.Status(ctx, s.study.Key())
			if err != nil {
				return err
			}
			s.server.Inject(imednettest.Fault{Path: "records", Empty: true, Times: -1})
			_, err = mirror.ReconcileCache(ctx, s.study.Key(), cache.SyncOptions{})
			t.Holds("a sweep of a server that lists nothing is refused", err != nil)
			s.server.ClearFaults()
			for _, id := range s.study.RecordIDs()[:300] {
				if err := s.study.RemoveRecord(id); err != nil {
					return err
				}
			}
			_, err = mirror.SyncRecords(ctx, s.study.Key(), cache.SyncOptions{})
			t.RefusedAs("a sync after half of the records are gone", new(*cache.MassDeletionError), err)
			seen, err := held(ctx, mirror, s.study.Key())
			if err != nil {
				return err
			}
			t.Equal("records of the mirror", digest(expected), digest(seen))
			after, err := mirror.Status(ctx, s.study.Key())
			t.Equal("the mark of the mirror", before.Mark.UTC(), after.Mark.UTC())
			return err
		})
	},
}

var dataCut = qualification.Scenario{
	ID: "OQ-MIR-5", Title: "A data cut does not change with later syncs",
	Requirements: []string{"MIR-10", "MIR-13"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		return withMirror(ctx, t, 600, func(s *site, mirror *cache.CachedRecordsLoader) error {
			if _, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
				return err
			}
			expected, err := readWhileSynced(ctx, t, s, mirror)
			if err != nil {
				return err
			}
			manifest, err := mirror.Cut(ctx, s.study.Key(), cache.CutOptions{Name: "IA1"})
			if err != nil {
				return err
			}
			for _, id := range active(s.study)[:50] {
				if err := s.study.EditRecord(id, "NOTE", "after the cut"); err != nil {
					return err
				}
			}
			if _, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
				return err
			}
			seen := map[int64]string{}
			for record, err := range mirror.CutClient("IA1").Records(ctx, s.study.Key(), imednet.ListOptions{}) {
				if err != nil {
					return err
				}
				text, err := record.MarshalJSON()
				if err != nil {
					return err
				}
				seen[record.RecordID] = string(text)
			}
			t.Equal("records of the cut after 50 edits and a sync", digest(expected), digest(seen))
			proof, err := mirror.VerifyCut(ctx, s.study.Key(), "IA1", &manifest)
			if err != nil {
				return err
			}
			t.Holds("the cut agrees with its manifest", proof.OK())
			return t.EvidenceJSON("manifest.json", manifest)
		})
	},
}

// readWhileSynced reads the mirror record by record while another sync changes it: the reader must see one
// moment. It returns the records as they are afterwards.
func readWhileSynced(ctx context.Context, t *qualification.Trial, s *site, mirror *cache.CachedRecordsLoader) (map[int64]string, error) {
	before, err := held(ctx, mirror, s.study.Key())
	if err != nil {
		return nil, err
	}
	ids := active(s.study)
	seen := map[int64]string{}
	for record, err := range mirror.Records(ctx, s.study.Key(), imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		if len(seen) == 10 {
			if err := s.study.EditRecord(ids[len(ids)-1], "NOTE", "while somebody reads"); err != nil {
				return nil, err
			}
			if _, err := mirror.SyncStudy(ctx, s.study.Key(), cache.SyncOptions{}); err != nil {
				return nil, err
			}
		}
		text, err := record.MarshalJSON()
		if err != nil {
			return nil, err
		}
		seen[record.RecordID] = string(text)
	}
	t.Equal("records that a reader sees while a sync changes one of them", digest(before), digest(seen))
	after, err := held(ctx, mirror, s.study.Key())
	t.Holds("the next reader sees the change", digest(after) != digest(before))
	return after, err
}
