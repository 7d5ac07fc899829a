package qualification_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/internal/testheap"
)

func TestMain(m *testing.M) {
	if code, isChild := qualification.RunAsChild(qualification.Children()); isChild {
		os.Exit(code)
	}
	testheap.Grow()
	os.Exit(m.Run())
}

// adds is a scenario that passes.
var adds = qualification.Scenario{ID: "OQ-X-1", Title: "One and one", Requirements: []string{"CMD-22"}, Run: func(_ context.Context, t *qualification.Trial) error {
	t.Equal("one and one", 2, 1+1)
	return t.Evidence("sums/one.txt", []byte("1+1=2\n"))
}}

var key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

func public(key ed25519.PrivateKey) []ed25519.PublicKey {
	return []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
}

// qualify runs scenarios, and returns the bundle, its head and what it says.
func qualify(t *testing.T, key ed25519.PrivateKey, scenarios ...qualification.Scenario) (dir, head string, report *qualification.Report) {
	t.Helper()
	start := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	dir = filepath.Join(t.TempDir(), "bundle")
	q, err := qualification.New(qualification.Options{
		Out: dir, Data: filepath.Join(t.TempDir(), "data"), Executable: program(t), Scenarios: scenarios, Key: key,
		Environment: []string{"TZ=UTC", "IMEDNET_API_KEY=never to be seen", "SECRET=never to be seen"},
		Executor:    imednet.Identity{ID: "anna", Roles: []string{"quality"}, Authenticated: "os-user"}, Clock: imednettest.NewClock(start),
		TrialClock: func() imednet.Clock { return imednettest.NewClock(start) }, Progress: func(imednet.Progress) {},
	})
	require.NoError(t, err)
	report, head, err = q.Run(t.Context())
	require.NoError(t, err)
	return dir, head, report
}

func program(t *testing.T) string {
	executable, err := childtest.Program()
	require.NoError(t, err)
	return executable
}

func check(t *testing.T, dir string, o qualification.CheckOptions) *qualification.Verdict {
	t.Helper()
	v, err := qualification.Check(dir, o)
	require.NoError(t, err)
	return v
}

func TestABundleIsQualified(t *testing.T) {
	for _, signing := range []ed25519.PrivateKey{nil, key} {
		dir, head, report := qualify(t, signing, adds)
		require.Equal(t, qualification.Passed, report.Outcome, report.Deviations)
		v := check(t, dir, qualification.CheckOptions{Head: head, Executable: program(t), Here: true})
		require.True(t, v.Qualified, v.Problems)
		require.Empty(t, v.Elsewhere)
		require.Equal(t, head, v.Head)
		require.Equal(t, "QUALIFIED", v.String())
		require.False(t, v.Proven)
		v = check(t, dir, qualification.CheckOptions{Keys: public(key)})
		require.Equal(t, signing != nil, v.Qualified, v.Problems)
		require.Equal(t, signing != nil, v.Proven)
	}
}

