package imednettest

import (
	"os"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
	"github.com/stretchr/testify/require"
)

func TestGeneratedRowsAreValidAndConsistent(t *testing.T) {
	for _, opts := range []GenerateOptions{{}, {Records: 1}, {Records: 777, Subjects: 9, Sites: 2, Seed: 5}, {Records: 10000, Seed: 3}} {
		s := Generate(opts)
		for resource, table := range s.tables {
			last := int64(0)
			for pos := range table.len() {
				id, _, index := table.at(pos)
				raw := table.appendJSON(nil, pos)
				require.True(t, jsontext.Value(raw).IsValid(), "%s %s", resource, raw)
				require.Greater(t, id, last)
				last = id
				if attributeKinds[resource][resource.ID()] == intKind {
					require.Equal(t, id, intOf(valueOf(raw, resource.ID())))
				}
				require.Equal(t, pos, table.find(id))
				require.Equal(t, index, table.base.find(id))
				want, have := hotOf(raw), table.hot(pos)
				if resource == imednet.Records {
					require.Equal(t, want, have, "%s", raw)
				}
				if resource == imednet.RecordRevisions {
					have.formID = 0
					require.Equal(t, want, have, "%s", raw)
				}
			}
			t.Log(resource, table.len())
		}
	}
}

func TestPilotLoads(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip()
	}
	start := time.Now()
	s, err := LoadDir(dir)
	require.NoError(t, err)
	t.Log(time.Since(start))
	s.SetTime(time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC))
	require.Equal(t, 21113, s.Count(imednet.Records))
	require.Equal(t, 23298, s.Count(imednet.RecordRevisions))
	n := 0
	for rec, err := range NewServer(s).Client().Records(t.Context(), s.Key(), imednet.ListOptions{Filter: imednet.Where("deleted", imednet.Equal, true)}) {
		require.NoError(t, err)
		require.True(t, rec.IsDeleted())
		n++
	}
	require.Equal(t, 178, n)
}
