package audit

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
)

// indexSQL finds the indexes that a schema makes: their whole statement, and their name.
var indexSQL = regexp.MustCompile(`CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?(\w+) ON [^;]+`)

// indexQueries find an index by its name, written as the schema writes it. In PostgreSQL it must also be
// one that is used and kept.
var indexQueries = map[Dialect]string{
	SQLite: `SELECT max(sql) FROM sqlite_schema WHERE type = 'index' AND name = ?`,
	PostgreSQL: `SELECT max(replace(pg_get_indexdef(c.oid), ' ON ' || current_schema || '.', ' ON ')) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
		WHERE c.relnamespace = current_schema::regnamespace AND c.relname = ? AND i.indisvalid AND i.indisready AND i.indislive`,
}

// CheckIndexes notes every index of the schema that the database lacks, or that reads otherwise. Of one
// that may be older than the file's being ours (IF NOT EXISTS) only the name is compared.
func CheckIndexes(ctx context.Context, tx *sql.Tx, d Dialect, schema string, found *Findings) error {
	if d == PostgreSQL {
		if err := plainNames(ctx, tx); err != nil {
			return err
		}
	}
	for _, match := range indexSQL.FindAllStringSubmatch(schema, -1) {
		statement, name := match[0], match[1]
		var have sql.NullString
		err := tx.QueryRowContext(ctx, indexQueries[d], name).Scan(&have)
		if err != nil {
			return err
		}
		ours := !strings.Contains(statement, "IF NOT EXISTS")
		switch {
		case !have.Valid:
			found.Add("index/"+name, "is missing")
		case ours && have.String != statement:
			found.Add("index/"+name, "was replaced by another")
		}
	}
	return nil
}
