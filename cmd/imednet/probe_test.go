package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is found about one server makes another one behave alike, and the other commands ask what it answers.
func TestProbe(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "faults.json")
	require.NoError(t, os.WriteFile(scenario, []byte(`{"settings":{"clampSize":true,"repeatAttributes":true,"unknownStudyStatus":404},"rights":{"refused":["users"]}}`), 0o600))
	demo, url, err := startDemo("--study", "OWN", "--records", "300", "--faults", scenario)
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+url)

	out := s.ok("probe", "OWN", "--pause", "0s", "--out", "capabilities.json")
	require.Contains(t, out, "yes      Is a page size over 500 clamped to 500?\n")
	require.Contains(t, out, "Written to capabilities.json\n")
	settings := capabilitiesIn(t, filepath.Join(s.dir, "capabilities.json"))
	require.Equal(t, map[string]any{"clampSize": true, "repeatAttributes": true, "unknownStudyStatus": 404.0}, settings)

	twin, twinURL, err := startDemo("--study", "OWN", "--records", "300", "--capabilities", filepath.Join(s.dir, "capabilities.json"))
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(twin)) }()
	other := newShell(t, "IMEDNET_BASE_URL="+twinURL)
	other.ok("probe", "OWN", "--pause", "0s", "--out", "twin.json")
	again := capabilitiesIn(t, filepath.Join(other.dir, "twin.json"))
	require.Equal(t, settings["clampSize"], again["clampSize"])
	require.Equal(t, settings["repeatAttributes"], again["repeatAttributes"])
	require.Equal(t, settings["unknownStudyStatus"], again["unknownStudyStatus"])

	s.write("config.yaml", "capabilities: "+filepath.Join(s.dir, "capabilities.json")+"\n")
	require.Equal(t, s.ok("queries", "counts", "OWN"), s.ok("queries", "counts", "OWN", "--config", "config.yaml"))
}

func capabilitiesIn(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct{ Settings map[string]any }
	require.NoError(t, json.Unmarshal(text, &file))
	delete(file.Settings, "roleDates")
	return file.Settings
}

// A study that cannot be read, a file that is none, and a write that was not declared twice are told as such.
func TestProbeRefusals(t *testing.T) {
	s := newShell(t)
	_, errOut := s.run(exitAuth, "probe", "TYPO", "--pause", "0s")
	require.Contains(t, errOut, "TYPO")
	_, errOut = s.run(exitUsage, "probe", "DEMO", "--write", "DEMO", "--test-study", "OTHER")
	require.Contains(t, errOut, "must both name DEMO")
	s.run(exitUsage, "probe", "DEMO", "--write", "DEMO")
	s.run(exitUsage, "probe", "DEMO", "--limit", "0")
	s.write("none.json", `{"studyKey":"DEMO","settings":{"noSuchSetting":"Zq7"}}`)
	_, errOut = s.run(exitUsage, "demo", "--capabilities", "none.json")
	require.NotContains(t, errOut, "Zq7")
	s.write("config.yaml", "capabilities: nowhere.json\n")
	s.run(exitUsage, "queries", "counts", "DEMO", "--config", "config.yaml")
}
