package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/heads"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/triage"
)

var watchStart = time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)

// playWatch runs a watch whose results are given, until it has told as much as is wanted or ends.
func playWatch(t *testing.T, written, verified []error, events int) (w *storeWatch, told []string, ended error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	next := func(script *[]error) error {
		err := (*script)[0]
		*script = (*script)[1:]
		return err
	}
	w = &storeWatch{clock: imednettest.NewClock(watchStart), keepEvery: time.Hour, tell: func(e watchEvent) {
		if told = append(told, e.Time[5:16]+" "+e.Kind+" "+e.Error); len(told) == events {
			stop()
		}
	}}
	if written != nil {
		w.keep = func(context.Context) (heads.Written, error) { return heads.Written{}, next(&written) }
	}
	if verified != nil {
		w.verifyEvery = 24 * time.Hour
		w.stores = func(context.Context) ([]auditedStore, error) {
			return []auditedStore{{Store: heads.Store{Kind: "triage"}, verify: func(context.Context) error { return next(&verified) }}}, nil
		}
	}
	return w, told, w.run(ctx)
}

// TestAWatchKeepsToItsSchedule: heads every hour, a verification every day, sooner after a failure, and
// nothing at all after a store was found that is not intact.
func TestAWatchKeepsToItsSchedule(t *testing.T) {
	disk := errors.New("the disk is gone")
	for name, c := range map[string]struct {
		written, verified []error
		told              []string
		ends              error
	}{
		"heads":          {[]error{nil, nil}, nil, []string{"11-26T08:00 heads_written ", "11-26T09:00 heads_written "}, nil},
		"a failure":      {[]error{disk, nil}, nil, []string{"11-26T08:00 heads_failed the disk is gone", "11-26T08:15 heads_written "}, nil},
		"failing":        {[]error{nil, disk}, nil, []string{"11-26T08:00 heads_written ", "11-26T09:00 heads_failed the disk is gone"}, disk},
		"verification":   {nil, []error{nil, nil}, []string{"11-26T08:00 store_verified ", "11-27T08:00 store_verified "}, nil},
		"not verifiable": {nil, []error{disk, nil}, []string{"11-26T08:00 verify_failed the disk is gone", "11-26T08:15 store_verified "}, nil},
		"both":           {[]error{nil, nil}, []error{nil}, []string{"11-26T08:00 heads_written ", "11-26T08:00 store_verified ", "11-26T09:00 heads_written "}, nil},
		"a fault":        {[]error{nil, nil}, []error{triage.ErrIntegrity}, []string{"11-26T08:00 heads_written ", "11-26T08:00 store_damaged " + sentence(triage.ErrIntegrity)}, triage.ErrIntegrity},
	} {
		t.Run(name, func(t *testing.T) {
			_, told, err := playWatch(t, c.written, c.verified, len(c.told))
			require.ErrorIs(t, err, c.ends)
			require.Equal(t, c.told, told)
		})
	}
}

func TestAWatchServesItsState(t *testing.T) {
	sound := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("DEMO: healthy\n")) })
	get := func(w *storeWatch, path string) (int, string) {
		rw := httptest.NewRecorder()
		withWatch(sound, w).ServeHTTP(rw, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return rw.Code, rw.Body.String()
	}
	w, _, err := playWatch(t, []error{nil}, []error{nil}, 2)
	require.NoError(t, err)
	code, text := get(w, "/healthz")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "DEMO: healthy\n", text)
	_, text = get(w, "/metrics")
	require.Contains(t, text, "DEMO: healthy\n# HELP imednet_heads_total")
	for _, line := range []string{`imednet_heads_total{result="written"} 1`, `imednet_heads_total{result="failed"} 0`, "imednet_heads_last_timestamp_seconds 1795680000",
		`imednet_store_verifications_total{store="triage",result="intact"} 1`, `imednet_store_last_verified_timestamp_seconds{store="triage"} 1795680000`} {
		require.Contains(t, text, line+"\n")
	}
	w, _, err = playWatch(t, []error{errors.New("the disk is gone")}, []error{triage.ErrIntegrity}, 2)
	require.ErrorIs(t, err, triage.ErrIntegrity)
	code, text = get(w, "/healthz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, text, "heads: not written: the disk is gone\ntriage: not verified: ")
	_, text = get(w, "/metrics")
	require.Contains(t, text, "imednet_heads_total{result=\"failed\"} 1\n")
	require.Contains(t, text, "imednet_store_verifications_total{store=\"triage\",result=\"failed\"} 1\n")
	code, text = get(nil, "/healthz")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "DEMO: healthy\n", text)
}

