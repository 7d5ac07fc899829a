package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/pipeline"
)

// Canonical data by a dictionary are those of the texts of the choices, record by record; what is no choice
// stays, and is counted; all else is as without.
func TestExtractByDictionary(t *testing.T) {
	s := newShell(t)
	s.demoConfiguration()
	writeExport(s, "export", "DEMO")
	// The code of the one choice is what most answers are, and its text another severity.
	s.write("export/"+dictionary.ChoicesFile, "Form,Variable Type,Variable Name,Choice Text,Choice Value,Position\nAE,RADIO,AESEV,Severe,Mild,1\n")
	type events struct {
		AdverseEvents []struct {
			AETerm, AESeverity string
			Lineage            struct{ RecordID int64 }
		}
	}
	var plain, shown events
	s.jsonInvalid(&plain, "extract", "--configuration", "demo.json")
	s.jsonInvalid(&shown, "extract", "--configuration", "demo.json", "--dictionary", "export")
	require.Len(t, shown.AdverseEvents, len(plain.AdverseEvents))
	counts := map[string]int{}
	for i, was := range plain.AdverseEvents {
		want := was
		counts[was.AESeverity]++
		if was.AESeverity == "MILD" {
			want.AESeverity = "SEVERE"
		}
		require.Equal(t, want, shown.AdverseEvents[i])
	}
	require.NotZero(t, counts["MILD"])
	require.NotZero(t, counts["MODERATE"])

	_, warned := s.run(exitInvalid, "extract", "--configuration", "demo.json", "--dictionary", "export", "--dir", "out")
	var survey surveyJSON
	s.json(&survey, "dictionary", "survey", "DEMO", "--dictionary", "export")
	outside := int64(0)
	for _, f := range survey.Forms {
		for _, q := range f.Questions {
			outside += q.Unlisted
		}
	}
	require.Equal(t, fmt.Sprintf("Warning: AE.AESEV: %d answers are not one choice of the dictionary and stay as they are", outside), strings.Split(warned, "\n")[0])
	require.GreaterOrEqual(t, int(outside), counts["MODERATE"])
	manifest, err := pipeline.ReadManifest(filepath.Join(s.dir, "out"), "canonical")
	require.NoError(t, err)
	require.Equal(t, setHash(t, filepath.Join(s.dir, "export"), byName...), manifest.Dictionary)
}
