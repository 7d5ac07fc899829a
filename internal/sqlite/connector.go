//go:build cgo

package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net/url"

	"github.com/mattn/go-sqlite3"
)

// connector opens connections without registering a driver name.
type connector struct {
	cfg      Config
	readOnly bool
	copies   bool // a reader that writes another file
	frozen   bool // read without the -shm file, which this user may not make
}

// Driver is part of driver.Connector.
func (c *connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// Connect opens one connection, sets its pragmas and reads each back.
func (c *connector) Connect(context.Context) (driver.Conn, error) {
	d := &sqlite3.SQLiteDriver{ConnectHook: c.configure}
	return d.Open(c.dsn())
}

func (c *connector) dsn() string {
	q := url.Values{}
	q.Set("_mutex", "no") // package sql lets one goroutine use a connection at a time
	q.Set("_txlock", "immediate")
	if c.readOnly {
		q.Set("_txlock", "deferred")
	}
	if c.frozen {
		q.Set("immutable", "1")
	}
	// A question mark in the path would start the options too early.
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: c.cfg.Path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

type pragma struct{ name, value string }

// pragmas lists what every connection sets and reads back.
func (c *connector) pragmas() []pragma {
	cacheKiB := c.cfg.CacheKiB
	if c.readOnly {
		cacheKiB = c.cfg.ReaderCacheKiB
	}
	p := []pragma{
		{"busy_timeout", fmt.Sprint(c.cfg.BusyTimeout.Milliseconds())},
		{"synchronous", map[string]string{"NORMAL": "1", "FULL": "2"}[c.cfg.Synchronous]},
		{"cache_size", fmt.Sprint(-cacheKiB)},
		{"wal_autocheckpoint", fmt.Sprint(c.cfg.WALPages)},
		{"foreign_keys", boolDigit(c.cfg.ForeignKeys)},
		{"trusted_schema", "0"},
		{"secure_delete", boolDigit(c.cfg.SecureDelete)},
		{"temp_store", "2"}, // in memory: what is private must not reach the system's temporary directory
	}
	if !c.readOnly {
		p = append(p, pragma{"journal_mode", "wal"}) // readers find it so
	}
	if c.cfg.MMapBytes > 0 {
		p = append(p, pragma{"mmap_size", fmt.Sprint(c.cfg.MMapBytes)})
	}
	if c.readOnly && !c.copies {
		p = append(p, pragma{"query_only", "1"})
	}
	return p
}

func boolDigit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func (c *connector) configure(conn *sqlite3.SQLiteConn) error {
	if !c.readOnly {
		// Only a new file takes a page size, and only before it becomes WAL; an old one keeps its own.
		if err := setPragma(conn, pragma{"page_size", fmt.Sprint(c.cfg.PageSize)}); err != nil {
			return err
		}
		if err := c.refuseForeign(conn); err != nil {
			return err
		}
	}
	for _, p := range c.pragmas() {
		if err := setPragma(conn, p); err != nil {
			return err
		}
		got, err := readPragma(conn, p.name)
		if err != nil {
			return err
		}
		if got != p.value {
			return fmt.Errorf("PRAGMA %s is %s and would not become %s", p.name, got, p.value)
		}
	}
	return nil
}

// refuseForeign is the first look at a file, before WAL changes it. Whether the file is claimed or
// still to be claimed is decided later, in one transaction.
func (c *connector) refuseForeign(conn *sqlite3.SQLiteConn) error {
	var f whose
	for _, look := range []struct {
		query string
		args  []driver.Value
		into  []*int64
	}{
		{`PRAGMA application_id`, nil, []*int64{&f.id}},
		{tablesQuery, []driver.Value{c.cfg.Foreign}, []*int64{&f.tables, &f.foreign, &f.ours}},
	} {
		if err := readNumbers(conn, look.query, look.args, look.into); err != nil {
			return err
		}
	}
	return f.refuse(c.cfg)
}

// readNumbers reads one row of numbers.
func readNumbers(conn *sqlite3.SQLiteConn, query string, args []driver.Value, into []*int64) error {
	rows, err := conn.Query(query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	row := make([]driver.Value, len(into))
	if err := rows.Next(row); err != nil {
		return err
	}
	for i, v := range row {
		*into[i], _ = v.(int64)
	}
	return nil
}

func setPragma(conn *sqlite3.SQLiteConn, p pragma) error {
	if _, err := conn.Exec("PRAGMA "+p.name+" = "+p.value, nil); err != nil {
		return fmt.Errorf("PRAGMA %s: %w", p.name, err)
	}
	return nil
}

func readPragma(conn *sqlite3.SQLiteConn, name string) (string, error) {
	rows, err := conn.Query("PRAGMA "+name, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	dest := make([]driver.Value, 1)
	if err := rows.Next(dest); err != nil {
		return "", fmt.Errorf("PRAGMA %s: %w", name, err)
	}
	return fmt.Sprint(dest[0]), nil
}
