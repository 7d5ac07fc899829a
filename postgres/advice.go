package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/imednetgo/imednet"
)

// advice is what people can do about a fault of the server.
type advice struct {
	codes string // SQLSTATEs, or the classes that they begin with, separated by blanks
	is    error  // what it is besides, for a program; nil if nothing
	hint  string
}

// advices are looked through in this order: a class stands behind its codes.
var advices = []advice{
	{"53100", syscall.ENOSPC, "free space on the database server, then do the same again"},
	{"53300", nil, "end other connections, or raise the server's max_connections or the user's CONNECTION LIMIT"},
	{"53 54", nil, "the server needs more memory, or higher limits; its log says more"},
	{"28", nil, "check the user in the URL, the password in ~/.pgpass or PGPASSWORD, and the server's pg_hba.conf"},
	{"3D 57P04", nil, "correct the database's name in the URL, or make the database"},
	{"42501", ErrDenied, "connect as a user who may do this, or let the schema's owner grant it (docs/scale.md has the statements)"},
	{"25006", nil, "this server can only be read: name the primary one in the URL, or add target_session_attrs=read-write to several"},
	{"57014", nil, "the statement was ended, by the limit that postgres.WithStatementTimeout or the server sets, or by somebody there"},
	{"57P01 57P02 57P03 57P05 08", nil, "try again when the server answers; nothing was written"},
	{"58 XX", nil, "the database server failed: its log says why, and whether its disk is full or damaged"},
}

// adviceFor returns the advice for a server's code; without a hint if there is none.
func adviceFor(code string) advice {
	for _, a := range advices {
		for _, begin := range strings.Fields(a.codes) {
			if strings.HasPrefix(code, begin) {
				return a
			}
		}
	}
	return advice{}
}

// advised adds to an error what helps against the server's fault in it, or else the other hint, unless a hint was
// given before.
func advised(err error, otherwise string) error {
	a := adviceFor(code(err))
	hint := cmp.Or(a.hint, otherwise)
	var told *imednet.Error
	if hint == "" || errors.As(err, &told) && told.Hint != "" {
		return err
	}
	if a.is != nil {
		err = fmt.Errorf("%w: %w", a.is, err)
	}
	return refuse(err, hint)
}
