package warehouse

// The views for people. Each names site and subject beside its rows, and computes nothing that the
// tables do not say.

// siteOfSubject finds a row's subject by its id, or by its key where the row has no id and only one
// subject has the key.
const siteOfSubject = `
	LEFT JOIN (SELECT study_key, subject_key, any_value(subject_id) AS subject_id FROM bronze_subjects GROUP BY ALL HAVING count(*) = 1) only_bearer
		ON only_bearer.study_key = r.study_key AND only_bearer.subject_key = r.subject_key AND coalesce(r.subject_id, 0) = 0
	LEFT JOIN bronze_subjects s ON s.study_key = r.study_key AND s.subject_id = coalesce(only_bearer.subject_id, r.subject_id)`

// openQueriesView has one row per open query, and those that cannot be read. The comment with the highest
// sequence decides, the first to arrive on a tie, as StateOf of package queries has it: a query without comments,
// or whose deciding comment does not say, is not open. A query without a date of its own was raised when the comment
// with the lowest sequence was written.
var openQueriesView = `CREATE OR REPLACE VIEW imednet_open_queries AS
	WITH placed AS (
		SELECT study_key, annotation_id, comments, {'comment': comment, 'user': "user", 'closed': closed, 'date': date} AS said, sequence, place
		FROM (` + queryThreads + `) WHERE comments = 1 OR sequence IS NOT NULL
	), threads AS (
		SELECT study_key, annotation_id, any_value(comments) AS comments, first(said ORDER BY sequence DESC, place) AS newest, first(said ORDER BY sequence, place) AS oldest
		FROM placed GROUP BY study_key, annotation_id
	), as_of AS (
		SELECT study_key, max(finished_at) AS as_of FROM imednet_runs WHERE stream = 'queries' GROUP BY study_key
	), newest AS (
		SELECT study_key, record_id, form_key FROM bronze_records QUALIFY row_number() OVER (PARTITION BY study_key, record_id ORDER BY version DESC) = 1
	)
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, newest.form_key, r.record_id, r.variable,
		r.annotation_id AS query_id, r.annotation_type AS query_type, r.description,
		r.raised_at, (epoch_us(as_of.as_of) - epoch_us(r.raised_at)) // 86400000000 AS age_days,
		r.comments, r.newest.comment AS last_comment, r.newest."user" AS last_user, r.newest.date AS last_at, as_of.as_of, r.readable
	FROM (
		SELECT q.*, t.comments, t.newest, coalesce(q.date_created, t.oldest.date) AS raised_at
		FROM (` + everyQuery + `) q LEFT JOIN threads t ON t.study_key = q.study_key AND t.annotation_id = q.annotation_id
	) r
	LEFT JOIN as_of ON as_of.study_key = r.study_key
	LEFT JOIN newest ON newest.study_key = r.study_key AND newest.record_id = r.record_id` + siteOfSubject + `
	WHERE NOT r.readable OR r.newest.closed = false`

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

// everyVisit has the visits of the last listing: those that fit their table, and of those that do not what is readable
// of them.
var everyVisit = `
	SELECT study_key, visit_id, subject_id, subject_key, interval_name, start_date, due_date, end_date, visit_date, deleted, true AS readable FROM bronze_visits
	UNION ALL SELECT study_key, row_id, ` + readWhole(`row->>'subjectId'`) + `, row->>'subjectKey', row->>'intervalName', ` + readDate(`row->>'startDate'`) + `,
		` + readDate(`row->>'dueDate'`) + `, ` + readDate(`row->>'endDate'`) + `, ` + readDate(`row->>'visitDate'`) + `, ` + readFlag(`row->>'deleted'`) + `, readable
	FROM (` + rejectsOf(`visits`) + `)`

// visitsView has one row per visit of a subject, neither of them deleted.
var visitsView = `CREATE OR REPLACE VIEW imednet_visits AS
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, s.subject_status, r.visit_id, r.interval_name,
		r.start_date AS window_start, r.due_date, r.end_date AS window_end, r.visit_date, date_diff('day', r.due_date, r.visit_date) AS days_from_due,
		CASE WHEN r.start_date IS NOT NULL AND r.end_date IS NOT NULL THEN r.visit_date BETWEEN r.start_date AND r.end_date END AS in_window, r.readable
	FROM (` + everyVisit + `) r` + siteOfSubject + `
	WHERE NOT coalesce(r.deleted, false) AND NOT coalesce(s.deleted, false)`
