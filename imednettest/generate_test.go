package imednettest

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
	"github.com/stretchr/testify/require"
)

// TestGeneratedRows checks the arithmetic of every table: valid JSON, rising ids that are found
// again, and attributes that agree with the JSON.
func TestGeneratedRows(t *testing.T) {
	for _, opts := range []GenerateOptions{{}, {Records: 1}, {Records: 64}, {Records: 777, Subjects: 9, Sites: 2, Seed: 5}, {Records: 65, Subjects: 500}} {
		s := Generate(opts)
		for resource, table := range s.tables {
			last := int64(0)
			for pos := range table.len() {
				id, _, index := table.at(pos)
				raw := table.appendJSON(nil, pos)
				require.True(t, jsontext.Value(raw).IsValid(), "%s %s", resource, raw)
				require.Greater(t, id, last)
				require.Equal(t, pos, table.find(last+1), "an id in a gap is found at the next row")
				last = id
				if attributeKinds[resource][resource.ID()] == intKind {
					require.Equal(t, id, intOf(valueOf(raw, resource.ID())))
				}
				require.Equal(t, pos, table.find(id))
				require.Equal(t, index, table.base.find(id))
				requireHot(t, hotOf(raw), table.hot(pos), raw)
			}
			require.Equal(t, table.len(), table.find(last+1))
		}
	}
}

// requireHot: what a table says without the JSON must be in the JSON.
func requireHot(t *testing.T, json, table hot, raw []byte) {
	t.Helper()
	for _, pair := range [][2]int64{{table.created, json.created}, {table.modified, json.modified}, {table.recordID, json.recordID}, {table.formID, json.formID},
		{table.siteID, json.siteID}, {table.subjectID, json.subjectID}, {table.intervalID, json.intervalID}, {table.visitID, json.visitID}} {
		if pair[0] != 0 {
			require.Equal(t, pair[1], pair[0], "%s", raw)
		}
	}
	if table.formKey != "" {
		require.Equal(t, json.formKey, table.formKey)
	}
	if table.deletedKnown {
		require.Equal(t, json.deleted, table.deleted)
	}
}

// TestGeneratedStudyIsTheSameEverywhere pins the bytes of a study: they depend on the options alone.
func TestGeneratedStudyIsTheSameEverywhere(t *testing.T) {
	digest := func(opts GenerateOptions) string {
		s, sum := Generate(opts), sha256.New()
		for _, resource := range resources() {
			for _, raw := range s.tables[resource].all() {
				sum.Write(append(raw, '\n'))
			}
		}
		return hex.EncodeToString(sum.Sum(nil)[:8])
	}
	require.Equal(t, golden, digest(GenerateOptions{Records: 3000, Seed: 1}))
	require.Equal(t, golden, digest(GenerateOptions{Records: 3000, Seed: 1, StudyKey: "DEMO", Start: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}), "the documented defaults")
	require.NotEqual(t, golden, digest(GenerateOptions{Records: 3000, Seed: 2}))
}

const golden = "04e78c855964957e"

// TestRevisionsAgreeWithRecords replays the audit trail and compares what it leads to.
func TestRevisionsAgreeWithRecords(t *testing.T) {
	s := Generate(GenerateOptions{Records: 9999, Seed: 4})
	type state struct {
		created, last   string
		revisions, data int64
		deleted         bool
		status          string
	}
	states, lastDate := map[int64]state{}, ""
	for _, raw := range s.tables[imednet.RecordRevisions].all() {
		r, err := imednet.Decode[imednet.RecordRevision](raw)
		require.NoError(t, err)
		date := r.DateCreated.Or(imednet.Time{}).String()
		require.LessOrEqual(t, lastDate, date, "revision ids grow with time")
		lastDate = date
		was, known := states[r.RecordID.Or(0)]
		is := state{created: was.created, last: date, revisions: r.RecordRevision.Or(0), data: r.DataRevision.Or(0), deleted: r.Deleted.Or(false), status: r.RecordStatus.Or("")}
		if !known {
			is.created = date
		}
		require.Equal(t, was.revisions+1, is.revisions)
		require.Contains(t, []int64{was.data, was.data + 1}, is.data)
		states[r.RecordID.Or(0)] = is
	}
	require.Len(t, states, 9999)
	deleted, unmoved := 0, 0
	for id, raw := range s.tables[imednet.Records].all() {
		rec, err := imednet.Decode[imednet.Record](raw)
		require.NoError(t, err)
		want := states[id]
		require.Equal(t, want.created, rec.DateCreated.Or(imednet.Time{}).String())
		require.Equal(t, want.deleted, rec.IsDeleted())
		require.Equal(t, want.status, rec.RecordStatus.Or(""))
		require.Equal(t, revisionCount{want.revisions, want.data}, s.revisionCount(id))
		modified := rec.DateModified.Or(imednet.Time{}).String()
		require.LessOrEqual(t, modified, want.last)
		if rec.IsDeleted() {
			deleted++
			if modified < want.last {
				unmoved++
			}
		}
	}
	require.InDelta(t, 100, deleted, 40, "about one in a hundred is deleted")
	require.Greater(t, unmoved, 5, "some without a moved date")
}

