package tables_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestCountGroupsAgreesWithACountByHand draws studies of subjects with several records, of which some name their subject by its
// id, by its key or by both, and some by nothing, and counts the groups anew.
func TestCountGroupsAgreesWithACountByHand(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 11))
		src := groupSource(t, []imednet.Variable{question(1, "DM", "AGE", "NUMBER", ""), question(2, "DM", "SEX", "RADIO", "")})
		facts := map[int64][3]map[string]bool{}
		people := int64(1 + random.IntN(30))
		for id := range people {
			src.subjects = append(src.subjects, imednet.Subject{SubjectID: id + 1, SubjectKey: imednet.Some(fmt.Sprint("S-", id+1))})
		}
		for i := range 60 {
			id := 1 + random.Int64N(people)
			site, age, sex := int64(1+random.IntN(2)), fmt.Sprint(40+random.IntN(3)), []string{"M", "F", ""}[random.IntN(3)]
			r := answer(t, int64(i+1), "DM", fmt.Sprintf(`{"AGE":%q,"SEX":%q}`, age, sex))
			r.SiteID, r.SubjectID, r.SubjectKey = imednet.Some(site), imednet.Some(id), imednet.Some(fmt.Sprint("S-", id))
			switch random.IntN(5) {
			case 0:
				r.SubjectID = imednet.Opt[int64]{}
			case 1:
				r.SubjectKey = imednet.Opt[string]{}
			case 2:
				r.SubjectID, r.SubjectKey, id = imednet.Opt[int64]{}, imednet.Opt[string]{}, 0
			}
			src.records = append(src.records, r)
			if id == 0 {
				continue
			}
			if _, known := facts[id]; !known {
				facts[id] = [3]map[string]bool{{}, {}, {}}
			}
			for column, fact := range []string{age, sex, fmt.Sprint(site)} {
				if fact != "" {
					facts[id][column][fact] = true
				}
			}
		}
		groups := map[string]int{}
		for _, known := range facts {
			groups[groupName(known)]++
		}
		const size = 3
		report, err := tables.CountGroups(t.Context(), checked(t, src), "DEMO", tables.GroupOptions{Columns: []string{"AGE", "DM.SEX", "siteId"}, Size: size})
		require.NoError(t, err)
		small, smallSubjects, smallest := map[string]int{}, 0, len(facts)
		for name, n := range groups {
			smallest = min(smallest, n)
			if n < size {
				small[name], smallSubjects = n, smallSubjects+n
			}
		}
		require.Equal(t, []int{len(facts), len(groups), smallest, smallSubjects}, []int{report.Subjects, report.Groups, report.Smallest, report.SmallSubjects}, "seed %d", seed)
		reported := map[string]int{}
		for _, group := range report.Small {
			reported[strings.Join(group.Values, "; ")] = group.Subjects
		}
		require.Equal(t, small, reported, "seed %d", seed)
	}
}

func groupName(known [3]map[string]bool) string {
	var columns []string
	for _, facts := range known {
		var texts []string
		for fact := range facts {
			texts = append(texts, fact)
		}
		slices.Sort(texts)
		columns = append(columns, strings.Join(texts, " | "))
	}
	return strings.Join(columns, "; ")
}
