package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/filehash"
)

// Manifest is the part of a data set's manifest that an export needs.
type Manifest struct {
	FormatVersion int             `json:"formatVersion"`
	StudyKey      string          `json:"studyKey"`
	Format        string          `json:"format"`
	Layout        string          `json:"layout"`
	Created       time.Time       `json:"created"`
	Origin        imednet.Origin  `json:"origin"`
	Tables        []Table         `json:"tables"`
	Rejects       TableFile       `json:"rejects"`
	About         json.RawMessage `json:"about"`
	Deidentified  bool            `json:"deidentified"`
	Report        *MapReport      `json:"report"`
	Plan          json.RawMessage `json:"plan"` // a tables.Plan; null for canonical data
}

// Table is a table of a data set.
type Table struct {
	Name  string      `json:"name"`
	Rows  int64       `json:"rows"`
	Files []TableFile `json:"files"`
}

// TableFile is a file of a data set.
type TableFile struct {
	Path   string `json:"path"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// MapReport counts what happened to the records.
type MapReport struct {
	Records         int64        `json:"records"`
	Rows            int64        `json:"rows"`
	RecordsRejected int64        `json:"recordsRejected"`
	Deleted         int64        `json:"deleted"`
	Rejected        int64        `json:"rejected"`
	FieldsRejected  int64        `json:"fieldsRejected"`
	Forms           []FormReport `json:"forms"`
}

// FormReport counts what happened to the records of a form.
type FormReport struct {
	FormKey  string           `json:"formKey"`
	Rows     int64            `json:"rows"`
	Rejected int64            `json:"rejected"`
	Reasons  map[string]int64 `json:"reasons,omitempty"`
}

// formNames is the part of a data set's plan that names the forms.
type formNames struct {
	Forms []struct {
		FormKey  string `json:"formKey"`
		FormName string `json:"formName"`
	} `json:"forms"`
}

// readManifest finds the manifest of a prefix, or the only one when the prefix is "".
func readManifest(dir, prefix string) (m Manifest, digest string, err error) {
	path := filepath.Join(dir, "_"+prefix+"_manifest.json")
	if prefix == "" {
		if path, err = onlyManifest(dir); err != nil {
			return m, "", err
		}
	}
	document, err := os.ReadFile(path)
	if err != nil {
		return m, "", err
	}
	if err := json.Unmarshal(document, &m); err != nil {
		return m, "", fmt.Errorf("%s is damaged or no manifest: %w", filepath.Base(path), err)
	}
	switch {
	case m.FormatVersion != 1:
		return m, "", fmt.Errorf("the manifest has format version %d; a later version of this library wrote it", m.FormatVersion)
	case m.Format != "parquet":
		return m, "", fmt.Errorf("the data set is %s; its columns have no types, write it as Parquet", m.Format)
	case m.Layout != "forms" && m.Layout != "tables":
		return m, "", fmt.Errorf("the data set has layout %s; one table for each form is needed", m.Layout)
	}
	sum := sha256.Sum256(document)
	return m, hex.EncodeToString(sum[:]), nil
}

func onlyManifest(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var found []string
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, "_") && strings.HasSuffix(name, "_manifest.json") && name != "_cdisc_manifest.json" {
			found = append(found, filepath.Join(dir, name))
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("no manifest of a data set in the directory: %w", os.ErrNotExist)
	case 1:
		return found[0], nil
	}
	return "", errors.New("the directory has several data sets: name the prefix of one")
}

// verify compares a file with what the manifest says of it.
func (f TableFile) verify(dir string) error {
	if err := filehash.Verify(dir, f.Path, f.Bytes, f.SHA256); err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

func fail(op, place string, err error) error {
	return &imednet.Error{Package: "datasets", Op: op, Place: place, Err: err}
}
