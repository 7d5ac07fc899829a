package extraction

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// given is a value of an ADSL field that one record gave.
type given struct {
	cell    cell
	at      *Origin
	deleted bool // the record is soft-deleted
	read    cell // of values in state: as expressions read it, before the field's kind is applied
	// besideNo are the records beside which the No of another does not stand, where that empties the flag.
	besideNo []given
}

// chooseValue settles what a subject's field is when its records, in order of creation, give these
// values. settled is false where they differ and nothing says which counts. Records without a value
// never replace one, but for a No of a guarded flag to which another record does not say no.
func (r *rule) chooseValue(list []given) (chosen given, settled bool) {
	chosen, settled = chooseAnswered(list, r.choose)
	if settled && r.isGuarded() && r.saysNo(chosen.cell.value) {
		if others := withoutNo(list); len(others) > 0 {
			return setAside(list, others), true
		}
	}
	return chosen, settled
}

// setAside is what the values of a list are where others of them do not let the No of one stand.
func setAside(list, others []given) given {
	t := newTrace("nothing, because a record does not say No while another does", nil)
	for _, g := range list {
		t.inputs = append(t.inputs, input{domain: codeADSL, cell: &g.cell})
	}
	empty := cell{field: list[0].cell.field, text: others[0].cell.text, trace: t}
	return given{cell: empty, read: empty, at: others[0].at, deleted: others[0].deleted, besideNo: others}
}

func chooseAnswered(list []given, how string) (chosen given, settled bool) {
	answered := slices.DeleteFunc(slices.Clone(list), func(g given) bool { return g.cell.value.Missing() && g.cell.text == "" })
	if len(answered) == 0 {
		return list[len(list)-1], true
	}
	last := answered[len(answered)-1]
	if !slices.ContainsFunc(answered, func(g given) bool { return !sameCell(g.cell, last.cell) }) {
		return last, true
	}
	switch how {
	case imednet.ChooseFirst:
		return answered[0], true
	case imednet.ChooseLast:
		return last, true
	case imednet.ChooseEarliest:
		return extremeDate(answered, imednet.Before)
	case imednet.ChooseLatest:
		return extremeDate(answered, imednet.After)
	}
	return given{}, false
}

func sameCell(a, b cell) bool { return a.text == b.text && a.value.Same(b.value) }

// extremeDate returns the value that is certainly before, or after, all others.
func extremeDate(list []given, want imednet.Order) (given, bool) {
	for _, g := range list {
		mine, ok := g.cell.value.Date()
		wins := ok && !slices.ContainsFunc(list, func(other given) bool {
			theirs, ok := other.cell.value.Date()
			return !ok || theirs != mine && inOrder(mine, theirs) != want
		})
		if wins {
			return g, true
		}
	}
	return given{}, false
}

// inOrder compares moments where both hours are known and otherwise calendar days.
func inOrder(d, e imednet.PartialDate) imednet.Order { return compareClock(d, e, false)(d, e) }
