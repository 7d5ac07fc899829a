package cache_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
)

// removeAll removes records until left remain.
func removeAll(t *testing.T, study *imednettest.Study, left int) {
	for _, id := range study.RecordIDs()[left:] {
		require.NoError(t, study.RemoveRecord(id))
	}
}

// TestEmptyReplies lets single replies be empty while the server counts truthfully, or lies.
func TestEmptyReplies(t *testing.T) {
	for _, records := range []int{8, 900} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: records})
		server := imednettest.NewServer(study)
		l := open(t, server.Client())
		before := sync(t, l, study.Key())

		server.Inject(imednettest.Fault{Path: "records", Empty: true, Times: -1})
		for _, sweep := range []bool{false, true} {
			r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{Sweep: sweep})
			var mass *cache.MassDeletionError
			require.ErrorAs(t, err, &mass)
			require.True(t, mass.Empty)
			require.Equal(t, before.After, r.After)
		}
		server.ClearFaults()
		for skip := range 5 {
			server.Inject(imednettest.Fault{Path: "records", Empty: true, Skip: skip})
			for _, sweep := range []bool{false, true} {
				r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{Sweep: sweep})
				if err != nil {
					var mass *cache.MassDeletionError
					require.ErrorAs(t, err, &mass)
				}
				require.Equal(t, before.After, r.After)
				require.Zero(t, r.Vanished)
			}
			server.ClearFaults()
		}
		requireEqual(t, study, l)
	}
}

// TestAnEmptyReplyHidesNothingNew plays a server that says once that nothing is new: the trail tells of new records,
// and the newest revision that was seen of a trail that is hidden.
func TestAnEmptyReplyHidesNothingNew(t *testing.T) {
	for _, path := range []string{"records", "recordRevisions"} {
		for _, opts := range []cache.SyncOptions{{}, {Sweep: true}} {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
			server := imednettest.NewServer(study)
			l := open(t, server.Client())
			sync(t, l, study.Key())

			ids := study.RecordIDs()
			require.NoError(t, study.DeleteRecord(ids[5], false))
			for range 12 {
				study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
			}
			require.NoError(t, study.EditRecord(ids[6], "AGE", 41))
			server.Inject(imednettest.Fault{Path: path, Empty: true})
			_, err := l.SyncRecords(t.Context(), study.Key(), opts)
			require.NoError(t, err)
			requireEqual(t, study, l)
		}
	}
}

// TestWithoutRevisionsAnEmptyReplyHidesNothingNew plays the same for keys that may not read the trail, which
// then cannot know better: the server is asked once more.
func TestWithoutRevisionsAnEmptyReplyHidesNothingNew(t *testing.T) {
	for _, opts := range []cache.SyncOptions{{}, {Sweep: true}} {
		for _, replies := range []int{1, 2} {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
			study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.RecordRevisions}})
			server := imednettest.NewServer(study)
			l := open(t, server.Client())
			sync(t, l, study.Key())
			server.ResetRequests()
			quiet := sync(t, l, study.Key())
			require.True(t, quiet.Unrevised)
			require.LessOrEqual(t, len(server.Requests()), 6)

			for range 12 {
				study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
			}
			server.Inject(imednettest.Fault{Path: "records", Empty: true, Times: replies})
			_, err := l.SyncRecords(t.Context(), study.Key(), opts)
			require.NoError(t, err)
			if replies > 1 { // a server that goes on saying so is found out by the next run
				sync(t, l, study.Key())
			}
			requireEqual(t, study, l)
		}
	}
}

// TestAnEmptyReplyHidesNoRows plays, for each other resource, one empty reply to each request of a run in turn:
// the run fails, or what is new is there after the next one at the latest.
func TestAnEmptyReplyHidesNoRows(t *testing.T) {
	for _, name := range cache.MirroredResources() {
		for skip := range 3 {
			emptyReplyHidesNoRows(t, 300, name, skip)
		}
	}
	if testing.Short() {
		return
	}
	for name := range byIDAndDate {
		for skip := range 3 {
			rows := emptyReplyHidesNoRows(t, recordsForMany(name), name, skip)
			require.Greater(t, rows, manyRows)
		}
	}
}

