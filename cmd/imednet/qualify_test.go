package main

import (
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/internal/qualification/scenarios"
)

// bundle is made by this program, whose scenarios only add here. (.ci/run runs them.)
func (s *shell) bundle(name string, key ed25519.PrivateKey, sum int) (head string) {
	s.t.Helper()
	executable, err := childtest.Program()
	require.NoError(s.t, err)
	clock := imednettest.NewClock(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	adding := scenarios.All(false)
	for i := range adding {
		adding[i].Run = func(_ context.Context, t *qualification.Trial) error {
			t.Equal("one and one", 2, 1+1)
			return nil
		}
	}
	adding[0].Run = func(_ context.Context, t *qualification.Trial) error {
		t.Equal("one and one", sum, 1+1)
		return t.Evidence("sum.txt", []byte("1+1=2\n"))
	}
	q, err := qualification.New(qualification.Options{
		Out: filepath.Join(s.dir, name), Data: filepath.Join(s.dir, "data"), Executable: executable, Clock: clock, Key: key,
		Executor: imednet.Identity{ID: "anna", Authenticated: "os-user"}, TrialClock: func() imednet.Clock { return clock }, Progress: func(imednet.Progress) {},
		Scenarios: adding,
	})
	require.NoError(s.t, err)
	_, head, err = q.Run(s.t.Context())
	require.NoError(s.t, err)
	return head
}

func TestQualify(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	head := s.bundle("signed", s.keys(), 2)
	out := s.ok("qualify", "check", "signed", "--here", "--head", head, "--public-key", "public.pem")
	require.Regexp(t, `^QUALIFIED\nimednet .*, SHA-256 [0-9a-f]{64}\non \S+ \(\S+\), 2026-03-01 08:00:00, by anna\n4 installation checks, \d+ scenarios, 0 deviations; .*\nsigned by anna with the key [0-9a-f]{16}\nhead imednet-qualification-head/1 [0-9a-f]{64}\n$`, out)
	require.Contains(t, s.ok("qualify", "check", "signed"), "signed by anna, as the bundle claims, with the key")

	s.keyPair("other.pem", "otherpublic.pem", 8)
	out, errOut := s.run(exitInvalid, "qualify", "check", "signed", "--public-key", "otherpublic.pem", "--head", head+"0")
	require.Contains(t, out, "NOT QUALIFIED\nnone of the keys given signed the bundle\nthe head is not the one that was kept")
	require.Contains(t, errOut, "Invalid: the bundle is no evidence of a qualification")

	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "signed", "evidence", "OQ-RST-1", "sum.txt"), []byte("1+1=3\n"), 0o600))
	out, _ = s.run(exitInvalid, "qualify", "check", "signed")
	require.Contains(t, out, "NOT QUALIFIED\n\"evidence/OQ-RST-1/sum.txt\" was altered\n")

	s.bundle("failed", nil, 3)
	out, _ = s.run(exitInvalid, "qualify", "check", "failed")
	require.Contains(t, out, "NOT QUALIFIED\ndeviation 1, in OQ-RST-1: one and one\n")
	require.Contains(t, out, "\nnot signed\n")
}

func TestQualifyRefuses(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.run(exitUsage, "qualify")
	_, errOut := s.run(exitUsage, "qualify", "chek", "--out", "bundle")
	require.Contains(t, errOut, "did you mean check?")
	s.run(exitNotFound, "qualify", "check", "missing")
	s.run(exitNotFound, "qualify", "--out", "bundle", "--pilot", "missing")
	s.run(exitNotFound, "qualify", "--out", "bundle", "--key", "missing")
	require.NoDirExists(t, filepath.Join(s.dir, "bundle"), "nothing is made before everything is there")
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "bundle"), 0o700))
	_, errOut = s.run(exitFailure, "qualify", "--out", "bundle")
	require.Contains(t, errOut, "file exists")
	out, _ := s.run(exitInvalid, "qualify", "check", "bundle")
	require.Contains(t, out, "NOT QUALIFIED\nthere is no manifest.json")
}
