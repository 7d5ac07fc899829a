package dictionary

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// export is what was found of an export.
type export struct {
	opts     ReadOptions
	left     int64
	tables   map[string]*Table
	paths    map[string]string
	files    []FileInfo
	findings findings
	raw      map[string][]byte // if not nil, files are only collected

	headersOnly bool // of files nothing else is kept
}

func (o ReadOptions) check(function string) error {
	return notNegative(function, "opts.MaxBytes", o.MaxBytes)
}

func notNegative(function, name string, bytes int64) error {
	if bytes < 0 {
		return argument.Invalid(function, name, "must not be negative")
	}
	return nil
}

func newExport(opts ReadOptions) *export {
	if opts.MaxBytes == 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	return &export{opts: opts, left: opts.MaxBytes, tables: map[string]*Table{}, paths: map[string]string{}}
}

// source is where the bytes of one file come from.
type source struct {
	size     int64 // as declared
	promised int64 // for which memory is reserved: what an archive declares need not be true
	open     func() (io.ReadCloser, error)
}

// onDisk is a file. One without a size is not read: a link may lead to what the system has among its files, such as a
// log that is waited for.
func onDisk(path string, info os.FileInfo) source {
	if info.Size() == 0 {
		return inMemory(nil)
	}
	return source{info.Size(), info.Size(), func() (io.ReadCloser, error) { return os.Open(path) }}
}

func inMemory(data []byte) source {
	n := int64(len(data))
	return source{n, n, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// maxExpansion is how much larger than its archive a file can be: no packing of ZIP does more.
const maxExpansion = 1032

// take reads one file.
func (x *export) take(ctx context.Context, name, at string, from source) error {
	if err := context.Cause(ctx); err != nil {
		return failed("read", at, err)
	}
	if first, twice := x.paths[name]; twice {
		x.findings.add(Finding{Code: FileTwice, Severity: Error, File: name, Message: fmt.Sprintf("there are two: %s and %s", first, at)})
		return nil
	}
	if from.size > x.left {
		return failed("read", at, ErrTooLarge)
	}
	file, err := from.open()
	if err != nil {
		return failed("read", at, damaged(err))
	}
	defer file.Close()
	if x.raw != nil {
		var data bytes.Buffer
		data.Grow(int(from.promised) + bytes.MinRead) // it looks for the end behind what it has read
		err := x.copy(&data, file, at)
		x.raw[name], x.paths[name] = data.Bytes(), at
		return err
	}
	var text strings.Builder
	text.Grow(int(from.promised))
	hash := sha256.New()
	if err := x.copy(io.MultiWriter(&text, hash), file, at); err != nil {
		return err
	}
	x.add(name, at, text.String(), [sha256.Size]byte(hash.Sum(nil)))
	return nil
}

// copy reads a file, never more of it than is left of the bound.
func (x *export) copy(to io.Writer, file io.Reader, at string) error {
	n, err := io.Copy(to, io.LimitReader(file, x.left+1))
	if err != nil {
		return failed("read", at, damaged(err))
	}
	if n > x.left {
		return failed("read", at, ErrTooLarge)
	}
	x.left -= n
	return nil
}

func (x *export) add(name, at, data string, sum [sha256.Size]byte) {
	info := FileInfo{Name: name, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	if x.opts.Windows1252 {
		data = fromWindows1252(data)
	}
	t := scanTable(name, data, &x.findings, x.headersOnly)
	info.Header = t.Header
	x.tables[name], x.paths[name] = t, at
	x.files = append(x.files, info)
}

// fromWindows1252 leaves UTF-8 alone.
func fromWindows1252(data string) string {
	if utf8.ValidString(data) {
		return data
	}
	out, err := charmap.Windows1252.NewDecoder().String(data)
	if err != nil {
		return data
	}
	return out
}

func (x *export) dictionary() (*Dictionary, error) {
	x.noteMissing(func(name string) bool { return x.tables[name] != nil })
	slices.SortFunc(x.files, func(a, b FileInfo) int {
		return slices.Index(exportFiles, a.Name) - slices.Index(exportFiles, b.Name)
	})
	d := build(x.opts.StudyKey, x.tables, &x.findings)
	d.Files = x.files
	for _, name := range exportFiles {
		if x.tables[name] == nil {
			d.notRead = append(d.notRead, name)
		}
	}
	d.Findings = validate(d, x.findings.list)
	return d, d.invalid()
}

// noteMissing reports files that are not there.
func (x *export) noteMissing(has func(name string) bool) {
	for _, name := range exportFiles {
		if !has(name) && !slices.Contains(x.opts.MayMiss, name) {
			x.findings.add(Finding{Code: FileMissing, Severity: Error, File: name, Message: "the export has no such file; list it in MayMiss to read the others"})
		}
	}
}

func failed(op, place string, err error) error {
	var own *imednet.Error
	if errors.As(err, &own) {
		return err
	}
	if place != "" {
		place = "file " + place
	}
	return &imednet.Error{Package: "dictionary", Op: op, Place: place, Err: err}
}
