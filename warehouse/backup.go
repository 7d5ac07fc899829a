package warehouse

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/imednetgo/imednet/internal/fsync"
)

// Backup copies the file at path, with its log if it has one, to a new file of mode 0600 (the log
// beside it, as to + ".wal"). Others can read meanwhile; a process that has the file open for
// writing makes it ErrBusy, and none can open it so before the copy is whole. An existing file is
// an error.
func Backup(ctx context.Context, path, to string) error {
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
