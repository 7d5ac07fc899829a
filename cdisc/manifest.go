package cdisc

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"time"
)

// ManifestName is the name of the file that describes an export.
const ManifestName = "_cdisc_manifest.json"

// manifestVersion is the version of its members.
const manifestVersion = 1

// Manifest describes an export. It holds no subject data.
type Manifest struct {
	FormatVersion int               `json:"formatVersion"`
	Created       time.Time         `json:"created"` // as given by the caller
	Files         []ManifestFile    `json:"files"`
	Datasets      []ManifestDataset `json:"datasets"`
	Losses        []Loss            `json:"losses"` // information that the formats cannot express
	Remedies      Remedies          `json:"remedies"`
	Encoding      Encoding          `json:"encoding,omitempty"` // of texts in XPORT; UTF-8 if omitted
	// Source is the caller's description of the origin of the data.
	Source json.RawMessage `json:"source,omitempty"`
}

// ManifestFile is one file of an export.
type ManifestFile struct {
	Path    string `json:"path"`
	Dataset string `json:"dataset,omitempty"`
	Format  Format `json:"format"`
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
}

// ManifestDataset maps the variables of a dataset to columns of the source.
type ManifestDataset struct {
	Name      string             `json:"name"`
	Source    string             `json:"source"`
	Rows      int64              `json:"rows"`
	Variables []ManifestVariable `json:"variables"`
}

// ManifestVariable is the name of a variable and of the source column.
type ManifestVariable struct {
	Name   string `json:"name"`
	Source string `json:"source"`
}

// stagedFile is a file that is being written in the directory of the run.
type stagedFile struct {
	name string
	file *os.File
	out  *bufio.Writer
	sum  hash.Hash
	size int64
}

func (e *exporter) create(name string) (*stagedFile, error) {
	file, err := os.OpenFile(filepath.Join(e.work, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &stagedFile{name: name, file: file, out: bufio.NewWriterSize(file, 1<<16), sum: sha256.New()}, nil
}

// Write implements io.Writer.
func (s *stagedFile) Write(p []byte) (int, error) {
	s.sum.Write(p)
	s.size += int64(len(p))
	return s.out.Write(p)
}

// Close makes the file durable.
func (s *stagedFile) Close() error {
	return errors.Join(s.out.Flush(), s.file.Sync(), s.file.Close())
}

func (s *stagedFile) entry(dataset string, f Format, rows int64) ManifestFile {
	return ManifestFile{s.name, dataset, f, rows, s.size, hex.EncodeToString(s.sum.Sum(nil))}
}

func (e *exporter) writeManifest() error {
	e.manifest.FormatVersion, e.manifest.Created, e.manifest.Remedies, e.manifest.Encoding = manifestVersion, e.o.JSON.Created.UTC(), e.o.Remedies, e.o.Encoding
	for _, t := range e.tables {
		d := &t.survey.dataset
		entry := ManifestDataset{Name: d.Name, Source: d.source(), Rows: t.survey.rows}
		for i := range d.Variables {
			entry.Variables = append(entry.Variables, ManifestVariable{d.Variables[i].Name, d.Variables[i].source()})
		}
		e.manifest.Datasets = append(e.manifest.Datasets, entry)
	}
	if e.o.Source != nil {
		about, err := json.Marshal(e.o.Source)
		if err != nil {
			return err
		}
		e.manifest.Source = about
	}
	document, err := json.MarshalIndent(e.manifest, "", "  ")
	if err != nil {
		return err
	}
	out, err := e.create(ManifestName)
	if err != nil {
		return err
	}
	_, err = out.Write(append(document, '\n'))
	return errors.Join(err, out.Close())
}

// claim finds out which files of the directory an earlier export wrote.
func (e *exporter) claim() error {
	e.earlier = map[string]bool{}
	document, err := os.ReadFile(e.path(ManifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var m Manifest
	if err == nil {
		err = json.Unmarshal(document, &m)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", ManifestName, err)
	}
	for _, f := range m.Files {
		if filepath.IsLocal(f.Path) && filepath.Base(f.Path) == f.Path {
			e.earlier[f.Path] = true
		}
	}
	return nil
}
