//go:build cgo && !race

package formats

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

func checkWarehouse(d *document) {
	const page = "warehouse"
	dir := d.dir()
	w, err := warehouse.NewDuckDBIngestion(d.t.Context(), filepath.Join(dir, "w.duckdb"), warehouse.WithThreads(1))
	d.ok(err)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	client := imednettest.NewServer(study).Client()
	_, err = w.IngestMetadata(d.t.Context(), client, study.Key(), warehouse.MetadataOptions{})
	d.ok(err)
	_, err = w.IngestRevisions(d.t.Context(), client, study.Key(), warehouse.RevisionOptions{})
	d.ok(err)
	_, err = w.IngestRecords(d.t.Context(), client, study.Key(), warehouse.RecordOptions{})
	d.ok(err)
	checkFiles(d, d.find(page, "Files"), dir, "w.duckdb")
	checkTypedTables(d, w, client, study.Key())
	checkDuckDB(d, w.DB())

	var facts []fact
	for _, stream := range texts(d.t, w.DB(), `SELECT stream FROM imednet_runs`) {
		facts = append(facts, fact{name: stream})
	}
	d.compareSets(d.find(page, "Streams"), facts)
	require.Equal(d.t, []string{"silver_current_state_of"}, texts(d.t, w.DB(), `SELECT function_name FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro'`))
	require.Contains(d.t, strings.Join(d.find(page, "View silver_current_state").text, " "), "silver_current_state_of")

	exported := d.dir()
	_, err = w.ExportParquet(d.t.Context(), exported, study.Key())
	d.ok(err)
	checkFiles(d, d.find(page, "Files of the export"), exported, "")
	d.ok(w.Close())
}

// checkDuckDB holds the page against every table and view of the main schema.
func checkDuckDB(d *document, db *sql.DB) {
	rows, err := db.Query(`SELECT table_name, table_name IN (SELECT view_name FROM duckdb_views()), column_name, data_type || CASE WHEN is_nullable THEN '' ELSE ' NOT NULL' END
		FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal ORDER BY table_oid, column_index`)
	d.ok(err)
	defer rows.Close()
	var order []string
	columns := map[string][]fact{}
	for rows.Next() {
		var table string
		var view bool
		var f fact
		d.ok(rows.Scan(&table, &view, &f.name, &f.typ))
		heading := "Table " + table
		if view {
			heading = "View " + table
		}
		if columns[heading] == nil {
			order = append(order, heading)
		}
		columns[heading] = append(columns[heading], f)
	}
	d.ok(rows.Err())
	for _, heading := range order {
		s := d.find("warehouse", heading)
		d.compare(s, columns[heading])
		_, table, _ := strings.Cut(heading, " ")
		key := texts(d.t, db, `SELECT array_to_string(constraint_column_names, ', ') FROM duckdb_constraints() WHERE table_name = ? AND constraint_type = 'PRIMARY KEY'`, table)
		require.Equal(d.t, strings.Join(key, ""), s.line("Primary key"), "%s: primary key", s)
	}
	checkAttribution(d, db)
}

var quoted = regexp.MustCompile(`'(\w\w+)'`)

// checkAttribution reads the words out of the view that writes them.
func checkAttribution(d *document, db *sql.DB) {
	view := texts(d.t, db, `SELECT sql FROM duckdb_views() WHERE view_name = 'bronze_record_versions'`)[0]
	end := strings.Index(view, "attribution")
	var facts []fact
	for _, word := range quoted.FindAllStringSubmatch(view[:end], -1) {
		facts = append(facts, fact{name: word[1]})
	}
	d.compareSets(d.find("warehouse", "Values of attribution"), facts)
}

// checkTypedTables builds the tables of a plan that has every type of column, and holds the types
// of their columns against the page.
func checkTypedTables(d *document, w *warehouse.DuckDBIngestion, client *imednettest.Client, studyKey string) {
	mapper, err := tables.NewRecordMapper(client)
	d.ok(err)
	plan := everyType(d, mapper, studyKey)
	options := tables.MapOptions{Plan: plan}
	_, err = w.BuildSilverTables(d.t.Context(), mapper, studyKey, warehouse.SilverOptions{Map: options})
	d.ok(err)
	schemas, err := mapper.MapForms(d.t.Context(), studyKey, options).Schemas()
	d.ok(err)
	var facts []fact
	for _, s := range schemas {
		types := texts(d.t, w.DB(), `SELECT data_type FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? ORDER BY column_index`, warehouse.SilverSchema(studyKey), s.FormKey)
		require.Len(d.t, types, s.Schema.NumFields())
		for i, f := range s.Schema.Fields() {
			facts = append(facts, fact{f.Type.String(), types[i]})
		}
	}
	d.compareSets(d.find("warehouse", "Typed tables"), facts)
}

// everyType returns a plan of the study whose columns take all types in turn.
func everyType(d *document, mapper *tables.RecordMapper, studyKey string) *tables.Plan {
	plan, err := mapper.Plan(d.t.Context(), studyKey, tables.PlanOptions{})
	d.ok(err)
	types := words(d.t, "workflows/tables", "ColumnType")
	n := 0
	for i := range plan.Forms {
		for j := range plan.Forms[i].Columns {
			c := &plan.Forms[i].Columns[j]
			c.Type = tables.ColumnType(types[n%len(types)].name)
			if c.Type == tables.TypeTimestamp {
				c.Layout = "2006-01-02 15:04:05"
			}
			n++
		}
	}
	require.Greater(d.t, n, len(types))
	return plan
}
