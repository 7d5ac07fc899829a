package rest_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// Every row of a real study's every resource must arrive byte for byte, in as few requests as
// its pages.
func TestPilotStudyArrivesWhole(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no study")
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	server := imednettest.NewServer(study)
	c, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(imednettest.Start(t, server)))
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	ctx, key, all := t.Context(), study.Key(), imednet.ListOptions{}

	same(t, server, dir, imednet.Sites, c.Sites(ctx, key, all))
	same(t, server, dir, imednet.Forms, c.Forms(ctx, key, all))
	same(t, server, dir, imednet.Intervals, c.Intervals(ctx, key, all))
	same(t, server, dir, imednet.Variables, c.Variables(ctx, key, all))
	same(t, server, dir, imednet.Subjects, c.Subjects(ctx, key, all))
	same(t, server, dir, imednet.Visits, c.Visits(ctx, key, all))
	same(t, server, dir, imednet.Records, c.Records(ctx, key, all))
	same(t, server, dir, imednet.RecordRevisions, c.RecordRevisions(ctx, key, all))
	same(t, server, dir, imednet.Queries, c.Queries(ctx, key, all))
	same(t, server, dir, imednet.Codings, c.Codings(ctx, key, all))
}

func same[T any](t *testing.T, server *imednettest.Server, dir string, resource imednet.Resource, rows iter.Seq2[T, error]) {
	t.Helper()
	want := readLines(t, filepath.Join(dir, string(resource)+".ndjson"))
	server.ResetRequests()
	n := 0
	for row, err := range rows {
		require.NoError(t, err)
		raw := rawOf(row)
		require.Empty(t, imednet.Misfits(row))
		require.True(t, want[string(raw)], "%s: row %d is not in the file", resource, n)
		delete(want, string(raw))
		n++
	}
	require.Empty(t, want, "%s: rows of the file are missing", resource)
	pages := (n + 499) / 500
	requests := len(server.Requests())
	t.Logf("%s: %d rows, %d pages, %d requests", resource, n, pages, requests)
	require.LessOrEqual(t, requests, 2*pages+8)
}

func rawOf(row any) []byte {
	switch row := row.(type) {
	case imednet.Site:
		return row.Raw
	case imednet.Form:
		return row.Raw
	case imednet.Interval:
		return row.Raw
	case imednet.Variable:
		return row.Raw
	case imednet.Subject:
		return row.Raw
	case imednet.Visit:
		return row.Raw
	case imednet.Record:
		return row.Raw
	case imednet.RecordRevision:
		return row.Raw
	case imednet.Query:
		return row.Raw
	case imednet.Coding:
		return row.Raw
	}
	return nil
}

// readLines reads a file of one row a line, packed or not.
func readLines(t *testing.T, path string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		if data, err = os.ReadFile(path + ".gz"); err == nil {
			z, zipErr := gzip.NewReader(bytes.NewReader(data))
			require.NoError(t, zipErr)
			data, err = io.ReadAll(z)
		}
	}
	require.NoError(t, err)
	lines := map[string]bool{}
	scanner := bufio.NewScanner(bytes.NewReader(data))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		lines[scanner.Text()] = true
	}
	require.NoError(t, scanner.Err())
	return lines
}
