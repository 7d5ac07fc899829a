package imednettest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/stretchr/testify/require"
)

// TestTableAgainstAPlainList makes random changes to a table and to a plain sorted list, and
// compares every answer.
func TestTableAgainstAPlainList(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var rows list
		model := map[int64]string{}
		for id := int64(3); len(rows) < random.IntN(60); id += 1 + random.Int64N(3) {
			raw := fmt.Sprintf(`{"recordId":%d,"v":0}`, id)
			rows, model[id] = append(rows, newRow(id, []byte(raw))), raw
		}
		tb := newTable(imednet.Records, rows)
		for step := range 200 {
			ids := slices.Sorted(maps.Keys(model))
			switch random.IntN(5) {
			case 0:
				id := tb.add(func(id int64) []byte { return fmt.Appendf(nil, `{"recordId":%d,"v":0}`, id) })
				model[id] = fmt.Sprintf(`{"recordId":%d,"v":0}`, id)
			case 1:
				if len(ids) > 0 {
					id := ids[random.IntN(len(ids))]
					tb.remove(id)
					delete(model, id)
				}
			case 2:
				tb.setBase(rows) // as time travel does: the edits stay
			default:
				if len(ids) > 0 {
					id := ids[random.IntN(len(ids))]
					model[id] = fmt.Sprintf(`{"recordId":%d,"v":%d}`, id, step)
					tb.put(id, []byte(model[id]))
				}
			}
			requireSame(t, tb, model, random.Int64N(200))
		}
	}
}

func requireSame(t *testing.T, tb *table, model map[int64]string, probe int64) {
	t.Helper()
	ids := slices.Sorted(maps.Keys(model))
	require.Equal(t, len(ids), tb.len())
	for pos, id := range ids {
		found, _, _ := tb.at(pos)
		require.Equal(t, id, found)
		require.Equal(t, model[id], string(tb.appendJSON(nil, pos)))
		require.Equal(t, pos, tb.find(id))
	}
	want, _ := slices.BinarySearch(ids, probe)
	require.Equal(t, want, tb.find(probe))
	_, ok := tb.get(probe)
	_, known := model[probe]
	require.Equal(t, known, ok)
	var edited []int
	for pos := range ids {
		if _, kept, index := tb.at(pos); kept != nil && index >= 0 && pos < want {
			edited = append(edited, pos)
		}
	}
	require.Equal(t, edited, tb.editedBelow(want))
}

// TestRememberedScansFollowEdits: what a table remembers of a filter ends with the next change.
func TestRememberedScansFollowEdits(t *testing.T) {
	s := Generate(GenerateOptions{Records: 2 * rememberFrom})
	server := NewServer(s)
	server.Configure(Settings{DeletedInFilter: true})
	client := server.Client()
	count := func() int64 {
		probe, err := client.ProbeRecords(t.Context(), s.Key(), imednet.Where("formKey", imednet.Equal, "AE").And("deleted", imednet.Equal, false))
		require.NoError(t, err)
		return probe.Total
	}
	before, id := count(), int64(0)
	require.Equal(t, before, count())
	for rec, err := range client.Records(t.Context(), s.Key(), imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "AE").And("deleted", imednet.Equal, false)}) {
		require.NoError(t, err)
		id = rec.RecordID
		break
	}
	require.NoError(t, s.DeleteRecord(id, false))
	require.Equal(t, before-1, count())
	require.NoError(t, s.RestoreRecord(id, false))
	s.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	require.Equal(t, before+1, count())
	require.NoError(t, s.RemoveRecord(id))
	require.Equal(t, before, count())
	for n := range 3 * mostRemembered {
		_, err := client.ProbeRecords(t.Context(), s.Key(), imednet.Where("recordOid", imednet.Equal, "AE-"+strconv.Itoa(n)))
		require.NoError(t, err)
	}
	require.LessOrEqual(t, len(s.tables[imednet.Records].memory.found), mostRemembered)
}

// Either side of an OR selects rows, whatever shortcut the other one would allow.
func TestAnOrHasNoShortcut(t *testing.T) {
	s := Generate(GenerateOptions{Records: 600})
	client := NewServer(s).Client()
	late := imednet.Where("dateModified", imednet.GreaterOrEqual, s.Now().AddDate(0, 0, -100))
	want := map[string]int{}
	for rec, err := range client.Records(t.Context(), s.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		isLate, isEvent := late.MatchRecord(&rec), rec.FormKey.Or("") == "AE"
		for name, holds := range map[string]bool{"late": isLate, "event": isEvent, "either": isLate || isEvent} {
			if holds {
				want[name]++
			}
		}
	}
	require.Greater(t, want["either"], max(want["late"], want["event"]))
	probe, err := client.ProbeRecords(t.Context(), s.Key(), late.Or("formKey", imednet.Equal, "AE"))
	require.NoError(t, err)
	require.EqualValues(t, want["either"], probe.Total)
}
