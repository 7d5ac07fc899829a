package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// TestAWorkerServesReports of the studies that it keeps, made anew when the mirror has changed.
func TestAWorkerServesReports(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), imednettest.NewServer(study).Client(), filepath.Join(t.TempDir(), "mirror.sqlite3"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, mirror.Close()) })
	handler := withReports(http.NotFoundHandler(), &reportHandler{
		keeps: func(study string) bool { return study == "DEMO" },
		open: func(context.Context) (*cache.CachedRecordsLoader, func() error, error) {
			return mirror, func() error { return nil }, nil
		},
	})
	get := func(code int, path string) string {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		require.Equal(t, code, w.Code, "%s: %s", path, w.Body)
		return w.Body.String()
	}
	get(http.StatusServiceUnavailable, "/report/DEMO")
	get(http.StatusNotFound, "/report/OTHER")
	_, err = mirror.SyncStudy(t.Context(), "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	page := get(http.StatusOK, "/report/DEMO")
	require.Contains(t, page, "<title>Study report: DEMO</title>")
	require.Contains(t, page, "Nothing says which form of this study holds adverse events")
	require.Equal(t, page, get(http.StatusOK, "/report/DEMO"), "made once for a version")
	require.NoError(t, study.DeleteRecord(study.RecordIDs()[0], true))
	_, err = mirror.SyncStudy(t.Context(), "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	require.NotEqual(t, page, get(http.StatusOK, "/report/DEMO"))
	get(http.StatusNotFound, "/elsewhere")
}
