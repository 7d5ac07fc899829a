//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// Declared returns what a new file declares. What is there before the first migration may have been made by another
// program, in a file that was adopted.
func (c Config) Declared(ctx context.Context) (Declared, error) {
	unmigrated := c
	unmigrated.Migrations = nil
	older, err := unmigrated.made(ctx)
	if err != nil {
		return nil, err
	}
	declared, err := c.made(ctx)
	for at, d := range declared {
		_, d.Older = older[at]
		d.Older = d.Older && at != "table/imednet_schema"
		declared[at] = d
	}
	return declared, err
}

// made makes the tables in memory and reads what they declare.
func (c Config) made(ctx context.Context) (declared Declared, err error) {
	c.Whole = false
	db := &DB{w: sql.OpenDB(inMemory{})}
	db.w.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.w.Close()) }()
	if err := db.migrate(ctx, c); err != nil {
		return nil, err
	}
	err = inTx(ctx, db.w, nil, func(tx *sql.Tx) error {
		declared, err = ReadDeclared(ctx, tx)
		return err
	})
	return declared, err
}

// inMemory opens a database of its own, which ends with its connection.
type inMemory struct{}

// Driver is part of driver.Connector.
func (inMemory) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// Connect opens it.
func (m inMemory) Connect(context.Context) (driver.Conn, error) { return m.Driver().Open(":memory:") }