// emptyReplyHidesNoRows makes one reply of a run empty, and returns how many rows the resource has.
func emptyReplyHidesNoRows(t *testing.T, records int, name imednet.Resource, skip int) (rows int) {
	t.Helper()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: records})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	only := cache.SyncOptions{Resources: []imednet.Resource{name}}
	_, err := l.SyncResources(t.Context(), study.Key(), only)
	require.NoError(t, err)
	changeRows(t, study, server, name, uint64(skip))
	server.Inject(imednettest.Fault{Path: string(name), Empty: true, Skip: skip})
	_, _ = l.SyncResources(t.Context(), study.Key(), only) // a refusal to remove everything is right, too
	server.ClearFaults()
	_, err = l.SyncResources(t.Context(), study.Key(), only)
	require.NoError(t, err)
	want := rowsOf(t, server.Client(), study.Key(), name)
	require.Equal(t, want, rowsOf(t, l.Client(), study.Key(), name), "%s, reply %d", name, skip)
	return len(want)
}

// changeRows changes rows of a resource: one is edited, and another added an hour later, so that a mark which
// moves to the second passes the first.
func changeRows(t *testing.T, study *imednettest.Study, server *imednettest.Server, name imednet.Resource, seed uint64) {
	t.Helper()
	if name == imednet.RecordRevisions || name == imednet.Users || name == imednet.Studies { // written by changes of records, or by none
		for m := cachetest.NewMeddler(t, study, seed, 60); m.Left > 0; {
			m.Meddle()
		}
		return
	}
	rows := rowsOf(t, server.Client(), study.Key(), name)
	first, last := idOf(t, name, rows[0]), idOf(t, name, rows[len(rows)-1])
	require.NoError(t, study.EditRow(name, first, "note", "edited"))
	study.Advance(time.Hour)
	_, err := study.CopyRow(name, last)
	require.NoError(t, err)
}

func idOf(t *testing.T, name imednet.Resource, row string) int64 {
	t.Helper()
	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(row), &members))
	return int64(members[name.ID()].(float64))
}

// TestAFirstSyncOfAResourceBelievesNoEmptyReply of which it has no row yet.
func TestAFirstSyncOfAResourceBelievesNoEmptyReply(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	for _, name := range cache.MirroredResources() {
		server := imednettest.NewServer(study)
		l := open(t, server.Client())
		server.Inject(imednettest.Fault{Path: string(name), Empty: true})
		syncResource(t, l, study.Key(), name)
		require.Equal(t, rowsOf(t, server.Client(), study.Key(), name), rowsOf(t, l.Client(), study.Key(), name), name)
	}
}

// TestAFirstSyncBelievesNoEmptyReply plays a server whose first replies are empty: the mirror takes
// every record all the same, or says that it has none of those that the audit trail knows.
func TestAFirstSyncBelievesNoEmptyReply(t *testing.T) {
	for _, replies := range []int{1, 2, 3, -1} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
		server := imednettest.NewServer(study)
		l := open(t, server.Client())
		server.Inject(imednettest.Fault{Path: "records", Empty: true, Times: replies})
		_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		require.Equal(t, replies < 0, err != nil, replies)
		if err != nil {
			require.ErrorIs(t, err, imednet.ErrProtocol)
			status, err := l.Status(t.Context(), study.Key())
			require.True(t, err != nil || !status.Whole, "nothing is called whole")
			server.ClearFaults()
			_, err = l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
			require.NoError(t, err)
		}
		requireEqual(t, study, l)
	}
}

// lyingClient counts a few records that it never lists.
type lyingClient struct {
	*imednettest.Client
	lie int64
}

func (c *lyingClient) ProbeRecords(ctx context.Context, study string, f imednet.Filter) (imednet.Probe, error) {
	p, err := c.Client.ProbeRecords(ctx, study, f)
	p.Total += c.lie
	return p, err
}

func TestWrongTotalsNeverSettle(t *testing.T) {
	for _, lie := range []int64{3, -3} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
		client := &lyingClient{Client: imednettest.NewServer(study).Client()}
		l := open(t, client)
		before := sync(t, l, study.Key())
		client.lie = lie
		require.NoError(t, study.EditRecord(study.RecordIDs()[5], "X", 1))
		r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		require.ErrorIs(t, err, cache.ErrUnsettled)
		require.Equal(t, 3, r.Rounds)
		require.EqualValues(t, 1, r.Updated, "what arrived is stored")
		require.Zero(t, r.Vanished)
		require.Equal(t, before.Mark, r.Mark)
		client.lie = 0
		sync(t, l, study.Key())
		requireEqual(t, study, l)
	}
}

func TestUnauthorizedMakesOneRequest(t *testing.T) {
	for _, status := range []int{401, 403} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
		server := imednettest.NewServer(study)
		l := open(t, server.Client())
		sync(t, l, study.Key())
		server.ResetRequests()
		server.Inject(imednettest.Fault{Status: status, Times: -1})
		_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		require.Error(t, err)
		require.Len(t, server.Requests(), 1)
		var typed *imednet.Error
		require.ErrorAs(t, err, &typed)
		require.Equal(t, "sync", typed.Op)
		require.Equal(t, study.Key(), typed.StudyKey)
	}
}

