package submissions

import (
	"context"
	"sync"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// SchemaSource lists what a submission is checked against; every imednet.Client is one.
type SchemaSource interface {
	imednet.FormReader
	imednet.VariableReader
}

// SchemaCache keeps the forms and variables of studies for validation. It is safe for concurrent
// use. A study is listed when it is first asked for, and once more when a form is asked for that
// it does not know; a form that is still unknown then is remembered as such until Refresh.
type SchemaCache struct {
	src     SchemaSource
	mu      sync.Mutex
	studies map[string]*StudySchema
}

// NewSchemaCache returns an empty cache over a source.
func NewSchemaCache(src SchemaSource) (*SchemaCache, error) {
	if err := argument.Required("submissions.NewSchemaCache", "src", src); err != nil {
		return nil, err
	}
	return &SchemaCache{src: src, studies: map[string]*StudySchema{}}, nil
}

// StudySchema is what is known of a study's forms.
type StudySchema struct {
	StudyKey string
	forms    map[string]*FormVariables
	keys     map[int64]string
	unknown  map[FormRef]bool
}

// FormVariables are the variables of one form by their exact name.
type FormVariables struct {
	FormKey   string
	FormID    int64
	Disabled  bool
	Variables map[string]imednet.Variable
}

// Study returns the schema of a study, listing it if it was not listed before.
func (c *SchemaCache) Study(ctx context.Context, studyKey string) (*StudySchema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.studies[studyKey]; ok {
		return s, nil
	}
	return c.list(ctx, studyKey)
}

// Refresh lists a study again and forgets which forms were unknown.
func (c *SchemaCache) Refresh(ctx context.Context, studyKey string) (*StudySchema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
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
	s := &StudySchema{StudyKey: studyKey, forms: map[string]*FormVariables{}, keys: map[int64]string{}, unknown: map[FormRef]bool{}}
	for f, err := range c.src.Forms(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "list the forms", StudyKey: studyKey, Err: err}
		}
		form := s.form(f.FormKey.Or(""), f.FormID)
		form.Disabled = f.Disabled.Or(false)
	}
	for v, err := range c.src.Variables(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "list the variables", StudyKey: studyKey, Err: err}
		}
		key, id, name := v.FormKey.Or(""), v.FormID.Or(0), v.VariableName.Or("")
		if key == "" {
			key = s.keys[id]
		}
		if key == "" || name == "" {
			continue // it belongs to no form, so nothing can be submitted to it
		}
		s.form(key, id).Variables[name] = v
	}
	c.studies[studyKey] = s
	return s, nil
}

func (s *StudySchema) form(key string, id int64) *FormVariables {
	form := s.forms[key]
	if form == nil {
		form = &FormVariables{FormKey: key, FormID: id, Variables: map[string]imednet.Variable{}}
		s.forms[key] = form
	}
	if id != 0 {
		form.FormID, s.keys[id] = id, key
	}
	return form
}

// Form returns a form by key, or by id when the key is empty.
func (s *StudySchema) Form(ref FormRef) (*FormVariables, bool) {
	key := ref.key
	if key == "" {
		key = s.keys[ref.id]
	}
	form, ok := s.forms[key]
	return form, ok && key != ""
}
