package imednet_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// pilotLines reads a file of the pilot study line by line.
func pilotLines(t *testing.T, dir, name string, each func(line []byte)) {
	file, err := os.Open(filepath.Join(dir, name))
	require.NoError(t, err)
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		in, err = gzip.NewReader(file)
		require.NoError(t, err)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		each(lines.Bytes())
	}
	require.NoError(t, lines.Err())
}

func TestPilotJoins(t *testing.T) {
	dir := os.Getenv("IMEDNET_PILOT")
	if dir == "" {
		t.Skip("IMEDNET_PILOT names no folder with the pilot study")
	}
	var forms []imednet.Form
	var variables []imednet.Variable
	var subjects []imednet.Subject
	pilotLines(t, dir, "forms.ndjson", func(line []byte) { forms = append(forms, decoded[imednet.Form](t, line)) })
	pilotLines(t, dir, "variables.ndjson", func(line []byte) { variables = append(variables, decoded[imednet.Variable](t, line)) })
	pilotLines(t, dir, "subjects.ndjson", func(line []byte) { subjects = append(subjects, decoded[imednet.Subject](t, line)) })
	x, who := imednet.NewFormIndex(forms, variables), imednet.NewSubjectIndex(subjects)
	assert.Empty(t, x.Contradictions())
	assert.Empty(t, who.Contradictions())
	assert.Empty(t, x.Unplaced())
	assert.Len(t, x.Forms(), 21)
	assert.Len(t, who.Subjects(), 306)
	placed := 0
	for _, f := range x.Forms() {
		assert.True(t, f.Listed)
		placed += len(f.Variables)
	}
	assert.Equal(t, 617, placed)

	var facts struct {
		RecordsPerForm map[string]struct{ Total, Deleted int }
	}
	raw, err := os.ReadFile(filepath.Join(dir, "facts.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &facts))
	require.Len(t, facts.RecordsPerForm, 21)
	total, deleted := map[string]int{}, map[string]int{}
	src := &shelf{}
	pilotLines(t, dir, "records.ndjson.gz", func(line []byte) {
		r := decoded[imednet.Record](t, line)
		f, c := x.OfRecord(&r)
		require.Zero(t, c)
		total[f.Key()]++
		if r.IsDeleted() {
			deleted[f.Key()]++
		}
		if s, c := who.OfRecord(&r); s == nil {
			require.Equal(t, imednet.NothingNamed, c.Kind, "records of sites alone have no subject")
		}
		src.records = append(src.records, r)
	})
	for key, want := range facts.RecordsPerForm {
		assert.Equal(t, want.Total, total[key], key)
		assert.Equal(t, want.Deleted, deleted[key], key)
	}
	sel, err := x.Select("AE")
	require.NoError(t, err)
	assert.Len(t, recordIDs(t, sel.Records(t.Context(), src, "", imednet.ListOptions{})), facts.RecordsPerForm["AE"].Total)
}

func decoded[T any, P interface {
	*T
	UnmarshalJSON([]byte) error
}](t *testing.T, line []byte) T {
	var row T
	require.NoError(t, P(&row).UnmarshalJSON(line))
	return row
}
