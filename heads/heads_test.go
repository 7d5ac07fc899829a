package heads_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/heads"
)

var (
	key    = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	other  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	public = []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
)

// hourly is a clock that goes on an hour whenever it is asked.
type hourly struct{ now time.Time }

func (c *hourly) Now() time.Time {
	c.now = c.now.Add(time.Hour)
	return c.now
}

func (c *hourly) Sleep(context.Context, time.Duration) error { return nil }

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func keeper(place heads.Place) *heads.Keeper {
	return &heads.Keeper{Place: place, Clock: &hourly{start}, Signer: imednet.Identity{ID: "worker"}, Key: func() (ed25519.PrivateKey, error) { return key, nil }}
}

func store(kind, name string, lines ...string) heads.Store {
	return heads.Store{Kind: kind, Name: name, Heads: func(context.Context) ([]string, error) { return lines, nil }}
}

// written is a directory with three files.
func written(t *testing.T) (heads.Dir, []string) {
	t.Helper()
	dir := heads.Dir(filepath.Join(t.TempDir(), "heads"))
	k := keeper(dir)
	for _, line := range []string{"h 1", "h 2", "h 3"} {
		_, err := k.Write(t.Context(), store("triage", "a", line), store("triage", "b", "x", "y"))
		require.NoError(t, err)
	}
	names, err := dir.Names(t.Context())
	require.NoError(t, err)
	require.Len(t, names, 3)
	return dir, names
}

func open(t *testing.T, p heads.Place) *heads.Kept {
	t.Helper()
	k, err := heads.Open(t.Context(), p, heads.Options{Keys: public})
	require.NoError(t, err)
	return k
}

func TestHeadsAreKeptAndRead(t *testing.T) {
	dir, names := written(t)
	require.IsIncreasing(t, names)
	require.True(t, strings.HasPrefix(names[0], "20260301T090000.000000Z-"), names[0])
	for _, name := range names {
		info, err := os.Stat(filepath.Join(string(dir), name))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode())
	}
	require.NoError(t, os.WriteFile(filepath.Join(string(dir), "README"), nil, 0o600))
	k := open(t, dir)
	require.NoError(t, k.Err())
	require.Equal(t, []int{3, 1}, []int{k.Files, k.Others})
	require.Equal(t, start.Add(3*time.Hour), k.Newest())
	of, others, err := k.Of("triage", "a")
	require.NoError(t, err)
	require.Equal(t, []imednet.KeptHead{{Name: names[0], Line: "h 1"}, {Name: names[1], Line: "h 2"}, {Name: names[2], Line: "h 3"}}, of)
	require.Equal(t, 6, others)
}

func TestNothingIsOverwritten(t *testing.T) {
	dir, names := written(t)
	before, err := dir.Read(t.Context(), names[0])
	require.NoError(t, err)
	require.ErrorIs(t, dir.Create(t.Context(), names[0], []byte("x")), fs.ErrExist)
	after, err := dir.Read(t.Context(), names[0])
	require.NoError(t, err)
	require.Equal(t, before, after)
	all, err := os.ReadDir(string(dir))
	require.NoError(t, err)
	require.Len(t, all, 3, "a refused file leaves nothing beside it")
	for _, name := range []string{"", ".", "..", "a/b", "../x"} {
		require.Error(t, dir.Create(t.Context(), name, nil), name)
	}
}

// One writer does not know of another that begins at the same time; the next one joins both.
func TestWritersNeedNoLock(t *testing.T) {
	dir, _ := written(t)
	blind := &frozen{Dir: dir}
	blind.names, _ = dir.Names(t.Context())
	for _, line := range []string{"h 4", "h 5"} {
		k := keeper(blind)
		k.Clock = &hourly{start.Add(4 * time.Hour)}
		_, err := k.Write(t.Context(), store("triage", "a", line))
		require.NoError(t, err)
	}
	last := keeper(dir)
	last.Clock = &hourly{start.Add(9 * time.Hour)}
	_, err := last.Write(t.Context(), store("triage", "a", "h 6"))
	require.NoError(t, err)
	k := open(t, dir)
	require.Equal(t, 6, k.Files)
	names, err := dir.Names(t.Context())
	require.NoError(t, err)
	for _, name := range names[:5] { // each is named by another
		hidden := &frozen{Dir: dir}
		for _, n := range names {
			if n != name {
				hidden.names = append(hidden.names, n)
			}
		}
		k := open(t, hidden)
		require.ErrorIs(t, k.Err(), heads.ErrIntegrity)
		require.Contains(t, k.Problems[0].Message, strings.SplitN(name, "-", 2)[1])
	}
}

