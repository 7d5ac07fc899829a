package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// questions are plain SQL over the warehouse's tables; any DuckDB client can run them.
var questions = []struct{ title, sql string }{
	{"Enrolment by quarter", `
		WITH enrolled AS (
			SELECT study_key AS study, year(enrollment_start_date) || '-Q' || quarter(enrollment_start_date) AS quarter, count(*) AS enrolled
			FROM bronze_subjects WHERE NOT deleted AND enrollment_start_date IS NOT NULL GROUP BY ALL
		)
		SELECT *, sum(enrolled) OVER (PARTITION BY study ORDER BY quarter) AS total FROM enrolled ORDER BY study, quarter`},
	{"Open queries by age at the newest entry of their study", `
		WITH last_comment AS (
			SELECT * FROM bronze_query_comments QUALIFY row_number() OVER (PARTITION BY study_key, annotation_id ORDER BY sequence DESC) = 1
		), aged AS (
			SELECT q.study_key, date_diff('day', q.date_created, max(c.date) OVER (PARTITION BY q.study_key)) AS days, c.closed
			FROM bronze_queries q JOIN last_comment c USING (study_key, annotation_id)
		)
		SELECT study_key AS study, CASE WHEN days <= 30 THEN 'up to 30 days' WHEN days <= 180 THEN 'up to 180 days' ELSE 'older' END AS age, count(*) AS open
		FROM aged WHERE NOT coalesce(closed, false) GROUP BY ALL ORDER BY 1, min(days)`},
	{"Adverse events", `
		SELECT 'NORTH' AS study, count(*) AS events, count(DISTINCT "subjectKey") AS subjects FROM "silver_NORTH"."AE"
		UNION ALL SELECT 'SOUTH', count(*), count(DISTINCT "subjectKey") FROM "silver_SOUTH"."AE" ORDER BY 1`},
	{"Who corrected what, when and why", `
		SELECT record_id AS record, variable_name AS variable, coalesce(old_value, '-') AS before, value AS after, attribution AS known_from,
			coalesce(modified_by, '-') AS by, strftime(date_modified, '%Y-%m-%d %H:%M') AS at, coalesce(reason_for_change, '-') AS why
		FROM bronze_cells WHERE study_key = 'NORTH' AND change IN ('added', 'changed') ORDER BY ALL`},
}

// printRows prints a result as an aligned table.
func printRows(out io.Writer, rows *sql.Rows) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "  "+strings.Join(columns, "\t"))
	cells := make([]any, len(columns))
	for i := range cells {
		cells[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = fmt.Sprint(*c.(*any))
		}
		fmt.Fprintln(table, "  "+strings.Join(line, "\t"))
	}
	return errors.Join(rows.Err(), table.Flush())
}