// TestABundleHoldsNoSecrets of the environment.
func TestABundleHoldsNoSecrets(t *testing.T) {
	dir, _, _ := qualify(t, nil, adds)
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	require.NoError(t, err)
	require.NotContains(t, string(text), "never to be seen")
	require.NotContains(t, string(text), "SECRET")
	require.Contains(t, string(text), "IMEDNET_API_KEY")
	info, err := os.Stat(filepath.Join(dir, "evidence", "OQ-X-1", "sums", "one.txt"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
}

// TestEveryAlterationIsFound changes, adds, removes, renames and exchanges what a bundle has.
func TestEveryAlterationIsFound(t *testing.T) {
	for name, signing := range map[string]ed25519.PrivateKey{"unsigned": nil, "signed": key} {
		t.Run(name, func(t *testing.T) {
			dir, _, _ := qualify(t, signing, adds)
			files := filesOf(t, dir)
			require.Len(t, files, map[string]int{"unsigned": 4, "signed": 5}[name])
			for _, file := range files {
				everyByte(t, dir, file)
				removed(t, dir, file)
			}
			for _, pair := range [][2]string{{files[0], files[1]}, {files[1], files[2]}} {
				exchanged(t, dir, pair[0], pair[1])
			}
			added(t, dir)
			require.True(t, check(t, dir, qualification.CheckOptions{}).Qualified, "it is as it was again")
		})
	}
}

func filesOf(t *testing.T, dir string) (files []string) {
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func refused(t *testing.T, dir, why string) {
	t.Helper()
	v := check(t, dir, qualification.CheckOptions{})
	require.False(t, v.Qualified, why)
	require.Equal(t, "NOT QUALIFIED", v.String())
	require.NotEmpty(t, v.Problems)
}

// everyByte flips a bit at positions of a file, cuts its end and appends to it.
func everyByte(t *testing.T, dir, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	step := max(1, len(text)/40)
	for at := 0; at < len(text); at += step {
		changed := bytes.Clone(text)
		changed[at] ^= 1 << (at % 7)
		require.NoError(t, os.WriteFile(file, changed, 0o600))
		refused(t, dir, fmt.Sprintf("%s at %d", file, at))
	}
	for _, changed := range [][]byte{text[:len(text)-1], append(bytes.Clone(text), '\n'), {}, append([]byte{' '}, text...)} {
		require.NoError(t, os.WriteFile(file, changed, 0o600))
		refused(t, dir, file+" cut or longer")
	}
	require.NoError(t, os.WriteFile(file, text, 0o600))
}

// removed removes and renames a file, and puts a link in its place.
func removed(t *testing.T, dir, file string) {
	away := filepath.Join(t.TempDir(), "away")
	require.NoError(t, os.Rename(file, away))
	refused(t, dir, file+" removed")
	require.NoError(t, os.Symlink(away, file))
	refused(t, dir, file+" is a link to the same content")
	require.NoError(t, os.Remove(file))
	require.NoError(t, os.Mkdir(file, 0o700))
	refused(t, dir, file+" is a directory")
	require.NoError(t, os.Remove(file))
	for _, name := range []string{file + ".bak", filepath.Join(dir, strings.ToUpper(filepath.Base(file)))} {
		require.NoError(t, os.Rename(away, name))
		refused(t, dir, file+" renamed")
		require.NoError(t, os.Rename(name, away))
	}
	require.NoError(t, os.Rename(away, file))
}

func exchanged(t *testing.T, dir, a, b string) {
	swap := func() {
		away := filepath.Join(t.TempDir(), "away")
		require.NoError(t, errors.Join(os.Rename(a, away), os.Rename(b, a), os.Rename(away, b)))
	}
	swap()
	refused(t, dir, a+" and "+b+" exchanged")
	swap()
}

func added(t *testing.T, dir string) {
	for _, name := range []string{"more.txt", "evidence/more.txt", ".hidden", "evidence/OQ-X-1/sums/two.txt", "signature.json"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		require.NoError(t, os.WriteFile(path, []byte("{}"), 0o600))
		refused(t, dir, name+" added")
		require.NoError(t, os.Remove(path))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "evidence", "empty"), 0o700))
	refused(t, dir, "a directory added")
	require.NoError(t, os.Remove(filepath.Join(dir, "evidence", "empty")))
}

// TestAForgedBundle is consistent in itself: only the head or a key finds it.
func TestAForgedBundle(t *testing.T) {
	dir, head, _ := qualify(t, key, adds)
	other, _, _ := qualify(t, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32)), adds)
	require.True(t, check(t, other, qualification.CheckOptions{}).Qualified)
	require.False(t, check(t, other, qualification.CheckOptions{Head: head}).Qualified)
	require.False(t, check(t, other, qualification.CheckOptions{Keys: public(key)}).Qualified)

	signature, err := os.ReadFile(filepath.Join(other, "signature.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "signature.json"), signature, 0o600))
	refused(t, dir, "the signature of another bundle")
}

// TestAReportThatContradictsItself was written by no run, whatever its hashes say.
func TestAReportThatContradictsItself(t *testing.T) {
	for name, forge := range map[string]func(r *qualification.Report){
		"a failed step that passed":    func(r *qualification.Report) { r.Operation[0].Steps[0].Seen = "3" },
		"a result without its failure": func(r *qualification.Report) { r.Operation[0].Problem = "no room" },
		"no scenario":                  func(r *qualification.Report) { r.Operation = []qualification.Result{} },
		"an outcome of its own":        func(r *qualification.Report) { r.Outcome = qualification.Failed },
		"nothing compared":             func(r *qualification.Report) { r.Operation[0].Steps = []qualification.Step{} },
	} {
		dir, _, report := qualify(t, nil, adds)
		forge(report)
		rewrite(t, dir, "report.json", report)
		refused(t, dir, name)
	}
}

// remake writes a report and its page anew, as a forger with the program's sources would.
func remake(t *testing.T, dir string, r *qualification.Report) {
	rewrite(t, dir, "report.json", r)
	page, err := qualification.Page(r)
	require.NoError(t, err)
	rewriteText(t, dir, "index.html", page)
}

// rewrite replaces a document of a bundle and writes the manifest anew, as somebody who knows how would.
func rewrite(t *testing.T, dir, name string, content any) {
	rewriteText(t, dir, name, document(t, content))
}

func rewriteText(t *testing.T, dir, name string, text []byte) {
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	var m qualification.Manifest
	old, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(old, &m))
	at := slices.IndexFunc(m.Files, func(f qualification.File) bool { return f.Path == name })
	m.Files[at].Bytes, m.Files[at].SHA256 = int64(len(text)), qualification.HashOf(text)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), document(t, m), 0o600))
}