// frozen lists other names than there are.
type frozen struct {
	heads.Dir
	names []string
}

func (f *frozen) Names(context.Context) ([]string, error) { return f.names, nil }

// TestForgeriesOfKeptHeads is the part of the table of docs/security.md that needs no store.
func TestForgeriesOfKeptHeads(t *testing.T) {
	for name, c := range map[string]struct {
		forge func(t *testing.T, dir heads.Dir, names []string)
		path  int    // the file that is named; -1: none, since it is missing
		says  string // in the message
	}{
		"a removed head": {func(t *testing.T, dir heads.Dir, names []string) {
			require.NoError(t, os.Remove(filepath.Join(string(dir), names[1])))
		}, -1, "is missing or was altered"},
		"an altered head": {func(t *testing.T, dir heads.Dir, names []string) {
			rewrite(t, dir, names[0], func(text []byte) []byte { return bytes.Replace(text, []byte("h 1"), []byte("h 9"), 1) })
		}, 0, "is not what was written under its name"},
		"a replayed head": {func(t *testing.T, dir heads.Dir, names []string) {
			text, err := dir.Read(t.Context(), names[0])
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(string(dir), names[2]), text, 0o600))
		}, 2, "is not what was written under its name"},
		"an unsigned head": {func(t *testing.T, dir heads.Dir, names []string) {
			rewrite(t, dir, names[2], func(text []byte) []byte { return append(bytes.SplitAfter(text, []byte("\n"))[0], "{}\n"...) })
		}, 2, "is not a file of heads"},
		"another's signature": {func(t *testing.T, dir heads.Dir, names []string) {
			one, err := dir.Read(t.Context(), names[1])
			require.NoError(t, err)
			rewrite(t, dir, names[2], func(text []byte) []byte {
				return append(bytes.SplitAfter(text, []byte("\n"))[0], bytes.SplitAfter(one, []byte("\n"))[1]...)
			})
		}, 2, "its signature is of something else"},
		"an emptied head": {func(t *testing.T, dir heads.Dir, names []string) {
			rewrite(t, dir, names[2], func([]byte) []byte { return nil })
		}, 2, "is not a file of heads"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			dir, names := written(t)
			c.forge(t, dir, names)
			k := open(t, dir)
			require.ErrorIs(t, k.Err(), heads.ErrIntegrity)
			require.Contains(t, k.Problems[0].Message, c.says)
			want := "heads"
			if c.path >= 0 {
				want += "/" + names[c.path]
			}
			require.Equal(t, want, k.Problems[0].Path)
		})
	}
}

func rewrite(t *testing.T, dir heads.Dir, name string, change func([]byte) []byte) {
	t.Helper()
	text, err := dir.Read(t.Context(), name)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(string(dir), name), change(text), 0o600))
}

func TestAHeadByAnotherKeyIsAFault(t *testing.T) {
	dir, _ := written(t)
	k := keeper(dir)
	k.Clock = &hourly{start.Add(9 * time.Hour)}
	k.Key = func() (ed25519.PrivateKey, error) { return other, nil }
	w, err := k.Write(t.Context(), store("triage", "a", "h 0"))
	require.NoError(t, err)
	kept := open(t, dir)
	require.ErrorIs(t, kept.Err(), heads.ErrIntegrity)
	require.Equal(t, "heads/"+w.Name, kept.Problems[0].Path)
	of, _, err := kept.Of("triage", "a")
	require.NoError(t, err)
	require.Len(t, of, 3, "what nobody vouches for is not compared")
	_, err = heads.Open(t.Context(), dir, heads.Options{})
	require.ErrorContains(t, err, "Keys")
}

