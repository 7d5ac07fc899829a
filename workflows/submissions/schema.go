package submissions

import (
	"context"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// SchemaSource lists the design against which a submission is checked; every [imednet.Client]
// implements it. If it is also an [imednet.IntervalReader], the intervals that records name are checked.
type SchemaSource interface {
	imednet.FormReader
	imednet.VariableReader
}

// SchemaCache caches the forms and variables of studies for validation. It is safe for concurrent
// use. A study is listed on first use, and once more for a form that is not in the cache; a form
// that is still unknown is remembered as such until [SchemaCache.Refresh].
type SchemaCache struct {
	src       SchemaSource
	mu        sync.Mutex
	studies   map[string]*StudySchema
	intervals map[string]*intervals
}

// NewSchemaCache returns an empty cache for a source.
func NewSchemaCache(src SchemaSource) (*SchemaCache, error) {
	if err := argument.Required("submissions.NewSchemaCache", "src", src); err != nil {
		return nil, err
	}
	return &SchemaCache{src: src, studies: map[string]*StudySchema{}, intervals: map[string]*intervals{}}, nil
}

// StudySchema holds the forms and variables of a study.
type StudySchema struct {
	StudyKey string
	index    *imednet.FormIndex
	forms    map[*imednet.IndexedForm]*FormVariables
	unknown  map[FormRef]bool
}

// FormVariables holds the variables of one form by exact name.
type FormVariables struct {
	FormKey   string
	FormID    int64
	Disabled  bool
	Variables map[string]imednet.Variable
}

// Study returns the schema of a study, listing it if necessary.
func (c *SchemaCache) Study(ctx context.Context, studyKey string) (*StudySchema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.studies[studyKey]; ok {
		return s, nil
	}
	return c.list(ctx, studyKey)
}

// Refresh lists a study again and forgets unknown forms.
func (c *SchemaCache) Refresh(ctx context.Context, studyKey string) (*StudySchema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.intervals, studyKey)
	return c.list(ctx, studyKey)
}

// including returns a schema in which every form of refs was looked for on the server.
func (c *SchemaCache) including(ctx context.Context, studyKey string, refs []FormRef) (*StudySchema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, listed := c.studies[studyKey]
	if listed && len(s.missing(refs)) == 0 {
		return s, nil
	}
	known := map[FormRef]bool{}
	if listed {
		known = s.unknown
	}
	s, err := c.list(ctx, studyKey)
	if err != nil {
		return nil, err
	}
	s.unknown = known
	for _, ref := range s.missing(refs) {
		s.unknown[ref] = true
	}
	return s, nil
}

// missing lists the forms that are neither known nor known to be unknown.
func (s *StudySchema) missing(refs []FormRef) []FormRef {
	var out []FormRef
	for _, ref := range refs {
		if _, ok := s.Form(ref); !ok && !s.unknown[ref] {
			out = append(out, ref)
		}
	}
	return out
}

func (c *SchemaCache) list(ctx context.Context, studyKey string) (*StudySchema, error) {
	var forms []imednet.Form
	var variables []imednet.Variable
	for f, err := range c.src.Forms(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "list the forms", StudyKey: studyKey, Err: err}
		}
		forms = append(forms, f)
	}
	for v, err := range c.src.Variables(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "list the variables", StudyKey: studyKey, Err: err}
		}
		variables = append(variables, v)
	}
	s := &StudySchema{StudyKey: studyKey, index: imednet.NewFormIndex(forms, variables), forms: map[*imednet.IndexedForm]*FormVariables{}, unknown: map[FormRef]bool{}}
	for _, f := range s.index.Forms() {
		form := &FormVariables{FormKey: f.Key(), FormID: f.ID(), Disabled: f.Form.Disabled.Or(false), Variables: map[string]imednet.Variable{}}
		for _, v := range f.Variables {
			if name := v.VariableName.Or(""); !v.Retired() || form.Variables[name].VariableID == 0 {
				form.Variables[name] = v // one that is retired gives way to one of its name that is not
			}
		}
		delete(form.Variables, "")
		s.forms[f] = form
	}
	c.studies[studyKey] = s
	return s, nil
}

// Form returns a form by key, or by id if the key is empty, and whether there is one.
func (s *StudySchema) Form(ref FormRef) (*FormVariables, bool) {
	form, _ := s.index.Of(ref.id, ref.key)
	variables, ok := s.forms[form]
	return variables, ok
}
