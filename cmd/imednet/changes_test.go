package main

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func (s *shell) csv(args ...string) (rows []map[string]string) {
	s.t.Helper()
	lines, err := csv.NewReader(strings.NewReader(s.ok(append(args, "--format", "csv")...))).ReadAll()
	require.NoError(s.t, err)
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// TestChangesAndWho: an answer that is changed twice between two syncs is one change of two saves; one
// that is changed once names who did it. The life of a value begins with the first one seen.
func TestChangesAndWho(t *testing.T) {
	d := newDesk(t)
	var event imednet.Record
	for _, id := range d.study.RecordIDs() {
		if r, _ := d.study.Record(id); r.FormKey.Or("") == "AE" && !r.IsDeleted() && r.SubjectKey.Or("") != "" {
			event = r
			break
		}
	}
	was, _ := event.RecordData.Lookup("AETERM")
	d.ok("sync", "OWN")
	require.Empty(t, d.csv("changes", "OWN", "--since", "2100-01-01"))

	d.study.Advance(time.Hour)
	first := d.study.Now()
	require.NoError(t, d.study.EditRecord(event.RecordID, "AETERM", "Headache"))
	d.ok("sync", "OWN")
	d.study.Advance(time.Hour)
	second := d.study.Now()
	require.NoError(t, d.study.EditRecord(event.RecordID, "AETERM", "Migraine"))
	require.NoError(t, d.study.EditRecord(event.RecordID, "AETERM", "Severe migraine"))
	d.ok("sync", "OWN")

	subject := event.SubjectKey.Or("")
	life := d.csv("who", "OWN", "--subject", subject, "--form", "AE", "--variable", "AETERM")
	life = ofRow(life, number(event.RecordID))
	require.Len(t, life, 3)
	for i, want := range []struct{ kind, before, now, saves string }{
		{"added", "", was.Text(), life[0]["saves"]}, {"updated", was.Text(), "Headache", "1"}, {"updated", "Headache", "Severe migraine", "2"},
	} {
		got := life[i]
		require.Equal(t, []string{want.kind, want.before, want.now, want.saves, subject, "AE", "AETERM", "Event term"},
			[]string{got["kind"], got["old"], got["new"], got["saves"], got["subject"], got["form"], got["variable"], got["label"]})
	}
	require.NotEmpty(t, life[1]["users"])

	since := func(at time.Time, flags ...string) []map[string]string {
		return d.csv(append([]string{"changes", "OWN", "--since", at.UTC().Format(time.RFC3339)}, flags...)...)
	}
	answers := func(rows []map[string]string) (news []string) {
		for _, row := range ofRow(rows, number(event.RecordID)) {
			if row["variable"] == "AETERM" {
				news = append(news, row["new"])
			}
		}
		return news
	}
	require.Equal(t, []string{"Headache", "Severe migraine"}, answers(since(first)))
	require.Equal(t, []string{"Severe migraine"}, answers(since(second)))
	require.Equal(t, []string{"Severe migraine"}, answers(since(second, "--user", life[1]["users"], "--form", "AE", "--subject", subject, "--variable", "AETERM", "--site", life[0]["site"])))
	require.Empty(t, answers(since(second, "--form", "DM")))

	for _, flags := range [][]string{{"--form", "AEE"}, {"--site", "nowhere"}, {"--subject", "nobody"}, {"--variable", "AETERMM"}, {"--user", "nobody"}, {"--user", strings.ToUpper(life[1]["users"])}} {
		_, problem := d.run(exitNotFound, append([]string{"changes", "OWN"}, flags...)...)
		require.Contains(t, problem, "there is no "+strings.TrimPrefix(flags[0], "--"))
	}
	_, problem := d.run(exitNotFound, "changes", "OWN", "--user", strings.ToUpper(life[1]["users"]))
	require.Contains(t, problem, "did you mean "+life[1]["users"])
	d.run(exitUsage, "changes", "OWN", "--since", "soon")
	d.run(exitUsage, "who", "OWN", "--subject", subject)
	d.run(exitNotFound, "changes", "OTHER")
}

// TestTheNewestChangesOfASubject are those of the latest time, of whatever resource.
func TestTheNewestChangesOfASubject(t *testing.T) {
	d := newDesk(t)
	d.ok("sync", "OWN")
	for _, query := range d.csv("queries", "list", "OWN", "--cached") {
		subject := query["subject"]
		records := d.csv("records", "list", "OWN", "--cached", "--form", "AE", "--subject", subject)
		if len(records) == 0 {
			continue
		}
		d.study.Advance(time.Hour)
		id, err := strconv.ParseInt(records[0]["record"], 10, 64)
		require.NoError(t, err)
		require.NoError(t, d.study.EditRecord(id, "AETERM", "the newest of all"))
		d.ok("sync", "OWN")
		_, changes, found := strings.Cut(d.ok("subject", "OWN", subject, "--cached", "--changes", "2", "--no-answers"), "\nChanges\n")
		require.True(t, found)
		require.Contains(t, changes, "the newest of all")
		return
	}
	require.Fail(t, "no subject has queries and events")
}

func ofRow(rows []map[string]string, id string) (own []map[string]string) {
	for _, row := range rows {
		if row["id"] == id && row["resource"] == "records" {
			own = append(own, row)
		}
	}
	return own
}

func TestSince(t *testing.T) {
	now := time.Date(2026, 11, 26, 14, 30, 0, 0, time.FixedZone("", 3600)) // a Thursday
	for text, want := range map[string]string{
		"monday": "2026-11-23T00:00:00Z", "Thursday": "2026-11-26T00:00:00Z", "friday": "2026-11-20T00:00:00Z", "today": "2026-11-26T00:00:00Z",
		"yesterday": "2026-11-25T00:00:00Z", "2d": "2026-11-24T13:30:00Z", "2w": "2026-11-12T13:30:00Z", "1h30m": "2026-11-26T12:00:00Z", " 2D ": "2026-11-24T13:30:00Z", "Monday ": "2026-11-23T00:00:00Z", "2026-11-01": "2026-11-01T00:00:00Z",
		"2026-11-01T10:00:00+01:00": "2026-11-01T09:00:00Z", "": "0001-01-01T00:00:00Z",
	} {
		at, err := parseSince(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, at.UTC().Format(time.RFC3339), text)
	}
	for _, text := range []string{"3m", "90m", "3 m"} {
		_, err := parseSince(text, now)
		require.Error(t, err, text)
		_, err = parsePast(text)
		require.Error(t, err, text)
	}
	_, err := parseSince("3m", now)
	require.ErrorContains(t, err, "months")
	for _, text := range []string{"-2d", "-1w", "5300w", "w", "next monday", "2026-13-01", "mon"} {
		_, err := parseSince(text, now)
		require.Error(t, err, text)
	}
}
