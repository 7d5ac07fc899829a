package submissions

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// Readiness describes how complete a record is for its form.
type Readiness struct {
	Score   float64  // valid answers as a share of the form's variables, 0 to 100
	Reasons []string // they repeat no value, and no name that the study does not have
}

// Readiness scores a record before it is submitted: the share of the form's variables (without
// retired ones) that have a valid answer, with a reason for each unknown, missing or invalid one. A
// form that is unknown or has no variables scores 0.
func (c *SchemaCache) Readiness(ctx context.Context, studyKey string, item imednet.Submission) (Readiness, error) {
	schema, err := c.including(ctx, studyKey, []FormRef{formOf(&item)})
	if err != nil {
		return Readiness{}, err
	}
	form, ok := schema.Form(formOf(&item))
	if !ok {
		return Readiness{Reasons: []string{schema.unknownForm(&item).Reason}}, nil
	}
	return form.readiness(item.Data), nil
}

func (f *FormVariables) readiness(data map[string]any) Readiness {
	var r Readiness
	for n, name := range slices.Sorted(maps.Keys(data)) {
		if _, known := f.Variables[name]; !known {
			r.Reasons = append(r.Reasons, fmt.Sprintf("Unknown variable: %d of %d in ascending order%s", n+1, len(data), shown.DidYouMean(name, slices.Collect(maps.Keys(f.Variables)))))
		}
	}
	expected, valid := 0, 0
	for _, name := range slices.Sorted(maps.Keys(f.Variables)) {
		variable := f.Variables[name]
		if variable.Retired() {
			continue
		}
		expected++
		value, given := data[name]
		if !given {
			r.Reasons = append(r.Reasons, "Missing expected variable: "+name)
		} else if reason := f.checkValue(name, value); reason != "" {
			r.Reasons = append(r.Reasons, fmt.Sprintf("Invalid variable %s: %s", name, reason))
		} else {
			valid++
		}
	}
	if expected > 0 {
		r.Score = 100 * float64(valid) / float64(expected)
	}
	return r
}
