package dictionary

import (
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Effects is what the edit checks of a form do to a record that is saved.
type Effects struct {
	imednet.RecordEffects
	Outcomes []Outcome // of all rules, on the answers that are left
}

// CheckRecord returns what the rules of a record's form do to it when it is saved at a moment, which
// gives rules the current date. A form that is not in the dictionary has no rules. It makes a Checker
// an [imednet.EditChecker].
func (c *Checker) CheckRecord(r *imednet.Record, at time.Time) imednet.RecordEffects {
	if r == nil {
		return imednet.RecordEffects{}
	}
	form, _ := c.dictionary.Form(r.FormKey.Or(""))
	return c.at(at).Effects(form, r).RecordEffects
}

// at returns the checker with a clock that stands still.
func (c *Checker) at(t time.Time) *Checker {
	own := *c
	own.clock = stopped(t)
	return &own
}

// stopped is a clock that stands still, so that several records are judged by the same date.
type stopped time.Time

func (s stopped) Now() time.Time                             { return time.Time(s) }
func (s stopped) Sleep(context.Context, time.Duration) error { return nil }

// Effects returns what the rules of a form do to a record that is about to be saved; one without an id
// is new. Rules that clear answers come first, until they clear no more; the others are evaluated on
// what is left. A form that is not in the dictionary has no rules, and neither has nil.
func (c *Checker) Effects(form *Form, r *imednet.Record) Effects {
	var e Effects
	if form == nil || r == nil {
		return e
	}
	saved := *r
	for range form.Questions { // each round clears one answer at least
		cleared := c.clearedBy(form, &saved)
		if len(cleared) == 0 {
			break
		}
		e.Cleared = append(e.Cleared, cleared...)
		saved.RecordData = c.without(form, saved.RecordData, cleared)
	}
	e.Outcomes = c.saving(form, &saved)
	for i, o := range e.Outcomes {
		switch o.Acts {
		case imednet.Yes:
			e.add(o, c.rules[form.Key][i])
		case imednet.No:
			e.Quiet = append(e.Quiet, o.RuleID)
		case imednet.Unknown:
			e.Undecided = append(e.Undecided, o.RuleID)
		}
	}
	return e
}

func (e *Effects) add(o Outcome, r *Rule) {
	if o.Refuses {
		e.Refusing = append(e.Refusing, o.RuleID)
	}
	for _, k := range o.Keywords {
		e.Keywords = appendNew(e.Keywords, k)
	}
	for _, action := range r.actions() {
		if field := action.Child("query_field").Child("question").name(); action.Name == "open_query" && field != "" {
			e.Queries = append(e.Queries, imednet.OpenedQuery{RuleID: o.RuleID, Question: field, Text: action.Child("query_text").name()})
		}
	}
}

// saving evaluates the rules of a form on a record that may be new.
func (c *Checker) saving(form *Form, r *imednet.Record) []Outcome {
	if r.RecordID == 0 {
		return c.CheckData(form, r.RecordData)
	}
	return c.Check(form, r)
}

// clearedBy lists the questions with an answer that acting rules clear.
func (c *Checker) clearedBy(form *Form, r *imednet.Record) []string {
	var cleared []string
	find := c.answersOf(form, r.RecordData)
	for _, o := range c.saving(form, r) {
		if o.Acts != imednet.Yes {
			continue
		}
		for _, question := range o.Clears {
			if v, n := find(question); n == 1 && !v.Missing() {
				cleared = appendNew(cleared, question)
			}
		}
	}
	return cleared
}

// without returns answers less those to some questions.
func (c *Checker) without(form *Form, data imednet.RecordData, questions []string) imednet.RecordData {
	names, known := c.names[form]
	if !known {
		names = form.questionNames()
	}
	kept := []byte{'{'}
	for name, v := range data.All() {
		if slices.ContainsFunc(questions, func(q string) bool { return names.Same(q, name) }) {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept, _ = jsontext.AppendQuote(kept, name)
		kept = append(append(kept, ':'), v.Raw()...)
	}
	left, err := imednet.NewRecordData(append(kept, '}'))
	if err != nil {
		return data // names that are no text cannot be written again
	}
	return left
}

func appendNew(all []string, text string) []string {
	if slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}
