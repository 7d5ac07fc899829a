package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

// forms writes one study in each form.
type forms struct {
	ctx    context.Context
	client imednet.Client
	mirror *cache.CachedRecordsLoader
	key    string
	dir    string
}

// space measures how many bytes a record takes in each form in which the library keeps it, beside what a
// general compressor makes of the same rows.
func space(ctx context.Context, o options, out io.Writer) (err error) {
	study := newStudy(o.rows)
	if o.study != "" {
		if study, err = imednettest.LoadDir(o.study); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "imednet-bench-space")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s := &forms{ctx: ctx, client: imednettest.NewServer(study).Client(), key: study.Key(), dir: dir}
	rows, raw, packed, err := s.raw()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d records of study %s, bytes a record:\n\n", rows, s.key)
	line := func(what string, bytes int64) {
		fmt.Fprintf(out, "%-44s %8.0f  %5.2f\n", what, float64(bytes)/float64(rows), float64(bytes)/float64(raw))
	}
	line("rows as the API sends them (1.00)", raw)
	line("the same, gzip", packed)
	for _, form := range []struct {
		what, path string
		write      func(path string) error
	}{
		{"mirror, with structure", "mirror.sqlite3", s.writeMirror},
		{"Parquet", "parquet", s.export((*pipeline.ChunkedRecordPipeline).WriteParquet)},
		{"CSV", "csv", s.export((*pipeline.ChunkedRecordPipeline).WriteCSV)},
		{"NDJSON", "ndjson", s.export((*pipeline.ChunkedRecordPipeline).WriteNDJSON)},
		{"warehouse, bronze and silver", "warehouse.duckdb", s.writeWarehouse},
	} {
		path := filepath.Join(dir, form.path)
		if err := form.write(path); err != nil {
			return err
		}
		bytes, err := size(path)
		if err != nil {
			return err
		}
		line(form.what, bytes)
	}
	return s.mirror.Close()
}

// raw counts the records, their bytes as JSON, and what gzip makes of them.
func (s *forms) raw() (rows, raw, packed int64, err error) {
	var count counter
	zip := gzip.NewWriter(&count)
	for record, err := range s.client.Records(s.ctx, s.key, imednet.ListOptions{}) {
		if err != nil {
			return 0, 0, 0, err
		}
		rows++
		raw += int64(len(record.Raw))
		if _, err := zip.Write(record.Raw); err != nil {
			return 0, 0, 0, err
		}
	}
	err = zip.Close()
	return rows, raw, count.n, err
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// writeMirror takes the study over and closes the file, so that nothing stands in its log.
func (s *forms) writeMirror(path string) error {
	mirror, err := cache.NewCachedRecordsLoader(s.ctx, s.client, path)
	if err != nil {
		return err
	}
	_, err = mirror.SyncRecords(s.ctx, s.key, cache.SyncOptions{})
	if err == nil {
		_, err = mirror.SyncStructure(s.ctx, s.key, cache.SyncOptions{})
	}
	if err = errors.Join(err, mirror.Close()); err != nil {
		return err
	}
	s.mirror, err = cache.NewCachedRecordsLoader(s.ctx, nil, path)
	return err
}

type writer func(*pipeline.ChunkedRecordPipeline, context.Context, *tables.RecordMapper, string, string, pipeline.DataSetOptions) (*pipeline.Manifest, error)

func (s *forms) export(write writer) func(path string) error {
	return func(path string) error {
		mapper, err := tables.NewRecordMapper(s.mirror)
		if err != nil {
			return err
		}
		p, err := pipeline.New()
		if err != nil {
			return err
		}
		_, err = write(p, s.ctx, mapper, s.key, path, pipeline.DataSetOptions{})
		return err
	}
}

func (s *forms) writeWarehouse(path string) error {
	db, err := warehouse.NewDuckDBIngestion(s.ctx, path)
	if err != nil {
		return err
	}
	_, err = db.IngestRevisions(s.ctx, s.client, s.key, warehouse.RevisionOptions{})
	if err == nil {
		_, err = db.IngestRecords(s.ctx, s.mirror, s.key, warehouse.RecordOptions{})
	}
	if err == nil {
		_, err = db.IngestMetadata(s.ctx, s.client, s.key, warehouse.MetadataOptions{})
	}
	if err == nil {
		err = s.silver(db)
	}
	return errors.Join(err, db.Close())
}

func (s *forms) silver(db *warehouse.DuckDBIngestion) error {
	mapper, err := tables.NewRecordMapper(s.mirror)
	if err != nil {
		return err
	}
	_, err = db.BuildSilverTables(s.ctx, mapper, s.key, warehouse.SilverOptions{})
	return err
}

// size is the size of a file, or of all files of a directory.
func size(path string) (int64, error) {
	var bytes int64
	err := filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}
