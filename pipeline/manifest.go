package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/filehash"
	"github.com/imednetgo/imednet/workflows/tables"
)

// Manifest describes a data set and its origin. It is written last, next to the data, as
// _<prefix>_manifest.json, and holds no subject data.
type Manifest struct {
	FormatVersion int    `json:"formatVersion"` // 1
	StudyKey      string `json:"studyKey"`
	Format        Format `json:"format"`
	Layout        Layout `json:"layout"` // "tables" for WriteTables
	Prefix        string `json:"prefix"`
	// Partitions are the columns of the Hive layouts that are names of directories. Their values are
	// text, even where a reader takes them for numbers.
	Partitions []string `json:"partitions,omitempty"`
	// Generation counts the data sets written under this prefix, including this one. From the
	// second on it is part of the file names.
	Generation int `json:"generation"`
	// Program is the version of this library that wrote the data.
	Program string    `json:"program"`
	Created time.Time `json:"created"` // UTC, when the last row was written
	// Origin identifies the state of the mirror that was read; zero if the server was.
	Origin imednet.Origin `json:"origin,omitzero"`
	// Recipe is what the caller said about why and how the data set was made; zero if nothing.
	Recipe Recipe `json:"recipe,omitzero"`
	// Dictionary is the hash of the study's dictionary by which answers are shown; empty if none was used.
	Dictionary string          `json:"dictionary,omitempty"`
	Tables     []ManifestTable `json:"tables"`
	// Rejects is the file of the values and records that did not fit, and Findings that of the
	// findings for review, each with one JSON object per line; zero if there are none.
	Rejects  File `json:"rejects,omitzero"`
	Findings File `json:"findings,omitzero"`
	// FormulaGuard is true if text in CSV was guarded, so that readers must remove a leading
	// apostrophe.
	FormulaGuard bool `json:"formulaGuard,omitempty"`
	// About is the value passed to [TableWriter.Describe].
	About json.RawMessage `json:"about,omitempty"`

	// What follows is known of tables that come from a RecordMapper.

	Report *tables.MapReport `json:"report,omitempty"`
	// Selection is what was asked for; zero if everything was.
	Selection Selection `json:"selection,omitzero"`
	// Deidentified is true if the mapper de-identified. FreeTextColumns then lists the text columns
	// whose answers the caller allowed to pass unchanged (FORM.VARIABLE), and MaskedColumns those
	// in which every answer is masked.
	Deidentified    bool     `json:"deidentified"`
	FreeTextColumns []string `json:"freeText,omitempty"`
	MaskedColumns   []string `json:"masked,omitempty"`
	// Plan is the plan that fixed the columns. Pass it to later runs to get the same columns.
	Plan *tables.Plan `json:"plan,omitempty"`
}

// Recipe says which output of which plan a data set is, and identifies its settings, so that a program
// can tell from the manifest alone whether the data set is its own and still what is wanted. The
// writer stores it as it is given. It must hold no subject data: Settings is meant to be a hash.
type Recipe struct {
	Plan     string `json:"plan,omitempty"`
	Output   string `json:"output,omitempty"`
	Settings string `json:"settings,omitempty"`
}

// ManifestTable describes one table of a data set.
type ManifestTable struct {
	Name       string `json:"name"` // form key, or the name passed to WriteTables; "" for Wide
	Rows       int64  `json:"rows"`
	SchemaHash string `json:"schemaHash"` // SHA-256 over names, types and metadata of the fields
	Files      []File `json:"files"`
}

// File is one file of a data set.
type File struct {
	Path   string `json:"path"` // slash-separated, relative to the data set's directory
	Rows   int64  `json:"rows"` // rows, or lines of a list
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const manifestVersion = 1

func manifestName(prefix string) string { return "_" + prefix + "_manifest.json" }
func listName(prefix, list string, generation int) string {
	return "_" + prefix + "_" + list + generationSuffix(generation) + ".jsonl"
}

// ReadManifest reads the manifest of the data set with this prefix ("" means "records"). For the
// layouts [Hive] and [HivePerForm] dir is the study's partition ([DataSetDir]). If there is no manifest, the error
// matches os.ErrNotExist. The files that it lists are complete at every moment, even after a writer
// was killed.
func ReadManifest(dir, prefix string) (*Manifest, error) {
	if prefix == "" {
		prefix = DefaultPrefix
	}
	if err := checkPlace(dir, prefix); err != nil {
		return nil, failure("read manifest", "", dir, err, "")
	}
	document, err := os.ReadFile(filepath.Join(dir, manifestName(prefix)))
	if err != nil {
		return nil, failure("read manifest", "", dir, err, "")
	}
	var m Manifest
	if err := json.Unmarshal(document, &m); err != nil {
		return nil, failure("read manifest", "", dir, err, "the file is damaged or no manifest; remove it to write a data set anew")
	}
	if m.FormatVersion != manifestVersion {
		return nil, failure("read manifest", "", dir, fmt.Errorf("the manifest has format version %d", m.FormatVersion), "a later version of this library wrote it")
	}
	return &m, nil
}

// Verify reads every file of the data set and compares its length and SHA-256 with the manifest.
// The error reports all differences.
func (m *Manifest) Verify(dir string) error {
	if err := argument.Named("pipeline.Manifest.Verify", "dir", dir); err != nil {
		return err
	}
	var problems []error
	for f := range m.files() {
		if err := f.verify(dir); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) > 0 {
		return failure("verify", m.StudyKey, dir, errors.Join(problems...), "")
	}
	return nil
}

// files yields every file of the data set but the manifest itself.
func (m *Manifest) files() iter.Seq[File] {
	return func(yield func(File) bool) {
		for _, t := range m.Tables {
			for _, f := range t.Files {
				if !yield(f) {
					return
				}
			}
		}
		for _, f := range []File{m.Rejects, m.Findings} {
			if f.Path != "" && !yield(f) {
				return
			}
		}
	}
}

func (f File) verify(dir string) error {
	if err := filehash.Verify(dir, f.Path, f.Bytes, f.SHA256); err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

// SchemaHash returns the SHA-256 of a schema in hexadecimal, covering the names, types, nullability
// and metadata of its fields in order. Tables with equal hashes can be read as one. A nil schema has
// no hash: the result is "".
func SchemaHash(schema *arrow.Schema) string {
	if schema == nil {
		return ""
	}
	type field struct {
		Name     string            `json:"name"`
		Type     string            `json:"type"`
		Nullable bool              `json:"nullable"`
		Metadata map[string]string `json:"metadata"`
	}
	var fields []field
	for _, f := range schema.Fields() {
		fields = append(fields, field{f.Name, f.Type.String(), f.Nullable, f.Metadata.ToMap()})
	}
	document, _ := json.Marshal(fields)
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}
