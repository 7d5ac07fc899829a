package qualification_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/qualification"
)

var multiplies = qualification.Scenario{ID: "OQ-X-2", Title: "Two by two", Requirements: []string{"CMD-17"}, Run: adds.Run}

// TestAnEditedBundleWithAManifestOfItsOwn: what follows from the results is made again, whatever the hashes say.
func TestAnEditedBundleWithAManifestOfItsOwn(t *testing.T) {
	noted := func(r *qualification.Report) *qualification.Trace {
		return &r.Requirements[slices.IndexFunc(r.Requirements, func(t qualification.Trace) bool { return t.Status == qualification.Noted })]
	}
	for name, forge := range map[string]func(r *qualification.Report){
		"a requirement that nothing tried passed": func(r *qualification.Report) { noted(r).Status = qualification.Passed },
		"a requirement shown by another scenario": func(r *qualification.Report) { noted(r).Shown = []string{"OQ-X-1"} },
		"a requirement that was shown is noted": func(r *qualification.Report) {
			of := slices.IndexFunc(r.Requirements, func(t qualification.Trace) bool { return t.ID == "CMD-22" })
			r.Requirements[of].Status, r.Requirements[of].Shown = qualification.Noted, nil
		},
		"requirements of a clause":        func(r *qualification.Report) { r.Clauses[0].Requirements = r.Clauses[0].Requirements[1:] },
		"another machine than recorded":   func(r *qualification.Report) { r.Machine.Host += "2" },
		"another program than recorded":   func(r *qualification.Report) { r.Program.Version += "2" },
		"a machine that was not recorded": func(r *qualification.Report) { r.Installation = slices.Delete(r.Installation, 1, 2) },
		"evidence that no result names":   func(r *qualification.Report) { r.Operation[0].Evidence = nil },
		"evidence that there is not": func(r *qualification.Report) {
			r.Operation[0].Evidence = append(r.Operation[0].Evidence, "evidence/OQ-X-1/two")
		},
		"the page as a scenario's evidence": func(r *qualification.Report) { r.Operation[0].Evidence = append(r.Operation[0].Evidence, "index.html") },
	} {
		dir, _, report := qualify(t, nil, adds)
		forge(report)
		remake(t, dir, report)
		refused(t, dir, name)
	}
}

// TestAnEditedPage is found though the manifest fits it.
func TestAnEditedPage(t *testing.T) {
	for name, edit := range map[string]func(page string) string{
		"one word":     func(page string) string { return strings.Replace(page, ">passed<", ">failed<", 1) },
		"one blank":    func(page string) string { return strings.Replace(page, "<td>", "<td> ", 1) },
		"more text":    func(page string) string { return strings.Replace(page, "</main>", "<p>Approved.</p></main>", 1) },
		"nothing":      func(string) string { return "" },
		"another page": func(string) string { return "<!DOCTYPE html><title>Qualified</title>" },
	} {
		dir, _, _ := qualify(t, key, adds)
		text, err := os.ReadFile(filepath.Join(dir, "index.html"))
		require.NoError(t, err)
		require.NotEqual(t, string(text), edit(string(text)))
		rewriteText(t, dir, "index.html", []byte(edit(string(text))))
		refused(t, dir, name)
		require.NoError(t, os.Remove(filepath.Join(dir, "signature.json")))
		unsigned(t, dir)
		v := check(t, dir, qualification.CheckOptions{})
		require.Len(t, v.Problems, 1, name)
		require.Contains(t, v.Problems[0], "index.html is not what this program makes of report.json", name)
	}
}

// unsigned takes the signer out of a manifest.
func unsigned(t *testing.T, dir string) {
	var m qualification.Manifest
	old, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(old, &m))
	m.Signer = nil
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), document(t, m), 0o600))
}

// TestWhatThisProgramWouldHaveWritten: a bundle that claims to be made by the program that checks has its scenarios,
// requirements and modules, and those in its words.
func TestWhatThisProgramWouldHaveWritten(t *testing.T) {
	pilot := multiplies
	pilot.ID, pilot.Pilot = "OQ-X-3", true
	all := []qualification.Scenario{adds, multiplies, pilot}
	own := qualification.CheckOptions{Executable: program(t), Scenarios: all}
	for _, ran := range [][]qualification.Scenario{all[:2], all} {
		dir, _, _ := qualify(t, nil, ran...)
		v := check(t, dir, own)
		require.True(t, v.Qualified, v.Problems)
	}
	for name, forge := range map[string]func(r *qualification.Report){
		"a scenario left out":           func(r *qualification.Report) { r.Operation = slices.Delete(r.Operation, 1, 2) },
		"the last scenario left out":    func(r *qualification.Report) { r.Operation = r.Operation[:1] },
		"scenarios exchanged":           func(r *qualification.Report) { slices.Reverse(r.Operation) },
		"a scenario twice":              func(r *qualification.Report) { r.Operation = append(r.Operation, r.Operation[1]) },
		"a scenario of another title":   func(r *qualification.Report) { r.Operation[0].Title = "Everything" },
		"a scenario that shows more":    func(r *qualification.Report) { r.Operation[0].Requirements = []string{"CMD-22", "MIR-01"} },
		"an installation check":         func(r *qualification.Report) { r.Installation = r.Installation[:3] },
		"one more installation check":   func(r *qualification.Report) { r.Installation = append(r.Installation, r.Installation[3]) },
		"the text of a requirement":     func(r *qualification.Report) { r.Requirements[0].Text = "Everything is right." },
		"a test of a requirement":       func(r *qualification.Report) { r.Requirements[0].Tests = []string{"x.TestEverything"} },
		"a requirement left out":        func(r *qualification.Report) { r.Requirements = r.Requirements[1:] },
		"what a clause is said to give": func(r *qualification.Report) { r.Clauses[0].Gives = "compliance" },
		"a clause left out":             func(r *qualification.Report) { r.Clauses = r.Clauses[1:] },
		"another module": func(r *qualification.Report) {
			r.Program.Modules = append(r.Program.Modules, qualification.Module{Path: "example.org/x"})
		},
	} {
		dir, _, report := qualify(t, nil, all[:2]...)
		forge(report)
		qualification.Conclude(report)
		remake(t, dir, report)
		v := check(t, dir, own)
		require.False(t, v.Qualified, name)
		require.NotEmpty(t, v.Problems, name)
	}
}
