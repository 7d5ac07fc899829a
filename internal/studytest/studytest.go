// Package studytest serves the tests of the workflows: the pilot study, generated studies, and designs
// whose rows do not fit together.
package studytest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// PilotKey is the key of the pilot study.
const PilotKey = "CDISCPILOT01"

// PilotDir is the folder of the pilot study; tests that need it are skipped without.
func PilotDir(t testing.TB) string {
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

// PilotServer serves the pilot study, or skips the test.
func PilotServer(t testing.TB) *imednettest.Server {
	t.Helper()
	PilotDir(t)
	study, err := loadPilot()
	require.NoError(t, err)
	return imednettest.NewServer(study)
}

// Generated serves a generated study.
func Generated(opts imednettest.GenerateOptions) *imednettest.Server {
	return imednettest.NewServer(imednettest.Generate(opts))
}

// NDJSON reads a file of the pilot study without any of the code under test.
func NDJSON[T any](t testing.TB, name string) []T {
	t.Helper()
	path := filepath.Join(PilotDir(t), name)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		path += ".gz"
	}
	var rows []T
	for line := range LinesOfFile(t, path) {
		var row T
		require.NoError(t, json.Unmarshal(line, &row))
		rows = append(rows, row)
	}
	return rows
}

// At reads a time as the API writes it.
func At(text string) time.Time {
	t, err := imednet.ParseTime(text)
	if err != nil {
		panic(err)
	}
	return t.Time
}

// OptTime is At as a member of a row.
func OptTime(text string) imednet.Opt[imednet.Time] { return imednet.Some(imednet.NewTime(At(text))) }

// All collects a listing.
func All[T any](t testing.TB, rows func(func(T, error) bool)) []T {
	t.Helper()
	var list []T
	rows(func(row T, err error) bool {
		require.NoError(t, err)
		list = append(list, row)
		return true
	})
	return list
}

// DesignClient serves an Design.
type DesignClient struct{ Design Design }

// Intervals lists those of the design.
func (c DesignClient) Intervals(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return RowsOf(c.Design.Intervals)
}

// Forms lists those of the design.
func (c DesignClient) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return RowsOf(c.Design.Forms)
}

// Variables lists those of the design.
func (c DesignClient) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return RowsOf(c.Design.Variables)
}

// Sites lists those of the design.
func (c DesignClient) Sites(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return RowsOf([]imednet.Site{{SiteID: 10, SiteName: imednet.Some("North")}})
}

// EmptySource is a DesignClient without records of its own.
type EmptySource struct{ DesignClient }

// Records lists none.
func (EmptySource) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return RowsOf[imednet.Record](nil)
}

// RowsOf lists rows.
func RowsOf[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// LinesOfFile yields the lines of an NDJSON file, gzipped or not. Lines end at \n bytes only.
func LinesOfFile(t testing.TB, path string) iter.Seq[[]byte] {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		in, err = gzip.NewReader(f)
		require.NoError(t, err)
	}
	content, err := io.ReadAll(in)
	require.NoError(t, err)
	return slices.Values(bytes.Split(bytes.TrimSuffix(content, []byte("\n")), []byte("\n")))
}

// Design is a study whose rows do not fit together.
type Design struct {
	Intervals []imednet.Interval
	Forms     []imednet.Form
	Variables []imednet.Variable
}

// Form is a form in short form.
func Form(id int64, key string) imednet.Form {
	return imednet.Form{FormID: id, FormKey: imednet.Some(key), FormName: imednet.Some("Form " + key), FormType: imednet.Some("Subject"), Revision: imednet.Some(int64(1))}
}

// Variable is a variable in short form.
func Variable(id int64, name, kind, formKey string, formID imednet.Opt[int64]) imednet.Variable {
	return imednet.Variable{VariableID: id, VariableName: imednet.Some(name), VariableType: imednet.Some(kind), FormKey: imednet.Some(formKey), FormID: formID, Revision: imednet.Some(int64(1)), Label: imednet.Some("The " + name)}
}

// FiltersOf returns the filters of the listings that a server was asked for.
func FiltersOf(server *imednettest.Server, resource string) []string {
	var filters []string
	for _, r := range server.Requests() {
		if r.Method == http.MethodGet && len(r.Path) > len(resource) && r.Path[len(r.Path)-len(resource):] == resource {
			filters = append(filters, r.Filter)
		}
	}
	return filters
}

// KeysOf returns the keys of a map in order.
func KeysOf[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
