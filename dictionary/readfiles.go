package dictionary

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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
