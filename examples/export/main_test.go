package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/pipeline"
)

func exported(t *testing.T, args ...string) (look, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "out")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), append([]string{"-out", dir}, args...), &out))
	return out.String(), dir
}

func TestExport(t *testing.T) {
	look, dir := exported(t, "-records", "400")
	lines := strings.Split(look, "\n")
	require.Regexp(t, `^study DEMO: \d+ records = \d+ rows \+ \d+ rejected \+ \d+ deleted$`, lines[0])
	require.Regexp(t, `^\d+ values = \d+ cells \+ \d+ rejected \+ 0 withheld$`, lines[1])
	require.Regexp(t, `^DM +\d+ rows  DMDTC:utf8 DMDTC_date:date32 DMDTC_precision:utf8 AGE:float64 SEX:utf8 RACE:utf8 CONSENT:utf8 DMNOTE:utf8$`, lines[2])
	manifest, err := pipeline.ReadManifest(dir, "")
	require.NoError(t, err)
	require.NoError(t, manifest.Verify(dir))
}

func TestDeidentifiedExport(t *testing.T) {
	key := filepath.Join(t.TempDir(), "secret.key")
	require.NoError(t, os.WriteFile(key, []byte("0123456789abcdef0123456789abcdef"), 0o600))
	look, _ := exported(t, "-records", "400", "-key-file", key, "-phi", "AETERM,DM.SEX")
	require.NotContains(t, look, "AETERM")
	require.NotContains(t, look, "SEX:")
	require.Contains(t, look, "read before giving away: DM.RACE")
}

func TestPilotExport(t *testing.T) {
	data := os.Getenv("IMEDNET_PILOT")
	if data == "" {
		t.Skip("IMEDNET_PILOT names no folder with the pilot study")
	}
	look, _ := exported(t, "-data", data)
	require.Contains(t, look, "study CDISCPILOT01: 28800 records = 28518 rows + 0 rejected + 282 deleted")
	require.Regexp(t, `AE +1179 rows`, look)
}

func TestFlagsAreChecked(t *testing.T) {
	require.Error(t, run(t.Context(), nil, new(bytes.Buffer)))
	require.Error(t, run(t.Context(), []string{"-out", t.TempDir(), "-phi", "SEX"}, new(bytes.Buffer)))
	require.Error(t, run(t.Context(), []string{"-out", t.TempDir(), "-key-file", "missing"}, new(bytes.Buffer)))
}
