// Command parquet turns a local mirror into Parquet, one table per form, every time with the same
// columns.
//
// It mirrors a study, goes offline, infers the columns' types from the data once, stores them as a
// plan, and writes. Then the study changes: only the changes are transferred, and the second data
// set has the schemas of the first. Each manifest states which version of the mirror the files hold,
// proves that no byte of them has changed, and counts where every record and answer went.
//
//	go run ./examples/parquet                       a generated study, in a temporary directory
//	go run ./examples/parquet -data DIR -keep DIR   a study stored as NDJSON; the files stay in DIR
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

func main() {
	data := flag.String("data", "", "directory of a study in NDJSON; by default a study is generated")
	keep := flag.String("keep", "", "directory for the mirror and the data sets; by default a temporary one")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *data, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "parquet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, data, keep string) (err error) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2000})
	if data != "" {
		if study, err = imednettest.LoadDir(data); err != nil {
			return err
		}
	}
	dir := keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "imednet-parquet-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}

	client := imednettest.NewServer(study).Client() // a *rest.Client in your own program
	e := export{out: out, studyKey: study.Key(), mirror: filepath.Join(dir, "mirror.sqlite3"), plan: filepath.Join(dir, "plan.json")}
	if err := e.sync(ctx, client); err != nil {
		return err
	}
	first, err := e.write(ctx, filepath.Join(dir, "first"))
	if err != nil {
		return err
	}
	if err := change(study); err != nil {
		return err
	}
	fmt.Fprint(out, "\nA site corrects one event, deletes another, and enters one with an answer that the plan does not know.\n\n")
	if err := e.sync(ctx, client); err != nil {
		return err
	}
	second, err := e.write(ctx, filepath.Join(dir, "second"))
	if err != nil {
		return err
	}
	same := 0
	for i := range first.Tables {
		if second.Tables[i].SchemaHash == first.Tables[i].SchemaHash {
			same++
		}
	}
	fmt.Fprintf(out, "\n%d of %d tables have the schema that they had before. AE, read back:\n\n", same, len(second.Tables))
	return peek(ctx, out, filepath.Join(dir, "second", "AE", "records_chunk_00001.parquet"))
}

// change makes the changes that make an export hard to repeat.
func change(study *imednettest.Study) error {
	var events []imednet.Record
	for _, id := range study.RecordIDs() {
		if r, ok := study.Record(id); ok && r.FormKey.Or("") == "AE" && !r.IsDeleted() {
			events = append(events, r)
		}
	}
	answers, err := imednet.NewRecordData([]byte(`{"AETERM":"Headache","AEPATTERN":"single"}`))
	if err != nil {
		return err
	}
	study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectKey: events[0].SubjectKey, SubjectID: events[0].SubjectID, RecordData: answers})
	return errors.Join(
		study.EditRecord(events[0].RecordID, "AETERM", "Headache, severe"),
		study.DeleteRecord(events[1].RecordID, false))
}
