// Command quickstart keeps an exact local mirror of a study and counts the requests.
//
// It serves a study on this computer, mirrors it into a SQLite file, changes the study, syncs again
// so that only the changes are transferred, verifies that the mirror equals the server, and prints what
// the file holds. Nothing outside this computer is contacted. It links no Arrow, so that its first build
// is short; go run ./examples/parquet goes on from a mirror to Parquet.
//
//	go run ./examples/quickstart              a generated study of about 20,000 records
//	go run ./examples/quickstart -data DIR    a study stored as NDJSON, at two moments of its life
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

func main() {
	data := flag.String("data", "", "directory of a study in NDJSON; by default a study is generated")
	records := flag.Int("records", 20_000, "size of the generated study")
	keep := flag.String("keep", "", "directory for the mirror; by default a temporary one")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *data, *records, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, data string, records int, keep string) (err error) {
	life, err := newLife(data, records)
	if err != nil {
		return err
	}
	dir, remove, err := workDir(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()

	// The embedded server takes the place of the real API; only the base URL differs.
	server := imednettest.NewServer(life.study)
	web := httptest.NewServer(server)
	defer web.Close()
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(web.URL))
	if err != nil {
		return err
	}
	bar := newBar(os.Stderr)
	mirror, err := cache.NewCachedRecordsLoader(ctx, client, filepath.Join(dir, "mirror.sqlite3"), cache.WithProgress(bar.show))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()

	tour := tour{out: out, server: server, mirror: mirror, bar: bar, studyKey: life.study.Key()}
	tour.say("Study %s on an embedded server, mirrored into one SQLite file.\n\n", tour.studyKey)
	if err := tour.structure(ctx); err != nil {
		return err
	}
	if err := tour.sync(ctx, "First sync"); err != nil {
		return err
	}
	tour.say("%-12s %s\n", "Meanwhile", life.change())
	if err := tour.sync(ctx, "Second sync"); err != nil {
		return err
	}
	if err := tour.sync(ctx, "Third sync"); err != nil {
		return err
	}
	if err := tour.verify(ctx); err != nil {
		return err
	}
	return tour.look(ctx)
}

// workDir returns a directory for the mirror, and a function to call at the end.
func workDir(keep string) (dir string, remove func() error, err error) {
	if keep != "" {
		return keep, func() error { return nil }, nil
	}
	dir, err = os.MkdirTemp("", "imednet-quickstart-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}
