package imednet

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Retention is a rule that refuses the removal of data before a date. The zero value refuses nothing.
type Retention struct {
	Name string `json:"name,omitzero"` // of the rule, for whoever reads what was removed under it
	// Years is for how many calendar years data are kept after they ended: were superseded, or last changed.
	Years int `json:"years,omitzero"`
	// Until is the time before which nothing is removed.
	Until time.Time `json:"until,omitzero"`
}

// maxRetentionYears keeps dates within what RFC 3339 can write.
const maxRetentionYears = 1000

// ErrRetained means that a rule of retention refuses a removal. Nothing was removed.
var ErrRetained = errors.New("a rule of retention refuses the removal")

// RetentionError is [ErrRetained] with the time from which the removal is permitted.
type RetentionError struct {
	Rule  string
	Until time.Time
}

// Error names the rule and says until when it holds.
func (e *RetentionError) Error() string {
	rule := "a rule of retention"
	if e.Rule != "" {
		rule = fmt.Sprintf("the rule of retention %q", e.Rule)
	}
	return fmt.Sprintf("%s refuses the removal until %s", rule, e.Until.UTC().Format(time.RFC3339))
}

// Is reports whether the target is [ErrRetained].
func (e *RetentionError) Is(target error) bool { return target == ErrRetained }

// Validate refuses a number of years below 0 or above 1000.
func (r Retention) Validate() error {
	if r.Years < 0 || r.Years > maxRetentionYears {
		return fmt.Errorf("years must be from 0 to %d", maxRetentionYears)
	}
	return nil
}

// Permits returns a [*RetentionError] if data that ended at a time must not be removed now. What ended on
// 29 February is kept until 1 March of a year without that day.
func (r Retention) Permits(now, ended time.Time) error {
	until := r.Until
	if kept := ended.UTC().AddDate(r.Years, 0, 0); r.Years > 0 && kept.After(until) {
		until = kept
	}
	if now.Before(until) {
		return &RetentionError{r.Name, until}
	}
	return nil
}

// IsZero reports whether the rule refuses nothing and has no name.
func (r Retention) IsZero() bool { return r.Name == "" && r.Years == 0 && r.Until.IsZero() }

// RetentionRules are a rule for all studies, and those of studies that have their own.
type RetentionRules struct {
	Default Retention
	Studies map[string]Retention // by study key; such a rule counts instead of Default
}

// For returns the rule of a study.
func (r RetentionRules) For(studyKey string) Retention {
	if own, ok := r.Studies[studyKey]; ok {
		return own
	}
	return r.Default
}

// IsZero reports whether there is no rule.
func (r RetentionRules) IsZero() bool { return r.Default.IsZero() && len(r.Studies) == 0 }

// Validate refuses what [Retention.Validate] refuses.
func (r RetentionRules) Validate() error {
	err := r.Default.Validate()
	for _, key := range slices.Sorted(maps.Keys(r.Studies)) {
		if wrong := r.Studies[key].Validate(); err == nil && wrong != nil {
			err = fmt.Errorf("of study %s: %w", key, wrong)
		}
	}
	return err
}
