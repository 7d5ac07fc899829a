package postgres_test

import (
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/workflows/queries"
)

// line writes values as linesOf does; nil and an Opt without a value are ∅.
func line(values ...any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprint(v)
		if v == nil {
			parts[i] = "∅"
		}
	}
	return strings.Join(parts, "|")
}

// value is an Opt's value, or nil.
func value[T imednet.Scalar](o imednet.Opt[T]) any {
	if v, ok := o.Get(); ok {
		return v
	}
	return nil
}

// linesOf are the rows of a query's columns, in the order of the first.
func linesOf(t *testing.T, url, columns, from string) []string {
	t.Helper()
	parts := strings.Split(columns, ",")
	for i, c := range parts {
		parts[i] = `coalesce(` + c + `::text, '∅')`
	}
	return postgrestest.Column(t, url, `SELECT concat_ws('|', `+strings.Join(parts, ",")+`) FROM `+from+` ORDER BY `+strings.Split(columns, ",")[0])
}

// all reads a list to its end.
func all[T any](t *testing.T, rows iter.Seq2[T, error]) (out []T) {
	t.Helper()
	for row, err := range rows {
		require.NoError(t, err)
		out = append(out, row)
	}
	return out
}

// viewed is a mirror of one study, with rows whose payloads a test has replaced.
type viewed struct {
	url, key string
	mirror   *cache.CachedRecordsLoader
	now      time.Time
}

// viewNames are the mirror's views on the server, by name: none on PostgreSQL 14, whose views would show every reader
// all studies.
func viewNames(t *testing.T, url string) []string {
	t.Helper()
	if postgrestest.Column(t, url, `SELECT current_setting('server_version_num')::int >= 150000`)[0] == "false" {
		return nil
	}
	return []string{"imednet_active_records", "imednet_open_queries", "imednet_record_changes", "imednet_rows", "imednet_visits"}
}

