package postgrestest

import (
	"context"
	"errors"
	"os"

	"github.com/jackc/pgx/v5"
)

// Installed reports whether there is a server for programs that are no tests.
func Installed() bool {
	_, err := programs()
	return err == nil || os.Getenv(urlVariable) != ""
}

// Private returns the URL of a new schema for a program that is no test: on the server that IMEDNET_POSTGRES_URL
// names, or on a private one, which stop ends.
func Private(ctx context.Context) (schemaURL string, stop func() error, err error) {
	if given := os.Getenv(urlVariable); given != "" {
		schema := newSchema()
		return withSchema(given, schema), func() error { return remove(ctx, given, schema) }, nil
	}
	s, err := start("128MB") // PostgreSQL's own default
	if err != nil {
		return "", nil, err
	}
	stop = func() error {
		return errors.Join(s.tell("stop"), s.words.(interface{ Close() error }).Close())
	}
	for range 2000 {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(ctx, s.url()); err == nil {
			return withSchema(s.url(), newSchema()), stop, conn.Close(ctx)
		}
		nap()
	}
	return "", nil, errors.Join(err, stop())
}

// remove drops a schema.
func remove(ctx context.Context, server, schema string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `DROP SCHEMA IF EXISTS `+schema+` CASCADE`)
	return errors.Join(err, conn.Close(ctx))
}
