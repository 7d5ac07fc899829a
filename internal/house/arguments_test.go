package house

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/structure"
	"github.com/imednetgo/imednet/workflows/tables"
)

// noClock is a clock that is nil in an interface that is not.
var noClock *imednettest.Clock

// TestAnImpossibleArgumentIsRefused by every function that takes one, and in one way.
func TestAnImpossibleArgumentIsRefused(t *testing.T) {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 10})).Client()
	mapper, err := tables.NewRecordMapper(client)
	require.NoError(t, err)
	writer, err := pipeline.New()
	require.NoError(t, err)
	engine, err := extraction.NewEngine(imednet.StudyConfiguration{StudyKey: "DEMO"})
	require.NoError(t, err)
	mapped := func(forms []string, opts tables.MapOptions) error {
		opts.Forms = forms
		_, err := mapper.Map(t.Context(), "DEMO", opts).Table()
		return err
	}
	for name, call := range map[string]func() error{
		"tables.MapForm(blank)": func() error {
			_, err := mapper.MapForm(t.Context(), "DEMO", "", tables.MapOptions{}).Table()
			return err
		},
		"tables.MapForm(white space)": func() error {
			_, err := mapper.MapForm(t.Context(), "DEMO", " ", tables.MapOptions{}).Schema()
			return err
		},
		"tables.MapOptions.Forms(blank)": func() error { return mapped([]string{""}, tables.MapOptions{}) },
		"tables.MapOptions.Titles":       func() error { return mapped(nil, tables.MapOptions{Titles: 9}) },
		"tables.Plan.Validate":           func() error { return (*tables.Plan)(nil).Validate() },
		"tables.CountGroups(nil)":        func() error { return groups(t.Context(), nil, 0) },
		"tables.GroupOptions.Size":       func() error { return groups(t.Context(), mapper, -1) },

		"extraction.ReadStructure": func() error { _, err := extraction.ReadStructure(t.Context(), nil, "DEMO"); return err },
		"extraction.Extract":       func() error { _, err := engine.Extract(t.Context(), nil, extraction.Options{}); return err },
		"extraction.BatchOptions":  func() error { return firstBatch(engine.Run(t.Context(), client, extraction.Options{}), -1) },

		"pipeline.WithClock":    func() error { _, err := pipeline.New(pipeline.WithClock(noClock)); return err },
		"pipeline.WithProgress": func() error { _, err := pipeline.New(pipeline.WithProgress(nil)); return err },
		"pipeline.WriteCSV": func() error {
			_, err := writer.WriteCSV(t.Context(), nil, "DEMO", t.TempDir(), pipeline.DataSetOptions{})
			return err
		},
		"pipeline.WriteTables":        func() error { return writeTables(t, writer, nil) },
		"pipeline.WriteParquetChunks": func() error { _, err := writer.WriteParquetChunks(t.Context(), nil, t.TempDir(), ""); return err },

		"profiles.Compare": func() error { _, err := profiles.Compare(nil, nil, profiles.DriftOptions{}); return err },
		"profiles.DriftOptions": func() error {
			_, err := profiles.Compare(&profiles.StudyProfile{}, &profiles.StudyProfile{}, profiles.DriftOptions{MinRecords: -1})
			return err
		},
		"profiles.WriteHTML":      func() error { return (&profiles.StudyProfile{}).WriteHTML(nil, profiles.PageOptions{}) },
		"profiles.WriteHTML(nil)": func() error { return (*profiles.StudyProfile)(nil).WriteHTML(io.Discard, profiles.PageOptions{}) },
		"profiles.WriteJSON":      func() error { return (&profiles.StudyProfile{}).WriteJSON(nil) },
		"profiles.WriteJSON(nil)": func() error { return (*profiles.StudyProfile)(nil).WriteJSON(io.Discard) },
		"profiles.Read":           func() error { _, err := profiles.Read(nil); return err },
		"structure.Compare":       func() error { _, err := structure.Compare(nil, nil); return err },
		"structure.Read":          func() error { _, err := structure.Read(nil); return err },

		"dictionary.WriteHTML":     func() error { return dictionary.WriteHTML(nil, nil) },
		"dictionary.WriteMarkdown": func() error { return dictionary.WriteMarkdown(nil, nil) },
		"dictionary.ReadToolkit":   func() error { _, err := dictionary.ReadToolkit(nil); return err },
		"dictionary.WriteJSON":     func() error { return (&dictionary.Dictionary{}).WriteJSON(nil) },

		"cdisc.NewJSONReader": func() error { _, err := cdisc.NewJSONReader(nil); return err },
		"cdisc.NewXPTReader":  func() error { _, err := cdisc.NewXPTReader((*bytes.Buffer)(nil)); return err },
		"cdisc.WriteXPT": func() error {
			return cdisc.WriteXPT(t.Context(), nil, nil, &cdisc.Survey{}, cdisc.XPTOptions{Created: time.Unix(0, 0)})
		},
		"cdisc.WriteDatasetJSON": func() error {
			return cdisc.WriteDatasetJSON(t.Context(), nil, nil, &cdisc.Survey{}, cdisc.JSONOptions{Created: time.Unix(0, 0)})
		},
		"cdisc.WriteDefine":      func() error { return writeDefine(nil, &cdisc.Survey{}) },
		"cdisc.WriteDefine(nil)": func() error { return writeDefine(io.Discard, nil) },
	} {
		var invalid *imednet.ValidationError
		assert.NotPanics(t, func() { err = call() }, name)
		assert.ErrorAs(t, err, &invalid, name)
	}
}

func groups(ctx context.Context, m *tables.RecordMapper, size int) error {
	_, err := tables.CountGroups(ctx, m, "DEMO", tables.GroupOptions{Columns: []string{"siteId"}, Size: size})
	return err
}

func firstBatch(run *extraction.Run, rows int) (failed error) {
	for _, err := range run.Batches(extraction.BatchOptions{Rows: rows}) {
		failed = err
	}
	return failed
}

func writeTables(t *testing.T, p *pipeline.ChunkedRecordPipeline, fill func(*pipeline.TableWriter) error) error {
	table := pipeline.Table{Name: "t", Schema: tables.RejectSchema()}
	_, err := p.WriteTables(t.Context(), "DEMO", t.TempDir(), pipeline.CSV, []pipeline.Table{table}, pipeline.TableOptions{}, fill)
	return err
}

func writeDefine(w io.Writer, s *cdisc.Survey) error {
	created := time.Unix(0, 0)
	return cdisc.WriteDefine(w, []*cdisc.Survey{s}, cdisc.DefineOptions{Created: created, StudyOID: "S", MetaDataVersionOID: "M"})
}
