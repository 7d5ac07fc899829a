package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/argument"
)

// connector opens connections that speak the stores' SQL and whose errors show no data.
type connector struct{ config pgx.ConnConfig }

// Connect is part of driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := stdlib.GetConnector(c.config).Connect(ctx)
	if err != nil {
		return nil, &serverFault{err, true}
	}
	return connection{conn.(*stdlib.Conn), &progress{}}, nil
}

// Driver is part of driver.Connector.
func (c connector) Driver() driver.Driver { return stdlib.GetDefaultDriver() }

// connection is pgx's, with the stores' placeholders and our errors.
type connection struct {
	*stdlib.Conn
	now *progress
}

// progress is what a connection knows of its transaction.
type progress struct {
	opened  bool      // by an opening
	secured bool      // COPY would be refused
	waiting pgx.Batch // statements that go with the next one
}

// fault turns pgx's error into a serverFault; what database/sql compares stays as it is.
func (c connection) fault(err error) error {
	if err == nil || err == io.EOF || errors.Is(err, driver.ErrBadConn) {
		return err
	}
	return &serverFault{err, c.Conn.Conn().IsClosed()}
}

// BeginTx is part of driver.ConnBeginTx.
func (c connection) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	*c.now = progress{}
	if o, ok := ctx.Value(openingKey{}).(*opening); ok {
		return o.begin(c)
	}
	tx, err := c.Conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, c.fault(err)
	}
	return transaction{tx, c}, nil
}

// PrepareContext is part of driver.ConnPrepareContext.
func (c connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.sendWaiting(ctx); err != nil {
		return nil, err
	}
	t := translate(query)
	stmt, err := c.Conn.PrepareContext(ctx, t.text)
	if err != nil {
		return nil, c.fault(err)
	}
	return statement{stmt.(*stdlib.Stmt), c, t}, nil
}

// ExecContext is part of driver.ExecerContext.
func (c connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 1 {
		if rows, ok := args[0].Value.(*cache.CopiedRows); ok {
			return c.copyRows(ctx, rows)
		}
	}
	t := translate(query)
	if c.now.opened && cache.CanWait(ctx) {
		c.now.waiting.Queue(t.text, t.values(args)...)
		return driver.ResultNoRows, nil
	}
	if err := c.sendWaiting(ctx); err != nil {
		return nil, err
	}
	result, err := c.Conn.ExecContext(ctx, t.text, t.take(args))
	return result, c.fault(err)
}

// sendWaiting sends the statements that wait, in one round trip.
func (c connection) sendWaiting(ctx context.Context) error {
	if c.now.waiting.Len() == 0 {
		return nil
	}
	batch := c.now.waiting
	c.now.waiting = pgx.Batch{}
	return c.fault(c.Conn.Conn().SendBatch(ctx, &batch).Close())
}

// QueryContext is part of driver.QueryerContext.
func (c connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.sendWaiting(ctx); err != nil {
		return nil, err
	}
	t := translate(query)
	r, err := c.Conn.QueryContext(ctx, t.text, t.take(args))
	return c.rows(r, err)
}

// CheckNamedValue is part of driver.NamedValueChecker. As in SQLite, a truth value is stored as 0 or 1.
func (c connection) CheckNamedValue(v *driver.NamedValue) error {
	switch value := v.Value.(type) {
	case bool:
		v.Value = int64(0)
		if value {
			v.Value = int64(1)
		}
	case string:
		if strings.ContainsRune(value, 0) {
			return argument.Invalid("postgres", "text", "has a NUL character, which PostgreSQL cannot store")
		}
	}
	return c.Conn.CheckNamedValue(v)
}

func (c connection) rows(r driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return nil, c.fault(err)
	}
	return rows{r.(*stdlib.Rows), c}, nil
}

type transaction struct {
	driver.Tx
	conn connection
}

func (t transaction) Commit() error   { return t.conn.fault(t.Tx.Commit()) }
func (t transaction) Rollback() error { return t.conn.fault(t.Tx.Rollback()) }

type statement struct {
	*stdlib.Stmt
	conn connection
	t    translation
}

// NumInput is part of driver.Stmt.
func (statement) NumInput() int {
	return -1 // the server counts what is taken
}

// ExecContext is part of driver.StmtExecContext.
func (s statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.conn.sendWaiting(ctx); err != nil {
		return nil, err
	}
	result, err := s.Stmt.ExecContext(ctx, s.t.take(args))
	return result, s.conn.fault(err)
}

// QueryContext is part of driver.StmtQueryContext.
func (s statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.conn.sendWaiting(ctx); err != nil {
		return nil, err
	}
	r, err := s.Stmt.QueryContext(ctx, s.t.take(args))
	return s.conn.rows(r, err)
}

// Close is part of driver.Stmt.
func (s statement) Close() error { return s.conn.fault(s.Stmt.Close()) }

type rows struct {
	*stdlib.Rows
	conn connection
}

// Next is part of driver.Rows.
func (r rows) Next(dest []driver.Value) error { return r.conn.fault(r.Rows.Next(dest)) }

// Close is part of driver.Rows. It reads what the server still says.
func (r rows) Close() error { return r.conn.fault(r.Rows.Close()) }
