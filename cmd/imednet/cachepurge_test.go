package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
)

// purgedShell has a mirror of DEMO of which a part and then the whole were purged, the latter signed.
func purgedShell(t *testing.T) (*shell, string) {
	s := newShell(t)
	s.keys()
	s.keyPair("headskey.pem", "headspublic.pem", 7)
	s.ok("sync", "DEMO")
	s.ok("heads", "--heads", "kept", "--heads-key", "headskey.pem")
	s.ok("cache", "purge", "DEMO", "--before", "2020-01-01", "--reason", "nothing ended")
	s.ok("cache", "purge", "DEMO", "--study", "--reason", "closed", "--key", "private.pem")
	s.ok("heads", "--heads", "kept", "--heads-key", "headskey.pem")
	return s, filepath.Join(s.dir, ".imednet", "cache", "records_cache.sqlite3")
}

func TestTombstonesOfPurges(t *testing.T) {
	s, mirror := purgedShell(t)
	text := s.ok("cache", "verify-purges", "--public-key", "public.pem", "--signed")
	require.Regexp(t, `^NO  AT .*\n1   20\d\d-\d\d-\d\d.* +DEMO +the whole study +[0-9]+ +`+s.osUser()+` \(os-user\) +key [0-9a-f]{16} +closed *\n1 purges, 0 of them unsigned, 0 studies with .*: intact\nhead imednet-purge-head/1 1 [0-9a-f]{64}\n$`, text)
	head := strings.TrimPrefix(text[strings.LastIndex(text[:len(text)-1], "\n")+1:len(text)-1], "head ")
	s.ok("cache", "verify-purges", "--head", head)
	require.Contains(t, s.ok("cache", "verify-purges", "--heads", "kept", "--public-key", "public.pem", "--heads-public-key", "headspublic.pem"), "2 kept heads compared, 0 of other stores\n")
	s.run(exitUsage, "cache", "verify-purges", "--head", "x")
	s.run(exitUsage, "cache", "verify-purges", "--heads", "kept")
	_, problem := s.run(exitInvalid, "cache", "verify-purges", "--public-key", "headspublic.pem")
	require.Contains(t, problem, "signature was made by none of the keys")

	var listed struct {
		OK     bool
		Purges []struct {
			StudyKey, Reason string
			Whole            bool
			By               struct{ ID, Authenticated string }
			Removed          []struct {
				Resource, State string
				Rows            int64
			}
		}
	}
	s.json(&listed, "cache", "verify-purges")
	require.True(t, listed.OK)
	require.Len(t, listed.Purges, 1, "a purge of nothing leaves nothing")
	require.Equal(t, "closed", listed.Purges[0].Reason)
	require.Equal(t, "os-user", listed.Purges[0].By.Authenticated)
	require.Equal(t, "current", listed.Purges[0].Removed[0].State)
	require.EqualValues(t, 497, listed.Purges[0].Removed[0].Rows)

	pristine, err := os.ReadFile(mirror)
	require.NoError(t, err)
	for name, forgery := range map[string][]string{
		"altered": {`UPDATE imednet_purge SET statement = replace(statement, 'closed', 'Closed')`},
		"removed": {`DELETE FROM imednet_purge`},
	} {
		storetest.WithoutGuards(t, mirror, forgery...)
		out, problem := s.run(exitInvalid, "cache", "verify-purges")
		require.Contains(t, problem, "the tombstones of purges are not intact", name)
		require.NotContains(t, out, "\nhead ", name)
		_, told := s.run(exitInvalid, "worker", "DEMO", "--once", "--verify-every", "24h")
		require.Contains(t, told, "mirror store damaged", name)
		for _, suffix := range []string{"-wal", "-shm"} {
			require.NoError(t, os.RemoveAll(mirror+suffix))
		}
		require.NoError(t, os.WriteFile(mirror, pristine, 0o600))
	}
	storetest.WithoutGuards(t, mirror, `DELETE FROM imednet_purge`, `DELETE FROM imednet_purged`)
	s.ok("cache", "verify-purges")
	out, _ := s.run(exitInvalid, "cache", "verify-purges", "--heads", "kept", "--public-key", "headspublic.pem", "--json")
	var found struct{ KeptHeads headsJSON }
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.Len(t, found.KeptHeads.Problems, 1)
	require.Contains(t, found.KeptHeads.Problems[0].Message, "does not have its entry 1")

	for _, suffix := range []string{"-wal", "-shm"} {
		require.NoError(t, os.RemoveAll(mirror+suffix))
	}
	require.NoError(t, os.WriteFile(mirror, nil, 0o600))
	_, problem = s.run(exitInvalid, "cache", "verify-purges")
	require.Contains(t, problem, "its content was lost")
}

// TestAPolicyDemandsSignedPurges, and an unsigned one removes nothing.
func TestAPolicyDemandsSignedPurges(t *testing.T) {
	s := newShell(t)
	s.keys()
	s.ok("sync", "DEMO")
	s.write("policy.yaml", "roles: {archivist: [mirror.purge]}\nusers: {"+s.osUser()+": {roles: [archivist]}}\nsignatures: {mirror: required}\n")
	before := s.ok("cache", "status")
	_, problem := s.run(exitAuth, "cache", "purge", "DEMO", "--study", "--reason", "closed", "--policy", "policy.yaml")
	require.Contains(t, problem, "the policy demands that purges are signed; name the key with --key")
	s.run(exitUsage, "cache", "purge", "DEMO", "--study", "--reason", "closed", "--policy", "policy.yaml", "--key", "public.pem")
	require.Equal(t, before, s.ok("cache", "status"))
	s.ok("cache", "purge", "DEMO", "--study", "--reason", "closed", "--policy", "policy.yaml", "--key", "private.pem")
	s.ok("cache", "verify-purges", "--public-key", "public.pem", "--signed")
}

// A purge that says both what and until when, or not why, removes nothing.
func TestAPurgeThatIsNotClearRemovesNothing(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	before := s.ok("cache", "status", "DEMO", "--json")
	s.run(exitUsage, "cache", "purge", "DEMO", "--study", "--before", "2020-01-01", "--reason", "ended")
	for _, reason := range []string{"", "  ", "\u200b", "\u00a0\u2060"} {
		s.run(exitUsage, "cache", "purge", "DEMO", "--study", "--reason", reason)
	}
	require.Equal(t, before, s.ok("cache", "status", "DEMO", "--json"))
}

// What is no file is no mirror, and nothing appears beside it.
func TestAPipeIsNoMirror(t *testing.T) {
	s := newShell(t)
	dir := filepath.Join(s.dir, "odd")
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	for _, line := range [][]string{{"cache", "status"}, {"cache", "verify-purges"}, {"sync", "DEMO"}} {
		_, problem := s.run(exitFailure, append(line, "--cache", filepath.Join(dir, "pipe"))...)
		require.Contains(t, problem, "is not a regular file", line)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
