package warehouse

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/fsync"
)

// Backup copies the file at path, with its log if it has one, to a new file with mode 0600 (and the
// log to to + ".wal"). Others can read meanwhile. If a process has the file open for writing, the
// error is [ErrBusy]; no process can open it for writing before the copy is complete. It is an
// error if the new file already exists.
func Backup(ctx context.Context, path, to string) error {
	if err := argument.Named("warehouse.Backup", "to", to); err != nil {
		return err
	}
	db, err := OpenReadOnly(ctx, path)
	if err != nil {
		return err
	}
	defer db.Close()
	held, err := db.Conn(ctx)
	if err != nil {
		return failure(ctx, "back up", "", "", err, "run again when the other process has ended")
	}
	defer held.Close()
	err = copyFile(path, to)
	if err == nil {
		err = copyFile(path+".wal", to+".wal")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failure(ctx, "back up", "", "", err, "")
	}
	return nil
}

// copyFile copies a file to a new one and makes it durable.
func copyFile(path, to string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close(), fsync.File(to)); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}
