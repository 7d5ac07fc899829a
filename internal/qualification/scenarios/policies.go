package scenarios

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/policy"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/triage"
)

// trialPolicy is of two who may review and confirm, and of one who may only report.
const trialPolicy = `
roles:
  reporter: [triage.report]
  reviewer: [triage.claim, triage.review, triage.resolve]
  confirmer: [triage.confirm]
users:
  nightly: {roles: [reporter]}
  anna: {roles: [reviewer, confirmer]}
  bert: {roles: [reviewer, confirmer]}
claimed: []
twoPersons: {triage: required}
`

var policies = qualification.Scenario{
	ID: "OQ-STO-6", Title: "A policy refuses what it does not permit, and two persons are two, however one is spelt",
	Requirements: []string{"STO-41", "STO-44", "STO-46"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		policiesThatAreNone(t)
		p, err := policy.Parse([]byte(trialPolicy))
		if err != nil {
			return err
		}
		trial := &policyTrial{Trial: t, policy: p, path: t.Path("triage.sqlite3")}
		return errors.Join(trial.refusals(ctx), trial.secondPersons(ctx), t.Evidence("policy.yaml", []byte(trialPolicy)))
	},
}

// policiesThatAreNone expects that what would protect otherwise than it seems to is no policy.
func policiesThatAreNone(t *qualification.Trial) {
	for _, c := range []struct{ what, text string }{
		{"nothing", ""},
		{"an unknown action", "roles: {a: [triage.reslove]}"},
		{"an unknown member", "rolls: {}"},
		{"a role that is not defined", "users: {anna: {roles: [a]}}"},
		{"one user in two spellings", "users: {anna: {}, Anna: {}}"},
		{"two persons of a store that has none", "twoPersons: {ledger: required}"},
	} {
		_, err := policy.Parse([]byte(c.text))
		t.Holds("a policy with "+c.what+" is refused", err != nil)
	}
}

// policyTrial opens one review queue as several persons.
type policyTrial struct {
	*qualification.Trial
	policy *policy.Policy
	path   string
	item   string // that was reported
}

// as runs do as somebody whom the operating system would name.
func (t *policyTrial) as(ctx context.Context, user string, do func(*triage.TriageStore) error) error {
	who := imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
		return imednet.Identity{ID: user, Authenticated: "os-user"}, nil
	})
	return t.opened(ctx, do, triage.WithIdentity(t.policy.WithRoles(who)))
}

func (t *policyTrial) opened(ctx context.Context, do func(*triage.TriageStore) error, o ...triage.Option) error {
	store, err := triage.NewTriageStore(ctx, t.path, append(o, triage.WithClock(t.Clock), triage.WithAuthorizer(t.policy), triage.WithTwoPersons())...)
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}

// refused expects a refusal, and that the log is as it was.
func (t *policyTrial) refused(ctx context.Context, what string, expected error, user string, do func(*triage.TriageStore) error) error {
	before, err := t.head(ctx)
	if err != nil {
		return err
	}
	t.Refused(what, expected, t.as(ctx, user, do))
	after, err := t.head(ctx)
	t.Equal("the log after "+what, before, after)
	return err
}

func (t *policyTrial) head(ctx context.Context) (line string, err error) {
	err = t.opened(ctx, func(s *triage.TriageStore) error {
		h, err := s.Head(ctx)
		line = h.String()
		return err
	})
	return line, err
}

func reported(ctx context.Context) func(*triage.TriageStore) error {
	return func(s *triage.TriageStore) error {
		_, err := s.ReportFindings(ctx, "", []triage.Finding{{StudyKey: "DEMO", Severity: "HIGH", Summary: "a finding", Link: triage.Link{RecordID: 1, Rule: "R1"}}})
		return err
	}
}

// findItem remembers the item that was reported.
func (t *policyTrial) findItem(ctx context.Context) func(*triage.TriageStore) error {
	return func(s *triage.TriageStore) error {
		for e, err := range s.Events(ctx, triage.EventOptions{}) {
			if err != nil {
				return err
			}
			t.item = e.ItemID
		}
		return nil
	}
}

func (t *policyTrial) moved(ctx context.Context, to triage.Status, comment string) func(*triage.TriageStore) error {
	return func(s *triage.TriageStore) error {
		_, err := s.UpdateStatus(ctx, triage.StatusUpdate{ItemID: t.item, Version: triage.AnyVersion, To: to, Comment: comment})
		return err
	}
}

func (t *policyTrial) confirmed(ctx context.Context) func(*triage.TriageStore) error {
	return func(s *triage.TriageStore) error {
		_, err := s.ConfirmItem(ctx, triage.Confirmation{ItemID: t.item, Version: triage.AnyVersion, Comment: "agreed"})
		return err
	}
}

// refusals has each action done by somebody whom the policy does not give it to.
func (t *policyTrial) refusals(ctx context.Context) error {
	if err := errors.Join(t.as(ctx, "nightly", reported(ctx)), t.opened(ctx, t.findItem(ctx))); err != nil {
		return err
	}
	return errors.Join(
		t.refused(ctx, "a report by a reviewer", imednet.ErrNotAuthorized, "anna", reported(ctx)),
		t.refused(ctx, "a report by somebody whom the policy does not name", imednet.ErrNotAuthorized, "eve", reported(ctx)),
		t.refused(ctx, "a review by who may only report", imednet.ErrNotAuthorized, "nightly", t.moved(ctx, triage.StatusUnderReview, "")),
		t.refused(ctx, "a review under another spelling of a reviewer's name", imednet.ErrNotAuthorized, "Anna", t.moved(ctx, triage.StatusUnderReview, "")),
		t.refused(ctx, "a comment, which the policy gives to nobody", imednet.ErrNotAuthorized, "anna", func(s *triage.TriageStore) error {
			_, err := s.AddAnnotation(ctx, triage.Comment{ItemID: t.item, Text: "seen"})
			return err
		}),
	)
}

// secondPersons has a decision confirmed by who made it, and by a second person.
func (t *policyTrial) secondPersons(ctx context.Context) error {
	err := errors.Join(t.as(ctx, "anna", t.moved(ctx, triage.StatusUnderReview, "")), t.as(ctx, "anna", t.moved(ctx, triage.StatusResolved, "corrected")))
	if err != nil {
		return err
	}
	if err := t.refused(ctx, "confirming one's own decision", triage.ErrSamePerson, "anna", t.confirmed(ctx)); err != nil {
		return err
	}
	loose, err := policy.Parse([]byte("roles: {confirmer: [triage.confirm]}\nusers: {ANNA: {roles: [confirmer]}}\n"))
	if err != nil {
		return err
	}
	other := &policyTrial{Trial: t.Trial, policy: loose, path: t.path, item: t.item}
	if err := other.refused(ctx, "confirming it under another spelling, which a later policy names", triage.ErrSamePerson, "ANNA", t.confirmed(ctx)); err != nil {
		return err
	}
	if err := t.as(ctx, "bert", t.confirmed(ctx)); err != nil {
		return err
	}
	return t.opened(ctx, func(s *triage.TriageStore) error {
		v, err := s.Verify(ctx, triage.VerifyOptions{})
		t.Equal("entries of the log: a finding, a review, a resolution, a confirmation", 4, v.Events)
		return err
	})
}
