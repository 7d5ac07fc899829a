package extraction

import (
	"slices"
	"strings"
)

// transpose turns one wide record into one row for each laboratory parameter that has a result.
// Fields of rules without a parameter stand on every row.
func (s *subjectRun) transpose(d *domainPlan, shared candidate, byParam map[string]*candidate, c *Counts) {
	for _, param := range d.params {
		own := byParam[param]
		if !own.hasResult() {
			c.exclude(ExcludedNoResult, 1)
			continue
		}
		row := shared.row
		row.cells = make([]cell, 0, 1+len(shared.row.cells)+len(own.row.cells))
		row.cells = append(row.cells, cell{field: "PARAMCD", value: TextValue(param), trace: &trace{reading: &reading{origin: row.Origin, derived: "the parameter in the target of its rules"}}})
		for _, c := range append(shared.row.cells[:len(shared.row.cells):len(shared.row.cells)], own.row.cells...) {
			row.set(c.field, c.value, c.trace)
			row.cell(c.field).text = c.text
		}
		findings := append(shared.findings[:len(shared.findings):len(shared.findings)], own.findings...)
		s.finish(candidate{row: row, findings: findings}, param, c)
	}
}

// hasResult reports whether a parameter was measured, or whether that cannot be said because a
// rule of its result failed.
func (c *candidate) hasResult() bool {
	aval, _ := c.row.Get("AVAL")
	avalc, _ := c.row.Get("AVALC")
	failed := slices.ContainsFunc(c.findings, func(v RowFinding) bool {
		return strings.HasSuffix(v.Field, ".AVAL") || strings.HasSuffix(v.Field, ".AVALC")
	})
	_, value := c.row.AsCollected("AVAL")
	_, text := c.row.AsCollected("AVALC")
	return !aval.Missing() || !avalc.Missing() || value || text || failed
}
