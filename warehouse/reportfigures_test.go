package warehouse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/report"
)

// TestFiguresOfTheReportEqualSQL compares the report of a study with SQL over a warehouse that was made of the same
// study, which share no code that counts.
func TestFiguresOfTheReportEqualSQL(t *testing.T) {
	client := generated(3000)
	now := imednettest.NewClock(time.Date(2026, 1, 1, 12, 30, 0, 0, time.UTC))
	d := open(t, warehouse.WithClock(now))
	_, err := d.IngestStudy(t.Context(), client, "DEMO", warehouse.StudyOptions{})
	require.NoError(t, err)
	workflow, err := report.NewStudyReport(client, report.WithClock(now))
	require.NoError(t, err)
	r, err := workflow.Build(t.Context(), "DEMO", report.Options{ShowValues: true, AdverseEvents: []report.AdverseEventForm{{FormKey: "AE"}}})
	require.NoError(t, err)

	var sites, forms, months, events []string
	for _, s := range r.Sites {
		if s.Records > 0 {
			sites = append(sites, fmt.Sprintf("%s|%d|%d|%d|%d", s.Name, s.Subjects, s.Records, s.Queries.Open, s.Queries.Overdue))
		}
	}
	for _, e := range r.Entry {
		if e.Records > 0 {
			forms = append(forms, fmt.Sprintf("%s|%d", e.FormKey, e.Records))
		}
	}
	for _, m := range r.Enrolment.Months {
		months = append(months, fmt.Sprintf("%s|%d", m.Month, m.Count))
	}
	for _, c := range r.AdverseEvents.Severity {
		if c.Total() > 0 {
			events = append(events, fmt.Sprintf("%s|%d|%d|%d", strings.ToLower(c.Severity), c.Serious, c.NotSerious, c.Unknown))
		}
	}
	for _, list := range [][]string{sites, forms, events} {
		slices.Sort(list)
		require.Greater(t, len(list), 2)
	}

	require.Equal(t, []string{fmt.Sprintf("%d|%d", r.Records, r.DeletedRecords)},
		table(t, d, `SELECT count(*) FILTER (state = 'active'), count(*) FILTER (state = 'deleted') FROM bronze_records`))
	require.Equal(t, forms, table(t, d, `SELECT form_key, count(*) FROM bronze_records WHERE state = 'active' GROUP BY 1 ORDER BY 1`))
	require.Equal(t, months, table(t, d, `SELECT strftime(enrollment_start_date, '%Y-%m'), count(*) FROM bronze_subjects
		WHERE NOT deleted AND enrollment_start_date <= TIMESTAMP '2026-01-01 12:30:00' GROUP BY 1 ORDER BY 1`))
	require.Equal(t, []string{fmt.Sprintf("%d|%d", r.Queries.Open, r.Queries.Overdue)},
		table(t, d, fmt.Sprintf(`SELECT count(*), count(*) FILTER (age_days >= %d) FROM imednet_open_queries`, r.OverdueDays)))
	require.Equal(t, sites, table(t, d, fmt.Sprintf(`WITH s AS (SELECT DISTINCT site_id, site_name FROM bronze_subjects)
		SELECT site_name, (SELECT count(*) FROM bronze_subjects b WHERE b.site_id = s.site_id AND NOT deleted),
			(SELECT count(*) FROM bronze_records b WHERE b.site_id = s.site_id AND state = 'active'),
			(SELECT count(*) FROM imednet_open_queries q WHERE q.site_name = s.site_name),
			(SELECT count(*) FROM imednet_open_queries q WHERE q.site_name = s.site_name AND age_days >= %d)
		FROM s ORDER BY site_name`, r.OverdueDays)))
	require.Equal(t, events, table(t, d, `WITH e AS (SELECT lower(trim(decode(payload)::JSON ->> '$.recordData.AESEV')) AS severity,
			lower(trim(decode(payload)::JSON ->> '$.recordData.AESER')) AS serious FROM bronze_records WHERE state = 'active' AND form_key = 'AE')
		SELECT CASE WHEN severity IN ('mild', 'moderate', 'severe') THEN severity WHEN coalesce(severity, '') = '' THEN 'unknown' ELSE 'other answer' END,
			count(*) FILTER (serious IN ('yes', 'y', '1', 'true')), count(*) FILTER (serious IN ('no', 'n', '0', 'false')),
			count(*) FILTER (serious IS NULL OR serious NOT IN ('yes', 'y', '1', 'true', 'no', 'n', '0', 'false'))
		FROM e GROUP BY 1 ORDER BY 1`))
}
