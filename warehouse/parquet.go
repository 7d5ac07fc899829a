package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/fsync"
	"github.com/imednetgo/imednet/internal/pathname"
)

// ExportParquet writes a study's silver tables as Parquet, one file per form, in the layout that
// Hive, Spark, Trino, ClickHouse and DuckDB read as one partitioned table, with the names that
// package pipeline uses:
//
//	dir/studyKey=S1/formKey=AE/data.parquet
//
// Keys are percent-encoded in paths where necessary. The study's directory is written under a
// temporary name, made durable and then renamed, so that a reader sees either the previous export
// or the new one. ExportParquet returns the files in order.
func (d *DuckDBIngestion) ExportParquet(ctx context.Context, dir, studyKey string) ([]string, error) {
	const function = "warehouse.DuckDBIngestion.ExportParquet"
	if err := errors.Join(argument.Named(function, "dir", dir), argument.Named(function, "studyKey", studyKey)); err != nil {
		return nil, err
	}
	files, err := d.exportParquet(ctx, dir, studyKey)
	if err != nil {
		return nil, failure(ctx, "export Parquet", studyKey, "", err, "the former export is untouched")
	}
	return files, nil
}

func (d *DuckDBIngestion) exportParquet(ctx context.Context, dir, studyKey string) (files []string, err error) {
	all, err := readTables(ctx, d.db)
	if err != nil {
		return nil, err
	}
	held := slices.SortedFunc(slices.Values(all[studyKey]), func(a, b SilverTable) int { return strings.Compare(a.FormKey, b.FormKey) })
	if len(held) == 0 {
		return nil, errors.New("the study has no silver tables; build them first")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	fresh, err := os.MkdirTemp(dir, ".export-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(fresh)) }()
	place := filepath.Join(dir, pathname.Partition("studyKey", studyKey))
	for _, table := range held {
		name := filepath.Join(pathname.Partition("formKey", table.FormKey), "data.parquet")
		if err := d.copyTable(ctx, table, filepath.Join(fresh, "new", name)); err != nil {
			return nil, err
		}
		files = append(files, filepath.Join(place, name))
	}
	return files, swapDirectory(filepath.Join(fresh, "new"), place, filepath.Join(fresh, "old"))
}

func (d *DuckDBIngestion) copyTable(ctx context.Context, table SilverTable, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	_, err := d.db.ExecContext(ctx, fmt.Sprintf(`COPY %s TO %s (FORMAT parquet, COMPRESSION zstd)`, table.Identifier(), literal(path)))
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	return errors.Join(fsync.File(path), fsync.Dir(filepath.Dir(filepath.Dir(path))))
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// swapDirectory puts fresh in place and what was there away.
func swapDirectory(fresh, place, away string) error {
	err := os.Rename(place, away)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	existed := err == nil
	if err := os.Rename(fresh, place); err != nil {
		if existed {
			err = errors.Join(err, os.Rename(away, place))
		}
		return err
	}
	return fsync.Dir(filepath.Dir(place))
}
