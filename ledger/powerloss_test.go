package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var errPowerCut = errors.New("power cut")

// inode is a file's content: what programs see, and what the disk is sure to have.
type inode struct{ seen, durable []byte }

func (n *inode) dirty() bool { return string(n.seen) != string(n.durable) }

// after lists what a power cut may leave of it: the durable bytes, what was written, or a part.
func (n *inode) after() [][]byte {
	if !n.dirty() {
		return [][]byte{n.seen}
	}
	torn := slices.Clone(n.seen[:min(len(n.seen), len(n.durable)+(len(n.seen)-len(n.durable)+1)/2)])
	holes := slices.Clone(n.seen)
	clear(holes[min(len(holes), len(n.durable)):]) // the length arrived, the bytes did not
	return [][]byte{n.durable, n.seen, torn, holes}
}

// nameOp is a change of a directory that is not yet durable.
type nameOp func(map[string]*inode)

// fakeDisk is a filesystem that loses power at a chosen step. Steps are counted from 0; with
// failOnly only that step fails, and the following ones work.
type fakeDisk struct {
	names, durable map[string]*inode
	pending        []nameOp
	step, cutAt    int
	failOnly       bool
	trace          []string
}

func newFakeDisk(content map[string][]byte) *fakeDisk {
	d := &fakeDisk{names: map[string]*inode{}, durable: map[string]*inode{}, cutAt: -1}
	for name, data := range content {
		n := &inode{seen: slices.Clone(data), durable: slices.Clone(data)}
		d.names[name], d.durable[name] = n, n
	}
	return d
}

// begin counts a step and reports whether it is the one, or one after it, that fails.
func (d *fakeDisk) begin(op, name string) error {
	at := d.step
	d.step++
	d.trace = append(d.trace, op+" "+filepath.Base(name))
	if at == d.cutAt || d.cutAt >= 0 && at > d.cutAt && !d.failOnly {
		return errPowerCut
	}
	return nil
}

func (d *fakeDisk) rename(op nameOp) {
	op(d.names)
	d.pending = append(d.pending, op)
}

func (d *fakeDisk) ReadFile(name string) ([]byte, error) {
	if n := d.names[name]; n != nil {
		return slices.Clone(n.seen), nil
	}
	return nil, fs.ErrNotExist
}

func (d *fakeDisk) Create(name string) (file, error) {
	if err := d.begin("create", name); err != nil {
		return nil, err
	}
	if n := d.names[name]; n != nil {
		n.seen = nil
		return &fakeFile{d, n, name}, nil
	}
	n := &inode{}
	d.rename(func(m map[string]*inode) { m[name] = n })
	return &fakeFile{d, n, name}, nil
}

func (d *fakeDisk) Append(name string) (file, error) {
	if n := d.names[name]; n != nil {
		return &fakeFile{d, n, name}, nil
	}
	return d.Create(name)
}

func (d *fakeDisk) Truncate(name string, size int64) error {
	if err := d.begin("truncate", name); err != nil {
		return err
	}
	d.names[name].seen = d.names[name].seen[:size]
	return nil
}

func (d *fakeDisk) Rename(from, to string) error {
	if err := d.begin("rename", to); err != nil {
		return err
	}
	n := d.names[from]
	d.rename(func(m map[string]*inode) {
		delete(m, from)
		m[to] = n
	})
	return nil
}

func (d *fakeDisk) Remove(name string) error {
	if d.names[name] == nil {
		return fs.ErrNotExist
	}
	if err := d.begin("remove", name); err != nil {
		return err
	}
	d.rename(func(m map[string]*inode) { delete(m, name) })
	return nil
}

func (d *fakeDisk) SyncDir(dir string) error {
	if err := d.begin("syncdir", dir); err != nil {
		return err
	}
	d.durable = maps.Clone(d.names)
	d.pending = nil
	return nil
}

type fakeFile struct {
	d    *fakeDisk
	n    *inode
	name string
}

func (f *fakeFile) Write(b []byte) (int, error) {
	if err := f.d.begin("write", f.name); err != nil {
		f.n.seen = append(f.n.seen, b[:len(b)/2]...)
		return len(b) / 2, err
	}
	f.n.seen = append(f.n.seen, b...)
	return len(b), nil
}

func (f *fakeFile) Sync() error {
	if err := f.d.begin("sync", f.name); err != nil {
		return err
	}
	f.n.durable = slices.Clone(f.n.seen)
	return nil
}

func (f *fakeFile) Close() error { return nil }

// images calls check with every content that the disk may have after a power cut now: any of the
// names' changes since the directory was synced may be missing, and any unsynced bytes.
func (d *fakeDisk) images(check func(map[string][]byte)) {
	for mask := range 1 << len(d.pending) {
		names := maps.Clone(d.durable)
		for i, op := range d.pending {
			if mask&(1<<i) != 0 {
				op(names)
			}
		}
		expand(slices.Sorted(maps.Keys(names)), names, map[string][]byte{}, check)
	}
}

func expand(left []string, names map[string]*inode, image map[string][]byte, check func(map[string][]byte)) {
	if len(left) == 0 {
		check(image)
		return
	}
	n := names[left[0]]
	if n == nil {
		expand(left[1:], names, image, check)
		return
	}
	for _, content := range n.after() {
		image[left[0]] = content
		expand(left[1:], names, image, check)
	}
	delete(image, left[0])
}

