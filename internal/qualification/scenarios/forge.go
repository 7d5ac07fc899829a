package scenarios

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet/internal/qualification"
)

// forgery is a change of a file by somebody who can write it and takes the guards out of the way.
type forgery struct{ name, sql string }

// audited is how a store's file is verified, and what its reader sees of it.
type audited struct {
	verify func(path string) error
	shown  func(path string) (string, error)
	broken error // of a verification that found something
}

// findForgeries makes each change in a copy of a file: verification must find it. That the guards were taken
// away and put back alone is no change.
func findForgeries(ctx context.Context, t *qualification.Trial, path string, store audited, forgeries []forgery) error {
	copied := t.Path("forged.sqlite3")
	forge := func(statement string) error {
		return errors.Join(remove(copied), copyFile(path, copied), withoutGuards(ctx, copied, statement))
	}
	if err := forge("SELECT 1"); err != nil {
		return err
	}
	t.Equal("verification after nothing was changed", "intact", outcome(store.verify(copied)))
	for _, f := range forgeries {
		if err := forge(f.sql); err != nil {
			return err
		}
		t.Refused("verification after: "+f.name, store.broken, store.verify(copied))
	}
	return errors.Join(remove(copied), damagedIndexes(ctx, t, path, store), flippedBits(t, path, store))
}

// damagedIndexes changes an entry of one index after the other, which its table does not have then.
func damagedIndexes(ctx context.Context, t *qualification.Trial, path string, store audited) error {
	whole, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	entries, err := entriesOfIndexes(ctx, path, whole)
	if err != nil {
		return err
	}
	found, copied := 0, t.Path("damaged.sqlite3")
	for _, at := range entries {
		whole[at] ^= 1
		err := errors.Join(remove(copied), os.WriteFile(copied, whole, 0o600))
		whole[at] ^= 1
		if err != nil {
			return err
		}
		if store.verify(copied) != nil {
			found++
		}
	}
	t.Holds("there are indexes to damage", len(entries) > 0)
	t.Equal("damaged indexes that verification finds", len(entries), found)
	return remove(copied)
}

// entriesOfIndexes lists where the last byte of an entry is, one for each index that has entries on one page.
func entriesOfIndexes(ctx context.Context, path string, whole []byte) (entries []int, err error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path)+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var size int
	if err := db.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size); err != nil {
		return nil, err
	}
	err = each(ctx, db, "SELECT rootpage FROM sqlite_schema WHERE type = 'index'", func(rows *sql.Rows) error {
		var root int
		if err := rows.Scan(&root); err != nil {
			return err
		}
		if at := lastOfEntry(whole[(root-1)*size : root*size]); at > 0 {
			entries = append(entries, (root-1)*size+at)
		}
		return nil
	})
	return entries, err
}

// lastOfEntry is where the first entry of a leaf of an index ends, as SQLite's file format has it; 0 if the
// page is another, or the entry is long.
func lastOfEntry(page []byte) int {
	const leafOfIndex, long = 10, 128
	if page[0] != leafOfIndex || binary.BigEndian.Uint16(page[3:]) == 0 {
		return 0
	}
	entry := int(binary.BigEndian.Uint16(page[8:]))
	if page[entry] >= long {
		return 0
	}
	return entry + int(page[entry])
}

// flips is how many positions of a file are damaged.
const flips = 24

// flippedBits damages one bit at a time: the file cannot be read, is found to be damaged, or says the same.
func flippedBits(t *qualification.Trial, path string, store audited) error {
	whole, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	expected, err := store.shown(path)
	if err != nil {
		return err
	}
	found, unused, silent := 0, 0, 0
	copied := t.Path("flipped.sqlite3")
	for i := range flips {
		at := (2*i + 1) * len(whole) / (2 * flips)
		whole[at] ^= 1 << (i % 8)
		err := errors.Join(remove(copied), os.WriteFile(copied, whole, 0o600))
		whole[at] ^= 1 << (i % 8)
		if err != nil {
			return err
		}
		now, err := store.shown(copied)
		switch {
		case store.verify(copied) != nil:
			found++
		case err != nil || now == expected:
			unused++
		default:
			silent++
		}
	}
	t.Note("bits flipped one at a time; found; without effect on what is read", list(flips, int64(found), int64(unused)))
	t.Equal("bits whose flip changed what is read and was not found", 0, silent)
	return remove(copied)
}

// remove removes an SQLite file with what stands beside it.
func remove(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// withoutGuards runs a statement with all triggers dropped, and puts them back.
func withoutGuards(ctx context.Context, path, statement string) (err error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	script, guards := []string{"BEGIN IMMEDIATE"}, []string{}
	if err := each(ctx, db, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", func(rows *sql.Rows) error {
		var name, create string
		err := rows.Scan(&name, &create)
		script, guards = append(script, "DROP TRIGGER "+name), append(guards, create)
		return err
	}); err != nil {
		return err
	}
	script = append(append(append(script, statement), guards...), "COMMIT")
	_, err = db.ExecContext(ctx, strings.Join(script, ";\n"))
	return err
}

// refusedByGuard expects that a plain statement of another program is refused by a trigger of the file.
func refusedByGuard(ctx context.Context, t *qualification.Trial, path, statement string) {
	var refusal sqlite3.Error
	err := damage(ctx, path, statement)
	t.Holds("the file itself refuses another program's statement: "+statement,
		errors.As(err, &refusal) && refusal.ExtendedCode == sqlite3.ErrConstraintTrigger)
}
