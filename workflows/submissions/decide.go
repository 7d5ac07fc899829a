package submissions

import (
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Validate refuses a preparation without items or without an id of 1 to 200 of the characters
// A-Z a-z 0-9 . _ : -, with an *[imednet.ValidationError]. Journals call it first.
func (p *Preparation) Validate() error {
	var problems []imednet.Problem
	if !argument.ValidID(p.ID) {
		problems = append(problems, imednet.Problem{Path: "ID", Message: argument.IDRule})
	}
	if len(p.Items) == 0 {
		problems = append(problems, imednet.Problem{Path: "Items", Message: "are missing: a submission needs at least one"})
	}
	if len(problems) == 0 {
		return nil
	}
	return &imednet.ValidationError{What: "submission", Problems: problems}
}

// Decide applies the rule of a Preparation to the older items of its study, which older returns for
// each new one: those with one of its [Item.Contents] or the same intent key, in the order of their
// preparation, without payloads. It returns the conflicts and, if there are none, the older items
// that the new ones replace. Journals call it within the transaction of Prepare.
func (p *Preparation) Decide(older func(item *Item) ([]Item, error), now time.Time) (conflicts []Conflict, replaced []Item, err error) {
	taken := map[place]bool{}
	recheck := false
	rechecked := map[place]int{}
	for i := range p.Rechecked {
		rechecked[placeOf(&p.Rechecked[i])] = p.Rechecked[i].Attempt
	}
	for i := range p.Items {
		item := &p.Items[i]
		contents := item.Contents()
		found, err := older(item)
		if err != nil {
			return nil, nil, err
		}
		replaces := -1
		for j := range found {
			old := &found[j]
			switch {
			case !sameIntent(item, contents, old):
			case p.blocks(item, old, now):
				conflicts = append(conflicts, newConflict(i, item, old))
			case replaces < 0 && old.resendable() && !taken[placeOf(old)]:
				recheck = recheck || old.Attempt > 0 && rechecked[placeOf(old)] != old.Attempt
				replaces = j
			}
		}
		if replaces >= 0 {
			taken[placeOf(&found[replaces])] = true
			replaced = append(replaced, found[replaces])
		}
	}
	if len(conflicts) > 0 {
		return firstOfEach(conflicts), nil, nil
	}
	if recheck {
		return nil, nil, ErrRecheck
	}
	return nil, replaced, nil
}

type place struct {
	submission string
	index      int
}

func placeOf(i *Item) place { return place{i.SubmissionID, i.Index} }

// sameIntent reports whether an older item is the same as a new one.
func sameIntent(item *Item, contents []string, old *Item) bool {
	if item.IntentKey != "" && old.IntentKey != "" {
		return item.IntentKey == old.IntentKey
	}
	return slices.Contains(contents, old.ContentHash)
}

// blocks reports whether an older item that is the same stands in the way of a new one.
func (p *Preparation) blocks(item, old *Item, now time.Time) bool {
	if !old.Closed && old.State.inDoubt() {
		return true
	}
	if p.AllowRepeat || old.State.Sendable() {
		return false
	}
	if !old.Closed || item.IntentKey != "" && item.IntentKey == old.IntentKey {
		return true
	}
	return now.Sub(old.ChangedAt) < p.Window
}

func newConflict(index int, item, old *Item) Conflict {
	held := *old
	held.Payload = nil
	return Conflict{Index: index, Line: item.Line, Held: held, ByIntent: item.IntentKey != "" && item.IntentKey == old.IntentKey}
}

// firstOfEach keeps one conflict for each new item: one in doubt before others, else the latest.
func firstOfEach(conflicts []Conflict) []Conflict {
	slices.SortStableFunc(conflicts, func(a, b Conflict) int {
		switch {
		case a.Index != b.Index:
			return a.Index - b.Index
		case a.InDoubt() != b.InDoubt() && a.InDoubt():
			return -1
		case a.InDoubt() != b.InDoubt():
			return 1
		}
		return b.Held.ChangedAt.Compare(a.Held.ChangedAt)
	})
	return slices.CompactFunc(conflicts, func(a, b Conflict) bool { return a.Index == b.Index })
}
