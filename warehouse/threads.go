package warehouse

// everyQuery has the queries of the last listing: those that fit their table, and of those that do not what is
// readable of them.
var everyQuery = `
	SELECT study_key, annotation_id, record_id, subject_id, subject_key, variable, annotation_type, description, date_created, payload, ` + readablePayload + ` AS readable
	FROM bronze_queries
	UNION ALL SELECT study_key, row_id, ` + readWhole(`row->>'recordId'`) + `, ` + readWhole(`row->>'subjectId'`) + `, row->>'subjectKey', row->>'variable', row->>'annotationType',
		row->>'description', ` + readTime(`row->>'dateCreated'`) + `, payload, readable
	FROM (` + rejectsOf(`queries`) + `)`

// queryThreads has a row for each comment of a query that is readable, with how many there are and its place among
// them. Members are read by the rules of package imednet: what does not fit is NULL, and nothing fails.
var queryThreads = `
	SELECT study_key, annotation_id, comments, place, ` + readWhole(`c->>'sequence'`) + ` AS sequence, c->>'annotationStatus' AS annotation_status,
		c->>'user' AS "user", c->>'comment' AS comment, ` + readFlag(`c->>'closed'`) + ` AS closed,
		` + readTime(`c->>'date'`) + ` AS date
	FROM (
		SELECT study_key, annotation_id, len(thread) AS comments, unnest(thread) AS c, generate_subscripts(thread, 1) AS place FROM (
			SELECT study_key, annotation_id, json_extract(CASE WHEN readable THEN try(decode(payload)) END, '$.queryComments[*]') AS thread FROM (` + everyQuery + `)
		)
	)`

// queryCommentsView unfolds the threads of the queries; sequence orders them. A query that is not readable has one
// row, without a comment.
var queryCommentsView = `CREATE OR REPLACE VIEW bronze_query_comments AS
	SELECT study_key, annotation_id, sequence, annotation_status, "user", comment, closed, date, true AS readable FROM (` + queryThreads + `)
	UNION ALL SELECT study_key, annotation_id, NULL, NULL, NULL, NULL, NULL, NULL, false FROM (` + everyQuery + `) WHERE NOT readable`
