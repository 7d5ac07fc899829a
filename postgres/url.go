package postgres

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/transit"
)

// ErrInsecure means that the URL would let passwords and data travel in the clear.
var ErrInsecure = errors.New("the connection would not be encrypted")

// configure reads the URL. Its errors repeat nothing of it, since it may hold a password.
func (s *settings) configure(databaseURL string) (*pgx.ConnConfig, error) {
	const function = "postgres.Open"
	if !strings.HasPrefix(databaseURL, "postgres://") && !strings.HasPrefix(databaseURL, "postgresql://") {
		return nil, argument.Invalid(function, "url", "must begin with postgres:// or postgresql://")
	}
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, argument.Invalid(function, "url", "cannot be read, or names a file of certificates that cannot be; it goes postgres://user@host:port/database?sslmode=verify-full")
	}
	if !transit.Encrypted(config) {
		return nil, refuse(ErrInsecure, "add sslmode=verify-full, or sslmode=require where the server's certificate cannot be verified; only a Unix socket and this computer's own address go without")
	}
	transit.HearAnswers(config)
	if s.schema == "" {
		s.schema = DefaultSchema
		if path := config.RuntimeParams["search_path"]; path != "" {
			s.schema = path
		}
		if err := validSchema(function, s.schema); err != nil {
			return nil, err
		}
	}
	config.RuntimeParams["search_path"] = s.schema + ", pg_temp" // which would otherwise come first
	for name, d := range map[string]time.Duration{
		"statement_timeout": s.statement, "lock_timeout": s.wait, "idle_in_transaction_session_timeout": max(s.wait/2, time.Second),
	} {
		config.RuntimeParams[name] = strconv.FormatInt(d.Milliseconds(), 10)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "imednet"
	}
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.RuntimeParams["timezone"] = "UTC"
	return config, nil
}
