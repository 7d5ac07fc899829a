package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// schema holds the members of JSON documents with the types that they have. [] is any element of
// an array, {} any member of an object whose names are data.
type schema map[string]map[string]bool

// dataNames are the members whose own members are named by data.
var dataNames = []string{"recordData", "structure", "fresh", "studies", "streams", "undeclared", "reasons", "counts"}

func (s schema) read(text string) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	for {
		var document any
		switch err := decoder.Decode(&document); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		s.add("", "", document)
	}
}

func (s schema) add(path, name string, v any) {
	kind := ""
	switch v := v.(type) {
	case nil:
		kind = "null"
	case bool:
		kind = "boolean"
	case float64:
		kind = "number"
	case string:
		kind = "text"
	case []any:
		kind = "array"
		for _, element := range v {
			s.add(path+"[]", name, element)
		}
	case map[string]any:
		kind = "object"
		for member, value := range v {
			if slices.Contains(dataNames, name) {
				s.add(path+"{}", "", value)
			} else {
				s.add(path+"."+member, member, value)
			}
		}
	}
	if s[path] == nil {
		s[path] = map[string]bool{}
	}
	s[path][kind] = true
}

func (s schema) lines() (lines []string) {
	for _, path := range slices.Sorted(maps.Keys(s)) {
		kinds := slices.Sorted(maps.Keys(s[path]))
		if path == "" {
			path = "."
		}
		lines = append(lines, path+" "+strings.Join(kinds, "|"))
	}
	return lines
}

// recorder runs commands with --json and keeps what their documents look like.
type recorder struct {
	*shell
	found map[string]schema
}

// run returns the document of a command, whose name ends where its arguments begin.
func (r *recorder) run(command string, args ...string) string {
	r.t.Helper()
	return r.exits(exitOK, command, args...)
}

func (r *recorder) exits(code int, command string, args ...string) string {
	r.t.Helper()
	out, _ := r.shell.run(code, slices.Concat(strings.Fields(command), args, []string{"--json"})...)
	r.note(command, out)
	return out
}

func (r *recorder) note(command, out string) {
	r.t.Helper()
	if r.found[command] == nil {
		r.found[command] = schema{}
	}
	require.NoError(r.t, r.found[command].read(out), command)
}

// member returns a text of a document, found by its path.
func (r *recorder) member(document string, path ...any) string {
	r.t.Helper()
	var v any
	require.NoError(r.t, json.Unmarshal([]byte(document), &v))
	for _, step := range path {
		switch step := step.(type) {
		case int:
			v = v.([]any)[step]
		case string:
			v = v.(map[string]any)[step]
		}
	}
	return v.(string)
}

// golden compares text with a file of testdata, or writes it there.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update")
	require.Equal(t, string(want), text, "scripts read this: a member that goes or changes is a breaking change")
}

// text puts all schemas below one another.
func (r *recorder) text() string {
	var b strings.Builder
	for _, command := range slices.Sorted(maps.Keys(r.found)) {
		b.WriteString("# imednet " + command + "\n" + strings.Join(r.found[command].lines(), "\n") + "\n\n")
	}
	return b.String()
}