func TestFallingDatesAreTakenAndCounted(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	id := study.RecordIDs()[59]
	require.NoError(t, study.EditRecord(id, "X", 1))
	sync(t, l, study.Key())
	study.SetTime(study.Now().Add(-48 * time.Hour))
	require.NoError(t, study.EditRecord(id, "X", 2))
	r := sync(t, l, study.Key())
	require.EqualValues(t, 1, r.Regressed)
	requireEqual(t, study, l)
}

// TestAdoptedRowsAreGuarded lets a file of the Python package meet a server that lists next to nothing.
func TestAdoptedRowsAreGuarded(t *testing.T) {
	for _, left := range []int{0, 4} {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
		path := filepath.Join(t.TempDir(), "records_cache.sqlite3")
		other := otherProgram(t, path)
		_, err := other.Exec(referenceSchema)
		require.NoError(t, err)
		for _, id := range study.RecordIDs() {
			rec, _ := study.Record(id)
			_, err := other.Exec(referenceUpsert, study.Key(), id, rec.FormKey.Or(""), "2024-01-02 00:00:00+00:00", string(rec.Raw))
			require.NoError(t, err)
		}
		removeAll(t, study, left)
		l := openAt(t, imednettest.NewServer(study).Client(), path)
		rows := func() (n int) {
			require.NoError(t, other.QueryRow(`SELECT count(*) FROM record_cache`).Scan(&n))
			return n
		}
		for range 2 {
			_, err = l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
			var mass *cache.MassDeletionError
			require.ErrorAs(t, err, &mass)
			require.EqualValues(t, 300, mass.Held)
			require.EqualValues(t, 300-left, mass.Missing)
			require.Equal(t, left == 0, mass.Empty)
			require.Equal(t, 300, rows(), "rows were removed")
		}
		r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{AllowMassDeletion: true})
		if left == 0 {
			var mass *cache.MassDeletionError
			require.ErrorAs(t, err, &mass)
			continue
		}
		require.NoError(t, err)
		require.EqualValues(t, 296, r.Adopted)
		require.Contains(t, r.String(), "296 vanished")
		requireEqual(t, study, l)
	}
}

// TestAFlagThatCannotBeReadRaisesNobody serves deletion flags that are no booleans.
func TestAFlagThatCannotBeReadRaisesNobody(t *testing.T) {
	for _, flag := range []string{`1`, `"1"`, `"yes"`, `"Y"`, `0`, `{}`, `"perhaps"`} {
		c := newTable(t, 20)
		c.set(t, 50, "v1", true, tableStart)
		l := open(t, c)
		sync(t, l, "S")
		put := func(id int64) {
			rec, err := imednet.Decode[imednet.Record](fmt.Appendf(nil, `{"recordId":%d,"formKey":"AE","deleted":%s,"dateModified":%q}`, id, flag, imednet.NewTime(c.now)))
			require.NoError(t, err)
			if i, found := c.find(id); found {
				c.records[i] = rec
			} else {
				c.records = append(c.records, rec)
			}
		}
		put(50)  // was deleted
		put(60)  // was active
		put(900) // is new
		r := sync(t, l, "S")
		require.EqualValues(t, 3, r.Doubtful, flag)
		require.Contains(t, r.String(), "; 3 left out: their deletion flag cannot be read")
		require.EqualValues(t, 19, r.After.Active, "a state changed by a flag that cannot be read: %s", flag)
		require.EqualValues(t, 2, r.After.Deleted)
		require.EqualValues(t, 3, mustStatus(t, l, "S").Doubtful)
		requireTable(t, c, l)
		for rec, err := range l.IterCachedRecords(t.Context(), "S") {
			require.NoError(t, err)
			require.NotContains(t, []int64{50, 60, 900}, rec.RecordID, "a doubtful record is among the active ones")
		}
		r = sync(t, l, "S")
		require.False(t, r.Changed)
		require.EqualValues(t, 3, r.Doubtful)

		c.set(t, 50, "v2", true, c.now)
		c.set(t, 60, "v2", false, c.now)
		c.set(t, 900, "v2", false, c.now)
		r = sync(t, l, "S")
		require.Zero(t, r.Doubtful)
		require.NotContains(t, r.String(), "left out")
		require.EqualValues(t, 20, r.After.Active)
		require.EqualValues(t, 1, r.After.Deleted)
		requireTable(t, c, l)
	}
}
