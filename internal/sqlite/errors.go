package sqlite

import "errors"

// ErrForeignFile means that the file belongs to another program.
var ErrForeignFile = errors.New("the SQLite file belongs to another program")

// ErrNewerSchema means that a newer version of this library wrote the file.
var ErrNewerSchema = errors.New("the SQLite file was written by a newer version of this library")

// ErrEmpty means that there is a file without a single byte, or without a single table of ours, although it has been
// a store: it was cut off, emptied, or never written.
var ErrEmpty = errors.New("the SQLite file is empty: its content was lost")

// ErrReplaced means that the file at the path is no longer the one that was opened: it was removed,
// replaced or emptied, or it changed while it was read without the right to lock it.
var ErrReplaced = errors.New("the file was replaced, removed or emptied after it was opened")

// ErrNoFile means that the path leads to something else than a file: a directory, a device, a pipe.
var ErrNoFile = errors.New("is not a regular file")

// ErrLogLeft means that changes are still in the log beside the file, as after a kill, and that reading them takes a -shm
// file, which this user may not make.
var ErrLogLeft = errors.New("changes are still in the file's -wal, and this user may not write beside it, as reading them takes: copy both files together to a directory of your own and read the copy")
