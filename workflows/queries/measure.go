package queries

import (
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/quantiles"
)

// measuredQuery is what the metrics keep of one query.
type measuredQuery struct {
	recordID          int64 // 0 when about no record
	site              string
	placed            bool                  // the site is known
	form              *imednet.IndexedForm  // nil when it is not known
	contradiction     imednet.Contradiction // of the record and its form
	variable, kind    string
	state             State
	age               time.Duration // of an open query; <0 when unknown
	toAnswer, toClose time.Duration // <0 when there is none or a date is missing
	answered          bool
	cycles            int64
}

// measure follows the thread of one query up to the collector's moment. It reports false for a
// query that was raised later.
//
// A comment without a date takes that of the comment before it: it cannot be older, and it does
// not move anything into the future.
func (c *queryCollector) measure(q imednet.Query) (measuredQuery, bool) {
	m := measuredQuery{
		recordID: q.RecordID.Or(0), variable: q.Variable.Or(""), kind: q.AnnotationType.Or(""),
		state: Unknown, age: -1, toAnswer: -1, toClose: -1,
	}
	comments := commentsInOrder(q)
	raised, dated := raisedAt(q, comments)
	if dated && raised.After(c.asOf) {
		return m, false
	}
	at, known := raised, dated
	for i, comment := range comments {
		if date, ok := comment.Date.Get(); ok {
			at, known = date.Time, true
		}
		if known && at.After(c.asOf) {
			break
		}
		m.follow(stateAfter(comment), elapsed(raised, dated, at, known))
		if i > 0 && !m.answered && c.answered(comments[0], comment) {
			m.answered = true
			m.toAnswer = elapsed(raised, dated, at, known)
		}
	}
	if m.state == Open && dated {
		m.age = c.asOf.Sub(raised)
	}
	return m, true
}

// follow takes the state after the next comment. A comment that says nothing about the state
// leaves it unknown, as StateOf does.
func (m *measuredQuery) follow(next State, since time.Duration) {
	switch next {
	case Open:
		if m.state == Closed || m.cycles == 0 {
			m.cycles++
		}
		m.toClose = -1
	case Closed:
		m.cycles = max(m.cycles, 1)
		if m.state != Closed {
			m.toClose = since
		}
	default:
		m.toClose = -1
	}
	m.state = next
}

// raisedAt is the query's own date, else that of its first comment.
func raisedAt(q imednet.Query, comments []imednet.QueryComment) (time.Time, bool) {
	if date, ok := q.DateCreated.Get(); ok {
		return date.Time, true
	}
	if len(comments) == 0 {
		return time.Time{}, false
	}
	date, ok := comments[0].Date.Get()
	return date.Time, ok
}

// elapsed is -1 when either end is unknown or the end lies before the start.
func elapsed(from time.Time, fromKnown bool, to time.Time, toKnown bool) time.Duration {
	if !fromKnown || !toKnown || to.Before(from) {
		return -1
	}
	return to.Sub(from)
}

// formKey is the key of the query's form, or "".
func (m *measuredQuery) formKey() string {
	if m.form == nil {
		return ""
	}
	return m.form.Key()
}

// exactDurations is the number of different times up to which a group's quantiles are exact.
const exactDurations = 2000

// queryTally adds up one group.
type queryTally struct {
	key        queryGroupKey
	states     StateCounts
	ages       []int64
	undated    int64
	answered   int64
	reopened   int64
	cycles     int64
	maxCycles  int64
	answer     *quantiles.Distribution // seconds
	closeTimes *quantiles.Distribution // seconds
}

func newQueryTally(key queryGroupKey) *queryTally {
	return &queryTally{key: key, answer: quantiles.New(exactDurations), closeTimes: quantiles.New(exactDurations)}
}

func (t *queryTally) add(q measuredQuery, limits []time.Duration) {
	t.states.add(q.state)
	if t.ages == nil {
		t.ages = make([]int64, len(limits)+1)
	}
	if q.state == Open {
		t.addAge(q.age, limits)
	}
	if q.answered {
		t.answered++
	}
	if q.cycles > 1 {
		t.reopened++
	}
	t.cycles += q.cycles
	t.maxCycles = max(t.maxCycles, q.cycles)
	if q.toAnswer >= 0 {
		t.answer.Add(q.toAnswer.Seconds(), 1)
	}
	if q.state == Closed && q.toClose >= 0 {
		t.closeTimes.Add(q.toClose.Seconds(), 1)
	}
}

func (t *queryTally) addAge(age time.Duration, limits []time.Duration) {
	if age < 0 {
		t.undated++
		return
	}
	bucket := 0
	for bucket < len(limits) && age >= limits[bucket] {
		bucket++
	}
	t.ages[bucket]++
}

func (t *queryTally) group(limits []time.Duration) Group {
	g := Group{
		FormKey: t.key.form, Name: t.key.name, States: t.states, Undated: t.undated, Answered: t.answered,
		Reopened: t.reopened, Cycles: t.cycles, MaxCycles: t.maxCycles,
		TimeToAnswer: summarise(t.answer), TimeToClose: summarise(t.closeTimes),
	}
	from := time.Duration(0)
	for i := range len(limits) + 1 {
		bucket := AgeBucket{From: from}
		if i < len(limits) {
			bucket.To = limits[i]
			from = limits[i]
		}
		if t.ages != nil {
			bucket.Count = t.ages[i]
		}
		g.Ages = append(g.Ages, bucket)
	}
	return g
}

func summarise(d *quantiles.Distribution) DurationSummary {
	if d.Count() == 0 {
		return DurationSummary{}
	}
	q := d.Quantiles(0.5, 0.9)
	return DurationSummary{
		Count: d.Count(), Min: seconds(d.Min()), Median: seconds(q[0]), Mean: seconds(d.Mean()), P90: seconds(q[1]),
		Max: seconds(d.Max()), Approximate: d.Approximate(),
	}
}

func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}
