package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// schemaNumber is the number of the schema below. It grows with every change of a table; of views
// see createViews.
const schemaNumber = 3

// schema creates the tables that every warehouse has. Each statement may run again.
//
// bronze_revisions begins with the Python package's columns in its order, so that queries written for
// it run; the API's revisions hold no values, so variable_name and value are empty there and the
// values live in bronze_cells. Times are UTC.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS bronze_revisions (
		study_key VARCHAR NOT NULL, record_id BIGINT NOT NULL, form_id BIGINT, variable_name VARCHAR, value VARCHAR,
		revision_number BIGINT, date_modified TIMESTAMP, modified_by VARCHAR,
		record_revision_id BIGINT NOT NULL, record_oid VARCHAR, data_revision BIGINT, record_status VARCHAR,
		subject_id BIGINT, subject_oid VARCHAR, subject_key VARCHAR, site_id BIGINT, form_key VARCHAR, interval_id BIGINT,
		role VARCHAR, reason_for_change VARCHAR, deleted BOOLEAN, unknown VARCHAR)`,
	`CREATE TABLE IF NOT EXISTS bronze_records (
		study_key VARCHAR NOT NULL, record_id BIGINT NOT NULL, version BIGINT NOT NULL, state VARCHAR NOT NULL, seen_at TIMESTAMP NOT NULL,
		form_id BIGINT, form_key VARCHAR, site_id BIGINT, interval_id BIGINT, visit_id BIGINT, parent_record_id BIGINT,
		record_oid VARCHAR, record_type VARCHAR, record_status VARCHAR, deleted BOOLEAN,
		subject_id BIGINT, subject_oid VARCHAR, subject_key VARCHAR,
		date_created TIMESTAMP, date_modified TIMESTAMP, payload BLOB NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS bronze_cell_changes (
		study_key VARCHAR NOT NULL, record_id BIGINT NOT NULL, version BIGINT NOT NULL, form_id BIGINT,
		variable_name VARCHAR NOT NULL, occurrence INTEGER NOT NULL, change VARCHAR NOT NULL,
		old_kind VARCHAR, old_value VARCHAR, value_kind VARCHAR, value VARCHAR)`,
	`CREATE TABLE IF NOT EXISTS bronze_rejects (
		study_key VARCHAR NOT NULL, stream VARCHAR NOT NULL, row_id BIGINT NOT NULL, reason VARCHAR NOT NULL, payload BLOB NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS silver_rejects (
		study_key VARCHAR NOT NULL, record_id BIGINT NOT NULL, form_key VARCHAR, variable_name VARCHAR, reason VARCHAR NOT NULL, value VARCHAR, raw BLOB)`,
	`CREATE TABLE IF NOT EXISTS imednet_schema_changes (
		study_key VARCHAR NOT NULL, noted_at TIMESTAMP NOT NULL, form_key VARCHAR NOT NULL, column_name VARCHAR NOT NULL, old_type VARCHAR NOT NULL, new_type VARCHAR NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS imednet_tables (
		study_key VARCHAR NOT NULL, form_key VARCHAR NOT NULL, schema_name VARCHAR NOT NULL, table_name VARCHAR NOT NULL, built_at TIMESTAMP NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS imednet_marks (
		study_key VARCHAR NOT NULL, stream VARCHAR NOT NULL, position BIGINT NOT NULL, kind VARCHAR NOT NULL, updated_at TIMESTAMP NOT NULL,
		PRIMARY KEY (study_key, stream))`,
	`CREATE TABLE IF NOT EXISTS imednet_origins (
		study_key VARCHAR NOT NULL, part VARCHAR NOT NULL, version BIGINT NOT NULL, server_time TIMESTAMP, cut VARCHAR NOT NULL, program VARCHAR NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS imednet_runs (
		study_key VARCHAR NOT NULL, stream VARCHAR NOT NULL, mode VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL, finished_at TIMESTAMP NOT NULL,
		rows_read BIGINT NOT NULL, rows_inserted BIGINT NOT NULL, rows_unchanged BIGINT NOT NULL, rows_rejected BIGINT NOT NULL,
		cells_changed BIGINT NOT NULL, rows_removed BIGINT NOT NULL, position BIGINT NOT NULL)`,
	formTable.ddl(), variableTable.ddl(), subjectTable.ddl(), visitTable.ddl(), queryTable.ddl(), codingTable.ddl(),
}

// recordVersionsView joins each state of a record that was seen with the revisions that led to it:
// those saved after the state before and not after this one. Only a revision that raised
// dataRevision can have changed data. Exactly one such revision is the author of the change;
// several mean that states between were never seen, and none that the audit trail does not say.
const recordVersionsView = `CREATE OR REPLACE VIEW bronze_record_versions AS
	WITH revisions AS (
		SELECT *, coalesce(data_revision > lag(data_revision) OVER per_record, true) AS data_changed
		FROM bronze_revisions
		WINDOW per_record AS (PARTITION BY study_key, record_id ORDER BY revision_number, data_revision, date_modified, record_revision_id)
	), versions AS (
		SELECT *, lag(date_modified) OVER (PARTITION BY study_key, record_id ORDER BY version) AS previous_modified
		FROM bronze_records
	)
	SELECT v.study_key, v.record_id, v.version,
		any_value(v.date_modified) AS row_modified, any_value(v.state) AS state, any_value(v.seen_at) AS seen_at,
		count(r.record_revision_id) AS revisions,
		CASE count(r.record_revision_id) WHEN 0 THEN 'none' WHEN 1 THEN 'revision' ELSE 'several' END AS attribution,
		max(r.revision_number) AS revision_number,
		min(r.record_revision_id) AS first_revision_id, max(r.record_revision_id) AS last_revision_id,
		CASE count(r.record_revision_id) WHEN 1 THEN any_value(r.modified_by) END AS modified_by,
		CASE count(r.record_revision_id) WHEN 1 THEN any_value(r.role) END AS role,
		CASE count(r.record_revision_id) WHEN 1 THEN any_value(r.reason_for_change) END AS reason_for_change,
		CASE count(r.record_revision_id) WHEN 1 THEN any_value(r.date_modified) ELSE any_value(v.date_modified) END AS date_modified
	FROM versions v LEFT JOIN revisions r
		ON r.study_key = v.study_key AND r.record_id = v.record_id AND r.data_changed
		AND r.date_modified <= v.date_modified AND (v.previous_modified IS NULL OR r.date_modified > v.previous_modified)
	GROUP BY v.study_key, v.record_id, v.version`

// bronzeCellsView has one row per changed variable: the Python package's columns first, then the old
// value and who changed it, as far as that is known.
const bronzeCellsView = `CREATE OR REPLACE VIEW bronze_cells AS
	SELECT c.study_key, c.record_id, c.form_id, c.variable_name, c.value, v.revision_number, v.date_modified, v.modified_by,
		c.occurrence, c.change, c.old_value, c.value_kind, c.old_kind, c.version, v.seen_at,
		v.attribution, v.revisions, v.first_revision_id, v.last_revision_id, v.role, v.reason_for_change
	FROM bronze_cell_changes c JOIN bronze_record_versions v USING (study_key, record_id, version)`

// silverCurrentStateView has the Python package's columns: the newest value of every variable of every
// active record of every study. Deleted and vanished records and removed variables are not current. Of
// a repeated key the last occurrence counts.
const silverCurrentStateView = `CREATE OR REPLACE VIEW silver_current_state AS
	WITH current_records AS (
		SELECT study_key, record_id, state FROM bronze_records
		QUALIFY row_number() OVER (PARTITION BY study_key, record_id ORDER BY version DESC) = 1
	), newest AS (
		SELECT * FROM bronze_cell_changes
		QUALIFY row_number() OVER (PARTITION BY study_key, record_id, variable_name, occurrence ORDER BY version DESC) = 1
	)
	SELECT n.study_key, n.record_id, n.form_id, n.variable_name, n.value, v.revision_number, v.date_modified, v.modified_by
	FROM newest n
	JOIN current_records r ON r.study_key = n.study_key AND r.record_id = n.record_id AND r.state = 'active'
	JOIN bronze_record_versions v ON v.study_key = n.study_key AND v.record_id = n.record_id AND v.version = n.version
	WHERE n.change <> 'removed'
	QUALIFY row_number() OVER (PARTITION BY n.study_key, n.record_id, n.variable_name ORDER BY n.occurrence DESC) = 1`

// silverOfStudyMacro is the same for one study, whatever characters its key holds.
const silverOfStudyMacro = `CREATE OR REPLACE MACRO silver_current_state_of(study) AS TABLE SELECT * FROM silver_current_state WHERE study_key = study`

func createSchema(ctx context.Context, conn *sql.Conn) error {
	if err := checkStrangers(ctx, conn); err != nil {
		return err
	}
	found, err := checkSchema(ctx, conn)
	if err != nil {
		return err
	}
	if found > 0 {
		if err := checkWhole(ctx, conn); err != nil {
			return err
		}
	}
	if err := executeAll(ctx, conn, schema); err != nil {
		return err
	}
	if err := createViews(ctx, conn, found == schemaNumber); err != nil {
		return err
	}
	return upgrade(ctx, conn, found)
}

func executeAll(ctx context.Context, conn *sql.Conn, statements []string) error {
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// listFormerTables enters the tables that schema 1 made, whose names say whose they are.
const listFormerTables = `INSERT INTO imednet_tables SELECT schema_name[8:], table_name, schema_name, table_name, now()::TIMESTAMP
	FROM duckdb_tables() WHERE database_name = current_database() AND starts_with(schema_name, 'silver_')
	AND schema_name NOT IN (SELECT schema_name FROM imednet_tables)`

// upgrade brings a schema of an earlier number to the present one, and notes the number of a new one.
func upgrade(ctx context.Context, conn *sql.Conn, found int) error {
	if found == schemaNumber {
		return nil
	}
	if found == 1 {
		if _, err := conn.ExecContext(ctx, listFormerTables); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, `INSERT INTO imednet_schema VALUES (?)`, schemaNumber)
	return err
}

// queryer is a database or a connection to it.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// checkWhole refuses a database of ours from which somebody dropped a table that runs continue: made
// anew, it would lack for ever what was taken over before.
func checkWhole(ctx context.Context, conn queryer) error {
	rows, err := conn.QueryContext(ctx, `SELECT name FROM (VALUES ('bronze_revisions'), ('bronze_records'), ('bronze_cell_changes')) t(name)
		WHERE name NOT IN (SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()) ORDER BY name`)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	var name string
	if err := rows.Scan(&name); err != nil {
		return err
	}
	return fmt.Errorf("the table %s was dropped: %w; restore it from a backup, or ingest into a new file", name, ErrDamaged)
}

// anyDropped reports whether somebody dropped one of the silver tables.
func anyDropped(ctx context.Context, conn queryer, made []SilverTable) (bool, error) {
	rows, err := conn.QueryContext(ctx, `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()`)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	there := map[SilverTable]bool{}
	for rows.Next() {
		var t SilverTable
		if err := rows.Scan(&t.Schema, &t.Name); err != nil {
			return false, err
		}
		there[t] = true
	}
	return slices.ContainsFunc(made, func(t SilverTable) bool { return !there[SilverTable{Schema: t.Schema, Name: t.Name}] }), rows.Err()
}

// readTables reads which silver tables were made, in that order.
func readTables(ctx context.Context, conn queryer) (tableList, error) {
	rows, err := conn.QueryContext(ctx, `SELECT study_key, form_key, schema_name, table_name FROM imednet_tables ORDER BY rowid`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := tableList{}
	for rows.Next() {
		var study string
		var t SilverTable
		if err := rows.Scan(&study, &t.FormKey, &t.Schema, &t.Name); err != nil {
			return nil, err
		}
		list[study] = append(list[study], t)
	}
	return list, rows.Err()
}

// checkStrangers refuses a database whose tables another program made, before anything is written.
func checkStrangers(ctx context.Context, conn *sql.Conn) error {
	var columns, ours int
	row := conn.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (column_name = 'record_revision_id') FROM duckdb_columns()
		WHERE table_name = 'bronze_revisions' AND schema_name = current_schema() AND database_name = current_database()`)
	if err := row.Scan(&columns, &ours); err != nil {
		return err
	}
	if columns > 0 && ours == 0 {
		return ErrForeignFile
	}
	return nil
}

// checkSchema returns the number of the schema that is there, 0 for none, and refuses one that is
// greater than the present one.
func checkSchema(ctx context.Context, conn *sql.Conn) (int, error) {
	if _, err := conn.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS imednet_schema (version INTEGER NOT NULL)`); err != nil {
		return 0, err
	}
	var found int
	if err := conn.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM imednet_schema`).Scan(&found); err != nil {
		return 0, err
	}
	if found > schemaNumber {
		return found, fmt.Errorf("schema %d, this one knows %d: %w", found, schemaNumber, ErrNewerSchema)
	}
	return found, nil
}
