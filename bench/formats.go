package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"os"
	"strconv"
	"time"

	"github.com/imednetgo/imednet/cdisc"
)

var formatJobs = []job{
	{name: "encoding/csv, 40 columns", run: writeCSV},
	{name: "XPORT 5", limit: "encoding/csv, 40 columns", streams: true, run: writes(cdisc.XPT5)},
	{name: "XPORT 8", limit: "encoding/csv, 40 columns", streams: true, run: writes(cdisc.XPT8)},
	{name: "Dataset-JSON", limit: "encoding/csv, 40 columns", streams: true, run: writes(cdisc.JSON)},
	{name: "Dataset-JSON, NDJSON", limit: "encoding/csv, 40 columns", streams: true, run: writes(cdisc.NDJSON)},
	{name: "Dataset-JSON, compressed", limit: "encoding/csv, 40 columns", streams: true, run: writes(cdisc.DSJC)},
	{name: "read by encoding/csv, 40 columns", run: readCSV},
	{name: "read XPORT 5", limit: "read by encoding/csv, 40 columns", streams: true, run: reads(cdisc.XPT5)},
	{name: "read Dataset-JSON, NDJSON", limit: "read by encoding/csv, 40 columns", streams: true, run: reads(cdisc.NDJSON)},
	{name: "sort, survey, XPORT 5 and define.xml", limit: "encoding/csv, 40 columns", streams: true, run: exportDatasets},
}

// dataset is rows in memory that repeat: texts of three lengths, whole numbers, numbers with a fraction,
// and dates, a tenth of them missing.
type dataset struct {
	rows     int
	distinct [][]cdisc.Value
}

const datasetColumns = 40

func newDataset(rows int) dataset {
	d := dataset{rows: rows, distinct: make([][]cdisc.Value, differentRecords)}
	for i := range d.distinct {
		row := make([]cdisc.Value, datasetColumns)
		for j := range row {
			if (i*7+j*3)%10 != 0 {
				row[j] = cell(i, j)
			}
		}
		d.distinct[i] = row
	}
	return d
}

func cell(i, j int) cdisc.Value {
	switch j % 5 {
	case 0:
		return cdisc.Text("HEADACHE " + strconv.Itoa(i%97))
	case 1:
		return cdisc.Integer(int64(i * j))
	case 2:
		return cdisc.Float(float64(i*j) / 8)
	case 3:
		return cdisc.Integer(int64(15000 + i))
	}
	return cdisc.Text([]string{"Y", "N"}[i%2])
}

// Dataset describes the columns.
func (d dataset) Dataset() cdisc.Dataset {
	out := cdisc.Dataset{Name: "BENCH", Label: "Bench"}
	for j := range datasetColumns {
		v := cdisc.Variable{Name: "V" + strconv.Itoa(j), Type: []cdisc.Type{cdisc.Character, cdisc.WholeNumber, cdisc.Double, cdisc.Date, cdisc.Character}[j%5]}
		out.Variables = append(out.Variables, v)
	}
	return out
}

// Rows yields the rows.
func (d dataset) Rows(context.Context) iter.Seq2[cdisc.Row, error] {
	return func(yield func(cdisc.Row, error) bool) {
		for i := range d.rows {
			if !yield(d.distinct[i%len(d.distinct)], nil) {
				return
			}
		}
	}
}

func writeCSV(w *work) error {
	d := newDataset(w.Rows)
	return w.measure(func() (int64, error) { return int64(w.Rows), d.writeCSV(w.ctx, io.Discard) })
}

func (d dataset) writeCSV(ctx context.Context, to io.Writer) error {
	out := csv.NewWriter(to)
	record := make([]string, datasetColumns)
	for row := range d.Rows(ctx) {
		for j, v := range row {
			record[j] = cellText(j, v)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func readCSV(w *work) error {
	var file bytes.Buffer
	if err := newDataset(w.Rows).writeCSV(w.ctx, &file); err != nil {
		return err
	}
	return w.measure(func() (rows int64, err error) {
		in := csv.NewReader(&file)
		in.ReuseRecord = true
		for {
			_, err := in.Read()
			if errors.Is(err, io.EOF) {
				return rows, nil
			}
			if err != nil {
				return rows, err
			}
			rows++
		}
	})
}

func cellText(j int, v cdisc.Value) string {
	if v.IsMissing() {
		return ""
	}
	switch j % 5 {
	case 1:
		n, _ := v.Integer()
		return strconv.FormatInt(n, 10)
	case 2:
		x, _ := v.Float()
		return strconv.FormatFloat(x, 'g', -1, 64)
	case 3:
		n, _ := v.Integer()
		return time.Unix(n*86400, 0).UTC().Format(time.DateOnly)
	}
	s, _ := v.Text()
	return s
}

var created = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// writeFormat writes a file of a data set that was surveyed.
func (w *work) writeFormat(out io.Writer, d dataset, s *cdisc.Survey, f cdisc.Format) error {
	if f == cdisc.XPT5 || f == cdisc.XPT8 {
		return cdisc.WriteXPT(w.ctx, out, d, s, cdisc.XPTOptions{Format: f, Created: created})
	}
	return cdisc.WriteDatasetJSON(w.ctx, out, d, s, cdisc.JSONOptions{Format: f, Created: created})
}

func writes(f cdisc.Format) func(*work) error {
	return func(w *work) error {
		d := newDataset(w.Rows)
		s, err := cdisc.NewSurvey(w.ctx, d)
		if err != nil {
			return err
		}
		return w.measure(func() (int64, error) { return int64(w.Rows), w.writeFormat(io.Discard, d, s, f) })
	}
}

func reads(f cdisc.Format) func(*work) error {
	return func(w *work) error {
		path, err := w.formatFile(f)
		if err != nil {
			return err
		}
		open, err := cdisc.OpenFile(path)
		if err != nil {
			return err
		}
		return w.measure(func() (rows int64, err error) {
			for _, err := range open.Rows(w.ctx) {
				if err != nil {
					return rows, err
				}
				rows++
			}
			return rows, nil
		})
	}
}

// formatFile writes a file that is to be read.
func (w *work) formatFile(f cdisc.Format) (path string, err error) {
	d := newDataset(w.Rows)
	s, err := cdisc.NewSurvey(w.ctx, d)
	if err != nil {
		return "", err
	}
	path = w.path("bench" + f.Extension())
	out, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer out.Close()
	return path, w.writeFormat(out, d, s, f)
}

func exportDatasets(w *work) error {
	return w.measure(func() (int64, error) {
		_, err := cdisc.Export(w.ctx, w.path("export"), []cdisc.Source{newDataset(w.Rows)},
			cdisc.ExportOptions{JSON: cdisc.JSONOptions{Created: created, StudyOID: "S", MetaDataVersionOID: "M"}, Define: &cdisc.DefineOptions{}})
		return int64(w.Rows), err
	})
}
