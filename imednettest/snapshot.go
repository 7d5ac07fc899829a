package imednettest

import (
	"maps"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// snapshot is what a submission can change of a study.
type snapshot struct {
	tables map[imednet.Resource]rows
	counts map[int64]revisionCount
	held   []heldRow
	open   map[ruleQuery]int64
	now    time.Time
}

// rows are what is kept of a table.
type rows struct {
	edited, pending map[int64]*row
	added           []*row
	nextID          int64
}

// snapshot keeps the study as it is. The study is locked.
func (s *Study) snapshot() snapshot {
	kept := snapshot{tables: map[imednet.Resource]rows{}, counts: maps.Clone(s.counts), held: slices.Clone(s.lag.held), now: s.now}
	if s.checks != nil {
		kept.open = maps.Clone(s.checks.open)
	}
	for _, resource := range []imednet.Resource{imednet.Subjects, imednet.Records, imednet.RecordRevisions, imednet.Queries} {
		t := s.tables[resource]
		kept.tables[resource] = rows{edited: maps.Clone(t.edited), pending: maps.Clone(t.pending), added: slices.Clone(t.added), nextID: t.nextID}
	}
	return kept
}

// undoUnlessWhole puts the study back when an item of the job was refused, and says so of the others.
func (s *Study) undoUnlessWhole(j *job, before snapshot) {
	refused := func(it SubmittedItem) bool { return it.Problem != "" }
	if !slices.ContainsFunc(j.Items, refused) {
		return
	}
	for resource, kept := range before.tables {
		t := s.tables[resource]
		t.edited, t.pending, t.added, t.nextID = kept.edited, kept.pending, kept.added, kept.nextID
		t.memory.forget()
	}
	s.counts, s.lag.held, s.now = before.counts, before.held, before.now
	if s.checks != nil {
		s.checks.open = before.open
	}
	for n, it := range j.Items {
		if it.Problem == "" {
			j.Items[n] = SubmittedItem{Raw: it.Raw, Problem: "another item of the batch cannot be stored"}
		}
	}
}