func newViewed(t *testing.T) viewed {
	t.Helper()
	v := viewed{url: postgrestest.URL(t), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	if viewNames(t, v.url) == nil {
		t.Skip("PostgreSQL 14 has no views with the rights of whoever reads them, and the mirror none at all (TestPostgreSQL14HasNoViews)")
	}
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	v.key = study.Key()
	for _, id := range study.RecordIDs()[:5] {
		require.NoError(t, study.DeleteRecord(id, true))
	}
	v.mirror = openMirror(t, v.url, imednettest.NewServer(study).Client(), cache.WithClock(imednettest.NewClock(v.now)))
	_, err := v.mirror.SyncStudy(t.Context(), v.key, cache.SyncOptions{})
	require.NoError(t, err)
	return v
}

// replace gives a row of a resource another payload.
func (v viewed) replace(t *testing.T, resource imednet.Resource, id int64, payload string) {
	t.Helper()
	postgrestest.Exec(t, v.url, fmt.Sprintf(`UPDATE imednet_row SET payload = '\x%x'::bytea WHERE row_id = '%s'
		AND resource = (SELECT id FROM imednet_resource WHERE name = '%s')`, payload, rowID(id), resource))
}

func rowID(id int64) string { return fmt.Sprintf("%d:%d", len(fmt.Sprint(id)), id) }

// subjects are the study's, by id.
func (v viewed) subjects(t *testing.T) map[int64]imednet.Subject {
	out := map[int64]imednet.Subject{}
	for _, s := range all(t, v.mirror.Client().Subjects(t.Context(), v.key, imednet.ListOptions{})) {
		out[s.SubjectID] = s
	}
	return out
}

// unreadable are members of JSON of which PostgreSQL makes no jsonb.
var unreadable = []string{`"x":"a\u0000b"`, "\"x\":\"\xff\"", `"x":"\ud800"`, `"x":1e999999999`}

// TestTheViewOfOpenQueriesIsThatOfAProgram, with threads whose state is hard to tell, and with rows that
// nobody can read, which are listed.
func TestTheViewOfOpenQueriesIsThatOfAProgram(t *testing.T) {
	v := newViewed(t)
	rows := slices.DeleteFunc(all(t, v.mirror.Client().Queries(t.Context(), v.key, imednet.ListOptions{})), func(q imednet.Query) bool { return !q.RecordID.IsSet() })
	odd := []string{
		`[]`, `null`, `[{"closed":false}]`, `[{"closed":true}]`, `[{"sequence":1,"closed":false},{"sequence":2,"closed":true}]`,
		`[{"sequence":2,"closed":false},{"sequence":1,"closed":true}]`, `[{"sequence":1,"closed":false},{"sequence":1,"closed":true}]`,
		`[{"sequence":3,"closed":null},{"sequence":1,"closed":false}]`, `[{"closed":false},{"closed":false}]`, `[{"closed":true},{"sequence":1,"closed":false}]`,
		`[{"sequence":"x","closed":false},{"sequence":1,"closed":true}]`, `[{"sequence":"7","closed":"False"},{"sequence":1.0,"closed":true}]`,
		`[{"sequence":1,"closed":"perhaps","date":"soon"}]`, `[{"sequence":1.5,"closed":true},{"sequence":1,"closed":false,"user":5,"date":"2024-02-30 00:00:00"}]`,
		`[{"sequence":9223372036854775808,"closed":true},{"sequence":-1e2,"closed":false,"comment":"","date":"2024-02-29T23:30:00.25-01:00"}]`,
		`[{"closed":false,"date":"2024-01-01 00:00:00"}]`, `[{"sequence":2,"closed":false,"date":"2024-01-02 00:00:00"},{"sequence":1,"closed":true,"date":"2024-01-03 00:00:00"}]`,
		`[{"sequence":3,"closed":false},{"sequence":1,"closed":true,"date":"2024-01-04 00:00:00"},{"sequence":1,"closed":true,"date":"2024-01-05 00:00:00"},{"date":"2024-01-06 00:00:00"}]`,
		`[{"sequence":1,"date":"soon"},{"sequence":2,"closed":false,"date":"2024-01-07 00:00:00"}]`, `[{"sequence":1,"date":"12024-01-08 00:00:00"},{"sequence":2,"closed":false}]`,
		`[{"sequence":1,"closed":false,"date":"2026-03-02 12:00:00"}]`, `[{"sequence":" 1","closed":true},{"sequence":0,"closed":false}]`, `[{"sequence":"0.","closed":true},{"sequence":"+1","closed":false}]`,
	}
	dates := []string{`"dateCreated":"2026-13-01 00:00:00",`, `"dateCreated":null,`, `"dateCreated":"",`, ``, `"dateCreated":7,`, `"dateCreated":"2024-06-01 00:00:00",`}
	for i, thread := range odd {
		v.replace(t, imednet.Queries, rows[i].AnnotationID, fmt.Sprintf(`{"annotationId":%d,"recordId":%d,%s"queryComments":%s}`, rows[i].AnnotationID, rows[i].RecordID.Or(0), dates[i%len(dates)], thread))
	}
	broken := map[int64]bool{}
	for i, member := range unreadable {
		id := rows[len(odd)+i].AnnotationID
		broken[id] = true
		v.replace(t, imednet.Queries, id, fmt.Sprintf(`{"annotationId":%d,%s}`, id, member))
	}
	records, subjects := map[int64]imednet.Record{}, v.subjects(t)
	for _, r := range all(t, v.mirror.Client().Records(t.Context(), v.key, imednet.ListOptions{})) {
		records[r.RecordID] = r
	}
	management, err := queries.NewQueryManagement(v.mirror.Client(), queries.WithClock(imednettest.NewClock(v.now)))
	require.NoError(t, err)
	overview, err := management.Overview(t.Context(), v.key, queries.Options{State: queries.Open})
	require.NoError(t, err)
	entries := map[int64]queries.Entry{}
	for _, e := range overview {
		entries[e.QueryID] = e
	}
	want, wantBroken := []string{}, 0
	for _, q := range all(t, v.mirror.Client().Queries(t.Context(), v.key, imednet.ListOptions{})) {
		if broken[q.AnnotationID] {
			wantBroken++
			continue
		}
		if queries.StateOf(q) != queries.Open {
			continue
		}
		last := q.QueryComments[0]
		for _, c := range q.QueryComments {
			if at, ok := c.Sequence.Get(); ok && (!last.Sequence.IsSet() || at > last.Sequence.Or(0)) {
				last = c
			}
		}
		var age any
		if e := entries[q.AnnotationID]; e.Raised.IsSet() {
			age = int64(e.Age / (24 * time.Hour))
		}
		s := subjects[q.SubjectID.Or(0)]
		want = append(want, line(q.AnnotationID, v.key, value(s.SiteName), value(s.SubjectKey), value(q.RecordID), value(q.Variable), value(q.AnnotationType), value(q.Description),
			value(entries[q.AnnotationID].Raised), age, len(q.QueryComments), value(last.Comment), value(last.User), value(last.Date), "2026-03-01 12:00:00", true))
	}
	slices.Sort(want)
	const columns = `query_id,study_key,site_name,subject_key,record_id,variable,query_type,description,raised_at,age_days,comments,last_comment,last_user,last_at,as_of,readable`
	got := linesOf(t, v.url, columns, `imednet_open_queries WHERE readable`)
	slices.Sort(got)
	require.Greater(t, len(want), 10)
	require.Equal(t, want, got)
	require.Len(t, want, len(entries))
	require.Equal(t, len(unreadable), wantBroken)
	require.Len(t, linesOf(t, v.url, `query_id,as_of`, `imednet_open_queries WHERE NOT readable`), wantBroken, "nobody knows that they are closed")
	for _, id := range linesOf(t, v.url, `query_id`, `imednet_open_queries WHERE NOT readable`) {
		require.Contains(t, broken, mustInt(t, id))
	}
	for _, pair := range linesOf(t, v.url, `record_id,form_key`, `imednet_open_queries WHERE form_key IS NOT NULL`) {
		id, form, _ := strings.Cut(pair, "|")
		if r, active := records[mustInt(t, id)]; active {
			require.Equal(t, r.FormKey.Or(""), form)
		}
	}
	require.NotEmpty(t, linesOf(t, v.url, `record_id`, `imednet_open_queries WHERE form_key IS NOT NULL`))
}

func mustInt(t *testing.T, text string) (n int64) {
	t.Helper()
	_, err := fmt.Sscan(text, &n)
	require.NoError(t, err)
	return n
}

func TestTheViewOfActiveRecordsIsThatOfAProgram(t *testing.T) {
	v := newViewed(t)
	subjects, rows := v.subjects(t), all(t, v.mirror.Client().Records(t.Context(), v.key, imednet.ListOptions{}))
	listed := len(rows)
	rows = slices.DeleteFunc(rows, func(r imednet.Record) bool { return r.IsDeleted() })
	require.LessOrEqual(t, len(rows), listed-5)
	broken := map[int64]bool{}
	for i, member := range append(unreadable, `"A":1,"B":2,"A":"one of two"`) {
		id := rows[i].RecordID
		broken[id] = true
		payload := fmt.Sprintf(`{"recordId":%d,"recordData":{%s}}`, id, member)
		postgrestest.Exec(t, v.url, fmt.Sprintf(`BEGIN; SET LOCAL imednet.writer = 'mirror'; UPDATE record_cache SET payload = '\x%x'::bytea WHERE record_id = %d; COMMIT`, payload, id))
	}
	want, answers := []string{}, []string{}
	for _, r := range rows {
		s := subjects[r.SubjectID.Or(0)]
		status, modified := value(r.RecordStatus), value(r.DateModified)
		if broken[r.RecordID] {
			status, modified = nil, nil
		} else {
			raw, err := r.RecordData.MarshalJSON()
			require.NoError(t, err)
			answers = append(answers, string(raw))
		}
		want = append(want, line(r.RecordID, v.key, value(r.FormKey), value(r.SiteID), value(s.SiteName), value(r.SubjectID), value(s.SubjectKey), value(r.IntervalID), value(r.VisitID),
			status, modified, !broken[r.RecordID]))
	}
	require.Greater(t, len(want), 500)
	require.Equal(t, want, linesOf(t, v.url, `record_id,study_key,form_key,site_id,site_name,subject_id,subject_key,interval_id,visit_id,record_status,date_modified,readable`, `imednet_active_records`))
	got := postgrestest.Column(t, v.url, `SELECT coalesce(answers, 'null') FROM imednet_active_records WHERE readable ORDER BY record_id`)
	require.Len(t, got, len(answers))
	for i := range got {
		require.JSONEq(t, answers[i], got[i])
	}
	require.Equal(t, []string{fmt.Sprint(len(broken))}, postgrestest.Column(t, v.url, `SELECT count(*) FROM imednet_active_records WHERE answers IS NULL AND NOT readable`))
}

func TestTheViewOfVisitsIsThatOfAProgram(t *testing.T) {
	v := newViewed(t)
	rows := all(t, v.mirror.Client().Visits(t.Context(), v.key, imednet.ListOptions{}))
	for i, dates := range []string{
		`"startDate":"2024-02-30","dueDate":"2024-01-02","visitDate":"2024-01-01"`, `"startDate":"","dueDate":null,"visitDate":"x"`,
		`"startDate":"2024-01-01","dueDate":"2024-01-05","endDate":"2024-01-09","visitDate":"2024-01-10","deleted":"false"`, `"deleted":"TRUE"`, `"deleted":"perhaps"`,
	} {
		v.replace(t, imednet.Visits, rows[i].VisitID, fmt.Sprintf(`{"visitId":%d,"subjectId":%d,%s}`, rows[i].VisitID, rows[i].SubjectID.Or(0), dates))
	}
	v.replace(t, imednet.Visits, rows[5].VisitID, fmt.Sprintf(`{"visitId":%d,"intervalName":"\u0000"}`, rows[5].VisitID))
	subjects, want := v.subjects(t), []string{}
	for _, visit := range all(t, v.mirror.Client().Visits(t.Context(), v.key, imednet.ListOptions{})) {
		s := subjects[visit.SubjectID.Or(0)]
		if visit.Deleted.Or(false) || s.Deleted.Or(false) {
			continue
		}
		if visit.VisitID == rows[5].VisitID {
			want = append(want, line(visit.VisitID, v.key, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, false))
			continue
		}
		start, due, end, at := visit.StartDate, visit.DueDate, visit.EndDate, visit.VisitDate
		var days, inside any
		if due.IsSet() && at.IsSet() {
			days = int64(at.Or(imednet.Date{}).Time().Sub(due.Or(imednet.Date{}).Time()) / (24 * time.Hour))
		}
		if start.IsSet() && end.IsSet() && at.IsSet() {
			day := at.Or(imednet.Date{}).Time()
			inside = !day.Before(start.Or(imednet.Date{}).Time()) && !day.After(end.Or(imednet.Date{}).Time())
		}
		want = append(want, line(visit.VisitID, v.key, value(s.SiteName), value(s.SubjectKey), value(s.SubjectStatus), value(visit.IntervalName),
			value(start), value(due), value(end), value(at), days, inside, true))
	}
	require.Greater(t, len(want), 10)
	require.Equal(t, want, linesOf(t, v.url, `visit_id,study_key,site_name,subject_key,subject_status,interval_name,window_start,due_date,window_end,visit_date,days_from_due,in_window,readable`, `imednet_visits`))
}

func TestTheViewOfChangesIsThatOfAProgram(t *testing.T) {
	v := newViewed(t)
	rows := all(t, v.mirror.Client().RecordRevisions(t.Context(), v.key, imednet.ListOptions{}))
	v.replace(t, imednet.RecordRevisions, rows[0].RecordRevisionID, fmt.Sprintf(`{"recordRevisionId":%d,"user":"\u0000"}`, rows[0].RecordRevisionID))
	intervals, subjects, want := map[int64]imednet.Interval{}, v.subjects(t), []string{}
	for _, i := range all(t, v.mirror.Client().Intervals(t.Context(), v.key, imednet.ListOptions{})) {
		intervals[i.IntervalID] = i
	}
	for i, r := range rows {
		if i == 0 { // its record is a column of the table
			want = append(want, line(r.RecordRevisionID, v.key, nil, nil, nil, nil, value(r.RecordID), nil, nil, nil, nil, nil, nil, nil, nil, false))
			continue
		}
		s := subjects[r.SubjectID.Or(0)]
		want = append(want, line(r.RecordRevisionID, v.key, value(s.SiteName), value(s.SubjectKey), value(r.FormKey), value(intervals[r.IntervalID.Or(0)].IntervalName), value(r.RecordID),
			value(r.RecordRevision), value(r.DataRevision), value(r.RecordStatus), value(r.Deleted), value(r.User), value(r.Role), value(r.DateCreated), value(r.ReasonForChange), true))
	}
	require.Equal(t, want, linesOf(t, v.url, `revision_id,study_key,site_name,subject_key,form_key,interval_name,record_id,record_revision,data_revision,record_status,deleted,changed_by,role,changed_at,reason_for_change,readable`,
		`imednet_record_changes`))
}

// withoutDigests takes from a mirror what the last of its migrations but one adds.
const withoutDigests = `ALTER TABLE imednet_history DROP COLUMN digest; ALTER TABLE imednet_row_history DROP COLUMN digest`

// TestAnOlderMirrorGetsItsViews opens one as its owner that was made before there were any, and makes them
// again.
func TestAnOlderMirrorGetsItsViews(t *testing.T) {
	v := newViewed(t)
	views := `SELECT viewname FROM pg_views WHERE schemaname = current_schema ORDER BY 1`
	all := viewNames(t, v.url)
	require.Equal(t, all, postgrestest.Column(t, v.url, views))
	postgrestest.Exec(t, v.url, `DROP VIEW imednet_rows CASCADE`)
	require.Equal(t, []string{"true"}, postgrestest.Column(t, v.url, `SELECT imednet_make_views()`))
	require.Equal(t, all, postgrestest.Column(t, v.url, views))

	postgrestest.Exec(t, v.url, `DROP VIEW imednet_rows CASCADE; DROP FUNCTION imednet_make_views, imednet_json, imednet_record_json, imednet_text, imednet_whole(text), imednet_whole(numeric), imednet_flag, imednet_date, imednet_time`,
		`UPDATE imednet_store SET version = 1 WHERE store = 'mirror';`+withoutDigests)
	openMirror(t, v.url, nil)
	require.Equal(t, all, postgrestest.Column(t, v.url, views))
	require.NotEmpty(t, linesOf(t, v.url, `record_id`, `imednet_active_records`))
	require.Equal(t, []string{"0"}, postgrestest.Column(t, v.url, `SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relnamespace = current_schema::regnamespace
		AND NOT coalesce(reloptions @> '{security_invoker=true}', false)`))
}

// TestViewsNeedNoSearchPath: who names the schema reads the same rows, as do a materialized view, whose refresh has no
// search path from PostgreSQL 17 on, and a mirror whose views were made before that was so.
func TestViewsNeedNoSearchPath(t *testing.T) {
	v := newViewed(t)
	schema := postgrestest.Column(t, v.url, `SELECT current_schema`)[0]
	u, err := url.Parse(v.url)
	require.NoError(t, err)
	q := u.Query()
	q.Set("search_path", "pg_catalog")
	u.RawQuery = q.Encode()
	require.Equal(t, []string{"pg_catalog"}, postgrestest.Column(t, u.String(), `SELECT current_setting('search_path')`))
	same := func() {
		for _, view := range viewNames(t, v.url) {
			rows := postgrestest.Column(t, v.url, `SELECT to_jsonb(v) FROM `+view+` v ORDER BY 1`)
			require.NotEmpty(t, rows)
			require.Equal(t, rows, postgrestest.Column(t, u.String(), `SELECT to_jsonb(v) FROM `+schema+`.`+view+` v ORDER BY 1`))
			postgrestest.Exec(t, u.String(), `CREATE MATERIALIZED VIEW `+schema+`.kept AS SELECT * FROM `+schema+`.`+view,
				`SET search_path = ''; REFRESH MATERIALIZED VIEW `+schema+`.kept`, `DROP MATERIALIZED VIEW `+schema+`.kept`)
		}
	}
	same()
	postgrestest.Exec(t, v.url, `CREATE OR REPLACE FUNCTION imednet_whole(number text) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT imednet_whole(number::numeric)';
		UPDATE imednet_store SET version = version - 1 WHERE store = 'mirror'`)
	openMirror(t, v.url, nil)
	same()
}

// TestViewsReadTheTimesThatProgramsRead: what ParseTime reads is the same moment in a view, in whole microseconds, and
// what it refuses is NULL.
func TestViewsReadTheTimesThatProgramsRead(t *testing.T) {
	v := newViewed(t)
	var texts []string
	for _, day := range []string{"2026-03-09", "2024-02-29", "2026-02-29", "0001-01-01", "9999-12-31", "2026-13-01", "2026-1-01"} {
		for _, at := range []string{" 02:30:00", "T02:30:00", " 2:30:00", "T24:00:00", " 23:59:60", " 00:00:00.1234567", " 23:59:59,999999999999", " 02:30:00.", " 02:3:00", " 02:30"} {
			for _, zone := range []string{"", "Z", "+01:00", "-0530", "+16:30", "-24:60", "+25:00", "+1:00", "z", " UTC"} {
				texts = append(texts, day+at+zone)
			}
		}
	}
	texts = append(texts, "", " ", "2026-03-09", "2026-03-09 02:30:00\n", "٢٠٢٦-03-09 02:30:00")
	var want []string
	for _, text := range texts {
		read := "∅"
		if at, err := imednet.ParseTime(text); err == nil && at.Year() >= 1 {
			read = at.Truncate(time.Microsecond).Format("2006-01-02 15:04:05.999999")
		}
		want = append(want, text+" → "+read)
	}
	require.Equal(t, want, postgrestest.Column(t, v.url, `SELECT text || ' → ' || coalesce(imednet_time(text)::text, '∅')
		FROM unnest(ARRAY['`+strings.Join(texts, "', '")+`']) WITH ORDINALITY AS given(text, place) ORDER BY place`))
}

// TestViewsReadTheDatesThatProgramsRead, and what ParseDate refuses is NULL.
func TestViewsReadTheDatesThatProgramsRead(t *testing.T) {
	v := newViewed(t)
	texts := []string{"2024-02-29", "2026-02-29", "0001-01-01", "0000-12-31", "9999-12-31", "10000-01-01", "-0001-01-01", "+2024-01-01", "0044-03-15 BC", "2024-13-01", "2024-00-10",
		"2024-1-01", "24-01-01", "20240101", "2024-01-01 ", " 2024-01-01", "2024-01-01\n", "2024-01-01T00:00:00", "infinity", "epoch", "today", "", "٢٠٢٤-01-01"}
	var want []string
	for _, text := range texts {
		read := "∅"
		if day, err := imednet.ParseDate(text); err == nil && day.Year >= 1 {
			read = day.String()
		}
		want = append(want, text+" → "+read)
	}
	for _, style := range []string{"ISO, MDY", "German, DMY", "SQL, YMD"} {
		postgrestest.Exec(t, v.url, `ALTER FUNCTION imednet_date(text) SET DateStyle = '`+style+`'`)
		require.Equal(t, want, postgrestest.Column(t, v.url, `SELECT text || ' → ' || coalesce(to_char(imednet_date(text), 'YYYY-MM-DD'), '∅')
			FROM unnest(ARRAY['`+strings.Join(texts, "', '")+`']) WITH ORDINALITY AS given(text, place) ORDER BY place`), style)
	}
}

// TestPostgreSQL14HasNoViews, and every later server has all of them.
func TestPostgreSQL14HasNoViews(t *testing.T) {
	url := postgrestest.URL(t)
	openMirror(t, url, nil)
	require.ElementsMatch(t, viewNames(t, url), postgrestest.Column(t, url, `SELECT viewname FROM pg_views WHERE schemaname = current_schema`))
}

// TestNoTimeOfAViewIsBeyondFourDigits: drivers of other languages have no such years, and one would take the whole
// result with it. Every column of a view that is a time or a date is made by a function that yields none.
func TestNoTimeOfAViewIsBeyondFourDigits(t *testing.T) {
	v := newViewed(t)
	const far = `"12024-01-01 00:00:00"`
	for resource, members := range map[imednet.Resource]string{
		imednet.Queries: `"dateCreated":` + far + `,"queryComments":[{"closed":false,"date":` + far + `}]`, imednet.RecordRevisions: `"dateCreated":` + far,
		imednet.Visits: `"startDate":"12024-01-01","dueDate":"12024-01-01","endDate":"0044-01-01 BC","visitDate":"infinity"`,
	} {
		postgrestest.Exec(t, v.url, fmt.Sprintf(`UPDATE imednet_row SET payload = '\x%x'::bytea WHERE resource = (SELECT id FROM imednet_resource WHERE name = '%s')`, `{`+members+`}`, resource))
	}
	postgrestest.Exec(t, v.url, fmt.Sprintf(`BEGIN; SET LOCAL imednet.writer = 'mirror'; UPDATE record_cache SET payload = '\x%x'::bytea; COMMIT`, `{"dateModified":`+far+`}`),
		`UPDATE imednet_notes SET notes = E'x\nqueries 9999999999999999\n'`)
	columns := postgrestest.Column(t, v.url, `SELECT format('SELECT %L || count(*) || '' rows, '' || count(*) FILTER (WHERE extract(year FROM %I) NOT BETWEEN 1 AND 9999 OR NOT isfinite(%I)) FROM %I',
		table_name || '.' || column_name || ': ', column_name, column_name, table_name) FROM information_schema.columns JOIN pg_views ON schemaname = table_schema AND viewname = table_name
		WHERE table_schema = current_schema AND (data_type LIKE 'timestamp%' OR data_type = 'date') ORDER BY table_name, column_name`)
	require.Len(t, columns, 9)
	for _, query := range columns {
		require.Regexp(t, `: [1-9][0-9]* rows, 0$`, postgrestest.Column(t, v.url, query)[0])
	}
}
