package cdisc

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireWhole checks that a directory holds what its manifest says and nothing else, and returns the
// manifest.
func requireWhole(t *testing.T, dir string) Manifest {
	document, err := os.ReadFile(filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	var m Manifest
	require.NoError(t, json.Unmarshal(document, &m))
	want := map[string]bool{ManifestName: true}
	for _, f := range m.Files {
		data, err := os.ReadFile(filepath.Join(dir, f.Path))
		require.NoError(t, err)
		sum := sha256.Sum256(data)
		require.Equal(t, f.SHA256, hex.EncodeToString(sum[:]), f.Path)
		want[f.Path] = true
	}
	for _, name := range listing(t, dir) {
		require.Contains(t, want, name)
	}
	return m
}

// numberedTable is a table whose rows and names of files tell which it is.
func numberedTable(n int) memory {
	src := column(Variable{Name: "A", Type: Character}, Text(strconv.Itoa(n)))
	src.dataset.Name = "T" + strconv.Itoa(n%3)
	return src
}

func TestExportsIntoOneDirectoryAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for n := range 16 {
		wg.Go(func() {
			for {
				_, err := Export(t.Context(), dir, []Source{numberedTable(n)}, exportOptions(XPT5, JSON))
				if errors.Is(err, ErrBusy) {
					continue
				}
				mu.Lock()
				done++
				mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				return
			}
		})
	}
	wg.Wait()
	require.Equal(t, 16, done)
	requireWhole(t, dir)
}

// TestACommitThatWasCutOffIsCarriedOut builds every state in which a killed run leaves a directory
// after it began to move its files. The next export, which fails, completes it first.
func TestACommitThatWasCutOffIsCarriedOut(t *testing.T) {
	next := t.TempDir()
	_, err := Export(t.Context(), next, []Source{numberedTable(1), numberedTable(2)}, exportOptions(XPT5))
	require.NoError(t, err)
	place := []string{"t1.xpt", "t2.xpt", "define.xml", ManifestName}
	for moved := range len(place) + 1 {
		dir := t.TempDir()
		_, err := Export(t.Context(), dir, []Source{numberedTable(0), numberedTable(4)}, exportOptions(XPT5))
		require.NoError(t, err)
		work := filepath.Join(dir, workName)
		require.NoError(t, os.Mkdir(work, 0o700))
		if moved > 0 {
			require.NoError(t, os.Remove(filepath.Join(dir, ManifestName)))
		}
		for i, name := range place {
			data, err := os.ReadFile(filepath.Join(next, name))
			require.NoError(t, err)
			to := work
			if i < moved {
				to = dir
			}
			require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o600))
		}
		require.NoError(t, intent{Place: place, Remove: []string{"t0.xpt"}}.write(work))
		broken := numberedTable(5)
		broken.err = errors.New("the disk is gone")
		_, err = Export(t.Context(), dir, []Source{broken}, exportOptions(XPT5))
		require.ErrorContains(t, err, "the disk is gone")
		require.Len(t, requireWhole(t, dir).Datasets, 2, moved)
		require.NoFileExists(t, filepath.Join(dir, "t0.xpt"))
	}
}

func TestWhatAKilledRunLeftIsRemoved(t *testing.T) {
	dir := t.TempDir()
	_, err := Export(t.Context(), dir, []Source{numberedTable(1)}, exportOptions(XPT5))
	require.NoError(t, err)
	work := filepath.Join(dir, workName)
	require.NoError(t, os.Mkdir(work, 0o700))
	for _, name := range []string{"t1.xpt", "rows-1.tmp", intentName + ".tmp", lockName} {
		require.NoError(t, os.WriteFile(filepath.Join(work, name), []byte("half"), 0o600))
	}
	broken := numberedTable(5)
	broken.err = errors.New("the disk is gone")
	_, err = Export(t.Context(), dir, []Source{broken}, exportOptions(XPT5))
	require.ErrorContains(t, err, "the disk is gone")
	requireWhole(t, dir)

	require.NoError(t, os.Mkdir(work, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(work, intentName), []byte(`{"place": ["../x"], "remove": []}`), 0o600))
	_, err = Export(t.Context(), dir, []Source{numberedTable(1)}, exportOptions(XPT5))
	require.ErrorContains(t, err, "leads out of the directory")
}