// TestReferencesHold: what one resource names, another lists.
func TestReferencesHold(t *testing.T) {
	s := Generate(GenerateOptions{Records: 4000, Seed: 9})
	has := func(resource imednet.Resource, id int64) { // 0 stands for none
		_, ok := s.tables[resource].get(id)
		require.True(t, ok || id == 0, "%s %d", resource, id)
	}
	subjectKeys := map[int64]string{}
	for id, raw := range s.tables[imednet.Subjects].all() {
		subjectKeys[id] = textOf(valueOf(raw, "subjectKey"))
	}
	require.Len(t, slices.Compact(slices.Sorted(maps.Values(subjectKeys))), len(subjectKeys), "subject keys are unique")
	for _, resource := range []imednet.Resource{imednet.Records, imednet.Visits, imednet.RecordRevisions, imednet.Queries, imednet.Codings} {
		for _, raw := range s.tables[resource].all() {
			h := hotOf(raw)
			has(imednet.Records, h.recordID)
			has(imednet.Subjects, h.subjectID)
			has(imednet.Sites, h.siteID)
			has(imednet.Forms, h.formID)
			has(imednet.Intervals, h.intervalID)
			has(imednet.Visits, h.visitID)
			require.Equal(t, subjectKeys[h.subjectID], textOf(valueOf(raw, "subjectKey")), "%s %s", resource, raw)
		}
	}
	for _, raw := range s.tables[imednet.Records].all() {
		has(imednet.Records, intOf(valueOf(raw, "parentRecordId")))
	}
}

// TestAwkwardValuesOccur: every variety that naive readers damage is in a default study.
func TestAwkwardValuesOccur(t *testing.T) {
	s := Generate(GenerateOptions{Records: 20000})
	seen := map[string]bool{}
	long, absent := 0, 0
	for _, raw := range s.tables[imednet.Records].all() {
		data := valueOf(raw, "recordData")
		seen[string(data)] = true
		if len(data) > 20_000 {
			long++
		}
		if data == nil {
			absent++
		}
	}
	for _, want := range awkward {
		require.True(t, want == "" || seen[want], "%s", want)
	}
	require.Positive(t, long)
	require.Positive(t, absent)
}

// heap is the memory in use, garbage apart.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// TestAMillionRecords: a large study starts at once and is read where it is asked, not from its
// beginning.
func TestAMillionRecords(t *testing.T) {
	before := heap()
	s := Generate(GenerateOptions{Records: 1_000_000})
	require.Equal(t, 1_000_000, s.Count(imednet.Records))
	require.Less(t, heap()-before, int64(2<<20), "bytes of memory")
	client := NewServer(s).Client()
	ids := s.tables[imednet.Records]
	for n := range 200 { // bisecting probes
		id, _, _ := ids.at(n * 4999)
		probe, err := client.ProbeRecords(t.Context(), s.Key(), imednet.Where("recordId", imednet.LessOrEqual, id))
		require.NoError(t, err)
		require.EqualValues(t, n*4999+1, probe.Total)
	}
	require.NoError(t, s.DeleteRecord(ids.base.id(3), true))
	page, err := client.RecordPage(t.Context(), s.Key(), imednet.Where("dateModified", imednet.GreaterOrEqual, s.Now().Add(-10*time.Minute)), 500)
	require.NoError(t, err)
	require.EqualValues(t, 1, page.Total)
	require.Equal(t, ids.base.id(3), page.Records[0].RecordID)
}

// TestRowsFitTheModels: a generated row has no member that the models do not know, and none
// whose type they do not expect.
func TestRowsFitTheModels(t *testing.T) {
	s := Generate(GenerateOptions{Records: 1500})
	fit(t, s, imednet.Studies, imednet.Decode[imednet.Study])
	fit(t, s, imednet.Sites, imednet.Decode[imednet.Site])
	fit(t, s, imednet.Forms, imednet.Decode[imednet.Form])
	fit(t, s, imednet.Intervals, imednet.Decode[imednet.Interval])
	fit(t, s, imednet.Variables, imednet.Decode[imednet.Variable])
	fit(t, s, imednet.Subjects, imednet.Decode[imednet.Subject])
	fit(t, s, imednet.Visits, imednet.Decode[imednet.Visit])
	fit(t, s, imednet.Records, imednet.Decode[imednet.Record])
	fit(t, s, imednet.RecordRevisions, imednet.Decode[imednet.RecordRevision])
	fit(t, s, imednet.Queries, imednet.Decode[imednet.Query])
	fit(t, s, imednet.Codings, imednet.Decode[imednet.Coding])
	fit(t, s, imednet.Users, imednet.Decode[imednet.User])
}

func fit[T any](t *testing.T, s *Study, resource imednet.Resource, decode func([]byte) (T, error)) {
	t.Helper()
	for _, raw := range s.tables[resource].all() {
		row, err := decode(raw)
		require.NoError(t, err, "%s", raw)
		require.Empty(t, imednet.Misfits(row), "%s", raw)
		require.Nil(t, reflect.ValueOf(row).FieldByName("Unknown").Bytes(), "%s", raw)
		for name := range attributeKinds[resource] {
			optional := resource == imednet.Records && (name == "intervalId" || name == "visitId" || name == "parentRecordId")
			require.True(t, optional || valueOf(raw, name) != nil, "%s lacks %s", raw, name)
		}
	}
}
