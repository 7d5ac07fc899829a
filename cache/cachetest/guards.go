package cachetest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

func (s suite) massDeletionIsRefused(t *testing.T) {
	place := s.Place(t)
	for _, c := range []struct {
		name                 string
		records, left        int
		refused, evenAllowed bool
	}{
		{"empty", 600, 0, true, true},
		{"empty and small", 8, 0, true, true},
		{"short and small", 8, 1, true, false},
		{"a third", 600, 400, true, false},
		{"a fifth", 600, 480, false, false},
		{"nine of twenty", 20, 11, false, false},
		{"ten of twenty", 20, 10, true, false},
		{"one of two", 2, 1, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, sweep := range []bool{false, true} {
				study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: fmt.Sprintf("%s %t", c.name, sweep), Records: c.records})
				require.Len(t, study.RecordIDs(), c.records)
				l := s.Open(t, place, imednettest.NewServer(study).Client())
				before := sync(t, l, study.Key())
				for _, id := range study.RecordIDs()[c.left:] {
					require.NoError(t, study.RemoveRecord(id))
				}
				r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{Sweep: sweep})
				if !c.refused {
					require.NoError(t, err)
					requireEqual(t, study, l)
					continue
				}
				var mass *cache.MassDeletionError
				require.ErrorAs(t, err, &mass)
				require.EqualValues(t, c.records, mass.Held)
				require.Equal(t, c.left == 0, mass.Empty)
				require.False(t, imednet.Retryable(err))
				require.Equal(t, before.After, r.After)
				require.Equal(t, before.Mark, r.Mark)

				_, err = l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{Sweep: sweep, AllowMassDeletion: true})
				if c.evenAllowed {
					require.ErrorAs(t, err, &mass)
					continue
				}
				require.NoError(t, err)
				requireEqual(t, study, l)
			}
		})
	}
}
