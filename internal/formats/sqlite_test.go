package formats

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
)

// checkSQLite holds a page against the schema of a SQLite file: every table with its columns,
// primary key and indexes, every trigger, and the numbers in the file's head.
func checkSQLite(d *document, page, path string) {
	db := storetest.Raw(d.t, path)
	for _, table := range texts(d.t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`) {
		where := page
		if table == "imednet_schema" {
			where = "formats"
		}
		s := d.find(where, "Table "+table)
		d.compare(s, sqliteColumns(d.t, db, table))
		require.Equal(d.t, sqliteKey(d.t, db, table), s.line("Primary key"), "%s: primary key", s)
		require.Equal(d.t, sqliteIndexes(d.t, db, table), s.line("Indexes"), "%s: indexes", s)
	}
	checkTriggers(d, page, db)
	checkHead(d, page, db)
}

func sqliteColumns(t *testing.T, db *sql.DB, table string) []fact {
	rows, err := db.Query(`SELECT name, type, "notnull" FROM pragma_table_info(?) ORDER BY cid`, table)
	require.NoError(t, err)
	defer rows.Close()
	var facts []fact
	for rows.Next() {
		var f fact
		var notNull bool
		require.NoError(t, rows.Scan(&f.name, &f.typ, &notNull))
		if notNull {
			f.typ += " NOT NULL"
		}
		facts = append(facts, f)
	}
	require.NoError(t, rows.Err())
	return facts
}

func sqliteKey(t *testing.T, db *sql.DB, table string) string {
	return strings.Join(texts(t, db, `SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk`, table), ", ")
}

// sqliteIndexes writes every index but that of the primary key as "name (a, b)", a UNIQUE
// constraint as "unique (a)".
func sqliteIndexes(t *testing.T, db *sql.DB, table string) string {
	rows, err := db.Query(`SELECT l.name, l."unique", l.origin, (SELECT group_concat(i.name, ', ') FROM pragma_index_info(l.name) i)
		FROM pragma_index_list(?) l WHERE l.origin <> 'pk' ORDER BY l.name`, table)
	require.NoError(t, err)
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name, origin, columns string
		var unique bool
		require.NoError(t, rows.Scan(&name, &unique, &origin, &columns))
		switch {
		case origin == "u":
			name = "unique"
		case unique:
			name = "unique " + name
		}
		all = append(all, fmt.Sprintf("%s (%s)", name, columns))
	}
	require.NoError(t, rows.Err())
	slices.Sort(all)
	return strings.Join(all, "; ")
}

var triggerEvent = regexp.MustCompile(`(BEFORE|AFTER) (INSERT|UPDATE|DELETE) ON (\w+)`)

func checkTriggers(d *document, page string, db *sql.DB) {
	rows, err := db.Query(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid`)
	require.NoError(d.t, err)
	defer rows.Close()
	var facts []fact
	for rows.Next() {
		var name, text string
		require.NoError(d.t, rows.Scan(&name, &text))
		facts = append(facts, fact{name, triggerEvent.FindString(text)})
	}
	require.NoError(d.t, rows.Err())
	if len(facts) > 0 {
		d.compare(d.find(page, "Triggers"), facts)
	}
}

// checkHead compares what SQLite keeps in the file's head, and the number of our schema.
func checkHead(d *document, page string, db *sql.DB) {
	facts := []fact{}
	for _, name := range []string{"application_id", "user_version", "page_size", "journal_mode"} {
		value := texts(d.t, db, `PRAGMA `+name)[0]
		if name == "application_id" {
			var id int64
			_, err := fmt.Sscan(value, &id)
			require.NoError(d.t, err)
			value = fmt.Sprintf("0x%08X", id)
		}
		facts = append(facts, fact{name, value})
	}
	facts = append(facts, fact{"schema number", texts(d.t, db, `SELECT max(version) FROM imednet_schema`)[0]})
	d.compare(d.find(page, "Head of the file"), facts)
}

func texts(t *testing.T, db *sql.DB, query string, args ...any) []string {
	rows, err := db.Query(query, args...)
	require.NoError(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}

// checkFiles holds the list of files of a page against a directory, both ways, modes included. In
// the list FILE stands for the store's path, words in <> for anything.
func checkFiles(d *document, s *section, dir, file string) {
	d.t.Helper()
	var patterns []*regexp.Regexp
	hit := make([]bool, len(s.rows))
	for _, row := range s.rows {
		p := regexp.QuoteMeta(strings.ReplaceAll(plain(row[0]), "FILE", file))
		p = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(p, `[^/]+`)
		patterns = append(patterns, regexp.MustCompile("^"+p+"$"))
	}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		require.NoError(d.t, err)
		name, err := filepath.Rel(dir, path)
		require.NoError(d.t, err)
		if name == "." {
			return nil
		}
		if entry.IsDir() {
			name += "/"
		}
		i := slices.IndexFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(filepath.ToSlash(name)) })
		if i < 0 {
			if !entry.IsDir() {
				d.t.Errorf("%s: %s is made and not described", s, name)
			}
			return nil
		}
		hit[i] = true
		info, err := entry.Info()
		require.NoError(d.t, err)
		if mode := fmt.Sprintf("%04o", info.Mode().Perm()); mode != plain(s.rows[i][1]) {
			d.t.Errorf("%s: %s has mode %s", s, name, mode)
		}
		return nil
	})
	require.NoError(d.t, err)
	for i, row := range s.rows {
		if !hit[i] {
			d.t.Errorf("%s: no file is like %s", s, row[0])
		}
	}
}
