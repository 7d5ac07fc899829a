package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// trialOptions say where the records of an acceptance test are sent.
type trialOptions struct {
	study, testStudy string
	site, subject    string
	registration     string
	rules            []string
	most             int
	interval         imednet.PollOptions
	settleDelay      time.Duration
	progress, server string
	anew, resend     bool
}

func (o *trialOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.study, "submit", "", "send the records to this `study` and read back what its checks did")
	f.StringVar(&o.testStudy, "test-study", "", "declare that this `study` is a test study")
	f.StringVar(&o.site, "site", "", "with --submit: `name` of the site at which subjects are registered")
	f.StringVar(&o.subject, "subject", "", "with --submit: `key` of the subject who gets the records without a visit")
	f.StringVar(&o.registration, "registration", "", "with --site: `key` of the form that registers subjects, before records of others at visits")
	f.StringSliceVar(&o.rules, "rule", nil, "with --submit: only these rules, by their `ids`")
	f.IntVar(&o.most, "most", 0, "with --submit: at most this `number` of records for each result of a rule")
	f.DurationVar(&o.interval.Interval, "interval", imednet.DefaultPollInterval, "with --submit: pause before the second poll of a job; later ones are longer")
	f.DurationVar(&o.settleDelay, "settle-delay", dictionary.DefaultSettleDelay, "with --submit: how far the server's listings may lag behind the end of a job")
	f.StringVar(&o.progress, "progress", "", "with --submit: `file` that keeps what was sent, so that the same command goes on after an error (default: one in ~/.imednet/uat)")
	f.BoolVar(&o.anew, "anew", false, "with --submit: begin anew instead of going on, and send all records again")
	f.BoolVar(&o.resend, "resend", false, "with --submit: send records again of which it is not known whether they arrived, and of which nothing shows")
	cmd.MarkFlagsRequiredTogether("submit", "test-study")
	cmd.MarkFlagsMutuallyExclusive("anew", "resend")
	cmd.MarkFlagsMutuallyExclusive("submit", "against")
}

func (o *trialOptions) check() error {
	switch {
	case o.study != o.testStudy:
		return usagef("--submit and --test-study must name the same study")
	case o.study != "" && o.site == "" && o.subject == "":
		return usagef("--submit needs --site, a subject of --subject, or both")
	case o.registration != "" && o.site == "":
		return usagef("--registration needs --site")
	case o.study == "" && (o.site != "" || o.subject != "" || len(o.rules) > 0 || o.most != 0 || o.progress != "" || o.anew || o.resend):
		return usagef("--site, --subject, --rule, --most, --progress, --anew and --resend go with --submit")
	case o.most < 0:
		return usagef("--most is negative")
	case o.settleDelay < 0:
		return usagef("--settle-delay is negative")
	case o.settleDelay == 0:
		o.settleDelay = 1 // the library takes none for the default
	}
	return nil
}

// tryDictionary sends the records of a dictionary to a test study.
func (a *app) tryDictionary(ctx context.Context, d *dictionary.Dictionary, reading dictionaryOptions, o trialOptions) error {
	known := map[string]bool{}
	for _, r := range d.Rules {
		known[r.ID] = true
	}
	for _, id := range o.rules {
		if !known[id] {
			return usagef("the export has no rule %q", id)
		}
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	if _, err := reading.join(ctx, a, d, client, o.study); err != nil {
		return err
	}
	checker, err := dictionary.NewChecker(d)
	if err != nil {
		return err
	}
	o.server = a.serverName()
	progress, err := a.trialProgress(d, o)
	if err != nil {
		return err
	}
	trial, err := checker.Try(ctx, client, o.library(progress))
	return a.judgeTrial(trial, errors.Join(err, progress.Close()))
}

func (o *trialOptions) library(progress *dictionary.TrialProgress) dictionary.TrialOptions {
	return dictionary.TrialOptions{
		StudyKey: o.study, SubjectKey: o.subject, SiteName: o.site, Registration: o.registration, Rules: o.rules, Most: o.most, Poll: o.interval,
		SettleDelay: o.settleDelay, Progress: progress, Server: o.server, Resend: o.resend,
	}
}

// judgeTrial prints what a trial showed, and is an error unless all of it is as it should be.
func (a *app) judgeTrial(trial *dictionary.Trial, err error) error {
	if trial == nil {
		return err
	}
	if err := errors.Join(a.printTrial(trial), err); err != nil {
		return &endedEarlyError{err, len(trial.Untried)}
	}
	if !trial.Passed() {
		return &invalidError{"some checks of the study behave differently from the export"}
	}
	if len(trial.Results) == 0 {
		return &invalidError{"no check was tried"}
	}
	if !trial.Complete() {
		return &invalidError{fmt.Sprintf("%d checks were not tried, and %d not told from every other build: of these nothing is known", len(trial.Untried), len(trial.Untold))}
	}
	return nil
}

// trialRule is what a test study did for one rule.
type trialRule struct {
	id, form, origin string
	records, failed  int
	first            string // what was not as expected, in the first such record
}

func (a *app) printTrial(trial *dictionary.Trial) error {
	if a.json {
		return a.writeJSON(trial)
	}
	var rules []*trialRule
	at := map[string]*trialRule{}
	for _, r := range trial.Results {
		rule := at[r.RuleID]
		if rule == nil {
			rule = &trialRule{id: r.RuleID, form: r.Form, origin: "hand-made"}
			if r.Generated != "" {
				rule.origin = "generated"
			}
			at[r.RuleID], rules = rule, append(rules, rule)
		}
		rule.add(r)
	}
	t := newTable(a.out, "RULE", "FORM", "ORIGIN", "RECORDS", "FAILED", "NOT AS EXPECTED")
	for _, r := range rules {
		if err := t.add(r.id, r.form, r.origin, number(r.records), number(r.failed), r.first); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, form := range trial.Refused {
		if err := a.printf("form %s: a record on which no rule acts was refused\n", printable(form)); err != nil {
			return err
		}
	}
	for _, u := range trial.Untried {
		if err := a.printf("not tried: rule %s: %s\n", printable(u.RuleID), printable(u.Why)); err != nil {
			return err
		}
	}
	if err := a.printUntold(trial.Untold); err != nil {
		return err
	}
	return a.printf("%d records for %d checks: %d checks behave differently; %d not tried; today is %s on the server\n",
		len(trial.Results), len(rules), len(trial.Failed()), len(trial.Untried), trial.Time.Format("2006-01-02"))
}

func (r *trialRule) add(result dictionary.TrialResult) {
	r.records++
	if result.Passed {
		return
	}
	r.failed++
	for _, e := range result.Effects {
		if e.Expected == e.Observed || r.first != "" {
			continue
		}
		r.first = e.Effect
		if !e.Observed {
			r.first = "no " + e.Effect
		}
	}
}
