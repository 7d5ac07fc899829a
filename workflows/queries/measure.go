package queries

import (
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/quantiles"
	"github.com/imednetgo/imednet/internal/querythread"
)

// measuredQuery is what the metrics keep of one query.
type measuredQuery struct {
	recordID       int64  // 0 when about no record
	subject        string // key of the subject
	site           string
	placed         bool                  // subject and site are known
	form           *imednet.IndexedForm  // nil when it is not known
	contradiction  imednet.Contradiction // of the record and its form
	variable, kind string
	querythread.Thread
}

// measure follows the thread of one query up to the collector's moment. It reports false for a
// query that was raised later.
func (c *queryCollector) measure(q imednet.Query) (measuredQuery, bool) {
	thread, raised := querythread.Follow(&q, c.asOf, c.answered)
	return measuredQuery{recordID: q.RecordID.Or(0), variable: q.Variable.Or(""), kind: q.AnnotationType.Or(""), Thread: thread}, raised
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
	t.states.add(State(q.State))
	if t.ages == nil {
		t.ages = make([]int64, len(limits)+1)
	}
	if q.State == querythread.Open {
		t.addAge(q.Age, limits)
	}
	if q.Answered {
		t.answered++
	}
	if q.Cycles > 1 {
		t.reopened++
	}
	t.cycles += q.Cycles
	t.maxCycles = max(t.maxCycles, q.Cycles)
	if q.ToAnswer >= 0 {
		t.answer.Add(q.ToAnswer.Seconds(), 1)
	}
	if q.State == querythread.Closed && q.ToClose >= 0 {
		t.closeTimes.Add(q.ToClose.Seconds(), 1)
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
