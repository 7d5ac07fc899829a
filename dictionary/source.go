package dictionary

import (
	"archive/zip"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
)

// The files of an export.
const (
	FormsFile     = "FORMS.csv"
	QuestionsFile = "QUESTIONS.csv"
	ChoicesFile   = "CHOICES.csv"
	RulesFile     = "BUSINESS_LOGIC.csv"
)

// ToolkitFile is the name under which [Files] returns a document of the Python toolkit.
const ToolkitFile = "DICTIONARY.json"

var exportFiles = []string{FormsFile, QuestionsFile, ChoicesFile, RulesFile}

// DefaultMaxBytes is the default of [ReadOptions.MaxBytes].
const DefaultMaxBytes = 512 << 20

// ErrTooLarge means that an export is larger than [ReadOptions.MaxBytes], actually or as declared
// by its archive. Nothing was read.
var ErrTooLarge = errors.New("the export is larger than allowed")

// ErrUnreadable means that what is named holds no export, whoever reads it: it is no archive, one that is damaged or
// encrypted, or a pipe or device.
var ErrUnreadable = errors.New("it is no export that can be read")

// unreadableError is ErrUnreadable in words of its own.
type unreadableError struct{ error }

func (unreadableError) Is(target error) bool { return target == ErrUnreadable }

func (e unreadableError) Unwrap() error { return e.error }

// damaged makes an error of an archive's content ErrUnreadable, and leaves those of the disk as they are.
func damaged(err error) error {
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrAlgorithm) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(flate.CorruptInputError)) {
		return unreadableError{err}
	}
	return err
}

// ReadOptions configures [Read], [ReadZIP], [ReadFiles] and [ReadTables].
type ReadOptions struct {
	// StudyKey is the study of the export, which its files do not name. A document of the Python toolkit that
	// names another study is refused with [ErrOtherStudy].
	StudyKey string
	// MayMiss lists files that may be missing, such as [RulesFile]. Their contents are then
	// unknown, which is not the same as empty (see [Dictionary.Known] and [Dictionary.Lacks]).
	MayMiss []string
	// Windows1252 reads files that are not UTF-8 as Windows-1252.
	Windows1252 bool
	// MaxBytes limits the total size of the uncompressed files; the default is [DefaultMaxBytes].
	// A dictionary with the rows of a real export holds up to seven times the size of its files in memory, and reading it takes up
	// to ten times. Of short rows it is the number that counts: each takes up to 600 bytes, and as much again for every two findings.
	// Of logic without layout it is the number of elements: each takes up to 300 bytes.
	MaxBytes int64
}

// FileInfo describes one file of an export as it was read.
type FileInfo struct {
	Name   string   `json:"name"`
	Size   int64    `json:"size"`
	SHA256 string   `json:"sha256"` // of the file, in hexadecimal
	Header []string `json:"header"`
}

// Read reads an export from a directory or a ZIP file, whose extension .zip may be omitted. Links to files are
// followed; a pipe or device in place of a file is an error.
//
// An export that cannot be opened is an *[imednet.Error]; one that is too large matches
// [ErrTooLarge], and what is none [ErrUnreadable]. All other problems are in [Dictionary.Findings]; if one of them has severity
// [Error], the dictionary is returned together with an *[InvalidError].
func Read(ctx context.Context, name string, opts ReadOptions) (*Dictionary, error) {
	if err := errors.Join(argument.Named("dictionary.Read", "name", name), opts.check("dictionary.Read")); err != nil {
		return nil, err
	}
	export := newExport(opts)
	if err := export.path(ctx, name); err != nil {
		return nil, err
	}
	return export.dictionary()
}

// path reads the files of a directory or a ZIP file.
func (x *export) path(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	if os.IsNotExist(err) && !strings.EqualFold(filepath.Ext(name), ".zip") {
		name += ".zip"
		info, err = os.Stat(name)
	}
	if err != nil {
		return failed("read", name, err)
	}
	if info.IsDir() {
		return x.dir(ctx, name)
	}
	if err := isFile(info); err != nil {
		return failed("read", name, err)
	}
	f, err := os.Open(name)
	if err != nil {
		return failed("read", name, err)
	}
	defer f.Close()
	return x.zip(ctx, f, info.Size())
}

// ReadZIP reads an export from a ZIP archive of size bytes. The files may be in any directory of
// the archive, with names in any case; other files, including those added by macOS, are ignored.
// Duplicate and encrypted files are errors.
func ReadZIP(ctx context.Context, r io.ReaderAt, size int64, opts ReadOptions) (*Dictionary, error) {
	if err := errors.Join(argument.Required("dictionary.ReadZIP", "r", r), notNegative("dictionary.ReadZIP", "size", size), opts.check("dictionary.ReadZIP")); err != nil {
		return nil, err
	}
	export := newExport(opts)
	if err := export.zip(ctx, r, size); err != nil {
		return nil, err
	}
	return export.dictionary()
}

func (x *export) zip(ctx context.Context, r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return failed("read", "", fmt.Errorf("not a ZIP archive: %w", damaged(err)))
	}
	for _, f := range archive.File {
		base := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		name, ok := exportFile(base)
		if !ok || strings.HasPrefix(f.Name, "__MACOSX/") || f.FileInfo().IsDir() {
			continue
		}
		if err := isFile(f.FileInfo()); err != nil {
			return failed("read", f.Name, err)
		}
		if f.Flags&1 != 0 {
			return failed("read", f.Name, unreadableError{errors.New("the entry is encrypted")})
		}
		if f.UncompressedSize64 > uint64(x.left) {
			return failed("read", f.Name, ErrTooLarge)
		}
		packed := min(f.CompressedSize64, uint64(size))
		from := source{int64(f.UncompressedSize64), int64(min(f.UncompressedSize64, packed*maxExpansion)), f.Open}
		if err := x.take(ctx, name, f.Name, from); err != nil {
			return err
		}
	}
	return nil
}

func (x *export) dir(ctx context.Context, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return failed("read", dir, err)
	}
	for _, e := range entries {
		name, ok := exportFile(e.Name())
		if !ok || e.IsDir() {
			continue
		}
		full := filepath.Join(dir, e.Name())
		info, err := os.Stat(full)
		if err == nil {
			err = isFile(info)
		}
		if err == nil {
			err = x.take(ctx, name, e.Name(), onDisk(full, info))
		}
		if err != nil {
			return failed("read", full, err)
		}
	}
	return nil
}

// document reads one file, whatever it is called, as the toolkit's document.
func (x *export) document(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	if err == nil {
		err = isFile(info)
	}
	if err != nil {
		return failed("read", name, err)
	}
	return x.take(ctx, ToolkitFile, name, onDisk(name, info))
}

// errNoneOfTheFiles means that there is nothing to store.
var errNoneOfTheFiles = unreadableError{errors.New("it has none of the files of an export")}

// errNoFile means that something else than a file would be read.
var errNoFile = unreadableError{errors.New("it is neither a file nor a link to one: a pipe or device may never end; copy what it holds into a file")}

// isFile refuses what may be waited for, or read, without end.
func isFile(info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errNoFile
	}
	return nil
}
