package dictionary

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/encoding/charmap"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/filehash"
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

// Files returns the files of an export under their standard names, byte for byte, so that they can be
// stored. name is what [Read] reads, or else a document of the Python toolkit, whose name ends in .json and
// which is returned as [ToolkitFile]. A file that is missing, unless MayMiss lists it, or that is empty is an *[InvalidError]: what is stored
// would be taken for a whole export. Nothing else is looked at: [ReadFiles] understands the files.
func Files(ctx context.Context, name string, opts ReadOptions) (map[string][]byte, error) {
	if err := errors.Join(argument.Named("dictionary.Files", "name", name), opts.check("dictionary.Files")); err != nil {
		return nil, err
	}
	export := newExport(opts)
	export.raw = map[string][]byte{}
	read := export.path
	if strings.EqualFold(filepath.Ext(name), ".json") {
		read = export.document
	}
	err := read(ctx, name)
	if err == nil {
		err = export.incomplete(name)
	}
	if err != nil {
		return nil, err
	}
	return export.raw, nil
}

// incomplete is the error of files that are not one whole export or document.
func (x *export) incomplete(name string) error {
	document, isDocument := x.raw[ToolkitFile]
	switch {
	case len(x.raw) == 0:
		return failed("read", name, errNoneOfTheFiles)
	case isDocument && blankFile(document):
		return failed("read", name, unreadableError{errors.New("the document is empty")})
	case isDocument:
		return nil
	}
	x.noteMissing(func(file string) bool { _, has := x.raw[file]; return has })
	for _, file := range exportFiles {
		if data, has := x.raw[file]; has && blankFile(data) {
			x.findings.add(emptyFile(file))
		}
	}
	return (&Dictionary{Findings: x.findings.list}).invalid() // also of a file that is there twice
}

// blankFile reports whether a file has no row.
func blankFile(data []byte) bool {
	return len(bytes.Trim(bytes.TrimPrefix(data, []byte("\ufeff")), "\r\n")) == 0
}

func emptyFile(file string) Finding {
	return Finding{Code: ColumnMissing, Severity: Error, File: file, Message: "the file is empty: it has not even a header"}
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

// ReadFiles reads an export whose files are in memory, by name in any case; other files are ignored.
// Without them, [ToolkitFile] is read like [ReadToolkit] and [ToolkitDocument.Dictionary] do.
func ReadFiles(files map[string][]byte, opts ReadOptions) (*Dictionary, error) {
	if err := opts.check("dictionary.ReadFiles"); err != nil {
		return nil, err
	}
	if document, ok := files[ToolkitFile]; ok && !slices.ContainsFunc(slices.Collect(maps.Keys(files)), isExportFile) {
		return readDocument(document, opts)
	}
	export := newExport(opts)
	for _, found := range slices.Sorted(maps.Keys(files)) {
		name, ok := exportFile(found)
		if !ok {
			continue
		}
		if err := export.take(context.Background(), name, found, inMemory(files[found])); err != nil {
			return nil, err
		}
	}
	return export.dictionary()
}

// CheckFiles returns the error that [ReadFiles] returns for the same files. It makes no dictionary and looks at
// one file of an export at a time, so that it takes little memory.
func CheckFiles(files map[string][]byte, opts ReadOptions) error {
	if err := opts.check("dictionary.CheckFiles"); err != nil {
		return err
	}
	if document, ok := files[ToolkitFile]; ok && !slices.ContainsFunc(slices.Collect(maps.Keys(files)), isExportFile) {
		_, err := readDocument(document, opts)
		return err
	}
	found := map[string]bool{}
	x := newExport(opts)
	for _, at := range slices.Sorted(maps.Keys(files)) {
		name, ok := exportFile(at)
		if !ok {
			continue
		}
		one := newExport(x.opts)
		one.paths, one.left, one.headersOnly = x.paths, x.left, true
		if err := one.take(context.Background(), name, at, inMemory(files[at])); err != nil {
			return err
		}
		if t := one.tables[name]; t != nil {
			(&builder{find: &one.findings}).checkColumns(t)
		}
		x.left, found[name] = one.left, true
		x.findings.list = append(x.findings.list, one.findings.list...)
	}
	x.noteMissing(func(name string) bool { return found[name] })
	return (&Dictionary{Findings: x.findings.list}).invalid()
}

// ReadTables returns a dictionary of tables that were read before and may have been changed.
func ReadTables(tables map[string]*Table, opts ReadOptions) (*Dictionary, error) {
	export := newExport(opts)
	for _, name := range exportFiles {
		if t := tables[name]; t != nil {
			data := t.AppendTo(nil)
			export.add(name, t.File, string(data), sha256.Sum256(data))
		}
	}
	return export.dictionary()
}

// readDocument reads a document of the Python toolkit.
func readDocument(data []byte, opts ReadOptions) (*Dictionary, error) {
	document, err := ReadToolkit(bytes.NewReader(data))
	if err != nil && writtenByUs(data) {
		return nil, failed("read", "", errOwnJSON)
	}
	if err != nil {
		return nil, err
	}
	d := document.Dictionary()
	if err := sameStudy(d.StudyKey, opts.StudyKey); err != nil {
		return nil, failed("read", "", err)
	}
	d.StudyKey = cmp.Or(d.StudyKey, opts.StudyKey)
	sum := sha256.Sum256(data)
	d.Files = []FileInfo{{Name: ToolkitFile, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}}
	return d, nil
}

// errOwnJSON means that a document was given that has not all of an export.
var errOwnJSON = unreadableError{errors.New("it is what WriteJSON and `imednet dictionary read --json` write, from which no dictionary can be made: give the directory or ZIP of the export itself, or what `imednet dictionary read --toolkit` writes")}

// writtenByUs recognizes what [Dictionary.WriteJSON] writes.
func writtenByUs(data []byte) bool {
	var own struct {
		Forms []struct {
			Key     *string `json:"key"`
			FormKey *string `json:"formKey"`
		} `json:"forms"`
	}
	err := json.Unmarshal(data, &own, json.RejectUnknownMembers(false), jsontext.AllowDuplicateNames(true))
	return err == nil && len(own.Forms) > 0 && own.Forms[0].Key != nil && own.Forms[0].FormKey == nil
}

// Hash identifies the dictionary by its files: the SHA-256 of the lines that `sha256sum` prints for them in
// the order of their standard names. It is empty if the dictionary was not read from files.
func (d *Dictionary) Hash() string {
	if len(d.Files) == 0 {
		return ""
	}
	sums := map[string]string{}
	for _, f := range d.Files {
		sums[f.Name] = f.SHA256
	}
	return filehash.Set(sums)
}

func isExportFile(name string) bool {
	_, ok := exportFile(name)
	return ok
}

// exportFile returns the standard name of a file, whatever the case in which it is written.
func exportFile(base string) (string, bool) {
	i := slices.IndexFunc(exportFiles, func(name string) bool { return strings.EqualFold(name, base) })
	if i < 0 {
		return "", false
	}
	return exportFiles[i], true
}

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
