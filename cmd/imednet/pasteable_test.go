package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandsOfHintsCanBePasted(t *testing.T) {
	line := commandLine{study: "OWN", files: " --journal 'my file' --config c.yaml"}
	require.Equal(t, "run `imednet submit resume OWN --journal 'my file' --config c.yaml` to find out; `imednet help` lists the rest",
		line.pasteable("run `imednet submit resume STUDY` to find out; `imednet help` lists the rest"))
	require.Equal(t, `'it'\''s'`, shellQuoted("it's"))
	require.Equal(t, "a/b-1.sqlite3", shellQuoted("a/b-1.sqlite3"))
}

// TestSettleOfAnUnknownSubmissionIsNoSuccess also where the hint of another journal is pasted.
func TestSettleOfAnUnknownSubmissionIsNoSuccess(t *testing.T) {
	s := newShell(t)
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "x"}}]`)
	s.run(exitNotFound, "submit", "settle", "DEMO", "nonsense")
	out := s.ok("submit", "records", "DEMO", "new.json", "--journal", "own.sqlite3")
	require.Regexp(t, "`imednet submit settle DEMO [0-9a-f-]+ --wait --journal own.sqlite3`", out)
}
