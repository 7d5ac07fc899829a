package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// secret makes the pseudonyms of a trial.
const secret = "the secret of an acceptance trial"

var deidentification = qualification.Scenario{
	ID: "OQ-TAB-3", Title: "A de-identified export names no subject and keeps intervals",
	Requirements: []string{"TAB-08", "TAB-09", "TAB-10", "TAB-11"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 1000)
		if err != nil {
			return err
		}
		defer s.close()
		dir := t.Path("shared")
		rules := tables.Deidentification{Key: []byte(secret), PHIFields: []string{"DMNOTE"}, FreeText: []string{"AESEV"}}
		manifest, err := write(ctx, t, s.client, s.study.Key(), dir, pipeline.NDJSON, tables.WithDeidentification(rules))
		if err != nil {
			return err
		}
		_, rows, err := s.records(ctx)
		if err != nil {
			return err
		}
		found, err := tokensIn(dir, rows)
		if err != nil {
			return err
		}
		t.Equal("files in which the key or OID of a subject or record occurs", 0, found)
		c := newCensus()
		if err := readBack(ctx, c, dir, manifest); err != nil {
			return err
		}
		if err := samePseudonyms(t, c, rows); err != nil {
			return err
		}
		if err := errors.Join(sameIntervals(ctx, t, s, c), nothingUndeclared(ctx, t, s, dir)); err != nil {
			return err
		}
		t.Equal("text columns that pass, as the manifest lists them", "AE.AESEV", strings.Join(manifest.FreeTextColumns, ", "))
		t.Equal("texts of adverse events that passed although nobody let them", 0, unmasked(c))
		rules.PHIFields = []string{"DMNOET"}
		_, err = write(ctx, t, s.client, s.study.Key(), t.Path("misspelt"), pipeline.NDJSON, tables.WithDeidentification(rules))
		t.RefusedAs("a misspelt variable", new(*imednet.ValidationError), err)
		return t.EvidenceJSON("masked.json", map[string]any{"masked": manifest.MaskedColumns, "freeText": manifest.FreeTextColumns})
	},
}

// tokensIn counts the files below a directory in which something occurs that names a subject.
func tokensIn(dir string, rows []row) (int, error) {
	tokens := map[string]bool{}
	for _, r := range rows {
		for _, token := range []string{r.SubjectKey, r.SubjectOID, r.RecordOID} {
			if len(token) >= 4 {
				tokens[token] = true
			}
		}
	}
	return filesWith(dir, tokens)
}

// filesWith counts the files below a directory in which one of the tokens occurs.
func filesWith(dir string, tokens map[string]bool) (found int, err error) {
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for token := range tokens {
			if bytes.Contains(text, []byte(token)) {
				found++
				break
			}
		}
		return err
	})
	return found, err
}

// samePseudonyms expects one pseudonym for each subject, and one subject for each pseudonym.
func samePseudonyms(t *qualification.Trial, c *census, rows []row) error {
	pseudonyms, subjects := map[string]map[string]bool{}, map[string]map[string]bool{}
	note := func(in map[string]map[string]bool, key, value string) {
		if in[key] == nil {
			in[key] = map[string]bool{}
		}
		in[key][value] = true
	}
	for _, r := range rows {
		cells := c.rows[r.FormKey][r.RecordID]
		if cells == nil || r.SubjectKey == "" {
			continue
		}
		var pseudonym string
		if err := json.Unmarshal(cells["subjectKey"], &pseudonym); err != nil {
			return err
		}
		note(pseudonyms, r.SubjectKey, pseudonym)
		note(subjects, pseudonym, r.SubjectKey)
	}
	t.Holds("there are subjects", len(pseudonyms) > 10)
	t.Equal("subjects with several pseudonyms", 0, several(pseudonyms))
	t.Equal("pseudonyms of several subjects", 0, several(subjects))
	return nil
}

func several(in map[string]map[string]bool) (n int) {
	for _, values := range in {
		if len(values) != 1 {
			n++
		}
	}
	return n
}

// unmasked counts the terms of adverse events that are not masked.
func unmasked(c *census) (n int) {
	for _, cells := range c.rows["AE"] {
		if term, isText := textOf(cells["AETERM"]); isText && strings.TrimSpace(term) != "" && term != tables.Mask {
			n++
		}
	}
	return n
}

// nothingUndeclared looks for keys that no variable declares in what was written.
func nothingUndeclared(ctx context.Context, t *qualification.Trial, s *site, dir string) error {
	variables, err := s.rows(ctx, "variables", "variableId")
	if err != nil {
		return err
	}
	declared := map[string]bool{}
	for _, message := range variables {
		var v struct{ VariableName string }
		if err := json.Unmarshal(message, &v); err != nil {
			return err
		}
		declared[strings.ToUpper(v.VariableName)] = true
	}
	records, err := s.rows(ctx, "records", "recordId")
	if err != nil {
		return err
	}
	undeclared := map[string]bool{}
	for _, message := range records {
		_, answers, err := answersOf(message)
		if err != nil {
			return err
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(message, &members); err != nil {
			return err
		}
		for _, a := range answers {
			_, isMember := members[a.variable] // whose name is a column's anyway
			if len(a.variable) >= 4 && !isMember && !declared[strings.ToUpper(a.variable)] {
				undeclared[a.variable] = true
			}
		}
	}
	found, err := filesWith(dir, undeclared)
	t.Holds("the study has answers under undeclared names", len(undeclared) > 0)
	t.Equal("files in which such a name occurs", 0, found)
	return err
}

// sameIntervals compares, of every adverse event with two complete dates, the days between them.
func sameIntervals(ctx context.Context, t *qualification.Trial, s *site, c *census) error {
	messages, err := s.rows(ctx, "records", "recordId")
	if err != nil {
		return err
	}
	compared, moved, different := 0, 0, 0
	for _, message := range messages {
		record, answers, err := answersOf(message)
		if err != nil {
			return err
		}
		cells := c.rows["AE"][record.RecordID]
		if record.FormKey != "AE" || cells == nil {
			continue
		}
		source := map[string]json.RawMessage{}
		for _, a := range answers {
			source[a.variable] = a.value
		}
		days, start, ok := between(source["AESTDTC"], source["AEENDTC"])
		seen, shifted, okSeen := between(cells["AESTDTC_date"], cells["AEENDTC_date"])
		if !ok || !okSeen {
			continue
		}
		compared++
		if start != shifted {
			moved++
		}
		if days != seen {
			different++
		}
	}
	t.Holds("there are events with two complete dates", compared > 10)
	t.Equal("events whose duration in days changed", 0, different)
	t.Note("events compared, moved", fmt.Sprintf("%d, %d", compared, moved))
	return nil
}

// between is the number of days between two complete dates.
func between(from, to json.RawMessage) (days int, start time.Time, ok bool) {
	first, firstOK := dayOf(from)
	last, lastOK := dayOf(to)
	return int(last.Sub(first) / (24 * time.Hour)), first, firstOK && lastOK
}

func dayOf(value json.RawMessage) (time.Time, bool) {
	text, _ := textOf(value)
	day, err := time.Parse(time.DateOnly, text)
	return day, err == nil
}
