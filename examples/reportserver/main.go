// Command reportserver serves the report of a study from a mirror, as your own HTTP service can: made once
// per version of the mirror, and without data of subjects.
//
// It reads from an embedded server and requests the page itself; nothing outside this computer is contacted.
//
//	go run ./examples/reportserver
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/report"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reportserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-reportserver-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	// Your own program has rest.New here; everything below is unchanged.
	mirror, err := cache.NewCachedRecordsLoader(ctx, imednettest.NewServer(study).Client(), filepath.Join(dir, "mirror.sqlite3"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	if _, err := mirror.SyncStudy(ctx, study.Key(), cache.SyncOptions{}); err != nil {
		return err
	}

	service := httptest.NewServer(&handler{mirror: mirror, out: out}) // an http.Server in your own program
	defer service.Close()
	for range 2 {
		if err := visit(ctx, out, service.URL+"/"+study.Key()); err != nil {
			return err
		}
	}
	return visit(ctx, out, service.URL+"/NOSUCH")
}

// handler serves the report of the study that the path names.
type handler struct {
	mirror *cache.CachedRecordsLoader
	out    io.Writer

	mu    sync.Mutex
	pages map[string]page // by study
}

// page is a report of one version of the mirror.
type page struct {
	version imednet.MirrorVersion
	html    []byte
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	html, err := h.page(r.Context(), strings.TrimPrefix(r.URL.Path, "/"))
	switch {
	case errors.Is(err, cache.ErrNotSynced):
		http.Error(w, "the mirror does not hold this study", http.StatusNotFound)
	case err != nil:
		http.Error(w, "the report cannot be made", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(html) // a reader that has gone is none of ours
	}
}

// page returns the report of the mirror as it is now, made anew if the mirror has moved on.
func (h *handler) page(ctx context.Context, study string) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	view := h.mirror.Client() // one moment for all of the report
	version, err := view.Version(ctx, study)
	if err != nil {
		return nil, err
	}
	if kept, ok := h.pages[study]; ok && kept.version == version {
		return kept.html, nil
	}
	workflow, err := report.NewStudyReport(view)
	if err != nil {
		return nil, err
	}
	made, err := workflow.Build(ctx, study, report.Options{})
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := made.WriteHTML(&html, report.PageOptions{}); err != nil {
		return nil, err
	}
	if h.pages == nil {
		h.pages = map[string]page{}
	}
	h.pages[study] = page{version, html.Bytes()}
	_, err = fmt.Fprintf(h.out, "made the report: %s\n", made)
	return html.Bytes(), err
}

// visit requests a page and says what came.
func visit(ctx context.Context, out io.Writer, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s, a page: %t\n", response.Status, bytes.Contains(text, []byte("<html")))
	return err
}