func storeOn(t *testing.T, path string, d *fakeDisk) *FileStore {
	s, err := OpenFile(path, WithHistoryLimit(3))
	require.NoError(t, err)
	s.fs = d
	return s
}

func ledgerEntry(n int64) *StreamState {
	return &StreamState{LastTimestamp: time.Unix(n, 0).UTC(), RecordsProcessed: n, LastRunStatus: StatusSuccess, Metadata: Metadata{}}
}

var powerKey = Key{"S", "records"}

func moveTo(s *FileStore, t *testing.T, n int64) error {
	c := Commit{Changes: []Change{{Key: powerKey, New: ledgerEntry(n)}}}
	if n > 1 {
		c.Changes[0].Old = ledgerEntry(n - 1)
	}
	for range 2 { // lines of more than shortestRun bytes, so that the history is trimmed soon
		c.Runs = append(c.Runs, Run{StudyKey: "S", Stream: "records", Kind: RunAdvance, Status: StatusSuccess, Records: n, Reason: fmt.Sprintf("%0200d", n)})
	}
	return s.Commit(t.Context(), c)
}

// position reads the state and history of an image: the last commit that it shows.
func position(t *testing.T, path string, image map[string][]byte) int64 {
	s := storeOn(t, path, newFakeDisk(image))
	state, err := s.Load(t.Context())
	require.NoError(t, err, "the ledger is neither old nor new: %q", image[path])
	for _, err := range s.Runs(t.Context(), RunFilter{}) {
		require.NoError(t, err, "the history is torn: %q", image[s.HistoryPath()])
	}
	e, _ := state.Entry(powerKey)
	return e.RecordsProcessed
}

func TestPowerCutLeavesTheOldOrTheNewState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.json")
	disk := newFakeDisk(nil)
	images := 0
	for n := int64(1); n <= 5; n++ {
		before := contentOf(disk)
		for cut := 0; ; cut++ {
			d := newFakeDisk(before)
			d.cutAt = cut
			err := moveTo(storeOn(t, path, d), t, n)
			if err == nil {
				require.Greater(t, cut, 8, "steps: %v", d.trace)
			}
			d.images(func(image map[string][]byte) {
				images++
				got := position(t, path, image)
				if err == nil {
					require.Equal(t, n, got, "a commit that returned is durable")
				}
				require.Contains(t, []int64{n - 1, n}, got)
				workOn(t, path, image, got)
			})
			if err == nil {
				disk = d
				break
			}
		}
	}
	require.Greater(t, images, 400)
}

func contentOf(d *fakeDisk) map[string][]byte {
	m := map[string][]byte{}
	for name, n := range d.names {
		m[name] = n.seen
	}
	return m
}

// workOn shows that a ledger goes on after a power cut, whatever was left behind.
func workOn(t *testing.T, path string, image map[string][]byte, at int64) {
	d := newFakeDisk(image)
	s := storeOn(t, path, d)
	require.NoError(t, moveTo(s, t, at+1))
	require.Equal(t, at+1, position(t, path, contentOf(d)))
	runs := 0
	for _, err := range s.Runs(t.Context(), RunFilter{}) {
		require.NoError(t, err)
		runs++
	}
	require.GreaterOrEqual(t, runs, 2)
}

// TestPowerCutDuringRestore cuts while a damaged file is replaced: it stays damaged, with its copy
// saved before anything is written over it, or holds the backup.
func TestPowerCutDuringRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.json")
	disk := newFakeDisk(nil)
	require.NoError(t, moveTo(storeOn(t, path, disk), t, 1))
	before := contentOf(disk)
	before[path] = []byte(`{"studies": {"S"`)
	for cut := 0; ; cut++ {
		d := newFakeDisk(before)
		d.cutAt = cut
		err := storeOn(t, path, d).RestoreUnprovenBackup(t.Context(), "the file was cut off") // what moveTo writes is no whole run
		d.images(func(image map[string][]byte) {
			if string(image[path]) == string(before[path]) {
				return
			}
			require.EqualValues(t, 1, position(t, path, image))
			require.Contains(t, slices.Collect(maps.Values(textOf(image))), string(before[path]), "the damaged bytes are kept")
		})
		if err == nil {
			require.Greater(t, cut, 8)
			return
		}
	}
}

func textOf(image map[string][]byte) map[string]string {
	m := map[string]string{}
	for name, data := range image {
		m[name] = string(data)
	}
	return m
}

// TestFailingStepKeepsTheLedgerWhole lets each step fail once, as a full disk does.
func TestFailingStepKeepsTheLedgerWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.json")
	disk := newFakeDisk(nil)
	require.NoError(t, moveTo(storeOn(t, path, disk), t, 1))
	before := contentOf(disk)
	for fail := 0; ; fail++ {
		d := newFakeDisk(before)
		d.cutAt, d.failOnly = fail, true
		err := moveTo(storeOn(t, path, d), t, 2)
		got := position(t, path, contentOf(d))
		if err == nil {
			require.EqualValues(t, 2, got)
			require.Greater(t, fail, 8)
			return
		}
		require.ErrorIs(t, err, errPowerCut)
		require.NotContains(t, slices.Collect(maps.Keys(d.names)), path+".tmp")
		if errors.Is(err, ErrNotRecorded) {
			require.EqualValues(t, 2, got, "the entries were written")
		}
		require.NoError(t, moveTo(storeOn(t, path, d), t, got+1), "the next commit works")
	}
}
