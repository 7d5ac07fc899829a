package cachetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// readersBesideASync has twelve readers, or forty, list the records again and again while a sync changes them:
// each list is one that the server had between two syncs.
func (s suite) readersBesideASync(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 400})
	place := s.Place(t)
	l := s.Open(t, place, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	type list = map[imednet.MirrorVersion]string
	known := list{}
	note := func() {
		view := l.Client()
		version, err := view.Version(t.Context(), study.Key())
		require.NoError(t, err)
		known[version] = digest(Rows(t, view, study.Key(), imednet.Records))
	}
	note()
	readers := times(12, 12, 40)
	seen := make(chan list, readers)
	failed := make(chan error, readers)
	var stop atomic.Bool
	other := s.Open(t, place, nil)
	for range readers {
		go func() {
			mine := list{}
			var err error
			for first := true; err == nil && (first || !stop.Load()); first = false {
				err = readOnce(context.WithoutCancel(t.Context()), other, study.Key(), mine)
			}
			seen <- mine
			failed <- err
		}()
	}
	m := NewMeddler(t, study, 6, 4*40)
	for m.Left > 0 {
		for range 40 {
			m.Meddle()
		}
		sync(t, l, study.Key())
		note()
	}
	stop.Store(true)
	readings := 0
	for range readers {
		require.NoError(t, <-failed)
		for version, rows := range <-seen {
			readings++
			if want, whole := known[version]; whole {
				require.Equal(t, want, rows, "version %d", version)
			}
		}
	}
	require.GreaterOrEqual(t, readings, readers)
}

// readOnce lists the records at one version, and demands that every list of a version is the same.
func readOnce(ctx context.Context, l *cache.CachedRecordsLoader, study string, seen map[imednet.MirrorVersion]string) error {
	view := l.Client()
	version, err := view.Version(ctx, study)
	if err != nil {
		return err
	}
	var rows []string
	for rec, err := range view.Records(ctx, study, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		rows = append(rows, string(rec.Raw))
	}
	text := digest(rows)
	if before, again := seen[version]; again && before != text {
		return fmt.Errorf("version %d was listed in two ways", version)
	}
	seen[version] = text
	return nil
}

func digest(rows []string) string {
	return fmt.Sprintf("%d rows, %x", len(rows), sha256.Sum256([]byte(strings.Join(rows, "\n"))))
}
