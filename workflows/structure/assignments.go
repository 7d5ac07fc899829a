package structure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// assignment is a form at an interval: a form of the design, or the name of one that it lacks.
type assignment struct {
	form  *Form
	named imednet.IntervalForm // as the interval's row names it
}

func (a assignment) key() string {
	if a.form != nil {
		return formMember(a.form, "formKey")
	}
	return cmp.Or(a.named.FormKey.Or(""), a.named.FormID.String())
}

// assignments lists which forms came to an interval, went from it, or stand there in another
// order or under other names.
func (c *comparison) assignments(before, after *part) {
	old, now := before.interval.assignments(), after.interval.assignments()
	same := func(a, b assignment) bool {
		return c.forms[a.form] == b.form && (b.form != nil || a.form == nil && a.key() == b.key())
	}
	var stayedOld, stayedNow []string
	for _, a := range old {
		i := slices.IndexFunc(now, func(b assignment) bool { return same(a, b) })
		if i < 0 {
			c.report(after.assignment(FormUnassigned, a, "forms", "", ""))
			continue
		}
		stayedOld = append(stayedOld, now[i].key())
		c.namings(after, a, now[i])
	}
	for _, b := range now {
		if slices.ContainsFunc(old, func(a assignment) bool { return same(a, b) }) {
			stayedNow = append(stayedNow, b.key())
		} else {
			c.report(after.assignment(FormAssigned, b, "forms", "", ""))
		}
	}
	if !slices.Equal(stayedOld, stayedNow) {
		c.report(after.change(PartMoved, "forms", strings.Join(stayedOld, ", "), strings.Join(stayedNow, ", ")))
	}
}

// namings lists how an interval names the same form differently.
func (c *comparison) namings(after *part, old, now assignment) {
	was, is := old.named, now.named
	for _, m := range []struct{ member, was, is string }{
		{"formId", was.FormID.String(), is.FormID.String()},
		{"formKey", was.FormKey.String(), is.FormKey.String()},
		{"formName", was.FormName.String(), is.FormName.String()},
	} {
		if m.was != m.is && !follows(old.form, now.form, m.member, m.was, m.is) {
			c.report(after.assignment(MemberChanged, now, "forms."+m.member, m.was, m.is))
		}
	}
}

// assignment is a change of one of an interval's forms.
func (p *part) assignment(kind ChangeKind, a assignment, member, before, after string) Change {
	change := p.change(kind, member, before, after)
	change.FormKey = a.key()
	return change
}

// assignments are the interval's forms in its own order, then those that the study does not list.
func (i *Interval) assignments() []assignment {
	var all []assignment
	for at, f := range i.Forms {
		a := assignment{form: f}
		if at < len(i.named) {
			a.named = i.named[at]
		}
		all = append(all, a)
	}
	for _, m := range i.Missing {
		all = append(all, assignment{named: m})
	}
	return all
}
