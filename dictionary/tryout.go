package dictionary

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
)

// tryout is one trial.
type tryout struct {
	checker  *Checker
	study    TestStudy
	opts     TrialOptions
	clock    imednet.Clock
	progress *TrialProgress
	joined   *Joined
	last     int64 // highest record id so far

	intervals    map[*imednet.IndexedForm]string // with a registration form: the first that has a form
	registration *Form                           // nil for none
	registers    imednet.RecordData

	begun  bool           // everything is ready to be sent
	seen   map[*Rule]bool // rules that are tried to the end, or untried with a reason
	result *Trial
}

func newTryout(c *Checker, study TestStudy, opts TrialOptions) *tryout {
	t := &tryout{checker: c, study: study, opts: opts, clock: c.clock, progress: opts.Progress, seen: map[*Rule]bool{}}
	t.result = &Trial{Results: []TrialResult{}, Refused: []string{}, Untried: []Uncovered{}, Untold: []Untold{}}
	if t.opts.Most <= 0 {
		t.opts.Most = maxCases / 2
	}
	if t.opts.SettleDelay == 0 {
		t.opts.SettleDelay = DefaultSettleDelay
	}
	if t.progress == nil {
		t.progress = newTrialProgress()
	}
	return t
}

func (t *tryout) run(ctx context.Context) error {
	if err := t.prepare(ctx); err != nil {
		return err
	}
	t.begun = true
	for _, key := range slices.Sorted(maps.Keys(t.checker.rules)) {
		if form, ok := t.checker.dictionary.Form(key); ok {
			if err := t.form(ctx, form); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepare looks for the site and the subject, reads the forms, the last record and the time of the server, and takes over what was
// tried before.
func (t *tryout) prepare(ctx context.Context) error {
	if err := t.checkPlace(ctx); err != nil {
		return err
	}
	if err := t.join(ctx); err != nil {
		return err
	}
	for r, err := range t.study.Records(ctx, t.opts.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		t.last = max(t.last, r.RecordID)
	}
	if err := t.prepareVisits(ctx); err != nil {
		return err
	}
	now := t.clock.Now().UTC()
	if prober, ok := t.study.(imednet.RecordProber); ok {
		probe, err := prober.ProbeRecords(ctx, t.opts.StudyKey, imednet.Filter{})
		if err != nil {
			return err
		}
		now = probe.ServerTime
	}
	var err error
	t.result.Time, err = t.progress.begin(trialBegin{
		Server: t.opts.Server, StudyKey: t.opts.StudyKey, Dictionary: t.checker.dictionary.Hash(), SiteName: t.opts.SiteName,
		SubjectKey: t.opts.SubjectKey, Registration: t.opts.Registration, Rules: t.opts.Rules, Most: t.opts.Most, Time: now.UTC(),
	})
	t.result.Results = append(t.result.Results, t.progress.results...)
	t.checker = t.checker.at(t.result.Time)
	return err
}

// rules are the rules of a form that are to be tried.
func (t *tryout) rules(form *Form) []*Rule {
	return slices.DeleteFunc(slices.Clone(t.checker.rules[form.Key]), func(r *Rule) bool {
		return len(t.opts.Rules) > 0 && !slices.Contains(t.opts.Rules, r.ID)
	})
}

// keyOf names a rule in the progress.
func (t *tryout) keyOf(form *Form, rule *Rule) string {
	return fmt.Sprintf("%s, rule %d", form.Key, slices.Index(t.checker.rules[form.Key], rule)+1)
}

func (t *tryout) form(ctx context.Context, form *Form) error {
	rules := slices.DeleteFunc(t.rules(form), func(r *Rule) bool { return t.finished(form, r) })
	if len(rules) == 0 {
		return nil
	}
	p := t.checker.planner(form)
	why, err := t.accepts(ctx, p)
	if err != nil {
		return err
	}
	for _, rule := range rules {
		found := ruleCases{why: why}
		if why == "" {
			found = p.cases(rule, t.opts.Most)
		}
		if found.why != "" {
			t.untried(rule, found.why)
			continue
		}
		if err := t.rule(ctx, form, rule, found); err != nil {
			return err
		}
	}
	return nil
}

// finished reports whether a rule was tried to the end before, and takes over what is said of it.
func (t *tryout) finished(form *Form, rule *Rule) bool {
	done := t.progress.done[t.keyOf(form, rule)]
	if done == nil {
		return false
	}
	t.seen[rule] = true
	if done.Untold != nil {
		t.result.Untold = append(t.result.Untold, *done.Untold)
	}
	return true
}

func (t *tryout) untried(rule *Rule, why string) {
	t.seen[rule] = true
	t.result.Untried = append(t.result.Untried, Uncovered{rule.ID, rule.Name, why})
}

// rule tries the records of a rule.
func (t *tryout) rule(ctx context.Context, form *Form, rule *Rule, found ruleCases) error {
	var doubt *inDoubt
	for _, one := range found.all() {
		err := t.try(ctx, form, rule, one)
		if err != nil && !errors.As(err, &doubt) {
			return err
		}
	}
	done := ruleDone{Key: t.keyOf(form, rule)}
	if untold, some := found.said(rule); some {
		done.Untold = &untold
	}
	if doubt == nil {
		if err := t.progress.write(trialLine{Done: &done}); err != nil {
			return err
		}
	} else {
		t.untried(rule, doubt.why)
	}
	t.seen[rule] = true
	if done.Untold != nil {
		t.result.Untold = append(t.result.Untold, *done.Untold)
	}
	return nil
}

// accepts finds out whether records of a form can be sent at all, and says why not.
func (t *tryout) accepts(ctx context.Context, p *planner) (why string, err error) {
	form := t.joined.byForm[p.form]
	switch {
	case form == nil:
		return "the test study has no such form", nil
	case form.Disabled():
		return "the test study has disabled its form", nil
	case form.Form.FormType.Or("") == "Site":
		return "records of a site cannot be sent", nil
	case !t.placeable(form):
		return "no subject or site is given for its form", nil
	case t.visited(form) && !form.Form.UnscheduledVisit.Or(false) && t.intervals[form] == "":
		return "no interval has its form", nil
	}
	data, err := p.calm.data(p.form)
	if err != nil {
		return "its form has names that no record can hold", nil
	}
	if e := t.checker.Effects(p.form, &imednet.Record{RecordData: data}); len(e.Refusing) > 0 {
		return fmt.Sprintf("no record of its form passes rule %s", e.Refusing[0]), nil
	}
	r, err := t.send(ctx, "form "+p.form.Key, p.form, data)
	var doubt *inDoubt
	switch {
	case errors.As(err, &doubt):
		return doubt.why, nil
	case err == nil && r == nil:
		why = "the study refused a record of its form on which no rule acts"
		t.result.Refused = append(t.result.Refused, p.form.Key)
	}
	return why, err
}

func (t *tryout) placeable(form *imednet.IndexedForm) bool {
	return t.opts.SiteName != "" || form.Form.UnscheduledVisit.Or(false)
}

// try tries one record, unless that was done before.
func (t *tryout) try(ctx context.Context, form *Form, rule *Rule, p placed) error {
	key := fmt.Sprintf("%s, record %x", t.keyOf(form, rule), sha256.Sum256(p.entered.Raw()))
	if t.progress.tried[key] {
		return nil
	}
	r, err := t.send(ctx, key, form, p.entered)
	if err != nil {
		return err
	}
	seen, err := t.observe(ctx, form, r, p.entered)
	if err != nil {
		return err
	}
	result := TrialResult{RuleID: rule.ID, Rule: rule.Name, Form: form.Key, Data: p.entered, Time: t.result.Time, Passed: true}
	result.Generated, _ = rule.Generated()
	if r != nil {
		result.RecordID = r.RecordID
	}
	for _, s := range p.shown {
		effect := TrialEffect{s.Effect, s.Expected, seen(s.Effect)}
		result.Effects = append(result.Effects, effect)
		result.Passed = result.Passed && effect.Expected == effect.Observed
	}
	if r == nil && !slices.ContainsFunc(result.Effects, func(e TrialEffect) bool { return e.Effect == refused }) {
		result.Effects = append(result.Effects, TrialEffect{refused, false, true})
		result.Passed = false
	}
	if err := t.progress.write(trialLine{Key: key, Result: &result}); err != nil {
		return err
	}
	t.result.Results = append(t.result.Results, result)
	if t.opts.OnResult != nil {
		t.opts.OnResult(result)
	}
	return nil
}

// observe returns a function that finds an effect in what became of a record, which is nil if it was
// refused.
func (t *tryout) observe(ctx context.Context, form *Form, r *imednet.Record, sent imednet.RecordData) (func(effect string) bool, error) {
	if r == nil {
		return func(effect string) bool { return effect == refused }, nil
	}
	all := map[string]bool{}
	for q, err := range t.study.Queries(ctx, t.opts.StudyKey, imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, r.RecordID)}) {
		if err != nil {
			return nil, err
		}
		all[queryOn(t.questionOf(form, q.Variable.Or("")))] = true
	}
	for _, k := range r.Keywords {
		all[keywordSet(k.KeywordKey.Or(""))], all[keywordSet(k.KeywordName.Or(""))] = true, true
	}
	for name := range sent.All() {
		if v, n := r.RecordData.Lookup(t.nameOf(form, name)); n < 2 && v.Missing() {
			all[clearing(name)] = true
		}
	}
	return func(effect string) bool { return all[effect] }, nil
}
