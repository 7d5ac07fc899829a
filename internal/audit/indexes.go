package audit

import (
	"context"
	"database/sql"
	"regexp"
)

// indexSQL finds the indexes that a schema makes: their whole statement, and their name.
var indexSQL = regexp.MustCompile(`CREATE (?:UNIQUE )?INDEX (\w+) ON [^;]+`)

// indexQuery finds an index by its name, written as the schema writes it, if it is one that is used and kept.
const indexQuery = `SELECT max(replace(pg_get_indexdef(c.oid), ' ON ' || current_schema || '.', ' ON ')) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
	WHERE c.relnamespace = current_schema::regnamespace AND c.relname = ? AND i.indisvalid AND i.indisready AND i.indislive`

// checkIndexes notes every index of a schema that a PostgreSQL database lacks, or that reads otherwise.
func checkIndexes(ctx context.Context, tx *sql.Tx, schema string, found *Findings) error {
	if err := plainNames(ctx, tx); err != nil {
		return err
	}
	for _, match := range indexSQL.FindAllStringSubmatch(schema, -1) {
		statement, name := match[0], match[1]
		var have sql.NullString
		if err := tx.QueryRowContext(ctx, indexQuery, name).Scan(&have); err != nil {
			return err
		}
		switch {
		case !have.Valid:
			found.Add("index/"+name, "is missing")
		case have.String != statement:
			found.Add("index/"+name, "was replaced by another")
		}
	}
	return nil
}
