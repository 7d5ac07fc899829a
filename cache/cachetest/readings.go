package cachetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// readingKeepsItsMoment changes the mirror while readings are under way: they yield what stood
// there when they began.
func (s suite) readingKeepsItsMoment(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1700})
	l := s.open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	filter := imednet.ListOptions{Filter: imednet.Where("siteId", imednet.Greater, 0)}
	want := map[string][]imednet.Record{}
	readings := map[string]func(func(imednet.Record, error) bool){
		"records":  l.Records(t.Context(), study.Key(), imednet.ListOptions{}),
		"filtered": l.Records(t.Context(), study.Key(), filter),
		"cached":   l.IterCachedRecords(t.Context(), study.Key()),
		"subjects": l.RecordsBySubject(t.Context(), study.Key(), imednet.ListOptions{}),
	}
	for name, reading := range readings {
		for rec, err := range reading {
			require.NoError(t, err)
			want[name] = append(want[name], rec)
		}
	}
	m := NewMeddler(t, study, 9, 4*300)
	for name, reading := range readings {
		now := want[name]
		if m.Left < 1200 {
			now = nil
			for rec, err := range reading {
				require.NoError(t, err)
				now = append(now, rec)
			}
		}
		i := 0
		for rec, err := range reading {
			require.NoError(t, err)
			require.Equal(t, now[i].RecordID, rec.RecordID, name)
			require.Equal(t, string(now[i].Raw), string(rec.Raw), name)
			if i++; i == 700 {
				for range 300 {
					m.Meddle()
				}
				sync(t, l, study.Key())
			}
		}
		require.Len(t, now, i, name)
	}
	requireEqual(t, study, l)
}
