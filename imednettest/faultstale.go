package imednettest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
)

// Stale is who answers with an old state of a study.
type Stale string

// Those who answer with an old state.
const (
	StaleReplica Stale = "replica" // a copy that lags: old rows under the present metadata.timestamp
	StaleCache   Stale = "cache"   // a kept answer: the metadata.timestamp is old too
)

func (s Stale) check() error {
	switch s {
	case "", StaleReplica, StaleCache:
		return nil
	}
	return fmt.Errorf("stale %q is neither replica nor cache", string(s))
}

// formerStudies keeps the studies as they are, for a fault that is stale.
func (s *Server) formerStudies(stale Stale) map[string]*Study {
	if stale == "" {
		return nil
	}
	former := map[string]*Study{}
	for _, study := range s.studies {
		former[study.key] = study.keep()
	}
	return former
}

// keep copies what listings show of a study.
func (s *Study) keep() *Study {
	s.mu.RLock()
	defer s.mu.RUnlock()
	kept := &Study{key: s.key, now: s.now, tables: map[imednet.Resource]*table{}}
	for resource, t := range s.tables {
		kept.tables[resource] = t.copy()
	}
	return kept
}

// copy returns a table that later changes of t do not reach. Rows are never changed, only replaced.
func (t *table) copy() *table {
	return &table{
		resource: t.resource, base: t.base, edited: maps.Clone(t.edited), added: slices.Clone(t.added),
		removed: slices.Clone(t.removed), gone: slices.Clone(t.gone), nextID: t.nextID, pending: maps.Clone(t.pending),
	}
}

func (s *Study) currentRights() Rights {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.rights
}
