package imednettest

import (
	"strings"
	"sync"
)

// rememberFrom is the size from which on a table remembers what its scans found, so that a
// listing with a filter does not look at every row again for every page. mostRemembered bounds
// the number of filters.
const (
	rememberFrom   = 4096
	mostRemembered = 8
)

// memory holds the positions that passed a filter, until the table changes.
type memory struct {
	mu    sync.Mutex
	found map[string][]int
}

func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found = nil
}

// remembered returns what scan found for these filters; the table does not change meanwhile,
// because its study is locked for reading.
func (t *table) remembered(rest, data filter, scan func() []int) []int {
	key := rest.key() + "\n" + data.key()
	t.memory.mu.Lock()
	positions, known := t.memory.found[key]
	t.memory.mu.Unlock()
	if known {
		return positions
	}
	positions = scan()
	t.memory.mu.Lock()
	defer t.memory.mu.Unlock()
	if t.memory.found == nil || len(t.memory.found) >= mostRemembered {
		t.memory.found = map[string][]int{}
	}
	t.memory.found[key] = positions
	return positions
}

// key tells filters apart.
func (f filter) key() string {
	var b strings.Builder
	for _, c := range f.terms {
		b.WriteString(c.attribute + c.op + c.text + "\x00" + [2]string{"", "or"}[boolIndex(c.afterOr)] + [2]string{"", "text"}[boolIndex(c.asText)])
	}
	return b.String()
}
