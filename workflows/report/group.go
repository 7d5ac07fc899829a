package report

import (
	"maps"
	"slices"
	"strings"
)

// groups counts what is alike.
type groups map[string]*Row

func (g groups) add(count int64, cells ...string) {
	key := strings.Join(cells, "\x00")
	row := g[key]
	if row == nil {
		row = &Row{Cells: cells}
		g[key] = row
	}
	row.Count += count
}

// into adds the groups to a table, in the order of their cells.
func (g groups) into(t *Table, limit int) {
	for _, key := range slices.Sorted(maps.Keys(g)) {
		t.add(limit, g[key].Count, g[key].Cells...)
	}
}
