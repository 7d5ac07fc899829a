// Command export writes a study as Parquet, a directory per form with a manifest, and prints a
// look at it. Without flags it exports a generated study:
//
//	go run ./examples/export -out /tmp/demo
//	go run ./examples/export -out /tmp/pilot -data DIR
//	go run ./examples/export -out /tmp/safe -phi AETERM,DM.SEX -key-file secret.key
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// settings are the flags.
type settings struct {
	out, data, phi, keyFile string
	records                 int
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.StringVar(&s.out, "out", "", "directory to write to (required)")
	flags.StringVar(&s.data, "data", "", "directory with a study as NDJSON; default is a generated study")
	flags.IntVar(&s.records, "records", 1000, "size of the generated study")
	flags.StringVar(&s.phi, "phi", "", "identifying variables to drop, separated by commas; with -key-file")
	flags.StringVar(&s.keyFile, "key-file", "", "file with the secret for pseudonyms and shifted dates: de-identifies")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.out == "" || s.phi != "" && s.keyFile == "" {
		return errors.New("-out is required, and -phi needs -key-file")
	}
	return export(ctx, s, out)
}

func export(ctx context.Context, s settings, out io.Writer) error {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: s.records})
	if s.data != "" {
		loaded, err := imednettest.LoadDir(s.data)
		if err != nil {
			return err
		}
		study = loaded
	}
	options, err := s.mapperOptions()
	if err != nil {
		return err
	}
	mapper, err := workflows.NewRecordMapper(imednettest.NewServer(study).Client(), options...)
	if err != nil {
		return err
	}
	p, err := pipeline.New()
	if err != nil {
		return err
	}
	manifest, err := p.WriteParquet(ctx, mapper, study.Key(), s.out, pipeline.DataSetOptions{})
	if err != nil {
		return err
	}
	return look(ctx, s.out, manifest, out)
}

func (s settings) mapperOptions() ([]workflows.MapperOption, error) {
	if s.keyFile == "" {
		return nil, nil
	}
	key, err := os.ReadFile(s.keyFile)
	if err != nil {
		return nil, err
	}
	d := workflows.Deidentification{Key: key}
	if s.phi != "" {
		d.PHIFields = strings.Split(s.phi, ",")
	}
	return []workflows.MapperOption{workflows.WithDeidentification(d)}, nil
}

// look prints what was written: the counts, and the columns of each form's file as read back.
func look(ctx context.Context, dir string, m *pipeline.Manifest, out io.Writer) error {
	r := m.Report
	fmt.Fprintf(out, "study %s: %d records = %d rows + %d rejected + %d deleted\n", m.StudyKey, r.Records, r.Rows, r.RecordsRejected, r.Deleted)
	fmt.Fprintf(out, "%d values = %d cells + %d rejected + %d withheld\n", r.Values, r.Cells, r.Rejected, r.Withheld)
	for _, table := range m.Tables {
		rows, columns, err := readBack(ctx, filepath.Join(dir, filepath.FromSlash(table.Files[0].Path)))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%-8s %6d rows  %s\n", table.FormKey, rows, strings.Join(columns, " "))
	}
	if m.Deidentified {
		fmt.Fprintf(out, "read before giving away: %s\n", strings.Join(m.UntouchedText, " "))
	}
	return nil
}

// readBack opens a file and returns its rows and the columns behind the metadata columns.
func readBack(ctx context.Context, path string) (rows int64, columns []string, err error) {
	in, err := file.OpenParquetFile(path, false)
	if err != nil {
		return 0, nil, err
	}
	defer in.Close()
	reader, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return 0, nil, err
	}
	table, err := reader.ReadTable(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer table.Release()
	for _, f := range table.Schema().Fields() {
		if _, answer := f.Metadata.GetValue("name"); answer {
			columns = append(columns, f.Name+":"+f.Type.Name())
		}
	}
	return table.NumRows(), columns, nil
}
