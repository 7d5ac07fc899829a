// Command deidentify exports a study in a form that can be shared: identifying answers are dropped,
// masked or replaced by pseudonyms, dates are shifted subject by subject, and the text that was let
// through is listed, to be reviewed before the files are passed on.
//
// It shows one subject before and after, and that the key determines pseudonyms and shifts: the same
// key gives the same files again, another key gives different ones. The study is synthetic.
//
//	go run ./examples/deidentify                                   with a temporary key
//	go run ./examples/deidentify -key-file secret.key -keep DIR    the key is created if missing
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

func main() {
	keyFile := flag.String("key-file", "", "file with the secret, created if missing; by default a temporary one")
	keep := flag.String("keep", "", "directory for the export; by default a temporary one")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *keyFile, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "deidentify:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, keyFile, keep string) (err error) {
	temporary, err := os.MkdirTemp("", "imednet-deidentify-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	if keep == "" {
		keep = filepath.Join(temporary, "export")
	}
	if keyFile == "" {
		keyFile = filepath.Join(temporary, "secret.key")
	}
	key, err := secret(keyFile)
	if err != nil {
		return err
	}

	study, err := madeUp()
	if err != nil {
		return err
	}
	client := imednettest.NewServer(study).Client() // a *rest.Client, or the mirror, in your own program
	mapper, err := tables.NewRecordMapper(client, tables.WithDeidentification(rules(key)))
	if err != nil {
		return err
	}
	first, err := write(ctx, mapper, study.Key(), keep)
	if err != nil {
		return err
	}
	describe(out, first)
	if err := compare(ctx, out, client, study.Key(), key); err != nil {
		return err
	}
	again, err := write(ctx, mapper, study.Key(), filepath.Join(temporary, "again"))
	if err != nil {
		return err
	}
	equal, all := equalFiles(first, again)
	_, err = fmt.Fprintf(out, "\nExported again with the same key: %d of %d files are equal, byte for byte.\n", equal, all)
	return err
}

// rules state what happens to which answer; a variable without an action of its own is dropped. Text
// passes only if it has been read and identifies no one.
func rules(key []byte) tables.Deidentification {
	return tables.Deidentification{
		Key:       key,
		PHIFields: []string{"DMNOTE", "AEDESC", "LBCOM", "LOGTXT", "DM.RACE", "SITEPI"},
		Actions:   map[string]tables.PHIAction{"DM.RACE": tables.PHIMask, "SITEPI": tables.PHIPseudonymise},
		FreeText:  []string{"DM.SEX", "AETERM", "AESEV", "AESER", "AEREL"},
	}
}

// secret reads the key, or creates one on the first run. With the key, pseudonyms can be traced to
// subjects: store it apart from the export, and keep it as long as exports must agree with one
// another.
func secret(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = []byte(rand.Text())
	return key, os.WriteFile(path, key, 0o600)
}
