package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/ledger"
)

// retentionRule is a rule of retention in the configuration file.
type retentionRule struct {
	Name  string `yaml:"name"`
	Years int    `yaml:"years"`
	Until string `yaml:"until"`
}

// retentionSettings is the section retention: a rule for all studies, and those of studies that have their own.
type retentionSettings struct {
	retentionRule `yaml:",inline"`
	Studies       map[string]retentionRule `yaml:"studies"`
}

// errNoRule is a rule that looks as if it kept something.
var errNoRule = errors.New("has neither years nor until, so that it keeps nothing")

// rules reads the section. One that keeps nothing is refused: it looks as if it did.
func (s *retentionSettings) rules(text []byte) (r imednet.RetentionRules, err error) {
	section := retentionSection(text)
	if s == nil && section.Kind != 0 {
		return r, errNoRule
	}
	if s == nil {
		return r, nil
	}
	if s.retentionRule != (retentionRule{}) || len(s.Studies) == 0 {
		if r.Default, err = s.rule(); err != nil {
			return r, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Studies)) {
		if r.Studies == nil {
			r.Studies = map[string]imednet.Retention{}
		}
		if r.Studies[key], err = s.Studies[key].rule(); err != nil {
			return r, err
		}
	}
	return r, errors.Join(r.Validate(), misreadIn(section))
}

func (r retentionRule) rule() (rule imednet.Retention, err error) {
	if r.Years == 0 && r.Until == "" {
		return rule, errNoRule
	}
	rule = imednet.Retention{Name: r.Name, Years: r.Years}
	if r.Until != "" {
		rule.Until, err = parseISO(r.Until)
	}
	return rule, err
}

// retentionSection is the section as it is written.
func retentionSection(text []byte) *yaml.Node {
	var file struct {
		Retention yaml.Node `yaml:"retention"`
	}
	_ = yaml.Unmarshal(text, &file) // it was read before
	return &file.Retention
}

// misreadIn finds a member that is read as another rule than its author meant: a number of years that is not written in
// the usual way, and a member without a value, which would count as left out.
func misreadIn(section *yaml.Node) error {
	for i := 0; i+1 < len(section.Content); i += 2 {
		name, value := section.Content[i].Value, section.Content[i+1]
		_, whole := wholeNumber(value)
		switch {
		case value.Kind == yaml.MappingNode:
			if err := misreadIn(value); err != nil {
				return err
			}
		case value.ShortTag() == "!!null" || imednet.IsBlank(value.Value):
			return fmt.Errorf("line %d: %s has no value: remove it, or give it one", value.Line, name)
		case name == "years" && !whole:
			return fmt.Errorf("line %d: years must be a whole number such as 25, without zeros before it", value.Line)
		}
	}
	return nil
}

// ledgerHistory keeps the whole history of a ledger if there is any rule, of whichever study.
func (a *app) ledgerHistory() (opts []ledger.StoreOption) {
	if !a.settings.rules.IsZero() {
		opts = append(opts, ledger.WithWholeHistory())
	}
	return opts
}

// rotation is how the rules of retention bear on the earlier data sets of an output.
func (a *app) rotation(out planOutput, now time.Time) rotation {
	return rotation{a.settings.rules.For(out.study), now}
}
