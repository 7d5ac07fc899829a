package cache

import "github.com/imednetgo/imednet/internal/sqltext"

// postgresViews make the views for people, over the tables of a mirror in PostgreSQL. Each reads with the
// rights of whoever asks (security_invoker), so that row-level security holds in them as in the tables.
// PostgreSQL 14 has no such views: they would show every study to whoever may read them, and are not made
// there.
//
// A payload is bytes, and may hold what no jsonb can: bytes that are no UTF-8, \u0000, half a surrogate pair.
// Such a row is listed all the same, as not readable, with what the tables say of it. So is a record with an
// answer that is there twice, of which a jsonb would keep one.
const postgresViews = readers + `
CREATE OR REPLACE FUNCTION imednet_make_views() RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $make$
BEGIN
	IF current_setting('server_version_num')::integer < 150000 THEN
		RETURN false;
	END IF;
` + rowsView + activeRecordsView + openQueriesView + visitsView + recordChangesView + `
	RETURN true;
END $make$;
SELECT imednet_make_views();
`

// readers read a payload and the members of one by the rules of package imednet's Opt: what does not fit is
// NULL, and so is an empty text. None of them fails.
const readers = `
CREATE OR REPLACE FUNCTION imednet_json(payload bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
	RETURN convert_from(payload, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	RETURN NULL;
END $$;
` + recordReader + `
CREATE OR REPLACE FUNCTION imednet_text(object jsonb, member text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN jsonb_typeof(object->member) IN ('object', 'array') THEN NULL ELSE nullif(object->>member, '') END
$$;
CREATE OR REPLACE FUNCTION imednet_whole(number numeric) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN number = trunc(number) AND number BETWEEN -9223372036854775808 AND 9223372036854775807 THEN number::bigint END
$$;
` + wholeReader + `CREATE OR REPLACE FUNCTION imednet_flag(word text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE lower(word) WHEN 'true' THEN true WHEN 'false' THEN false END
$$;
CREATE OR REPLACE FUNCTION imednet_date(day text) RETURNS date LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
	RETURN CASE WHEN day ~ '` + sqltext.Date + `' THEN day::date END;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END $$;
` + timeReader

// wholeReader calls a function of ours, which its form finds when it is made: a view may be asked with any search_path.
const wholeReader = `
CREATE OR REPLACE FUNCTION imednet_whole(number text) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN CASE WHEN length(number) < 18 AND number ~ '^-{0,1}[0-9]+$' THEN number::bigint
	WHEN number ~ '` + sqltext.Number + `'
	THEN imednet_whole(number::numeric) END;
`

// timeReader reads what imednet.ParseTime reads, in whole microseconds; the year 0, which PostgreSQL does not have, is NULL.
const timeReader = `
CREATE OR REPLACE FUNCTION imednet_time(instant text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
	part text[] := regexp_match(instant, '` + sqltext.Time + `');
	moment timestamp;
	away interval;
BEGIN
	IF part IS NULL OR part[2] = ' ' AND part[10] = '' THEN
		RETURN NULL;
	END IF;
	moment := make_date(left(part[1], 4)::integer, substr(part[1], 6, 2)::integer, substr(part[1], 9)::integer) + make_interval(hours => part[3]::integer, mins => part[4]::integer)
		+ part[5]::integer * interval '1 second' + rpad(left(coalesce(part[6], ''), 6), 6, '0')::integer * interval '1 microsecond';
	away := coalesce(make_interval(hours => part[9]::integer, mins => part[11]::integer), interval '0');
	moment := CASE part[8] WHEN '-' THEN moment + away ELSE moment - away END;
	RETURN CASE WHEN extract(year FROM moment) BETWEEN 1 AND 9999 THEN moment END;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END $$;
`

// recordReader reads a record as jsonb, but for one with an answer that is there twice.
const recordReader = `
CREATE OR REPLACE FUNCTION imednet_record_json(payload bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
	written text;
	record jsonb;
	answers jsonb;
BEGIN
	written := convert_from(payload, 'UTF8');
	record := written::jsonb;
	answers := record->'recordData';
	IF jsonb_typeof(answers) = 'object'
		AND (SELECT count(*) FROM jsonb_object_keys(answers)) <> (SELECT count(*) FROM json_object_keys(written::json->'recordData')) THEN
		RETURN NULL;
	END IF;
	RETURN record;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	RETURN NULL;
END $$;
`

