package versioning_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

// oddConfiguration is a document and the commit id that Python gave it; see testdata/canonical.py.
type oddConfiguration struct{ Name, Document, CommitID string }

func oddConfigurations(t *testing.T) []oddConfiguration {
	t.Helper()
	text, err := os.ReadFile("testdata/odd_configurations.json")
	require.NoError(t, err)
	var odd []oddConfiguration
	require.NoError(t, json.Unmarshal(text, &odd))
	require.Greater(t, len(odd), 15)
	return odd
}

func TestOddDocumentsHashLikePython(t *testing.T) {
	s := open(t, newPath(t))
	for _, c := range oddConfigurations(t) {
		d, err := versioning.CanonicalDocument([]byte(c.Document))
		require.NoError(t, err, c.Name)
		require.Equal(t, c.CommitID, d.CommitID, "%s: %s", c.Name, d.Body)

		// What is committed comes back with the same id, and with all of its members.
		config, err := imednet.ParseStudyConfiguration([]byte(c.Document), imednet.ConfigurationOptions{})
		require.NoError(t, err)
		o := why
		o.AllowRollback = true
		e, err := s.CommitDocument(t.Context(), config.StudyKey, []byte(c.Document), o)
		if err != nil {
			require.ErrorIs(t, err, versioning.ErrDuplicate, c.Name)
			continue
		}
		require.Equal(t, c.CommitID, e.CommitID)
		stored, err := s.Document(t.Context(), config.StudyKey, e.CommitID)
		require.NoError(t, err)
		text, err := stored.Text()
		require.NoError(t, err)
		again, err := versioning.CanonicalDocument(text)
		require.NoError(t, err)
		require.Equal(t, d, again, c.Name)
	}
}

// The recorded ids are what Python says today.
func TestRecordedCommitIDsArePythons(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 to compare with")
	}
	var documents, want []string
	for _, c := range oddConfigurations(t) {
		documents, want = append(documents, c.Document), append(want, c.CommitID)
	}
	input, err := json.Marshal(documents)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), python, "testdata/canonical.py")
	cmd.Stdin = strings.NewReader(string(input))
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, want, strings.Fields(string(out)))
}

// Text that is not UTF-8 is refused, never replaced; a byte order mark is no part of the document.
func TestDocumentsAreUTF8(t *testing.T) {
	s := open(t, newPath(t))
	_, err := s.CommitDocument(t.Context(), "S", []byte("{\"studyKey\": \"S\", \"version\": \"caf\xe9\"}"), why)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	require.ErrorContains(t, err, "UTF-8")
	require.Empty(t, history(t, s, "S"))
	e, err := s.CommitDocument(t.Context(), "S1", []byte("\ufeff{\"studyKey\": \"S1\"}"), why)
	require.NoError(t, err)
	require.Equal(t, "47e68f7f7ce753c1c60120fb4e425fd3edb61f8888b3e98252d4ef079b2500a8", e.CommitID)
	for _, document := range []string{"", "[]", "{", `{"studyKey": "S", "studyKey": "S"}`, `{"studyKey": "S", "x": {"a": 1, "a": 2}}`, `{"studyKey": ""}`} {
		_, err := versioning.CanonicalDocument([]byte(document))
		require.ErrorAs(t, err, new(*imednet.ValidationError), document)
	}
}
