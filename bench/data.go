package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

const studyKey = "BENCH"

// newStudy is the study that everything is measured on. Equal sizes give equal studies.
func newStudy(rows int) *imednettest.Study {
	return imednettest.Generate(imednettest.GenerateOptions{StudyKey: studyKey, Records: rows})
}

// contents is what the data hold, for the checks.
type contents struct {
	Records int64
	Active  int64 // of the records
	Answers int64 // of all records
}

func mirrorPath(data string) string   { return filepath.Join(data, "mirror.sqlite3") }
func contentsPath(data string) string { return filepath.Join(data, "contents.json") }

// makeData writes the mirror of the study and what it holds.
func makeData(ctx context.Context, t task) error {
	study := newStudy(t.Rows)
	mirror, err := cache.NewCachedRecordsLoader(ctx, imednettest.NewServer(study).Client(), mirrorPath(t.Data))
	if err != nil {
		return err
	}
	_, err = mirror.SyncStudy(ctx, studyKey, cache.SyncOptions{})
	if err := errors.Join(err, mirror.Close()); err != nil {
		return err
	}
	var c contents
	for record := range records(study) {
		c.Records++
		if !record.IsDeleted() {
			c.Active++
		}
		for range record.RecordData.All() {
			c.Answers++
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(contentsPath(t.Data), text, 0o600)
}

// records yields the study's records without a server.
func records(study *imednettest.Study) iter.Seq[imednet.Record] {
	return func(yield func(imednet.Record) bool) {
		for _, id := range study.RecordIDs() {
			if record, ok := study.Record(id); ok && !yield(record) {
				return
			}
		}
	}
}

func (w *work) contents() (c contents, err error) {
	text, err := os.ReadFile(contentsPath(w.Data))
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}

// mirror opens the study's mirror, for reading only.
func (w *work) mirror() (*cache.CachedRecordsLoader, error) {
	return cache.NewCachedRecordsLoader(w.ctx, nil, mirrorPath(w.Data))
}

// ownMirror copies the study's mirror, for a job that changes it.
func (w *work) ownMirror(client cache.Client) (*cache.CachedRecordsLoader, error) {
	path := w.path("mirror.sqlite3")
	if err := copyFile(mirrorPath(w.Data), path); err != nil {
		return nil, err
	}
	return cache.NewCachedRecordsLoader(w.ctx, client, path)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