// rowsView has the rows that the server lists of every resource beside the records.
const rowsView = `
CREATE OR REPLACE VIEW imednet_rows WITH (security_invoker = true) AS
	SELECT study.study_key, resource.name AS resource, imednet_whole(substring(r.row_id from '^[^t]+:([0-9]+)$')) AS id,
		imednet_whole(r.record_id) AS record_id, r.version, json.value, json.value IS NOT NULL AS readable
	FROM imednet_study study JOIN imednet_resource resource ON resource.study = study.id
	JOIN imednet_row r ON r.resource = resource.id AND r.state = 0
	CROSS JOIN LATERAL imednet_json(r.payload) AS json(value);
`

// siteOfSubject finds a row's subject by its id, or by its key where the row has no id and only one subject has
// the key, as the warehouse's views do. Of groups the planner would expect one, and compare every row with all of
// them, hence the window.
const siteOfSubject = `
	LEFT JOIN (SELECT study_key, id, CASE count(*) OVER (PARTITION BY study_key, imednet_text(value, 'subjectKey')) WHEN 1 THEN imednet_text(value, 'subjectKey') END
			AS subject_key FROM imednet_rows WHERE resource = 'subjects') only_bearer
		ON only_bearer.study_key = r.study_key AND only_bearer.subject_key = r.subject_key AND coalesce(r.subject_id, 0) = 0
	LEFT JOIN (SELECT study_key, id, imednet_text(value, 'subjectKey') AS subject_key, imednet_text(value, 'siteName') AS site_name,
			imednet_text(value, 'subjectStatus') AS subject_status, imednet_flag(imednet_text(value, 'deleted')) AS deleted
			FROM imednet_rows WHERE resource = 'subjects') s
		ON s.study_key = r.study_key AND s.id = coalesce(only_bearer.id, r.subject_id)`

// activeRecordsView has the active records with what heads them and their answers.
const activeRecordsView = `
CREATE OR REPLACE VIEW imednet_active_records WITH (security_invoker = true) AS
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, r.form_key, r.record_id, r.site_id, r.subject_id,
		r.interval_id, r.visit_id, r.record_status, r.date_modified, r.version, r.answers, r.readable
	FROM (
		SELECT c.study_key, nullif(c.form_key, '') AS form_key, c.record_id, imednet_whole(k.site_id) AS site_id, imednet_whole(k.subject_id) AS subject_id,
			k.subject_key, imednet_whole(k.interval_id) AS interval_id, imednet_whole(k.visit_id) AS visit_id,
			imednet_text(json.value, 'recordStatus') AS record_status, imednet_time(imednet_text(json.value, 'dateModified')) AS date_modified, k.version,
			json.value->'recordData' AS answers, json.value IS NOT NULL AS readable
		FROM record_cache c CROSS JOIN LATERAL imednet_record_json(c.payload) AS json(value)
		LEFT JOIN imednet_study study ON study.study_key = c.study_key
		LEFT JOIN imednet_record k ON k.study = study.id AND k.record_id = c.record_id
	) r` + siteOfSubject + `;
`

// openQueriesView has one row per open query, and those that cannot be read. The comment with the highest
// sequence decides, the first to arrive on a tie, as StateOf of package queries has it, and a query without a date
// of its own was raised when the comment with the lowest one was written.
const openQueriesView = `
CREATE OR REPLACE VIEW imednet_open_queries WITH (security_invoker = true) AS
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, newest.form_key, r.record_id, r.variable,
		r.query_id, r.query_type, r.description, raised.raised_at, div(trunc(extract(epoch FROM as_of.as_of - raised.raised_at)), 86400)::bigint AS age_days,
		d.comments, imednet_text(d.newest, 'comment') AS last_comment, imednet_text(d.newest, 'user') AS last_user,
		imednet_time(imednet_text(d.newest, 'date')) AS last_at, as_of.as_of, r.readable
	FROM (
		SELECT study_key, id AS query_id, record_id, imednet_text(value, 'variable') AS variable, imednet_text(value, 'annotationType') AS query_type,
			imednet_text(value, 'description') AS description, imednet_time(imednet_text(value, 'dateCreated')) AS created_at,
			imednet_whole(imednet_text(value, 'subjectId')) AS subject_id, imednet_text(value, 'subjectKey') AS subject_key, value->'queryComments' AS thread, readable
		FROM imednet_rows WHERE resource = 'queries'
	) r
	CROSS JOIN LATERAL (
		SELECT max(comments) AS comments, (array_agg(comment ORDER BY sequence DESC, place))[1] AS newest, (array_agg(comment ORDER BY sequence, place))[1] AS oldest FROM (
			SELECT comment, place, imednet_whole(imednet_text(comment, 'sequence')) AS sequence, count(*) OVER () AS comments
			FROM jsonb_array_elements(CASE jsonb_typeof(r.thread) WHEN 'array' THEN r.thread END) WITH ORDINALITY AS t(comment, place)
		) placed WHERE comments = 1 OR sequence IS NOT NULL
	) d
	CROSS JOIN LATERAL (SELECT coalesce(r.created_at, imednet_time(imednet_text(d.oldest, 'date'))) AS raised_at) raised
	LEFT JOIN (
		SELECT study_key, timestamp '1970-01-01' + imednet_whole(substring(notes from '\nqueries ([0-9]{1,16})\n')) * interval '1 microsecond' AS as_of FROM imednet_notes
	) as_of ON as_of.study_key = r.study_key
	LEFT JOIN (
		SELECT study.study_key, k.record_id, k.form_key FROM imednet_study study JOIN imednet_record k ON k.study = study.id
	) newest ON newest.study_key = r.study_key AND newest.record_id = r.record_id` + siteOfSubject + `
	WHERE NOT r.readable OR imednet_flag(imednet_text(d.newest, 'closed')) = false;
`

