package imednettest_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// pilotStatistics are figures of the CDISC pilot study and how far, as a share of them, a lifelike
// study may be from them.
var pilotStatistics = []struct {
	name   string
	pilot  float64
	within float64
}{
	{"forms", 21, 0},
	{"variables", 617, 0.01},
	{"intervals", 37, 0},
	{"sites", 17, 0},
	{"fewest records of a subject", 3, 0},
	{"median of the records of a subject", 104, 0.35},
	{"most records of a subject", 268, 0.35},
	{"most records of a form at a visit", 30, 0},
	{"places with several records", 0.110, 0.3},
	{"records without an interval", 0.0452, 0.35},
	{"records at unscheduled intervals", 0.0103, 0.6},
	{"child records", 0.0033, 0.3},
	{"deleted records", 0.0098, 0.4},
	{"largest tie of dateModified", 0.0281, 0.1},
	{"names shared by forms", 7, 0.2},
	{"names shared with other types", 2, 0.5},
	{"answers of a record", 33.9, 0.25},
	{"empty answers", 0.263, 0.1},
	{"queries", 0.0242, 0.2},
	{"queries that are closed", 0.513, 0.2},
	{"queries without a comment", 0.0415, 0.6},
	{"revisions", 1.141, 0.1},
	{"codings", 0.371, 0.3},
}

func statisticsOf(t *testing.T, study *imednettest.Study) map[string]float64 {
	c, key := imednettest.NewServer(study).Client(), study.Key()
	out := map[string]float64{}
	unscheduled := map[int64]bool{}
	for i, err := range c.Intervals(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		unscheduled[i.IntervalID] = strings.HasPrefix(i.IntervalName.Or(""), "UNSCHEDULED")
	}
	places, people, stamps, n, answers, empty := map[string]float64{}, map[int64]float64{}, map[string]float64{}, 0.0, 0.0, 0.0
	for r, err := range c.Records(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		n++
		stamps[r.DateModified.Or(zeroTime()).String()]++
		if id := r.SubjectID.Or(0); id != 0 {
			people[id]++
		}
		interval := r.IntervalID.Or(0)
		switch {
		case interval == 0:
			out["records without an interval"]++
		default:
			places[fmt.Sprint(r.SubjectID.Or(0), " ", interval, " ", r.FormKey.Or(""))]++
		}
		out["records at unscheduled intervals"] += count(unscheduled[interval])
		out["child records"] += count(r.ParentRecordID.Or(0) != 0)
		out["deleted records"] += count(r.IsDeleted())
		for _, value := range r.RecordData.All() {
			answers++
			empty += count(value.Missing())
		}
	}
	for _, name := range []string{"records without an interval", "records at unscheduled intervals", "child records", "deleted records"} {
		out[name] /= n
	}
	sizes := slices.Sorted(values(people))
	out["fewest records of a subject"], out["median of the records of a subject"], out["most records of a subject"] = sizes[0], sizes[len(sizes)/2], sizes[len(sizes)-1]
	repeated := slices.Sorted(values(places))
	out["most records of a form at a visit"] = repeated[len(repeated)-1]
	for _, size := range repeated {
		out["places with several records"] += count(size > 1) / float64(len(repeated))
	}
	ties := slices.Sorted(values(stamps))
	out["largest tie of dateModified"] = ties[len(ties)-1] / n
	out["answers of a record"], out["empty answers"] = answers/n, empty/answers
	names := map[string]map[string]bool{}
	forms := map[string]map[int64]bool{}
	for v, err := range c.Variables(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		name := v.VariableName.Or("")
		if names[name] == nil {
			names[name], forms[name] = map[string]bool{}, map[int64]bool{}
		}
		names[name][v.VariableType.Or("")], forms[name][v.FormID.Or(0)] = true, true
	}
	for name := range names {
		out["names shared by forms"] += count(len(forms[name]) > 1)
		out["names shared with other types"] += count(len(names[name]) > 1)
	}
	queries := float64(study.Count(imednet.Queries))
	for q, err := range c.Queries(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		last := imednet.QueryComment{}
		for _, comment := range q.QueryComments {
			if comment.Sequence.Or(0) >= last.Sequence.Or(0) {
				last = comment
			}
		}
		out["queries that are closed"] += count(last.Closed.Or(false)) / queries
		out["queries without a comment"] += count(len(q.QueryComments) == 0) / queries
	}
	out["queries"], out["revisions"], out["codings"] = queries/n, float64(study.Count(imednet.RecordRevisions))/n, float64(study.Count(imednet.Codings))/n
	for name, resource := range map[string]imednet.Resource{"forms": imednet.Forms, "variables": imednet.Variables, "intervals": imednet.Intervals, "sites": imednet.Sites} {
		out[name] = float64(study.Count(resource))
	}
	return out
}

