package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// opening is what a transaction begins with: questions that are sent together with BEGIN, in one round trip.
type opening struct {
	ctx       context.Context // its end ends the waiting for answers
	questions []question
	refused   error // by an answer without a row
	secured   bool  // an answer says that row-level security applies to tables that are copied to
}

// question is a statement and where its row goes; nil for one that has none.
type question struct {
	text    string
	args    []any
	into    []any
	refusal error // what no row means
}

// openingKey marks the context of a BeginTx that has an opening.
type openingKey struct{}

func (o *opening) ask(query string, args []any, refusal error, into ...any) {
	t := translate(query)
	taken := make([]any, len(t.args))
	for i, place := range t.args {
		taken[i] = args[place]
	}
	o.questions = append(o.questions, question{t.text, taken, into, refusal})
}

// transaction begins one whose end is up to its Commit and Rollback alone.
func (o *opening) transaction(pool *sql.DB) (*sql.Tx, error) {
	return pool.BeginTx(context.WithValue(context.WithoutCancel(o.ctx), openingKey{}, o), nil)
}

// batch is BEGIN with the questions.
func (o *opening) batch() *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue(`begin`)
	for _, q := range o.questions {
		queued := b.Queue(q.text, q.args...)
		if q.into == nil {
			continue
		}
		queued.QueryRow(func(row pgx.Row) error {
			err := row.Scan(q.into...)
			if errors.Is(err, pgx.ErrNoRows) {
				o.refused = q.refusal
			}
			return err
		})
	}
	return b
}

// begin asks the questions of a connection. database/sql may try another one.
func (o *opening) begin(c connection) (driver.Tx, error) {
	conn := c.pgx.Conn()
	if conn.IsClosed() {
		return nil, driver.ErrBadConn
	}
	o.refused = nil
	if err := conn.SendBatch(o.ctx, o.batch()).Close(); err != nil {
		err = errors.Join(c.fault(err), opened{c}.Rollback())
		if o.refused != nil {
			err = o.refused
		}
		return nil, err
	}
	*c.now = progress{opened: true, secured: o.secured}
	return opened{c}, nil
}

// opened is a transaction that an opening began.
type opened struct{ conn connection }

// Commit is part of driver.Tx. What still waits is sent with it.
func (t opened) Commit() error {
	var tag pgconn.CommandTag
	batch := t.conn.now.waiting
	batch.Queue(`commit`).Exec(func(said pgconn.CommandTag) error { tag = said; return nil })
	err := t.conn.pgx.Conn().SendBatch(context.Background(), &batch).Close()
	switch {
	case err != nil:
		return errors.Join(t.conn.fault(err), t.Rollback())
	case tag.String() == "ROLLBACK":
		err = pgx.ErrTxCommitRollback
	}
	*t.conn.now = progress{}
	return t.conn.fault(err)
}

// Rollback is part of driver.Tx.
func (t opened) Rollback() error {
	ctx, conn := context.Background(), t.conn.pgx.Conn()
	*t.conn.now = progress{}
	if conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return nil // nothing was begun, or it is over
	}
	_, err := conn.Exec(ctx, `rollback`)
	if err != nil {
		err = errors.Join(err, conn.Close(ctx))
	}
	return t.conn.fault(err)
}
