package dictionary

import (
	"context"
	"errors"
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
