package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/workflows/tables"
)

// silverTable is one form's table that is to be made.
type silverTable struct {
	SilverTable
	columns []silverColumn
	answers int // columns that are not of the record itself
}

type silverColumn struct{ name, typ string }

// tableList is every silver table of the database, by study key.
type tableList map[string][]SilverTable

// of returns a study's tables, or those of some of its forms.
func (l tableList) of(studyKey string, forms []string) []SilverTable {
	return slices.DeleteFunc(slices.Clone(l[studyKey]), func(t SilverTable) bool {
		return len(forms) > 0 && !slices.Contains(forms, t.FormKey)
	})
}

// heldTables reads which tables are there.
func (b *silverBuild) heldTables(ctx context.Context) (tableList, error) {
	return readTables(ctx, b.conn)
}

// taken holds names as DuckDB compares them: without the case of letters.
type taken map[string]bool

// free takes the name if nobody has it, else the name with a hash of itself.
func (t taken) free(name string) string {
	for t[answers.Fold(name)] {
		sum := sha256.Sum256([]byte(name))
		name += "_" + hex.EncodeToString(sum[:4])
	}
	t[answers.Fold(name)] = true
	return name
}

// nameTables finds the place of each form's table. A table that is there keeps its name.
func (b *silverBuild) nameTables(ctx context.Context, schemas []tables.FormSchema, held tableList) ([]silverTable, error) {
	schema, err := b.schemaName(ctx, held)
	if err != nil {
		return nil, err
	}
	names, used := map[string]string{}, taken{}
	for _, t := range held[b.StudyKey] {
		stays := len(b.opts.Map.Forms) > 0 && !slices.Contains(b.opts.Map.Forms, t.FormKey)
		if stays || slices.ContainsFunc(schemas, func(s tables.FormSchema) bool { return s.FormKey == t.FormKey }) {
			names[t.FormKey] = t.Name
			used[answers.Fold(t.Name)] = true
		}
	}
	b.built = map[string]silverTable{}
	var wanted []silverTable
	for _, s := range schemas {
		if _, twice := b.built[s.FormKey]; twice {
			return nil, fmt.Errorf("two forms have the key %s", s.FormKey)
		}
		name, known := names[s.FormKey]
		if !known {
			name = used.free(identifier(s.FormKey))
		}
		table, err := newSilverTable(SilverTable{s.FormKey, schema, name}, s)
		if err != nil {
			return nil, err
		}
		b.built[s.FormKey] = table
		wanted = append(wanted, table)
	}
	return wanted, nil
}

// schemaName is the schema of the study's tables: the one it has, or a new one that no other study
// and no one else has.
func (b *silverBuild) schemaName(ctx context.Context, held tableList) (string, error) {
	if own := held[b.StudyKey]; len(own) > 0 {
		return own[0].Schema, nil
	}
	used := taken{}
	for _, tables := range held {
		used[answers.Fold(tables[0].Schema)] = true
	}
	rows, err := b.conn.QueryContext(ctx, `SELECT DISTINCT schema_name FROM duckdb_tables() WHERE database_name = current_database()`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", err
		}
		used[answers.Fold(name)] = true
	}
	return used.free(identifier(SilverSchema(b.StudyKey))), rows.Err()
}

func newSilverTable(place SilverTable, s tables.FormSchema) (silverTable, error) {
	table := silverTable{SilverTable: place}
	names := columnNames(s.Schema)
	for i, f := range s.Schema.Fields() {
		typ, err := duckTypeOf(f.Type)
		if err != nil {
			return table, fmt.Errorf("form %s column %s: %w", s.FormKey, f.Name, err)
		}
		table.columns = append(table.columns, silverColumn{names[i], typ.sql})
		if _, answer := f.Metadata.GetValue("form"); answer {
			table.answers++
		}
	}
	return table, nil
}

// columnNames are the names of a table's columns in DuckDB, which differ there too.
func columnNames(schema *arrow.Schema) []string {
	used, names := taken{}, make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		names[i] = used.free(identifier(f.Name))
	}
	return names
}

func (t silverTable) ddl() string {
	columns := make([]string, len(t.columns))
	for i, c := range t.columns {
		columns[i] = quote(c.name) + " " + c.typ
	}
	return " (" + strings.Join(columns, ", ") + ")"
}

// changesSince lists how the columns differ from those of a table that was there before.
func (t silverTable) changesSince(before []silverColumn) []SchemaChange {
	var changes []SchemaChange
	for _, c := range t.columns {
		i := slices.IndexFunc(before, func(b silverColumn) bool { return b.name == c.name })
		if i < 0 {
			changes = append(changes, SchemaChange{t.FormKey, c.name, "", c.typ})
		} else if before[i].typ != c.typ {
			changes = append(changes, SchemaChange{t.FormKey, c.name, before[i].typ, c.typ})
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(t.columns, func(c silverColumn) bool { return c.name == b.name }) {
			changes = append(changes, SchemaChange{t.FormKey, b.name, b.typ, ""})
		}
	}
	return changes
}

// identifier is a text as it can be a name in DuckDB, which has none with NUL: that is spelled as in JSON.
func identifier(text string) string { return strings.ReplaceAll(text, "\x00", `\u0000`) }

// quote makes an identifier of any text without NUL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// escapePercent guards text that becomes part of a format string.
func escapePercent(s string) string { return strings.ReplaceAll(s, "%", "%%") }
