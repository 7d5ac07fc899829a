package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/workflows/tables"
)

// BuildSilverView creates the view silver_current_state anew: the reference's columns and, for
// every active record of every study, the newest value of each variable. Its form for one study
// is the table macro silver_current_state_of('KEY'). Both exist from the start and follow the
// data by themselves; building them again mends a database in which somebody changed them.
func (d *DuckDBIngestion) BuildSilverView(ctx context.Context) error {
	for _, statement := range []string{silverCurrentStateView, silverOfStudyMacro} {
		if _, err := d.db.ExecContext(ctx, statement); err != nil {
			return failure(ctx, "build the view", "", "", err, "")
		}
	}
	return nil
}

// Evolution says what happens when the forms of a study have changed since its silver tables were
// built.
type Evolution string

const (
	// Evolve gives the tables the new columns and types and notes each change in
	// imednet_schema_changes. It is the default. A column whose variable is gone goes; answers
	// that remain under its name are rejects, or an extra column when the plan has one.
	Evolve Evolution = "evolve"
	// Freeze refuses with a *SchemaError and changes nothing.
	Freeze Evolution = "freeze"
)

// SilverOptions are the settings of BuildSilverTables.
type SilverOptions struct {
	Evolution Evolution
	// Map chooses the plan, the forms and whether deleted records are in the tables. Its OnReject
	// and Report are the warehouse's own.
	Map tables.MapOptions
}

// SilverRun reports a run of BuildSilverTables.
type SilverRun struct {
	Run
	Map     tables.MapReport
	Tables  []string // form keys
	Changes []SchemaChange
}

// SchemaChange is one difference between a table and the study's form.
type SchemaChange struct {
	FormKey  string
	Column   string
	Old, New string // DuckDB types; Old is empty for a new column, New for one that is gone
}

// SchemaError lists what changed when the caller asked for Freeze. It is ErrSchemaChanged.
type SchemaError struct{ Changes []SchemaChange }

// Error lists the changes by form, column and type.
func (e *SchemaError) Error() string {
	var b strings.Builder
	b.WriteString(ErrSchemaChanged.Error())
	for _, c := range e.Changes {
		fmt.Fprintf(&b, "; %s.%s: %q → %q", c.FormKey, c.Column, c.Old, c.New)
	}
	return b.String()
}

// Unwrap returns ErrSchemaChanged.
func (e *SchemaError) Unwrap() error { return ErrSchemaChanged }

// BuildSilverTables makes one typed table per form, with the columns of the mapper's schema, in
// the schema SilverSchema(studyKey): one pass over the mapper's records, one transaction, the
// former tables replaced. A value that does not fit its column is NULL there and stands, as it
// arrived, in silver_rejects with record, form, variable and reason.
func (d *DuckDBIngestion) BuildSilverTables(ctx context.Context, mapper *tables.RecordMapper, studyKey string, opts SilverOptions) (SilverRun, error) {
	var out SilverRun
	if err := argument.Required("warehouse.DuckDBIngestion.BuildSilverTables", "mapper", mapper); err != nil {
		return out, err
	}
	if opts.Evolution == "" {
		opts.Evolution = Evolve
	}
	if opts.Evolution != Evolve && opts.Evolution != Freeze {
		return out, argument.Invalid("warehouse.DuckDBIngestion.BuildSilverTables", "Evolution", "must be one of: 'evolve', 'freeze'")
	}
	run, err := d.run(ctx, studyKey, "silver", Replace, func(ctx context.Context, w *work) error {
		b := silverBuild{work: w, opts: opts, out: &out}
		return b.build(ctx, mapper)
	})
	out.Run = run
	return out, err
}

// SilverSchema returns the name of the DuckDB schema that holds a study's silver tables, one per
// form key. Quote both: "silver_S1"."AE".
func SilverSchema(studyKey string) string { return "silver_" + studyKey }

// silverBuild is one run of BuildSilverTables.
type silverBuild struct {
	*work
	opts    SilverOptions
	out     *SilverRun
	rejects []tables.Reject
	inserts map[string]string // form key → INSERT statement
}

func (b *silverBuild) build(ctx context.Context, mapper *tables.RecordMapper) error {
	opts := b.opts.Map
	opts.Report = &b.out.Map
	opts.OnReject = func(r tables.Reject) error {
		b.rejects = append(b.rejects, r)
		return nil
	}
	if err := b.createTables(ctx, mapper, opts); err != nil {
		return err
	}
	for batch, err := range mapper.FormBatches(ctx, b.StudyKey, opts) {
		if err != nil {
			return err
		}
		if err := b.insert(ctx, batch); err != nil {
			return err
		}
	}
	if err := b.writeSilverRejects(ctx); err != nil {
		return err
	}
	report := b.out.Map
	b.Read, b.Inserted, b.Rejected = report.Records-report.Deleted-report.OtherForms-report.OtherVisits, report.Rows, report.RecordsRejected
	return nil
}

