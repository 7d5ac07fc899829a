package dictionary

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/filehash"
)

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
