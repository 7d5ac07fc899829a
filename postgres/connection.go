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

// errSilent means that nothing answered within the time to connect.
var errSilent = errors.New("nothing answers where the database server should be")

// Connect is part of driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := stdlib.GetConnector(c.config).Connect(ctx)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = errSilent
	}
	if err != nil {
		return nil, &serverFault{err, true}
	}
	return connection{conn.(*stdlib.Conn), &progress{}}, nil
}

// Driver is part of driver.Connector.
func (c connector) Driver() driver.Driver { return stdlib.GetDefaultDriver() }

// connection is pgx's, with the stores' placeholders and our errors. It embeds nothing, nor do its statements and
// rows: a method that a later version of pgx adds for database/sql to find, as it did for Go 1.27, would pass pgx's
// errors on as they are.
type connection struct {
	pgx *stdlib.Conn
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
	return &serverFault{err, c.pgx.Conn().IsClosed()}
}

// Close is part of driver.Conn.
func (c connection) Close() error { return c.fault(c.pgx.Close()) }

// Ping is part of driver.Pinger.
func (c connection) Ping(ctx context.Context) error { return c.fault(c.pgx.Ping(ctx)) }

// ResetSession is part of driver.SessionResetter.
func (c connection) ResetSession(ctx context.Context) error { return c.fault(c.pgx.ResetSession(ctx)) }

// Begin is part of driver.Conn.
func (c connection) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx is part of driver.ConnBeginTx.
func (c connection) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	*c.now = progress{}
	if o, ok := ctx.Value(openingKey{}).(*opening); ok {
		return o.begin(c)
	}
	tx, err := c.pgx.BeginTx(ctx, opts)
	if err != nil {
		return nil, c.fault(err)
	}
	return transaction{tx, c}, nil
}

// Prepare is part of driver.Conn.
func (c connection) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext is part of driver.ConnPrepareContext.
func (c connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.sendWaiting(ctx); err != nil {
		return nil, err
	}
	t := translate(query)
	stmt, err := c.pgx.PrepareContext(ctx, t.text)
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
	result, err := c.pgx.ExecContext(ctx, t.text, t.take(args))
	return result, c.fault(err)
}

// sendWaiting sends the statements that wait, in one round trip.
func (c connection) sendWaiting(ctx context.Context) error {
	if c.now.waiting.Len() == 0 {
		return nil
	}
	batch := c.now.waiting
	c.now.waiting = pgx.Batch{}
	return c.fault(c.pgx.Conn().SendBatch(ctx, &batch).Close())
}

// QueryContext is part of driver.QueryerContext.
func (c connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.sendWaiting(ctx); err != nil {
		return nil, err
	}
	t := translate(query)
	r, err := c.pgx.QueryContext(ctx, t.text, t.take(args))
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
	return c.pgx.CheckNamedValue(v)
}

func (c connection) rows(r driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return nil, c.fault(err)
	}
	return rows{r.(*stdlib.Rows), c}, nil
}

type transaction struct {
	pgx  driver.Tx
	conn connection
}

// Commit is part of driver.Tx.
func (t transaction) Commit() error { return t.conn.fault(t.pgx.Commit()) }

// Rollback is part of driver.Tx.
func (t transaction) Rollback() error { return t.conn.fault(t.pgx.Rollback()) }

type statement struct {
	pgx  *stdlib.Stmt
	conn connection
	t    translation
}

// NumInput is part of driver.Stmt.
func (statement) NumInput() int {
	return -1 // the server counts what is taken
}

// Exec is part of driver.Stmt, whose users call ExecContext.
func (s statement) Exec([]driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }

// Query is part of driver.Stmt, whose users call QueryContext.
func (s statement) Query([]driver.Value) (driver.Rows, error) { return nil, driver.ErrSkip }

// ExecContext is part of driver.StmtExecContext.
func (s statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.conn.sendWaiting(ctx); err != nil {
		return nil, err
	}
	result, err := s.pgx.ExecContext(ctx, s.t.take(args))
	return result, s.conn.fault(err)
}

// QueryContext is part of driver.StmtQueryContext.
func (s statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.conn.sendWaiting(ctx); err != nil {
		return nil, err
	}
	r, err := s.pgx.QueryContext(ctx, s.t.take(args))
	return s.conn.rows(r, err)
}

// Close is part of driver.Stmt.
func (s statement) Close() error { return s.conn.fault(s.pgx.Close()) }

type rows struct {
	pgx  *stdlib.Rows
	conn connection
}

// Columns is part of driver.Rows.
func (r rows) Columns() []string { return r.pgx.Columns() }

// Next is part of driver.Rows.
func (r rows) Next(dest []driver.Value) error { return r.conn.fault(r.pgx.Next(dest)) }

// Close is part of driver.Rows. It reads what the server still says.
func (r rows) Close() error { return r.conn.fault(r.pgx.Close()) }