// The newest file can be removed without a trace, until the next one is overdue.
func TestTheNewestHeadIsOverdue(t *testing.T) {
	dir, names := written(t)
	require.NoError(t, os.Remove(filepath.Join(string(dir), names[2])))
	require.NoError(t, open(t, dir).Err())
	for _, c := range []struct {
		after time.Duration
		says  string
	}{{time.Hour, ""}, {3 * time.Hour, "overdue"}, {-3 * time.Hour, "not come yet"}} {
		k, err := heads.Open(t.Context(), dir, heads.Options{Keys: public, MaxAge: 2 * time.Hour, Clock: &hourly{start.Add(2*time.Hour + c.after - time.Hour)}})
		require.NoError(t, err)
		if c.says == "" {
			require.NoError(t, k.Err())
		} else {
			require.ErrorContains(t, k.Err(), c.says)
		}
	}
}

func TestNoHeadsAreNoProof(t *testing.T) {
	dir := heads.Dir(filepath.Join(t.TempDir(), "none"))
	_, err := heads.Open(t.Context(), dir, heads.Options{Keys: public})
	require.ErrorIs(t, err, heads.ErrEmpty)
	require.NoError(t, os.Mkdir(string(dir), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(string(dir), "README"), nil, 0o600))
	_, err = heads.Open(t.Context(), dir, heads.Options{Keys: public})
	require.ErrorIs(t, err, heads.ErrEmpty)
	full, _ := written(t)
	_, others, err := open(t, full).Of("triage", "c")
	require.ErrorIs(t, err, heads.ErrNoneOfStore)
	require.ErrorContains(t, err, "triage a, triage b")
	require.Equal(t, 9, others)
}

func TestAKeeperThatCannotWrite(t *testing.T) {
	dir := heads.Dir(t.TempDir())
	broken := heads.Store{Kind: "triage", Name: "b", Heads: func(context.Context) ([]string, error) { return nil, fs.ErrPermission }}
	_, err := keeper(dir).Write(t.Context(), store("triage", "a", "h 1"), broken)
	require.ErrorIs(t, err, fs.ErrPermission)
	require.ErrorContains(t, err, "triage b")
	k := keeper(dir)
	k.Key = func() (ed25519.PrivateKey, error) { return nil, fs.ErrNotExist }
	_, err = k.Write(t.Context(), store("triage", "a", "h 1"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = keeper(heads.Dir(filepath.Join(string(dir), "file"))).Write(t.Context())
	require.ErrorContains(t, err, "stores")
	require.NoError(t, os.WriteFile(filepath.Join(string(dir), "file"), nil, 0o600))
	_, err = keeper(heads.Dir(filepath.Join(string(dir), "file"))).Write(t.Context(), store("triage", "a", "h 1"))
	require.Error(t, err)
	names, err := dir.Names(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"file"}, names)
}

// TestEveryFlippedBitOfAHeadIsFound flips bits of every byte of the files of heads: all with IMEDNET_LONG=1.
func TestEveryFlippedBitOfAHeadIsFound(t *testing.T) {
	dir, names := written(t)
	masks := []byte{1, 2, 4, 8, 16, 32, 64, 128, 255}
	if os.Getenv("IMEDNET_LONG") == "" {
		names, masks = names[2:], []byte{1, 32}
	}
	flips := 0
	defer func() { t.Logf("%d flips", flips) }()
	for _, name := range names {
		text, err := dir.Read(t.Context(), name)
		require.NoError(t, err)
		for at := range text {
			for _, mask := range masks {
				flips++
				flipped := bytes.Clone(text)
				flipped[at] ^= mask
				k := open(t, &replaced{dir, name, flipped})
				require.Error(t, k.Err(), "%s, byte %d, mask %d", name, at, mask)
				require.Equal(t, "heads/"+name, k.Problems[0].Path)
			}
		}
	}
}

// replaced is a directory of which one file has other content.
type replaced struct {
	heads.Dir
	name string
	text []byte
}

func (r *replaced) Read(ctx context.Context, name string) ([]byte, error) {
	if name == r.name {
		return r.text, nil
	}
	return r.Dir.Read(ctx, name)
}
