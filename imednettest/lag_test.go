package imednettest_test

import (
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Rows get their ids and dates at once and are listed later, out of order.
func TestCommitLag(t *testing.T) {
	server, study, _ := serve(t, 60)
	before := study.RecordIDs()
	study.SetCommitLag(2)
	var ids []int64
	for range 4 {
		ids = append(ids, study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")}))
	}
	require.True(t, slices.IsSorted(ids))
	listed := func() []int64 { return study.RecordIDs()[len(before):] }
	first := listed()
	require.Less(t, len(first), 4)
	require.NotEmpty(t, first)
	for range 3 {
		_, err := server.Client().ProbeRecords(t.Context(), "DEMO", imednet.Filter{})
		require.NoError(t, err)
	}
	require.Equal(t, ids, listed())
	revisions, records := study.Count(imednet.RecordRevisions), study.Count(imednet.Records)
	for range 2 {
		study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	}
	require.Less(t, study.Count(imednet.RecordRevisions)+study.Count(imednet.Records), revisions+records+4)
	study.SetCommitLag(0)
	require.Equal(t, []int{revisions + 2, records + 2}, []int{study.Count(imednet.RecordRevisions), study.Count(imednet.Records)})
}

// A replica that lags lists nothing new, whatever is asked, until it has caught up.
func TestHoldRows(t *testing.T) {
	server, study, _ := serve(t, 60)
	before := study.Count(imednet.Records)
	study.HoldRows(true)
	ids := []int64{study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")}), study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})}
	study.SetCommitLag(0)
	for range 10 {
		_, err := server.Client().ProbeRecords(t.Context(), "DEMO", imednet.Filter{})
		require.NoError(t, err)
	}
	require.Equal(t, before, study.Count(imednet.Records))
	study.HoldRows(false)
	require.Equal(t, ids, study.RecordIDs()[before:])
	study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	require.Equal(t, before+3, study.Count(imednet.Records))
}

func TestChangesWithoutRevisions(t *testing.T) {
	_, study, _ := serve(t, 400)
	ids := study.RecordIDs()
	revisions := study.Count(imednet.RecordRevisions)
	at := time.Date(2025, 5, 5, 5, 5, 5, 0, time.UTC)
	require.NoError(t, study.StampRecords(ids[:300], at))
	for _, id := range ids[:300] {
		rec, _ := study.Record(id)
		require.Equal(t, at, rec.DateModified.Or(zeroTime()).Time)
	}
	rec, _ := study.Record(ids[301])
	require.NoError(t, study.EditSilently(ids[301], "AGE", "7", false))
	changed, _ := study.Record(ids[301])
	require.Equal(t, rec.DateModified, changed.DateModified)
	age, _ := changed.RecordData.Get("AGE")
	require.Equal(t, "7", age.Text())
	require.NoError(t, study.EditSilently(ids[301], "AGE", "8", true))
	moved, _ := study.Record(ids[301])
	require.Equal(t, study.Now(), moved.DateModified.Or(zeroTime()).Time)

	subject := rec.SubjectID.Or(0)
	require.NoError(t, study.MoveSubject(subject, 703))
	n := 0
	for _, id := range study.RecordIDs() {
		if rec, _ := study.Record(id); rec.SubjectID.Or(0) == subject {
			require.EqualValues(t, 703, rec.SiteID.Or(0))
			n++
		}
	}
	require.Greater(t, n, 3)
	require.Equal(t, revisions, study.Count(imednet.RecordRevisions))
	require.ErrorIs(t, study.MoveSubject(subject, 1), imednettest.ErrNoSuchRow)
	require.ErrorIs(t, study.MoveSubject(1, 703), imednettest.ErrNoSuchRow)
	require.ErrorIs(t, study.StampRecords([]int64{1}, at), imednettest.ErrNoSuchRow)
	require.ErrorIs(t, study.EditSilently(1, "AGE", "7", true), imednettest.ErrNoSuchRow)
}

// An edit that commits late shows the row as it was, and its revision with it; an edit that began
// later is listed before.
func TestCommitLagOfEdits(t *testing.T) {
	server, study, base := serve(t, 400)
	client := server.Client()
	ids := study.RecordIDs()[:4]
	for _, id := range ids {
		require.NoError(t, study.EditRecord(id, "ODD", "old"))
	}
	listed := func(id int64) (value, modified string) { // over HTTP
		_, e := get(t, base+"/DEMO/records?size=1&filter=recordId%3D%3D"+itoa(id))
		data := e.Data[0]["recordData"].(map[string]any)
		return data["ODD"].(string), e.Data[0]["dateModified"].(string)
	}
	_, before := listed(ids[1])
	study.SetCommitLag(4)
	revisions := study.Count(imednet.RecordRevisions)
	require.NoError(t, study.EditRecord(ids[0], "ODD", "new")) // commits at once
	require.NoError(t, study.EditRecord(ids[1], "ODD", "new")) // late
	require.NoError(t, study.EditRecord(ids[2], "ODD", "new"))
	require.NoError(t, study.SetStatus(ids[1], "joins what is under way"))
	require.NoError(t, study.DeleteRecord(ids[3], true)) // late
	rec, _ := study.Record(ids[3])
	require.False(t, rec.IsDeleted())
	require.Equal(t, revisions+2, study.Count(imednet.RecordRevisions), "those of two edits")

	value, modified := listed(ids[1]) // request 1
	require.Equal(t, []string{"old", before}, []string{value, modified})
	value, modified = listed(ids[2]) // 2
	require.Equal(t, "new", value)
	require.Greater(t, modified, before)
	since := imednet.Where("dateModified", imednet.Greater, rec.DateModified.Or(zeroTime()))
	probe, err := client.ProbeRecords(t.Context(), "DEMO", since) // 3
	require.NoError(t, err)
	require.EqualValues(t, 2, probe.Total, "a reader who goes by the date does not see it")
	value, _ = listed(ids[1]) // 4
	require.Equal(t, "old", value)
	value, modified = listed(ids[1]) // 5
	require.Equal(t, "new", value)
	require.Greater(t, modified, before)
	rec, _ = study.Record(ids[1])
	require.Equal(t, "joins what is under way", rec.RecordStatus.Or(""))
	rec, _ = study.Record(ids[3])
	require.True(t, rec.IsDeleted())
	require.Equal(t, revisions+5, study.Count(imednet.RecordRevisions))
	rows := trail(t, study, ids[1])
	require.EqualValues(t, rows[len(rows)-2].RecordRevision.Or(0)+1, rows[len(rows)-1].RecordRevision.Or(0))
	require.Less(t, rows[len(rows)-1].DateCreated.Or(zeroTime()).String(), study.Now().Format("2006-01-02 15:04:05"), "the date is that of the edit")
}

// Whatever is edited while changes are under way, in the end everything is listed as if nothing had
// been late.
func TestCommitLagLosesNothing(t *testing.T) {
	for seed := range uint64(20) {
		plain := imednettest.Generate(imednettest.GenerateOptions{Records: 120, Seed: seed})
		late := imednettest.Generate(imednettest.GenerateOptions{Records: 120, Seed: seed})
		server := imednettest.NewServer(late)
		rnd := rand.New(rand.NewPCG(seed, 5))
		late.SetCommitLag(1 + rnd.IntN(9))
		for range 80 {
			ids := plain.RecordIDs()
			id, what, subject := ids[rnd.IntN(len(ids))], rnd.IntN(9), int64(24001+rnd.IntN(3))
			for _, study := range []*imednettest.Study{plain, late} {
				switch what {
				case 0:
					study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectID: imednet.Some(subject)})
				case 1:
					require.NoError(t, study.EditRecord(id, "ODD", int(id)))
				case 2:
					require.NoError(t, study.DeleteRecord(id, id%2 == 0))
				case 3:
					require.NoError(t, study.RemoveRecord(id))
				case 4:
					require.NoError(t, study.RenameSubject(subject, "R-"+itoa(id)))
				case 5:
					require.NoError(t, study.MoveSubject(subject, 701+id%3))
				case 6:
					require.NoError(t, study.StampRecords([]int64{id}, time.Unix(id, 0)))
				case 7:
					require.NoError(t, study.EditSilently(id, "ODD", "s", true))
				case 8:
					require.NoError(t, study.SetKeywords(id, nil))
				}
			}
			if rnd.IntN(3) == 0 {
				_, err := server.Client().ProbeRecords(t.Context(), late.Key(), imednet.Filter{})
				require.NoError(t, err)
			}
		}
		late.SetCommitLag(0)
		a, b := imednettest.NewServer(plain).Client(), server.Client()
		for name, rows := range map[string]func(*imednettest.Client) []string{
			"records": func(c *imednettest.Client) []string {
				return raws(t, c.Records(t.Context(), "DEMO", imednet.ListOptions{}))
			},
			"revisions": func(c *imednettest.Client) []string {
				return raws(t, c.RecordRevisions(t.Context(), "DEMO", imednet.ListOptions{}))
			},
			"subjects": func(c *imednettest.Client) []string {
				return raws(t, c.Subjects(t.Context(), "DEMO", imednet.ListOptions{}))
			},
			"visits": func(c *imednettest.Client) []string {
				return raws(t, c.Visits(t.Context(), "DEMO", imednet.ListOptions{}))
			},
		} {
			require.Equal(t, rows(a), rows(b), "seed %d: %s", seed, name)
		}
	}
}

// raws are the rows of a listing as JSON.
func raws[T any](t *testing.T, rows iter.Seq2[T, error]) (all []string) {
	t.Helper()
	for row, err := range rows {
		require.NoError(t, err)
		all = append(all, string(reflect.ValueOf(row).FieldByName("Raw").Bytes()))
	}
	return all
}
