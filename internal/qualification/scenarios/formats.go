package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/pipeline"
)

var exchangeFormats = qualification.Scenario{
	ID: "OQ-FMT-1", Title: "XPORT and Dataset-JSON hold the same values, and what they cannot hold is refused",
	Requirements: []string{"FMT-01", "FMT-02", "FMT-03", "FMT-04", "FMT-08", "FMT-12"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 1000)
		if err != nil {
			return err
		}
		defer s.close()
		tables, to := t.Path("tables"), t.Path("submission")
		if _, err := write(ctx, t, s.client, s.study.Key(), tables, pipeline.Parquet); err != nil {
			return err
		}
		set, err := datasets.Open(tables, "")
		if err != nil {
			return err
		}
		options := cdisc.ExportOptions{Formats: []cdisc.Format{cdisc.XPT5, cdisc.JSON}, Problems: set.Problems(),
			JSON:   cdisc.JSONOptions{Created: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), StudyOID: "DEMO", MetaDataVersionOID: "MDV.DEMO.1", MetaDataRef: "define.xml"},
			Define: &cdisc.DefineOptions{StudyName: "A synthetic study"}}
		_, err = cdisc.Export(ctx, to, set.Sources(), options)
		t.RefusedAs("an export of what XPORT cannot hold", new(*cdisc.UnfitError), err)
		left, err := filepath.Glob(filepath.Join(to, "*"))
		if err != nil {
			return err
		}
		t.Equal("files after it", 0, len(left))
		var list []cdisc.Dataset
		for _, source := range set.Sources() {
			list = append(list, source.Dataset())
		}
		options.Names, options.Problems = cdisc.ProposeNames(list, cdisc.XPT5), nil
		options.Remedies = cdisc.Remedies{SplitTexts: true, EscapeControls: true}
		manifest, err := cdisc.Export(ctx, to, set.Sources(), options)
		if err != nil {
			return err
		}
		if err := errors.Join(compareFormats(ctx, t, to), compareAges(ctx, t, s, to)); err != nil {
			return err
		}
		return errors.Join(t.EvidenceJSON("manifest.json", manifest), changedDataSet(t, tables))
	},
}

// compareFormats compares every dataset in both formats.
func compareFormats(ctx context.Context, t *qualification.Trial, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.xpt"))
	if err != nil {
		return err
	}
	t.Holds("there are datasets", len(files) > 3)
	for _, path := range files {
		xpt, err := cdisc.OpenFile(path)
		if err != nil {
			return err
		}
		other, err := cdisc.OpenFile(strings.TrimSuffix(path, ".xpt") + ".json")
		if err != nil {
			return err
		}
		report, err := cdisc.Diff(ctx, xpt, other, cdisc.DiffOptions{TempDir: t.Dir})
		if err != nil {
			return err
		}
		t.Equal("differences between the formats of "+filepath.Base(path), 0, report.Count)
	}
	return nil
}

// compareAges reads the ages of a Dataset-JSON file by encoding/json and compares them with the server's.
func compareAges(ctx context.Context, t *qualification.Trial, s *site, dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "dm.json"))
	if err != nil {
		return err
	}
	var file struct {
		Columns []struct{ Name string }
		Rows    [][]json.RawMessage
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return err
	}
	at := map[string]int{}
	for i, c := range file.Columns {
		at[c.Name] = i
	}
	seen := map[int64]json.RawMessage{}
	for _, cells := range file.Rows {
		var id int64
		if err := json.Unmarshal(cells[at["RECID"]], &id); err != nil {
			return err
		}
		seen[id] = cells[at["AGE"]]
	}
	messages, err := s.rows(ctx, "records", "recordId")
	if err != nil {
		return err
	}
	compared, different := 0, 0
	for _, message := range messages {
		record, answers, err := answersOf(message)
		if err != nil {
			return err
		}
		for _, a := range answers {
			if record.FormKey != "DM" || record.Deleted || a.variable != "AGE" || string(a.value) == "null" || string(a.value) == `""` {
				continue
			}
			compared++
			if !means(seen[record.RecordID], a.value) {
				different++
			}
		}
	}
	t.Holds("there are ages", compared > 5)
	t.Equal("ages that differ from the server's", 0, different)
	return nil
}

// changedDataSet changes one byte of a data set: it is no source any more.
func changedDataSet(t *qualification.Trial, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "DM", "*.parquet"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, errors.New("there is no table DM"))
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(files[0], text, 0o600); err != nil {
		return err
	}
	_, err = datasets.Open(dir, "")
	t.Holds("a data set of which one bit was changed is refused", err != nil)
	return nil
}