// kept is a shell with all four stores and two files of heads.
func kept(t *testing.T) *shell {
	s := newShell(t)
	s.keys()
	s.keyPair("headskey.pem", "headspublic.pem", 7)
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.write("found.json", twoFindings)
	s.ok("config", "commit", "S1", "a.json", "--author", "anna", "-m", "first")
	s.ok("triage", "report", "S1", "found.json")
	s.ok("state", "set", "-s", "S1", "-m", "records", "-t", "2026-01-31")
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`)
	s.ok("submit", "records", "DEMO", "new.json")
	s.ok("heads", "--heads", "kept", "--heads-key", "headskey.pem")
	s.ok("state", "set", "-s", "S1", "-m", "records", "-t", "2026-02-28")
	require.Contains(t, s.ok("heads", "--heads", "kept", "--heads-key", "headskey.pem"), ".heads: 4 heads\n")
	return s
}

func TestVerifyUsesAllKeptHeads(t *testing.T) {
	s := kept(t)
	for _, command := range []string{"state", "triage", "config", "submit"} {
		require.Contains(t, s.ok(command, "verify", "--heads", "kept", "--public-key", "headspublic.pem"), "2 kept heads compared, 6 of other stores\n")
		require.Contains(t, s.ok(command, "verify", "--heads", "kept", "--heads-public-key", "headspublic.pem", "--heads-max-age", "1h"), "2 kept heads compared")
		_, problem := s.run(exitInvalid, command, "verify", "--heads", "kept", "--public-key", "public.pem")
		require.Contains(t, problem, "2 faults, the first at heads/20")
		_, problem = s.run(exitUsage, command, "verify", "--heads", "kept")
		require.Contains(t, problem, "public key")
		_, problem = s.run(exitUsage, command, "verify", "--heads-max-age", "1h")
		require.Contains(t, problem, "--heads")
		_, problem = s.run(exitNotFound, command, "verify", "--heads", "none", "--public-key", "headspublic.pem")
		require.Contains(t, problem, "the place holds no heads")
		_, problem = s.run(exitNotFound, command, "verify", "--heads", "kept", "--public-key", "headspublic.pem", "--heads-name", "elsewhere")
		require.Contains(t, problem, "no head of the store "+map[string]string{"state": "ledger", "triage": "triage", "config": "configurations", "submit": "submissions"}[command]+" elsewhere")
	}
	var found struct{ KeptHeads headsJSON }
	storetest.WithoutGuards(t, filepath.Join(s.dir, ".imednet", "triage.sqlite3"), `DELETE FROM triage_events WHERE sequence = 2`, `DELETE FROM triage_items WHERE rowid = 2`)
	out, _ := s.run(exitInvalid, "triage", "verify", "--heads", "kept", "--public-key", "headspublic.pem", "--json")
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.Equal(t, 2, found.KeptHeads.Faults)
	require.Regexp(t, `^heads/20\d{6}T\d{6}\.\d{6}Z-[0-9a-f]{16}\.heads$`, found.KeptHeads.Problems[0].Path)
	require.Contains(t, found.KeptHeads.Problems[0].Message, "does not have its entry 2")
	out, _ = s.run(exitInvalid, "triage", "verify", "--heads", "kept", "--public-key", "headspublic.pem")
	require.Contains(t, out, "does not have its entry 2")
}

func TestHeadsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	s.keyPair("headskey.pem", "headspublic.pem", 7)
	_, problem := s.run(exitNotFound, "heads", "--heads", "kept", "--heads-key", "headskey.pem")
	require.Contains(t, problem, "no store with a log")
	s.ok("state", "set", "-s", "S1", "-m", "records", "-t", "2026-01-31")
	for _, args := range [][]string{{"heads"}, {"heads", "--heads", "kept"}, {"heads", "--heads-key", "headskey.pem"}, {"heads", "--heads", "kept", "--heads-key", "headspublic.pem"},
		{"worker", "DEMO", "--once", "--heads-every", "1h"}, {"worker", "DEMO", "--once", "--verify-every", "-1h"}} {
		s.run(exitUsage, args...)
	}
	s.write("file", "")
	_, problem = s.run(exitFailure, "heads", "--heads", "file", "--heads-key", "headskey.pem")
	require.Contains(t, problem, "not a directory")
	_, problem = s.run(exitFailure, "worker", "DEMO", "--once", "--heads", "file", "--heads-key", "headskey.pem")
	require.Contains(t, problem, "the heads of the stores could not be written")
	require.Contains(t, problem, "heads failed")
}

// TestAWorkerEndsAtAStoreThatIsNotIntact, says which one, and goes on with one that is.
func TestAWorkerEndsAtAStoreThatIsNotIntact(t *testing.T) {
	t.Parallel()
	s := kept(t)
	s.write("config.yaml", "heads: kept\nheadsKey: headskey.pem\nverifyEvery: 24h\n")
	_, told := s.run(exitOK, "worker", "DEMO", "--once", "--config", "config.yaml")
	for _, line := range []string{"heads written 20", "ledger store verified", "triage store verified", "configurations store verified", "submissions store verified"} {
		require.Contains(t, told, line)
	}
	require.Contains(t, s.ok("state", "verify", "--heads", "kept", "--public-key", "headspublic.pem"), "3 kept heads compared")
	storetest.WithoutGuards(t, filepath.Join(s.dir, ".imednet", "triage.sqlite3"), `UPDATE triage_events SET user_id = 'mallory' WHERE sequence = 1`)
	for _, args := range [][]string{{"--once"}, nil} {
		_, problem := s.run(exitInvalid, append([]string{"worker", "DEMO", "--config", "config.yaml"}, args...)...)
		require.Contains(t, problem, "triage store damaged")
		require.Contains(t, problem, "triage_events/1")
		require.NotContains(t, problem, "mallory")
	}
}
