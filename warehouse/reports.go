package warehouse

// The views for people. Each names site and subject beside its rows, and computes nothing that the
// tables do not say.

// siteOfSubject finds a row's subject by its id, or by its key where the row has no id and only one
// subject has the key.
const siteOfSubject = `
	LEFT JOIN (SELECT study_key, subject_key, any_value(subject_id) AS subject_id FROM bronze_subjects GROUP BY ALL HAVING count(*) = 1) only_bearer
		ON only_bearer.study_key = r.study_key AND only_bearer.subject_key = r.subject_key AND coalesce(r.subject_id, 0) = 0
	LEFT JOIN bronze_subjects s ON s.study_key = r.study_key AND s.subject_id = coalesce(only_bearer.subject_id, r.subject_id)`

// openQueriesView has one row per open query. The comment with the highest sequence decides, the
// first to arrive on a tie, as StateOf of package queries has it: a query without comments, or whose
// deciding comment does not say, is not open.
const openQueriesView = `CREATE OR REPLACE VIEW imednet_open_queries AS
	WITH threads AS (
		SELECT study_key, annotation_id, json_extract(try(decode(payload)), '$.queryComments[*]') AS thread FROM bronze_queries
	), comments AS (
		SELECT study_key, annotation_id, len(thread) AS n, unnest(thread) AS c, generate_subscripts(thread, 1) AS place FROM threads
	), deciding AS (
		SELECT * FROM comments WHERE n = 1 OR try_cast(c->>'sequence' AS BIGINT) IS NOT NULL
		QUALIFY row_number() OVER (PARTITION BY study_key, annotation_id ORDER BY try_cast(c->>'sequence' AS BIGINT) DESC NULLS LAST, place) = 1
	), as_of AS (
		SELECT study_key, max(finished_at) AS as_of FROM imednet_runs WHERE stream = 'queries' GROUP BY study_key
	), newest AS (
		SELECT study_key, record_id, form_key FROM bronze_records QUALIFY row_number() OVER (PARTITION BY study_key, record_id ORDER BY version DESC) = 1
	)
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, newest.form_key, r.record_id, r.variable,
		r.annotation_id AS query_id, r.annotation_type AS query_type, r.description,
		r.date_created AS raised_at, date_diff('second', r.date_created, as_of.as_of) // 86400 AS age_days,
		d.n AS comments, d.c->>'comment' AS last_comment, d.c->>'user' AS last_user, try_cast(d.c->>'date' AS TIMESTAMP) AS last_at, as_of.as_of
	FROM bronze_queries r JOIN deciding d ON d.study_key = r.study_key AND d.annotation_id = r.annotation_id
	LEFT JOIN as_of ON as_of.study_key = r.study_key
	LEFT JOIN newest ON newest.study_key = r.study_key AND newest.record_id = r.record_id` + siteOfSubject + `
	WHERE d.c->>'closed' = 'false'`

// changesView has one row per value that changed after its record was first seen.
const changesView = `CREATE OR REPLACE VIEW imednet_changes AS
	WITH labels AS (
		SELECT study_key, form_id, variable_name, label FROM bronze_variables
		QUALIFY row_number() OVER (PARTITION BY study_key, form_id, variable_name ORDER BY coalesce(disabled, false) OR coalesce(deleted, false), variable_id) = 1
	)
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, r.form_key, visits.interval_name, r.record_id,
		c.variable_name, labels.label, c.change, c.old_value, c.value AS new_value,
		c.modified_by AS changed_by, c.role, c.date_modified AS changed_at, c.reason_for_change, c.attribution, c.version
	FROM bronze_cells c JOIN bronze_records r ON r.study_key = c.study_key AND r.record_id = c.record_id AND r.version = c.version
	LEFT JOIN labels ON labels.study_key = r.study_key AND labels.form_id = r.form_id AND labels.variable_name = c.variable_name
	LEFT JOIN bronze_visits visits ON visits.study_key = r.study_key AND visits.visit_id = r.visit_id` + siteOfSubject + `
	WHERE c.change <> 'first seen'`

// visitsView has one row per visit of a subject, neither of them deleted.
const visitsView = `CREATE OR REPLACE VIEW imednet_visits AS
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, s.subject_status, r.visit_id, r.interval_name,
		r.start_date AS window_start, r.due_date, r.end_date AS window_end, r.visit_date, date_diff('day', r.due_date, r.visit_date) AS days_from_due,
		r.visit_date BETWEEN r.start_date AND r.end_date AS in_window
	FROM bronze_visits r` + siteOfSubject + `
	WHERE NOT coalesce(r.deleted, false) AND NOT coalesce(s.deleted, false)`
