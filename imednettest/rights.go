package imednettest

import (
	"net/http"
	"slices"

	"github.com/imednetgo/imednet"
)

// Rights limit what the API keys may see of a study and do to it. The zero value allows everything.
// Rows of forms and sites that the keys may not see are missing from every listing and its totals,
// intervals and visits do not name such forms, and an item of a submission that names any of them is
// refused in the words for something that does not exist.
type Rights struct {
	// Refused resources answer 403.
	Refused []imednet.Resource `json:"refused,omitempty"`
	// Hidden resources list no rows.
	Hidden []imednet.Resource `json:"hidden,omitempty"`
	// Forms shows only the forms with these keys; nil shows all.
	Forms []string `json:"forms,omitempty"`
	// Sites shows only the sites with these ids; nil shows all. Rows without a site are shown.
	Sites []int64 `json:"sites,omitempty"`
	// ReadOnly answers submissions with 403.
	ReadOnly bool `json:"readOnly,omitempty"`
}

// SetRights sets what the keys may see and do, from the next request on. It panics if the API has no such
// resource, which is a mistake in the test: nothing would be refused or hidden.
func (s *Study) SetRights(rights Rights) {
	mustPlay(at("rights", rights.check()))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rights = rights
}

// allowed returns nil, or the refusal of a request for a resource.
func (s *Study) allowed(resource imednet.Resource, method string) *failure {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !slices.Contains(s.rights.Refused, resource) && (method != http.MethodPost || !s.rights.ReadOnly) {
		return nil
	}
	return &failure{code: "9001", description: "Not authorized to retrieve this data"}
}

// sight answers for single rows whether the keys may see them. The study is locked meanwhile.
type sight struct {
	study  *Study
	hidden bool
	forms  map[int64]string // keys by id
}

// sightOf returns what limits the rows of a resource, nil when nothing does.
func (s *Study) sightOf(resource imednet.Resource) *sight {
	v := &sight{study: s, hidden: slices.Contains(s.rights.Hidden, resource)}
	if !v.hidden && s.rights.Forms == nil && s.rights.Sites == nil || resource == imednet.Studies || resource == imednet.Users {
		if v.hidden {
			return v
		}
		return nil
	}
	v.forms = map[int64]string{}
	for id, raw := range s.tables[imednet.Forms].all() {
		v.forms[id] = textOf(valueOf(raw, "formKey"))
	}
	return v
}

// shows reports whether a row may be seen.
func (s *sight) shows(v *view) bool {
	return !s.hidden && s.showsForm(v) && s.showsSite(v)
}

func (s *sight) showsForm(v *view) bool {
	forms := s.study.rights.Forms
	if forms == nil {
		return true
	}
	key, known := v.hot.formKey, v.hot.formKey != ""
	if id, ok := v.number("formId"); ok && !known {
		key, known = s.forms[id]
	}
	if !known {
		if key = textOf(valueOf(v.json(), "formKey")); key == "" {
			key, known = s.ofRecord(v)
			return !known || slices.Contains(forms, key)
		}
	}
	return slices.Contains(forms, key)
}

// ofRecord is the form of the record that a row is about, such as a query.
func (s *sight) ofRecord(v *view) (formKey string, known bool) {
	id, ok := v.number("recordId")
	if !ok {
		return "", false
	}
	raw, ok := s.study.tables[imednet.Records].get(id)
	return textOf(valueOf(raw, "formKey")), ok
}

func (s *sight) showsSite(v *view) bool {
	sites := s.study.rights.Sites
	if sites == nil {
		return true
	}
	if id, ok := v.number("siteId"); ok && id != 0 {
		return slices.Contains(sites, id)
	}
	subject, ok := v.number("subjectId")
	if !ok {
		return true
	}
	raw, ok := s.study.tables[imednet.Subjects].get(subject)
	return !ok || slices.Contains(sites, intOf(valueOf(raw, "siteId")))
}
