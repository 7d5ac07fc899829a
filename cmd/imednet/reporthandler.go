package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/workflows/report"
)

// reportHandler serves the reports of the studies that a worker keeps, each made once for a version of the
// mirror: counts only, and without adverse events, because nothing says where they are.
type reportHandler struct {
	keeps func(study string) bool
	// open gives the mirror, and what to do with it after reading.
	open func(context.Context) (mirror *cache.CachedRecordsLoader, done func() error, err error)

	mu    sync.Mutex // one report is made at a time
	pages map[string]madePage
}

type madePage struct {
	origin imednet.Origin
	html   []byte
}

// withReports adds GET /report/STUDY to what a worker serves.
func withReports(status http.Handler, h *reportHandler) http.Handler {
	h.pages = map[string]madePage{}
	mux := http.NewServeMux()
	mux.Handle("/", status)
	mux.HandleFunc("GET /report/{study}", h.serve)
	return mux
}

func (h *reportHandler) serve(w http.ResponseWriter, r *http.Request) {
	study := r.PathValue("study")
	if !h.keeps(study) {
		http.Error(w, "the worker does not keep this study", http.StatusNotFound)
		return
	}
	page, err := h.page(r.Context(), study)
	switch {
	case isAny(err, cache.ErrNotSynced, fs.ErrNotExist):
		http.Error(w, "the study is not in the mirror yet", http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, safeText(sentence(err)), http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(page) // an error means that the visitor has gone
	}
}

func (h *reportHandler) page(ctx context.Context, study string) (page []byte, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	mirror, done, err := h.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	view := mirror.Client()
	origin, err := view.Origin(ctx, study)
	if err != nil {
		return nil, err
	}
	if made, ok := h.pages[study]; ok && made.origin == origin {
		return made.html, nil
	}
	workflow, err := report.NewStudyReport(view)
	if err != nil {
		return nil, err
	}
	built, err := workflow.Build(ctx, study, report.Options{Absent: notInMirror, DesignChanges: designChanges(ctx, view, study)})
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := built.WriteHTML(&html, report.PageOptions{}); err != nil {
		return nil, err
	}
	h.pages[study] = madePage{origin, html.Bytes()}
	return html.Bytes(), nil
}

// notInMirror recognises a resource that the mirror does not hold.
func notInMirror(err error) bool { return errors.Is(err, cache.ErrNotSynced) }