func document(t *testing.T, v any) []byte {
	text, err := qualification.Document(v)
	require.NoError(t, err)
	return text
}

// TestFailuresAreDeviations: a wrong value, an error, a panic, and a scenario that compares nothing.
func TestFailuresAreDeviations(t *testing.T) {
	wrong := adds
	wrong.ID, wrong.Run = "OQ-X-2", func(_ context.Context, t *qualification.Trial) error {
		t.Equal("one and one", 2, 3)
		t.Refused("what should be refused", fs.ErrExist, nil)
		return nil
	}
	broken := adds
	broken.ID, broken.Run = "OQ-X-3", func(context.Context, *qualification.Trial) error { return errors.New("no room") }
	panics := adds
	panics.ID, panics.Run = "OQ-X-4", func(context.Context, *qualification.Trial) error { panic("a subject's name") }
	empty := adds
	empty.ID, empty.Run = "OQ-X-5", func(_ context.Context, t *qualification.Trial) error { t.Note("nothing", 1); return nil }
	dir, _, report := qualify(t, nil, wrong, broken, panics, empty, adds)
	require.Equal(t, qualification.Failed, report.Outcome)
	var found []string
	for _, d := range report.Deviations {
		found = append(found, fmt.Sprintf("%d %s %s: %s", d.Number, d.Result, d.What, d.Seen))
	}
	assert.Equal(t, []string{"1 OQ-X-2 one and one: 3", "2 OQ-X-2 what should be refused: not refused", "3 OQ-X-3 ended before its last step: no room",
		"4 OQ-X-4 ended before its last step: the scenario panicked (string)", "5 OQ-X-5 compared nothing: "}, found)
	v := check(t, dir, qualification.CheckOptions{})
	require.False(t, v.Qualified)
	require.Len(t, v.Problems, 5)
	trace := report.Requirements[slices.IndexFunc(report.Requirements, func(t qualification.Trace) bool { return t.ID == "CMD-22" })]
	require.Equal(t, qualification.Failed, trace.Status)
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	require.NotContains(t, string(page), "a subject's name")
}

// TestABundleOfAnotherMachine is one, and says so.
func TestABundleOfAnotherMachine(t *testing.T) {
	dir, _, report := qualify(t, nil, adds)
	for _, of := range []*string{&report.Machine.Host, &report.Installation[1].Steps[0].Seen} {
		*of = "edc-2"
	}
	for _, of := range []*string{&report.Program.SHA256, &report.Installation[0].Steps[4].Seen, &report.Installation[0].Steps[len(report.Installation[0].Steps)-1].Seen, &report.Installation[0].Steps[len(report.Installation[0].Steps)-1].Expected} {
		*of = strings.Repeat("0", 64)
	}
	report.Requirements[0].Text = "A promise of another version."
	remake(t, dir, report)
	v := check(t, dir, qualification.CheckOptions{Executable: program(t)})
	require.True(t, v.Qualified, v.Problems)
	require.Len(t, v.Elsewhere, 2)
	require.Equal(t, "edc-2", v.Machine.Host)
	require.False(t, check(t, dir, qualification.CheckOptions{Here: true}).Qualified)
}

// TestAnInterruptedRunIsNoBundle: without a manifest there is nothing to check.
func TestAnInterruptedRunIsNoBundle(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stops := adds
	stops.Run = func(context.Context, *qualification.Trial) error { cancel(); return nil }
	dir := filepath.Join(t.TempDir(), "bundle")
	q, err := qualification.New(qualification.Options{Out: dir, Data: filepath.Join(t.TempDir(), "data"), Executable: program(t), Scenarios: []qualification.Scenario{stops},
		Clock: imednettest.NewClock(time.Unix(0, 0)), TrialClock: func() imednet.Clock { return imednettest.NewClock(time.Unix(0, 0)) }, Progress: func(imednet.Progress) {}})
	require.NoError(t, err)
	_, _, err = q.Run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	refused(t, dir, "no manifest")
	_, err = qualification.New(qualification.Options{Out: dir})
	require.ErrorIs(t, err, fs.ErrExist)
	_, err = qualification.Check(filepath.Join(dir, "missing"), qualification.CheckOptions{})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestTheDirectoriesAreLeftAsTheyWere: what was tried in them is removed.
func TestTheDirectoriesAreLeftAsTheyWere(t *testing.T) {
	dir, _, report := qualify(t, nil, adds)
	for _, r := range report.Installation {
		require.NotEqual(t, qualification.Failed, r.Status, r.Steps)
	}
	require.Len(t, filesOf(t, dir), 4)
	require.NoDirExists(t, report.Installation[3].Steps[0].Seen, "the directory of local files was not there before")
}
