package workflows_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

const pilotKey = "CDISCPILOT01"

// pilotDir is the folder of the pilot study; tests that need it are skipped without.
func pilotDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no folder")
	}
	return dir
}

// loadPilot reads the study once for all tests, which only read it.
var loadPilot = sync.OnceValues(func() (*imednettest.Study, error) {
	return imednettest.LoadDir(os.Getenv("IMEDNET_PILOT"))
})

func pilotServer(t *testing.T) *imednettest.Server {
	t.Helper()
	pilotDir(t)
	study, err := loadPilot()
	require.NoError(t, err)
	return imednettest.NewServer(study)
}

func generated(opts imednettest.GenerateOptions) *imednettest.Server {
	return imednettest.NewServer(imednettest.Generate(opts))
}

// ndjson reads a file of the pilot study without any of the code under test.
func ndjson[T any](t *testing.T, name string) []T {
	t.Helper()
	path := filepath.Join(pilotDir(t), name)
	var reader io.Reader
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		file, err = os.Open(path + ".gz")
		require.NoError(t, err)
		reader, err = gzip.NewReader(file)
	} else {
		reader = file
	}
	require.NoError(t, err)
	defer file.Close()
	var rows []T
	scanner := bufio.NewReader(reader)
	for {
		line, err := scanner.ReadBytes('\n')
		if line = bytes.TrimSuffix(line, []byte("\n")); len(line) > 0 {
			var row T
			require.NoError(t, json.Unmarshal(line, &row))
			rows = append(rows, row)
		}
		if err == io.EOF {
			return rows
		}
		require.NoError(t, err)
	}
}

func at(text string) time.Time {
	t, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err)
	}
	return t
}

func optTime(text string) imednet.Opt[imednet.Time] { return imednet.Some(imednet.NewTime(at(text))) }

// all collects a listing.
func all[T any](t *testing.T, rows func(func(T, error) bool)) []T {
	t.Helper()
	var list []T
	rows(func(row T, err error) bool {
		require.NoError(t, err)
		list = append(list, row)
		return true
	})
	return list
}