func count(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func values[K comparable](m map[K]float64) func(func(float64) bool) {
	return func(yield func(float64) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

func TestLifelikeStudiesHaveThePilotsProportions(t *testing.T) {
	for seed := range uint64(3) {
		got := statisticsOf(t, imednettest.GenerateLifelike(imednettest.LifelikeOptions{Subjects: 120, Seed: seed}))
		for _, s := range pilotStatistics {
			t.Logf("%-40s %8.4f %8.4f", s.name, s.pilot, got[s.name])
			if math.Abs(got[s.name]-s.pilot) > s.within*s.pilot+1e-9 {
				t.Errorf("seed %d: %s: %.4f, the pilot has %.4f", seed, s.name, got[s.name], s.pilot)
			}
		}
	}
}

// The table above is that of the pilot study itself.
func TestPilotStatistics(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no directory")
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	got := statisticsOf(t, study)
	for _, s := range pilotStatistics {
		require.InEpsilon(t, s.pilot, got[s.name], 0.01, s.name)
	}
}

func TestLifelikeStudiesAreDeterministic(t *testing.T) {
	rows := func(seed uint64) string {
		study := imednettest.GenerateLifelike(imednettest.LifelikeOptions{Subjects: 10, Seed: seed})
		var b strings.Builder
		for _, id := range study.RecordIDs() {
			rec, ok := study.Record(id)
			require.True(t, ok)
			b.Write(rec.Raw)
		}
		return b.String()
	}
	require.Equal(t, rows(1), rows(1))
	require.NotEqual(t, rows(1), rows(2))
}

// What the statistics do not show: each oddity is there.
func TestLifelikeStudiesAreAwkward(t *testing.T) {
	study := imednettest.GenerateLifelike(imednettest.LifelikeOptions{})
	c, key := imednettest.NewServer(study).Client(), study.Key()
	deleted, keys, current := map[int64]bool{}, map[string]int{}, map[int64]imednet.Subject{}
	for s, err := range c.Subjects(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		deleted[s.SubjectID] = s.IsDeleted()
		keys[s.SubjectKey.Or("")]++
		current[s.SubjectID] = s
	}
	found := map[string]int{}
	for r, err := range c.Records(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		if deleted[r.SubjectID.Or(0)] && !r.IsDeleted() {
			found["record of a deleted subject"]++
		}
		seen := map[string]bool{}
		for name := range r.RecordData.All() {
			if seen[name] {
				found["key twice"]++
			}
			seen[name] = true
			if name == strings.ToLower(name) {
				found["key in another case"]++
			}
		}
		if r.FormKey.Or("") == "LBCH" {
			found[fmt.Sprint("LBCH015 ", seen["LBCH015"])]++
			found[fmt.Sprint("LBCH020 ", seen["LBCH020"])]++
		}
	}
	for r, err := range c.RecordRevisions(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		if s, ok := current[r.SubjectID.Or(0)]; ok {
			found["earlier key"] += int(count(r.SubjectKey.Or("") != s.SubjectKey.Or("")))
			found["earlier site"] += int(count(r.SiteID.Or(0) != s.SiteID.Or(0)))
		}
	}
	twice := map[string]int{}
	for v, err := range c.Variables(t.Context(), key, imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "VS")}) {
		require.NoError(t, err)
		twice[v.VariableName.Or("")]++
	}
	for _, n := range twice {
		found["question twice"] += int(count(n > 1))
	}
	for _, n := range keys {
		found["key used again"] += int(count(n > 1))
	}
	for _, oddity := range []string{"record of a deleted subject", "key twice", "key in another case", "LBCH015 true", "LBCH015 false", "LBCH020 true", "LBCH020 false",
		"earlier key", "earlier site", "question twice", "key used again"} {
		require.Positive(t, found[oddity], oddity)
	}
}
