package imednettest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imednetgo/imednet"
)

// LifelikeOptions describes a lifelike study. Equal options give equal studies, byte for byte.
type LifelikeOptions struct {
	StudyKey string // default "LIFE"
	Seed     uint64 // default 0, a seed like any other
	Subjects int    // default 100; a subject has about 95 records
}

// GenerateLifelike makes a study whose proportions are those of a real one, the CDISC pilot study:
// 21 forms with 617 variables, 37 intervals of which half are unscheduled, 3 to about 270 records a
// subject, up to 30 records of a form at one visit, a lock that stamped a thirty-fifth of all
// records with one instant, queries in every state, codings of events, medications and history.
//
// It also has what makes such studies awkward: embedded logs with child records, records of deleted
// subjects, a subject who was deleted and entered again under the same key, one who was renamed and
// one who moved to another site (their early revisions show the old key and site), names that forms
// share with other types, a name that occurs twice on one form, variables that came late or were
// retired, keys in another case, and keys that repeat within a record.
//
// Unlike those of [Generate], its rows are kept in memory, about 1.5 kB a record.
func GenerateLifelike(opts LifelikeOptions) *Study {
	l := &lifelike{
		key: opts.StudyKey, subjects: opts.Subjects, rnd: rand.New(rand.NewPCG(opts.Seed, 0x1fe)),
		start: time.Date(2012, 7, 2, 8, 0, 0, 0, time.UTC).Unix(), rows: map[imednet.Resource]list{},
	}
	if l.key == "" {
		l.key = "LIFE"
	}
	if l.subjects <= 0 {
		l.subjects = 100
	}
	l.design()
	for n := range l.subjects {
		l.enrol(n)
	}
	l.oddities()
	l.lock()
	l.finish()
	s := &Study{key: l.key, tables: map[imednet.Resource]*table{}, counts: map[int64]revisionCount{}}
	for _, resource := range resources() {
		s.tables[resource] = newTable(resource, l.rows[resource])
	}
	s.counter = &loadedCounter{revisions: s.tables[imednet.RecordRevisions].base}
	s.setNow(time.Unix(l.lockedAt()+86400, 0))
	s.setAuthor()
	return s
}

// lifelike is a lifelike study in the making.
type lifelike struct {
	key      string
	subjects int
	rnd      *rand.Rand
	start    int64 // Unix seconds
	rows     map[imednet.Resource]list

	forms     []lifeForm
	intervals []lifeInterval
	people    []*lifeSubject
	visits    []*lifeVisit
	records   []*lifeRecord
}

const (
	lifeSites    = 17
	day          = int64(86400)
	betweenEdits = 9 * day / 2 // of a record
)

// lockedAt is after the last edit and comment of the subject who came last.
func (l *lifelike) lockedAt() int64 { return l.start + 830*day }

// chance is true in so many of a thousand cases.
func (l *lifelike) chance(ofThousand int) bool { return l.rnd.IntN(1000) < ofThousand }

// add appends a row to a resource.
func (l *lifelike) add(resource imednet.Resource, id int64, members ...any) {
	raw := object(members...)
	l.rows[resource] = append(l.rows[resource], newRow(id, raw))
}

// jsonText is a value that is JSON already.
type jsonText string

// instant is a value that is written in wire form.
type instant int64

// object writes names and values, in turn, as a JSON object.
func object(members ...any) []byte {
	dst := []byte{'{'}
	for i := 0; i < len(members); i += 2 {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendMemberName(dst, members[i].(string))
		switch v := members[i+1].(type) {
		case nil:
			dst = append(dst, "null"...)
		case string:
			dst = appendString(dst, v)
		case jsonText:
			dst = append(dst, v...)
		case instant:
			dst = appendTime(dst, int64(v))
		default: // numbers and booleans
			dst = fmt.Append(dst, v)
		}
	}
	return append(dst, '}')
}
