package sqlitejournal

import (
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/imednetgo/imednet/internal/filelock"
)

// presence is a file that an open journal keeps locked while it holds leases. The operating system frees
// the lock when the process dies, which others on the same computer see at once.
type presence struct {
	path string // of the journal
	mu   sync.Mutex
	lock *filelock.Lock
	mark string
}

// Mark returns what others find the file by, and locks it first; "" if this system does not lock files,
// so that a lease ends by its time alone.
func (p *presence) Mark() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	machine := machineID()
	if p.lock != nil || machine == "" {
		return p.mark
	}
	name := p.path + aliveFile + uuid.NewString()
	lock, held, err := filelock.Try(name, filelock.Exclusive)
	if err != nil || !held {
		return ""
	}
	p.lock, p.mark = lock, machine+" "+filepath.Base(name)
	return p.mark
}

// close gives the lock back, and removes the file unless a lease still refers to it.
func (p *presence) close(inUse func(mark string) bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lock == nil {
		return nil
	}
	keep := inUse(p.mark)
	err := p.lock.Release()
	if !keep {
		p.Forget(p.mark)
	}
	p.lock, p.mark = nil, ""
	return err
}

// Dead reports whether the process that left a mark has certainly ended: it ran on this computer, its
// file is there, and nobody has it locked.
func (p *presence) Dead(mark string) bool {
	path, ok := p.pathOf(mark)
	if !ok {
		return false
	}
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock, free, err := filelock.Try(path, filelock.Exclusive)
	if err != nil || !free {
		return false
	}
	return lock.Release() == nil
}

// Forget removes the file of a mark that nothing refers to any more. One that stays is harmless.
func (p *presence) Forget(mark string) {
	if path, ok := p.pathOf(mark); ok {
		_ = os.Remove(path)
	}
}

// pathOf returns where the file of a mark of this computer is.
func (p *presence) pathOf(mark string) (path string, ok bool) {
	machine, name, marked := strings.Cut(mark, " ")
	prefix := filepath.Base(p.path) + aliveFile
	return filepath.Join(filepath.Dir(p.path), name), marked && machine == machineID() && name == filepath.Base(name) && strings.HasPrefix(name, prefix)
}

// aliveFile stands between the journal's name and what makes the name of a file its own.
const aliveFile = ".alive-"

// machineID names the running kernel, whose locks all of its processes and containers share; "" is
// unknown.
var machineID = sync.OnceValue(func() string {
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		return strings.TrimSpace(string(id))
	}
	host, err := os.Hostname()
	if err != nil || strings.ContainsRune(host, ' ') {
		return ""
	}
	return host
})
