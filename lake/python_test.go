package lake_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/workflows/tables"
)

// python is an interpreter that has PyIceberg: IMEDNET_PYTHON, or python3.
func python(t *testing.T) string {
	t.Helper()
	program := os.Getenv("IMEDNET_PYTHON")
	if program == "" {
		program = "python3"
	}
	if out, err := exec.Command(program, "-c", "import pyiceberg, pyarrow, sqlalchemy").CombinedOutput(); err != nil {
		t.Skipf("%s has no PyIceberg (pip install \"pyiceberg[sql-sqlite,pyarrow]\"): %s", program, lastLine(out))
	}
	return program
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

type pythonTable struct {
	Table    string `json:"table"`
	Snapshot int64  `json:"snapshot"`
	File     string `json:"file"`
}

// requirePython compares the form tables of a moment with a fresh mapping, as PyIceberg reads them.
func (w *world) requirePython(list *lake.Listing) {
	w.t.Helper()
	program := python(w.t)
	files := w.mappedFiles()
	var ask struct {
		Catalog   map[string]string `json:"catalog"`
		Namespace string            `json:"namespace"`
		Tables    []pythonTable     `json:"tables"`
	}
	ask.Catalog = map[string]string{"type": "sql", "uri": "sqlite:///" + strings.TrimPrefix(w.catalog, "sqlite://"), "warehouse": "file://" + w.warehouse}
	ask.Namespace = lake.Namespace(w.study.Key())
	for _, t := range list.Tables {
		if t.FormKey != "" {
			ask.Tables = append(ask.Tables, pythonTable{t.Table, t.Snapshot, files[t.FormKey]})
		}
	}
	document, err := json.Marshal(ask)
	require.NoError(w.t, err)
	cmd := exec.CommandContext(w.t.Context(), program, filepath.Join("testdata", "read.py"))
	cmd.Stdin = bytes.NewReader(document)
	out, err := cmd.CombinedOutput()
	require.NoError(w.t, err, string(out))
	require.Equal(w.t, "[]", lastLine(out))
}

// mappedFiles writes a fresh mapping of the mirror as one Arrow file a form.
func (w *world) mappedFiles() map[string]string {
	w.t.Helper()
	dir, files := w.t.TempDir(), map[string]string{}
	mapper, err := tables.NewRecordMapper(w.mirror.Client())
	require.NoError(w.t, err)
	all, err := mapper.MapForms(w.t.Context(), w.study.Key(), tables.MapOptions{}).Tables()
	require.NoError(w.t, err)
	for _, form := range all {
		path := filepath.Join(dir, form.FormKey+".arrow")
		f, err := os.Create(path)
		require.NoError(w.t, err)
		writer := ipc.NewWriter(f, ipc.WithSchema(form.Table.Schema()))
		reader := newTableReader(form.Table)
		for reader.Next() {
			require.NoError(w.t, writer.Write(reader.Record()))
		}
		reader.Release()
		require.NoError(w.t, writer.Close())
		require.NoError(w.t, f.Close())
		form.Table.Release()
		files[form.FormKey] = path
	}
	return files
}

// TestPyIcebergReadsTheSameValues reads a lake after several commits with another implementation, at
// the newest moment and at a tag.
func TestPyIcebergReadsTheSameValues(t *testing.T) {
	python(t)
	w := newWorld(t, 400)
	w.sync()
	_, err := w.lake.Tag(t.Context(), w.study.Key(), "first", 0)
	require.NoError(t, err)
	w.requirePython(w.requireEqual(nil))
	for range 2 {
		w.meddle(20)
		w.pull()
		w.sync()
	}
	_, err = w.lake.Compact(t.Context(), w.study.Key(), lake.CompactPolicy{MinFiles: 2, MaxManifests: 1})
	require.NoError(t, err)
	w.requirePython(w.requireEqual(nil))
}
