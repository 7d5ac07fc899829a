package audit

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/imednetgo/imednet/internal/sqlite"
)

// CheckSchema notes every table and index of the store that the database lacks or declares otherwise, and every index that
// somebody else put on its tables. In PostgreSQL, where only the owner of the tables can change them, it compares
// the indexes of a schema. Tables and views beside those of the store are nobody's concern.
func (s *Store) CheckSchema(ctx context.Context, tx *sql.Tx, schema string, found *Findings) error {
	if s.file == nil {
		return checkIndexes(ctx, tx, schema, found)
	}
	want, err := s.file.Declared(ctx)
	if err != nil {
		return err
	}
	have, err := sqlite.ReadDeclared(ctx, tx)
	if err != nil {
		return err
	}
	compareDeclared(want, have, found)
	return nil
}

func compareDeclared(want, have sqlite.Declared, found *Findings) {
	tables := map[string]bool{}
	for _, at := range slices.Sorted(maps.Keys(want)) {
		tables[want[at].Table] = true
		is, there := have[at]
		switch {
		case !there:
			found.Add(at, "is missing")
		case !sameDeclaration(want[at], is):
			found.Add(at, "was replaced by another, or altered")
		}
		delete(have, at)
	}
	for _, at := range slices.Sorted(maps.Keys(have)) {
		if tables[have[at].Table] {
			found.Add("file", "has an index, or a table under a name, that is not this library's")
		}
	}
}

// sameDeclaration compares what another program may have made by its columns, and all else to the letter.
func sameDeclaration(want, have sqlite.Declaration) bool {
	if want.Table != have.Table {
		return false
	}
	if want.Older {
		return want.Columns == have.Columns
	}
	return want.Text == have.Text
}
