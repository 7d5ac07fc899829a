package dictionary

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// join joins the dictionary with the test study, whose keys and names are those by which records are sent. Without its
// variables the questions are what the dictionary says.
func (t *tryout) join(ctx context.Context) error {
	var forms []imednet.Form
	for f, err := range t.study.Forms(ctx, t.opts.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		forms = append(forms, f)
	}
	var variables []imednet.Variable
	reader, known := t.study.(imednet.VariableReader)
	if known {
		for v, err := range reader.Variables(ctx, t.opts.StudyKey, imednet.ListOptions{}) {
			if err != nil {
				return err
			}
			variables = append(variables, v)
		}
	}
	var err error
	if t.joined, err = t.checker.dictionary.Join(forms, variables, JoinOptions{AnyStudy: true}); err != nil || !known {
		return err
	}
	t.checker = t.checker.withoutUnused(t.joined)
	return nil
}

// withoutUnused is the checker of the records of a study, which has no answers to what it does not ask for.
func (c *Checker) withoutUnused(j *Joined) *Checker {
	own := *c
	own.unused = map[*Question]bool{}
	for _, f := range c.dictionary.Forms {
		for _, q := range f.Questions {
			if last, _ := f.Question(q.Name); !j.asked[last] {
				own.unused[q] = true
			}
		}
	}
	return &own
}

// item is a submission of answers by the keys and names of the study.
func (t *tryout) item(form *Form, data imednet.RecordData) imednet.Submission {
	api := t.joined.byForm[form]
	item := imednet.Submission{FormKey: api.Key(), Data: map[string]any{}}
	if item.FormKey == "" {
		item.FormID = api.ID()
	}
	for name, v := range data.All() {
		item.Data[t.nameOf(form, name)] = sendable(v)
	}
	return item
}

// nameOf is the name of the variable that is joined with a question.
func (t *tryout) nameOf(form *Form, question string) string {
	if q, known := form.Question(question); known && t.joined.variables[q] != "" {
		return t.joined.variables[q]
	}
	return question
}

// questionOf is the name of the question that is joined with a variable.
func (t *tryout) questionOf(form *Form, variable string) string {
	for _, q := range form.Questions {
		if t.nameOf(form, q.Name) == variable {
			return q.Name
		}
	}
	return variable
}

// sendable gives an answer the type in which it is sent.
func sendable(v imednet.Value) any {
	switch v.Kind() {
	case '"':
		return v.Text()
	case 't', 'f':
		return v.Kind() == 't'
	}
	return jsontext.Value(v.Raw())
}
