package dictionary

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// TestStudy is the part of an [imednet.Client] that [Checker.Try] needs. If it also implements
// [imednet.RecordProber], rules about the current date are judged by the server's date; if it implements
// [imednet.SiteReader] or [imednet.SubjectReader], a site or subject that the study does not have is an error before
// anything is sent. If it implements [imednet.VariableReader], questions are sent as the study spells them, and those
// without a variable in use are left out.
type TestStudy interface {
	imednet.FormReader
	imednet.RecordSource
	imednet.QueryReader
	imednet.RecordSubmitter
	imednet.JobGetter
}

// TrialOptions configures [Checker.Try].
type TrialOptions struct {
	StudyKey string // study to which synthetic records are sent: never one with real subjects
	// SubjectKey is the subject who gets a new record for every case of a form that is filled in
	// without a visit.
	SubjectKey string
	// SiteName is the site at which a new subject is registered with every case of the other forms.
	SiteName string
	// Registration is the key, in the dictionary or the study, of the form with which subjects are registered, if not every form can
	// do that. A record of another form is then sent for a subject who was registered with it before, without a
	// visit or at the first interval that has the form. The study must be an [imednet.IntervalReader].
	Registration string
	// Rules limits the trial to these rules, by id; empty means all.
	Rules []string
	// Most limits the records of a rule on which it acts, and those on which it does not; 0 means
	// thirty of each.
	Most int
	Poll imednet.PollOptions
	// SettleDelay is how far a listing of the study may lag behind the end of a job: a record that neither shows nor was
	// refused is looked for a second time after it. 0 means [DefaultSettleDelay].
	SettleDelay time.Duration
	// Progress, if set, keeps what is sent, so that another call with the same progress and options goes on where this one
	// ended, and sends nothing twice.
	Progress *TrialProgress
	// Server says where the study is, such as by a URL. It is compared with that of the progress and nothing else.
	Server string
	// Resend sends records again of which it is not known whether the study took them, and of which nothing shows there. Without it
	// their rules are among the untried.
	Resend bool
	// OnResult, if set, is called after every record that this call tried.
	OnResult func(TrialResult)
}

// DefaultSettleDelay is the default of [TrialOptions].SettleDelay.
const DefaultSettleDelay = jobpoll.SettleDelay

// Trial is what a test study did with the records of a dictionary's rules.
type Trial struct {
	Time    time.Time     `json:"time"` // by which rules about the current date were judged last
	Results []TrialResult `json:"results"`
	// Refused are forms of which even a record on which no rule acts was refused: by a rule that acts
	// where it should not, or because such records cannot be sent to the study.
	Refused []string `json:"refused"`
	// Untried are rules that no record can test there, with the reason. Rules of [Checker.Cases]
	// whose effects the API does not show are among them, and those with a record of which nobody knows whether the study took
	// it. If the trial ended early, they are all that were not tried to the end.
	Untried []Uncovered `json:"untried"`
	// Untold are other builds of rules that the records that were sent do not show.
	Untold []Untold `json:"untold"`
}

// TrialResult is one synthetic record that was sent, and what the study did with it.
type TrialResult struct {
	RuleID    string             `json:"ruleId"`
	Rule      string             `json:"rule"`
	Form      string             `json:"form"`
	Generated string             `json:"generated,omitempty"` // question for which the form designer generated the rule
	Data      imednet.RecordData `json:"data"`                // synthetic
	RecordID  int64              `json:"recordId,omitzero"`   // 0 if the record was refused
	Time      time.Time          `json:"time"`                // by which the rules were judged
	Effects   []TrialEffect      `json:"effects"`
	Passed    bool               `json:"passed"` // whether every effect is as expected
}

// TrialEffect is one effect of a rule, such as "query on AESTDTC", that no other rule has on the record.
type TrialEffect struct {
	Effect   string `json:"effect"`
	Expected bool   `json:"expected"`
	Observed bool   `json:"observed"`
}

// Failed returns the ids of the rules with a result that is not as expected, each once and sorted.
func (t *Trial) Failed() []string {
	failed := map[string]bool{}
	for _, r := range t.Results {
		if !r.Passed {
			failed[r.RuleID] = true
		}
	}
	return slices.Sorted(maps.Keys(failed))
}

// Complete reports whether every rule was tried, by records that tell it from every other build that was thought of.
func (t *Trial) Complete() bool { return len(t.Untried) == 0 && len(t.Untold) == 0 }

// Passed reports whether no result is other than expected and no form was refused. Rules that were not
// tried count for nothing; [Trial.Complete] says whether there are any.
func (t *Trial) Passed() bool { return len(t.Failed()) == 0 && len(t.Refused) == 0 }

// Try sends synthetic records to a test study, one at a time, and reads back what its edit checks did:
// whether the record was refused, which queries were opened, which keywords were set and which answers
// cleared. For every rule that has such an effect there are records on which it acts and on which it
// does not, chosen so that no other rule does the same.
//
// The records stay in the study, which nobody else may change meanwhile. A form of which even a record
// on which no rule acts is refused is not tried.
//
// If the trial ends early, such as because the server does not answer, the error comes with the trial so far, unless it ended before
// anything was sent. With opts.Progress another call goes on with it. A record that is on its way when ctx ends is waited for.
func (c *Checker) Try(ctx context.Context, study TestStudy, opts TrialOptions) (*Trial, error) {
	const function = "dictionary.Checker.Try"
	err := errors.Join(argument.Required(function, "study", study), argument.Named(function, "opts.StudyKey", opts.StudyKey))
	if err == nil && opts.SubjectKey == "" && opts.SiteName == "" {
		err = argument.Invalid(function, "opts", "names neither a subject nor a site")
	}
	if err == nil && opts.Registration != "" && opts.SiteName == "" {
		err = argument.Invalid(function, "opts.Registration", "needs a site")
	}
	if err == nil {
		opts.Poll, err = jobpoll.Defaults(function, opts.Poll)
	}
	if err == nil && opts.SettleDelay < 0 {
		err = argument.Invalid(function, "opts.SettleDelay", "is negative")
	}
	if err != nil {
		return nil, err
	}
	if err := c.dictionary.knows(RulesFile); err != nil {
		return nil, failed("try the rules", "", err)
	}
	t := newTryout(c, study, opts)
	err = t.run(ctx)
	if err != nil {
		err = failed("try the rules", "", err)
	}
	if err != nil && t.begun {
		t.rest()
		return t.result, err
	}
	if err != nil {
		return nil, err
	}
	return t.result, nil
}

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