// createTables compares the study's forms with the tables that are there and creates them anew.
func (b *silverBuild) createTables(ctx context.Context, mapper *tables.RecordMapper, opts tables.MapOptions) error {
	schemas, err := mapper.FormSchemas(ctx, b.StudyKey, opts)
	if err != nil {
		return err
	}
	b.inserts = map[string]string{}
	var tables []silverTable
	for _, s := range schemas {
		table, err := newSilverTable(s)
		if err != nil {
			return err
		}
		before, err := b.columnsOf(ctx, table.formKey)
		if err != nil {
			return err
		}
		b.out.Changes = append(b.out.Changes, table.changesSince(before)...)
		tables = append(tables, table)
	}
	if len(b.out.Changes) > 0 && b.opts.Evolution == Freeze {
		return &SchemaError{b.out.Changes}
	}
	if err := b.noteChanges(ctx); err != nil {
		return err
	}
	schema := quote(SilverSchema(b.StudyKey))
	if _, err := b.conn.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+schema); err != nil {
		return err
	}
	for _, t := range tables {
		name := schema + "." + quote(t.formKey)
		if _, err := b.conn.ExecContext(ctx, `CREATE OR REPLACE TABLE `+name+t.ddl()); err != nil {
			return err
		}
		b.inserts[t.formKey] = escapePercent(`INSERT INTO `+name) + ` SELECT * FROM %s`
		b.out.Tables = append(b.out.Tables, t.formKey)
	}
	_, err = b.conn.ExecContext(ctx, `DELETE FROM silver_rejects WHERE study_key = ?`, b.StudyKey)
	return err
}

// columnsOf returns the columns of a form's table in order, none when there is no table yet.
func (b *silverBuild) columnsOf(ctx context.Context, formKey string) ([]silverColumn, error) {
	rows, err := b.conn.QueryContext(ctx, `SELECT column_name, data_type FROM duckdb_columns()
		WHERE database_name = current_database() AND schema_name = ? AND table_name = ? ORDER BY column_index`, SilverSchema(b.StudyKey), formKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []silverColumn
	for rows.Next() {
		var c silverColumn
		if err := rows.Scan(&c.name, &c.typ); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

func (b *silverBuild) noteChanges(ctx context.Context) error {
	for _, c := range b.out.Changes {
		_, err := b.conn.ExecContext(ctx, `INSERT INTO imednet_schema_changes VALUES (?, ?, ?, ?, ?, ?)`, b.StudyKey, b.Started, c.FormKey, c.Column, c.Old, c.New)
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *silverBuild) insert(ctx context.Context, batch tables.FormBatch) error {
	columns, err := arrowColumns(batch.Record)
	if err != nil {
		return err
	}
	_, err = load(ctx, b.feeds, b.conn, b.inserts[batch.FormKey], columns, func(_ context.Context, emit func(arrowRow) error) error {
		for i := range int(batch.Record.NumRows()) {
			if err := emit(arrowRow(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.progress(imednet.Progress{Op: "build silver", StudyKey: b.StudyKey, Done: b.out.Map.Records})
	if len(b.rejects) < sliceRows {
		return nil
	}
	return b.writeSilverRejects(ctx)
}

func (b *silverBuild) writeSilverRejects(ctx context.Context) error {
	columns := []column[tables.Reject]{
		intColumn("record_id", func(r *tables.Reject) int64 { return r.RecordID }),
		textColumn("form_key", func(r *tables.Reject) string { return r.FormKey }),
		textColumn("variable_name", func(r *tables.Reject) string { return r.Variable }),
		textColumn("reason", func(r *tables.Reject) string { return string(r.Reason) }),
		textColumn("value", func(r *tables.Reject) string { return r.Value() }),
		bytesColumn("raw", func(r *tables.Reject) []byte { return r.Raw }),
	}
	_, err := load(ctx, b.feeds, b.conn, `INSERT INTO silver_rejects SELECT ?, f.* FROM %s f`, columns, eachOf(b.rejects), b.StudyKey)
	b.rejects = b.rejects[:0]
	return err
}

// silverTable is one form's table.
type silverTable struct {
	formKey string
	columns []silverColumn
}

type silverColumn struct{ name, typ string }

func newSilverTable(s tables.FormSchema) (silverTable, error) {
	table := silverTable{formKey: s.FormKey}
	for _, f := range s.Schema.Fields() {
		typ, err := duckTypeOf(f.Type)
		if err != nil {
			return table, fmt.Errorf("form %s column %s: %w", s.FormKey, f.Name, err)
		}
		table.columns = append(table.columns, silverColumn{f.Name, typ.sql})
	}
	return table, nil
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
	if len(before) == 0 {
		return nil
	}
	var changes []SchemaChange
	for _, c := range t.columns {
		i := slices.IndexFunc(before, func(b silverColumn) bool { return b.name == c.name })
		if i < 0 {
			changes = append(changes, SchemaChange{t.formKey, c.name, "", c.typ})
		} else if before[i].typ != c.typ {
			changes = append(changes, SchemaChange{t.formKey, c.name, before[i].typ, c.typ})
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(t.columns, func(c silverColumn) bool { return c.name == b.name }) {
			changes = append(changes, SchemaChange{t.formKey, b.name, b.typ, ""})
		}
	}
	return changes
}

// quote makes an identifier of any text.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// escapePercent guards text that becomes part of a format string.
func escapePercent(s string) string { return strings.ReplaceAll(s, "%", "%%") }
