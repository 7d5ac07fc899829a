package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/imednetgo/imednet/internal/transit"
)

// serverFault is a failure of the server or of the way to it. Its text names the server's code and
// tables, but never a value: what the server says of a row may be a subject's data.
type serverFault struct {
	err  error
	lost bool // and the connection is lost
}

// Error names the failure.
func (f *serverFault) Error() string {
	var server *pgconn.PgError
	switch {
	case errors.As(f.err, &server):
		return "PostgreSQL: " + describe(server, errors.As(f.err, new(*pgconn.ConnectError)))
	case errors.Is(f.err, errSilent):
		return errSilent.Error()
	case errors.Is(f.err, context.Canceled):
		return context.Canceled.Error()
	case errors.Is(f.err, context.DeadlineExceeded):
		return context.DeadlineExceeded.Error()
	case errors.As(f.err, new(*pgconn.ConnectError)):
		return unconnected(f.err)
	}
	if f.lost {
		return "the connection to the database server was lost"
	}
	return "the database's driver could not send or read a value"
}

// unconnected says why there is no connection, as far as it is not the network's fault.
func unconnected(err error) string {
	switch {
	case errors.As(err, new(*tls.CertificateVerificationError)), errors.As(err, new(x509.UnknownAuthorityError)),
		errors.As(err, new(x509.HostnameError)), errors.As(err, new(x509.CertificateInvalidError)):
		return "the server's certificate could not be verified"
	case strings.Contains(err.Error(), "server refused TLS connection"): // pgx has no type for it
		return "the server does not encrypt connections"
	}
	for _, answer := range []error{transit.ErrAnsweredError, transit.ErrNoServer} {
		if errors.Is(err, answer) {
			return answer.Error()
		}
	}
	return "no connection could be made"
}

// Unwrap returns pgx's error, whose text and fields may hold data.
func (f *serverFault) Unwrap() error { return f.err }

// shownClasses are the classes of codes whose messages speak of the server, of names and of statements,
// which are constant; those of the others may quote a value.
var shownClasses = []string{"08", "0A", "25", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "P0"}

// describe repeats what the server said if it cannot quote a value, as before any statement.
func describe(e *pgconn.PgError, connecting bool) string {
	text := "SQLSTATE " + e.Code
	if connecting || len(e.Code) == 5 && slices.Contains(shownClasses, e.Code[:2]) {
		text = e.Message + " (" + text + ")"
	}
	if e.TableName != "" {
		text += ", table " + e.TableName
	}
	if e.ConstraintName != "" {
		text += ", constraint " + e.ConstraintName
	}
	return text
}

// code is the server's code of an error; "" if it is not the server's.
func code(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code
	}
	return ""
}

// passing reports whether a transaction failed for a reason that another attempt may not meet: the
// connection or the server went away or has none left, or the server undid it for the sake of another.
func passing(err error) bool {
	if errors.Is(err, driver.ErrBadConn) {
		return true
	}
	var f *serverFault
	if !errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if c := code(f); c != "" {
		return transit.Passing(c)
	}
	return f.lost
}

// settled reports whether the server has said that a commit did not happen. Any other failure of one
// leaves it open.
func settled(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Severity == "ERROR"
}
