package dictionary

import "github.com/imednetgo/imednet"

// outcomes are what a condition may come to.
type outcomes uint8

const (
	mayHold outcomes = 1 << iota
	mayNotHold
	mayBeUndecided

	anyOutcome = mayHold | mayNotHold | mayBeUndecided
)

func outcomeOf(v imednet.YesNo) outcomes {
	switch v {
	case imednet.Yes:
		return mayHold
	case imednet.No:
		return mayNotHold
	}
	return mayBeUndecided
}

// certain reports whether there is only one.
func (o outcomes) certain() bool { return o&(o-1) == 0 }

func (o outcomes) negated() outcomes {
	return o&mayHold<<1 | o&mayNotHold>>1 | o&mayBeUndecided
}

// and are the outcomes of two conditions that must both hold.
func (o outcomes) and(other outcomes) outcomes {
	all := (o | other) & mayNotHold
	if o&mayHold != 0 {
		all |= other & (mayHold | mayBeUndecided)
	}
	if o&mayBeUndecided != 0 && other&(mayHold|mayBeUndecided) != 0 {
		all |= mayBeUndecided
	}
	return all
}

// mayTell reports whether a rule with these outcomes may be told from a rival with others.
func (o outcomes) mayTell(other outcomes, r rival) bool {
	told := mayNotHold | mayBeUndecided
	if r.early {
		told = mayNotHold
	}
	return o&mayHold != 0 && other&told != 0 || o&mayNotHold != 0 && other&mayHold != 0
}
