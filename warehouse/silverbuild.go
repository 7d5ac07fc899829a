package warehouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/tables"
)

// silverBuild is one run of BuildSilverTables.
type silverBuild struct {
	*work
	opts    SilverOptions
	out     *SilverRun
	rejects []tables.Reject
	held    int64                  // rows of the tables that are replaced
	built   map[string]silverTable // by form key
}

func (b *silverBuild) build(ctx context.Context, mapper *tables.RecordMapper) error {
	opts := b.opts.Map
	opts.OnReject = func(r tables.Reject) error {
		b.rejects = append(b.rejects, r)
		return nil
	}
	run := mapper.MapForms(ctx, b.StudyKey, opts)
	if err := b.replaceTables(ctx, run, opts); err != nil {
		return err
	}
	defer func() { b.out.Map = run.Report() }()
	for batch, err := range run.Batches() {
		if err != nil {
			return err
		}
		if err := b.insert(ctx, batch); err != nil {
			return err
		}
	}
	if err := b.guardRecords(run.Report()); err != nil {
		return err
	}
	if err := b.writeSilverRejects(ctx); err != nil {
		return err
	}
	if len(opts.Forms) == 0 { // else some tables are as they were
		if err := b.noteOrigin(ctx, silverPart, mapper); err != nil {
			return err
		}
	}
	report := run.Report()
	b.Read, b.Inserted, b.Rejected = report.Records-report.Deleted-report.OtherForms-report.OtherVisits, report.Rows, report.RecordsRejected
	return nil
}

// replaceTables compares the study's forms with the tables that are there, drops those and creates
// the new ones.
func (b *silverBuild) replaceTables(ctx context.Context, run *tables.FormsRun, opts tables.MapOptions) error {
	schemas, err := run.Schemas()
	if err != nil {
		return err
	}
	held, err := b.heldTables(ctx)
	if err != nil {
		return err
	}
	wanted, err := b.nameTables(ctx, schemas, held)
	if err != nil {
		return err
	}
	replaced := held.of(b.StudyKey, opts.Forms)
	first, err := b.neverBuilt(ctx, held)
	if err != nil {
		return err
	}
	if b.out.Changes, err = b.changes(ctx, wanted, replaced, first); err != nil {
		return err
	}
	if len(b.out.Changes) > 0 && b.opts.Evolution == Freeze {
		return &SchemaError{b.out.Changes}
	}
	if err := b.guardDesign(wanted, replaced); err != nil {
		return err
	}
	if err := b.countRows(ctx, replaced); err != nil {
		return err
	}
	if err := b.noteChanges(ctx); err != nil {
		return err
	}
	for _, t := range replaced {
		if err := b.drop(ctx, t); err != nil {
			return err
		}
	}
	for _, t := range wanted {
		if err := b.create(ctx, t); err != nil {
			return err
		}
		b.out.Tables = append(b.out.Tables, t.SilverTable)
	}
	return b.forgetRejects(ctx, opts.Forms)
}

// neverBuilt reports whether this is the study's first build. A study whose forms have all gone had one.
func (b *silverBuild) neverBuilt(ctx context.Context, held tableList) (never bool, err error) {
	if len(held[b.StudyKey]) > 0 {
		return false, nil
	}
	err = b.conn.QueryRowContext(ctx, `SELECT count(*) = 0 FROM imednet_runs WHERE study_key = ? AND stream = ?`, b.StudyKey, silverStream).Scan(&never)
	return never, err
}

// changes lists how the tables that are wanted differ from those that they replace. A study's first
// build changes nothing.
func (b *silverBuild) changes(ctx context.Context, wanted []silverTable, replaced []SilverTable, first bool) ([]SchemaChange, error) {
	if first {
		return nil, nil
	}
	var changes []SchemaChange
	before := map[string]SilverTable{}
	for _, t := range replaced {
		before[t.FormKey] = t
	}
	for _, t := range wanted {
		old, there := before[t.FormKey]
		if !there {
			changes = append(changes, SchemaChange{t.FormKey, "", "", "table"})
			continue
		}
		delete(before, t.FormKey)
		columns, err := b.columnsOf(ctx, old)
		if err != nil {
			return nil, err
		}
		if len(columns) == 0 {
			continue // somebody dropped the table, which changed nothing of the form
		}
		changes = append(changes, t.changesSince(columns)...)
	}
	for _, t := range replaced {
		if _, gone := before[t.FormKey]; gone {
			changes = append(changes, SchemaChange{t.FormKey, "", "table", ""})
		}
	}
	return changes, nil
}

// columnsOf returns the columns of a table in order.
func (b *silverBuild) columnsOf(ctx context.Context, t SilverTable) ([]silverColumn, error) {
	rows, err := b.conn.QueryContext(ctx, `SELECT column_name, data_type FROM duckdb_columns()
		WHERE database_name = current_database() AND schema_name = ? AND table_name = ? ORDER BY column_index`, t.Schema, t.Name)
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

func (b *silverBuild) drop(ctx context.Context, t SilverTable) error {
	if _, err := b.conn.ExecContext(ctx, `DROP TABLE IF EXISTS `+t.Identifier()); err != nil {
		return err
	}
	_, err := b.conn.ExecContext(ctx, `DELETE FROM imednet_tables WHERE study_key = ? AND form_key = ?`, b.StudyKey, t.FormKey)
	return err
}

func (b *silverBuild) create(ctx context.Context, t silverTable) error {
	for _, statement := range []string{`CREATE SCHEMA IF NOT EXISTS ` + quote(t.Schema), `CREATE TABLE ` + t.Identifier() + t.ddl()} {
		if _, err := b.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err := b.conn.ExecContext(ctx, `INSERT INTO imednet_tables VALUES (?, ?, ?, ?, ?)`, b.StudyKey, t.FormKey, t.Schema, t.Name, b.Started)
	return err
}

// forgetRejects removes the rejects of the former build, of some forms or of all.
func (b *silverBuild) forgetRejects(ctx context.Context, forms []string) error {
	statement, args := `DELETE FROM silver_rejects WHERE study_key = ?`, []any{b.StudyKey}
	if len(forms) > 0 {
		statement += ` AND form_key IN (?` + strings.Repeat(`, ?`, len(forms)-1) + `)`
		for _, f := range forms {
			args = append(args, f)
		}
	}
	_, err := b.conn.ExecContext(ctx, statement, args...)
	return err
}

// insert writes one batch, column by column under its name.
func (b *silverBuild) insert(ctx context.Context, batch tables.FormBatch) error {
	table, known := b.built[batch.FormKey]
	if !known {
		return fmt.Errorf("a batch of form %s came, which the plan does not have", batch.FormKey)
	}
	if columns := int(batch.Record.NumCols()); columns != len(table.columns) {
		return fmt.Errorf("a batch of form %s has %d columns, its table %d", batch.FormKey, columns, len(table.columns))
	}
	if _, err := loadArrow(ctx, b.feeds, b.conn, escapePercent(`INSERT INTO `+table.Identifier())+` BY NAME SELECT * FROM %s`, batch.Record); err != nil {
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
