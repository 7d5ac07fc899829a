package cache_test

import (
	"bytes"
	"context"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// redesigned serves a study whose design somebody changes: the label of one variable, and another variable
// that is gone.
type redesigned struct {
	*imednettest.Client
	label string
	gone  string
}

func (c *redesigned) Variables(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		for v, err := range c.Client.Variables(ctx, study, opts) {
			if name := v.VariableName.Or(""); c.gone != "" && name == c.gone {
				continue
			} else if c.label != "" && name == "AESEV" {
				v, err = imednet.Decode[imednet.Variable](bytes.Replace(v.Raw, []byte(`"label":"`+v.Label.Or("")+`"`), []byte(`"label":"`+c.label+`"`), 1))
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// TestAWorkerNoticesAChangedDesign and does not take the first one for a change, nor a change of data.
func TestAWorkerNoticesAChangedDesign(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	l := open(t, imednettest.NewServer(study).Client())
	var told []cache.EventKind
	w := newWorker(t, l, []string{study.Key()}, cache.WithResourcesEvery(time.Nanosecond), cache.WithEvents(func(e cache.Event) { told = append(told, e.Kind) }))
	run := func() time.Time {
		told = nil
		_, err := w.RunOnce(t.Context())
		require.NoError(t, err)
		return w.Status().Studies[0].DesignChanged
	}
	require.Zero(t, run())
	require.NoError(t, study.EditRecord(study.RecordIDs()[0], "NOTE", "changed"))
	require.Zero(t, run())
	require.Equal(t, []cache.EventKind{cache.EventSynced}, told)
	variable := idOf(t, imednet.Variables, rowsOf(t, l.Client(), study.Key(), imednet.Variables)[0])
	require.NoError(t, study.EditRow(imednet.Variables, variable, "label", "Worst severity"))
	at := run()
	require.NotZero(t, at)
	require.Equal(t, []cache.EventKind{cache.EventDesignChanged, cache.EventSynced}, told)
	var metrics bytes.Buffer
	require.NoError(t, w.Status().WriteMetrics(&metrics))
	require.Contains(t, metrics.String(), "imednet_sync_design_changed_timestamp_seconds{study=\"DEMO\"} ")
	require.Equal(t, at, run())
	require.Equal(t, []cache.EventKind{cache.EventSynced}, told)
}

// TestDesignChangesAreThoseSinceTheDesignWasFirstHeld: what was there at the first sync is no change, and a
// view shows none that came after it.
func TestDesignChangesAreThoseSinceTheDesignWasFirstHeld(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	client := &redesigned{Client: imednettest.NewServer(study).Client()}
	l := open(t, client)
	sync := func() { syncStudy(t, l, study.Key(), cache.SyncOptions{}) }
	changes := func(v *cache.View) (all []string) {
		for c, err := range v.DesignChanges(t.Context(), study.Key()) {
			require.NoError(t, err)
			all = append(all, string(c.Resource)+" "+string(c.Kind)+" "+c.Member+" "+string(c.New.Raw()))
		}
		return all
	}
	sync()
	require.Empty(t, changes(l.Client()))
	first := l.Client()
	require.Empty(t, changes(first))
	client.label = "Worst severity"
	sync()
	require.Equal(t, []string{`variables updated label "Worst severity"`}, changes(l.Client()))
	client.gone = "AESER"
	sync()
	require.Equal(t, []string{`variables updated label "Worst severity"`, "variables gone  "}, changes(l.Client()))
	require.Empty(t, changes(first), "a view is of one version")
	for range l.Client().DesignChanges(t.Context(), study.Key()) {
		break
	}
	for _, err := range l.Client().DesignChanges(t.Context(), "NONE") {
		require.ErrorIs(t, err, cache.ErrNotSynced)
	}
}
