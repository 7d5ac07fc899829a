package qualification

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/imednetgo/imednet/internal/sqlite"
)

// wal lets another process read one moment of an SQLite file while this one writes.
func (p probe) wal(ctx context.Context) (err error) {
	db, err := openProbe(ctx, p.path("wal.sqlite3"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var mode string
	if err := db.Reader().QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	p.Equal("journal mode of SQLite", "wal", mode)
	if err := addRow(ctx, db); err != nil {
		return err
	}
	reader, err := Start(ctx, p.executable, Task{"read", []string{p.path("wal.sqlite3")}})
	if err != nil {
		return err
	}
	p.Equal("rows that another process reads", "1", reader.Next())
	if err := addRow(ctx, db); err != nil {
		return errors.Join(err, reader.Kill())
	}
	same, err := reader.Ask("the same moment")
	p.Equal("rows that it reads in the same moment, after this process wrote one", "1", same)
	return errors.Join(err, reader.End(), p.reopened(ctx))
}

// reopened counts the rows in a new process: what was committed is there.
func (p probe) reopened(ctx context.Context) error {
	reader, err := Start(ctx, p.executable, Task{"read", []string{p.path("wal.sqlite3")}})
	if err != nil {
		return err
	}
	p.Equal("rows that a later process reads", "2", reader.Next())
	return reader.End()
}

func openProbe(ctx context.Context, path string) (*sqlite.DB, error) {
	return sqlite.Open(ctx, sqlite.Config{Path: path, ApplicationID: 0x494d5150, Migrations: []string{"CREATE TABLE probe (x INTEGER)"}})
}

func addRow(ctx context.Context, db *sqlite.DB) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO probe VALUES (1)")
		return err
	})
}

// readRows counts the rows of the probe, again for each line of its input, all in one moment.
func readRows(ctx context.Context, args []string, in *bufio.Scanner, say func(string)) (err error) {
	db, err := openProbe(ctx, args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Read(ctx, func(tx *sql.Tx) error {
		for {
			var rows int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM probe").Scan(&rows); err != nil {
				return err
			}
			say(strconv.Itoa(rows))
			if !in.Scan() {
				return nil
			}
		}
	})
}
