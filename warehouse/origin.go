package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/program"
)

// The parts of a study in a warehouse that are made together.
const (
	bronzePart = "bronze"
	silverPart = "silver"

	silverStream = "silver"
)

// PartOrigin is the state of a study from which a part of a warehouse was made, and the version of this
// library that made it. The zero value means that nothing was made, not from one state of the mirror, or
// that a silver table was dropped since.
type PartOrigin struct {
	imednet.Origin
	Program string
}

// Origins are the origins of a study in a warehouse: of everything that [DuckDBIngestion.IngestStudy]
// ingests, and of the tables of [DuckDBIngestion.BuildSilverTables].
type Origins struct{ Ingested, Silver PartOrigin }

// ReadOrigins reads from which state of the mirror a study in the file at path was made. A file that does
// not exist, or in which nothing was noted, gives zero values. The file is opened read-only: if a
// process has it open for writing, the error is [ErrBusy]; if a table that runs continue was dropped,
// it is [ErrDamaged].
func ReadOrigins(ctx context.Context, path, studyKey string, opts ...Option) (Origins, error) {
	var found Origins
	if err := errors.Join(argument.Named("warehouse.ReadOrigins", "path", path), argument.Named("warehouse.ReadOrigins", "studyKey", studyKey)); err != nil {
		return found, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	db, err := OpenReadOnly(ctx, path, opts...)
	if err != nil {
		return found, err
	}
	err = errors.Join(found.read(ctx, db, studyKey), db.Close())
	if err != nil {
		return Origins{}, failure(ctx, "read origins", studyKey, "", err, "")
	}
	return found, nil
}

func (o *Origins) read(ctx context.Context, db *sql.DB, studyKey string) error {
	var known bool
	err := db.QueryRowContext(ctx, `SELECT count(*) > 0 FROM duckdb_tables() WHERE database_name = current_database() AND table_name = 'imednet_origins'`).Scan(&known)
	if err != nil || !known { // an earlier version of this library made the file
		return err
	}
	if err := checkWhole(ctx, db); err != nil {
		return err
	}
	if err := o.readParts(ctx, db, studyKey); err != nil {
		return err
	}
	made, err := readTables(ctx, db)
	if err != nil {
		return err
	}
	dropped, err := anyDropped(ctx, db, made[studyKey])
	if dropped {
		o.Silver = PartOrigin{}
	}
	return err
}

func (o *Origins) readParts(ctx context.Context, db *sql.DB, studyKey string) error {
	rows, err := db.QueryContext(ctx, `SELECT part, version, server_time, cut, program FROM imednet_origins WHERE study_key = ?`, studyKey)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var part string
		var version int64
		var at sql.NullTime
		var one PartOrigin
		if err := rows.Scan(&part, &version, &at, &one.Cut, &one.Program); err != nil {
			return err
		}
		one.Version = imednet.MirrorVersion(version)
		if at.Valid {
			one.ServerTime = at.Time.UTC()
		}
		switch part {
		case bronzePart:
			o.Ingested = one
		case silverPart:
			o.Silver = one
		}
	}
	return rows.Err()
}

// forgetOrigin takes back what is noted about the part that a run changes.
func (w *work) forgetOrigin(ctx context.Context) error {
	part := bronzePart
	if w.Stream == silverStream {
		part = silverPart
	}
	_, err := w.conn.ExecContext(ctx, `DELETE FROM imednet_origins WHERE study_key = ? AND part = ?`, w.StudyKey, part)
	return err
}

// noteOrigin notes in the transaction from which state of the mirror a part was made. Sources that read
// the server, or several states, have none.
func (w *work) noteOrigin(ctx context.Context, part string, sources ...any) error {
	var origin imednet.Origin
	for i, src := range sources {
		one, err := imednet.OriginOf(ctx, src, w.StudyKey)
		if err != nil {
			return err
		}
		if i > 0 && one != origin {
			one = imednet.Origin{}
		}
		if origin = one; origin.IsZero() {
			break
		}
	}
	if origin.IsZero() {
		return nil
	}
	var at any
	if !origin.ServerTime.IsZero() {
		at = origin.ServerTime.UTC()
	}
	_, err := w.conn.ExecContext(ctx, `INSERT INTO imednet_origins VALUES (?, ?, ?, ?, ?, ?)`,
		w.StudyKey, part, int64(origin.Version), at, origin.Cut, program.Info().String())
	return err
}
