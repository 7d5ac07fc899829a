package extraction

import (
	"errors"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Engine applies one study configuration to records. It is safe for concurrent use; its runs are
// not.
type Engine struct{ plan *plan }

// EngineOption configures [NewEngine].
type EngineOption func(*engineSettings) error

type engineSettings struct {
	structure *Structure
	commit    string
}

// WithStructure sets the structure of the study, against which the configuration's forms and
// variables are then checked and from which rules can read intervalName. Without it forms and
// variables are not checked.
func WithStructure(s Structure) EngineOption {
	return func(e *engineSettings) error {
		e.structure = &s
		return nil
	}
}

// WithCommit sets the hash of the configuration's commit in its history, for the lineage of every
// value.
func WithCommit(hash string) EngineOption {
	return func(e *engineSettings) error {
		e.commit = hash
		return nil
	}
}

// NewEngine checks a configuration and compiles its rules. The error is an
// *[imednet.ValidationError] with every problem and its place: fields and domains that do not
// exist, targets mapped twice, required fields without a rule, expressions that cannot be compiled,
// keys that no rule sets, terminologies and widgets that match nothing and, given the structure,
// forms and variables that the study does not have.
func NewEngine(cfg imednet.StudyConfiguration, opts ...EngineOption) (*Engine, error) {
	var settings engineSettings
	if err := argument.Options("extraction.NewEngine", &settings, opts); err != nil {
		return nil, err
	}
	problems := configurationProblems(cfg)
	p := newPlan(cfg, settings.structure, settings.commit)
	problems = append(problems, p.problems...)
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "study configuration", Problems: problems}
	}
	return &Engine{plan: p}, nil
}

func configurationProblems(cfg imednet.StudyConfiguration) []imednet.Problem {
	var invalid *imednet.ValidationError
	if errors.As(cfg.Validate(), &invalid) {
		return invalid.Problems
	}
	return nil
}

// Warnings returns aspects of the configuration that are suspicious but valid: disabled forms,
// retired variables, axes of widgets that no rule provides, and unknown members of the document and of
// its rules, such as a misspelt businessLogic, which are kept but have no effect.
func (e *Engine) Warnings() []imednet.Problem { return slices.Clone(e.plan.warnings) }

// Domains returns the domains that the configuration maps, in the order of the function [Domains].
func (e *Engine) Domains() []Domain {
	var given []Domain
	for _, d := range Domains() {
		if slices.Contains(e.plan.domains, d) {
			given = append(given, d)
		}
	}
	return given
}

// Fields returns the fields that rows of a domain can have, in the order of the Arrow columns.
func (e *Engine) Fields(domain Domain) []string {
	var names []string
	for _, spec := range e.plan.columns(domain) {
		names = append(names, spec.name)
	}
	return names
}