// visitsView has one row per visit of a subject, neither of them deleted.
const visitsView = `
CREATE OR REPLACE VIEW imednet_visits WITH (security_invoker = true) AS
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, s.subject_status, r.visit_id, r.interval_name,
		r.window_start, r.due_date, r.window_end, r.visit_date, r.visit_date - r.due_date AS days_from_due,
		CASE WHEN r.window_start IS NULL OR r.window_end IS NULL THEN NULL ELSE r.visit_date BETWEEN r.window_start AND r.window_end END AS in_window, r.readable
	FROM (
		SELECT study_key, id AS visit_id, imednet_text(value, 'intervalName') AS interval_name, imednet_date(imednet_text(value, 'startDate')) AS window_start,
			imednet_date(imednet_text(value, 'dueDate')) AS due_date, imednet_date(imednet_text(value, 'endDate')) AS window_end,
			imednet_date(imednet_text(value, 'visitDate')) AS visit_date, imednet_whole(imednet_text(value, 'subjectId')) AS subject_id,
			imednet_text(value, 'subjectKey') AS subject_key, imednet_flag(imednet_text(value, 'deleted')) AS deleted, readable
		FROM imednet_rows WHERE resource = 'visits'
	) r` + siteOfSubject + `
	WHERE NOT coalesce(r.deleted, false) AND NOT coalesce(s.deleted, false);
`

// recordChangesView has one row per revision of a record: who saved it, when and why.
const recordChangesView = `
CREATE OR REPLACE VIEW imednet_record_changes WITH (security_invoker = true) AS
	SELECT r.study_key, s.site_name, coalesce(s.subject_key, r.subject_key) AS subject_key, r.form_key, intervals.interval_name, r.record_id, r.revision_id,
		r.record_revision, r.data_revision, r.record_status, r.deleted, r.changed_by, r.role, r.changed_at, r.reason_for_change, r.readable
	FROM (
		SELECT study_key, id AS revision_id, record_id, imednet_text(value, 'formKey') AS form_key, imednet_whole(imednet_text(value, 'intervalId')) AS interval_id,
			imednet_whole(imednet_text(value, 'recordRevision')) AS record_revision, imednet_whole(imednet_text(value, 'dataRevision')) AS data_revision,
			imednet_text(value, 'recordStatus') AS record_status, imednet_flag(imednet_text(value, 'deleted')) AS deleted, imednet_text(value, 'user') AS changed_by,
			imednet_text(value, 'role') AS role, imednet_time(imednet_text(value, 'dateCreated')) AS changed_at, imednet_text(value, 'reasonForChange') AS reason_for_change,
			imednet_whole(imednet_text(value, 'subjectId')) AS subject_id, imednet_text(value, 'subjectKey') AS subject_key, readable
		FROM imednet_rows WHERE resource = 'recordRevisions'
	) r
	LEFT JOIN (SELECT study_key, id, imednet_text(value, 'intervalName') AS interval_name FROM imednet_rows WHERE resource = 'intervals') intervals
		ON intervals.study_key = r.study_key AND intervals.id = r.interval_id` + siteOfSubject + `;
`
