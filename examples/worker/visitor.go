package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// visitor looks at the service before and after the server has recovered.
type visitor struct {
	out    io.Writer
	server *imednettest.Server
	seen   chan cache.Event
}

// tell passes on an event of the worker if the visitor is waiting for one.
func (v visitor) tell(e cache.Event) {
	select {
	case v.seen <- e:
	default:
	}
}

func (v visitor) visit(ctx context.Context, url string) error {
	v.await(ctx, cache.EventSynced, "CARDIO")
	v.await(ctx, cache.EventFailed, "DERMA")
	if err := v.show(ctx, url+"/healthz", ""); err != nil {
		return err
	}
	v.server.ClearFaults()
	v.await(ctx, cache.EventSynced, "DERMA")
	if err := v.show(ctx, url+"/healthz", ""); err != nil {
		return err
	}
	return v.show(ctx, url+"/metrics", "imednet_sync_mirror_records")
}

// await reads events until one of the kind and study arrives, or ctx ends.
func (v visitor) await(ctx context.Context, kind cache.EventKind, study string) {
	for {
		select {
		case e := <-v.seen:
			if e.Kind == kind && e.StudyKey == study {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// show prints an answer: its status and the lines that contain the word.
func (v visitor) show(ctx context.Context, url, word string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	fmt.Fprintf(v.out, "GET %s: %s, %s\n", req.URL.Path, resp.Status, resp.Header.Get("Content-Type"))
	for line := range strings.Lines(string(body)) {
		if strings.Contains(line, word) {
			fmt.Fprint(v.out, "  ", line)
		}
	}
	return nil
}
