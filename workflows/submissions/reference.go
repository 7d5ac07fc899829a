package submissions

import (
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// reference names something that a record refers to.
type reference interface {
	// problem says why the reference names nothing; "" is none.
	problem() string
}

// unnamed is the problem of a thing that neither a text nor an id names.
func unnamed(what string, id int64, texts ...string) string {
	for _, text := range texts {
		if !imednet.IsBlank(text) {
			return ""
		}
	}
	if id > 0 {
		return ""
	}
	return "the " + what + " is blank"
}

// FormRef names a form by key or by id.
type FormRef struct {
	key string
	id  int64
}

// FormByKey names a form by its key, such as "AE".
func FormByKey(key string) FormRef { return FormRef{key: key} }

// FormByID names a form by its id.
func FormByID(id int64) FormRef { return FormRef{id: id} }

func (f FormRef) problem() string { return unnamed("form", f.id, f.key) }

// String says how the form is named, but not its name, which may be data in the wrong place.
func (f FormRef) String() string { return "form by " + namedBy(f.id, f.key) }

// Format writes what String returns, whatever the verb.
func (f FormRef) Format(to fmt.State, verb rune) { shown.Format(to, verb, f.String()) }

// namedBy says whether a thing is named by an id or by a text.
func namedBy(id int64, texts ...string) string {
	switch {
	case strings.Join(texts, "") != "":
		return "text"
	case id != 0:
		return "id"
	}
	return "nothing"
}

func formOf(s *imednet.Submission) FormRef {
	if s.FormKey != "" {
		return FormByKey(s.FormKey) // so that both spellings of a form are one reference
	}
	return FormByID(s.FormID)
}

// SubjectRef names a subject by key, id or OID.
type SubjectRef struct {
	key, oid string
	id       int64
}

// SubjectByKey names a subject by its display key, such as "01-001".
func SubjectByKey(key string) SubjectRef { return SubjectRef{key: key} }

// SubjectByID names a subject by its id.
func SubjectByID(id int64) SubjectRef { return SubjectRef{id: id} }

// SubjectByOID names a subject by its client-set OID.
func SubjectByOID(oid string) SubjectRef { return SubjectRef{oid: oid} }

// String returns how the subject is referred to, without its key.
func (s SubjectRef) String() string { return "subject by " + namedBy(s.id, s.key, s.oid) }

// Format writes what String returns, whatever the verb.
func (s SubjectRef) Format(to fmt.State, verb rune) { shown.Format(to, verb, s.String()) }

func (s SubjectRef) problem() string { return unnamed("subject", s.id, s.key, s.oid) }

// SiteRef names a site by name or by id.
type SiteRef struct {
	name string
	id   int64
}

// SiteByName names a site by its name.
func SiteByName(name string) SiteRef { return SiteRef{name: name} }

// SiteByID names a site by its id.
func SiteByID(id int64) SiteRef { return SiteRef{id: id} }

// String returns how the site is referred to, without its name.
func (s SiteRef) String() string { return "site by " + namedBy(s.id, s.name) }

// Format writes what String returns, whatever the verb.
func (s SiteRef) Format(to fmt.State, verb rune) { shown.Format(to, verb, s.String()) }

func (s SiteRef) problem() string { return unnamed("site", s.id, s.name) }

// IntervalRef names an interval by name or by id.
type IntervalRef struct {
	name string
	id   int64
}

// IntervalByName names an interval by its name, such as "Day 30".
func IntervalByName(name string) IntervalRef { return IntervalRef{name: name} }

// IntervalByID names an interval by its id.
func IntervalByID(id int64) IntervalRef { return IntervalRef{id: id} }

// String says how the interval is named, but not its name.
func (i IntervalRef) String() string { return "interval by " + namedBy(i.id, i.name) }

// Format writes what String returns, whatever the verb.
func (i IntervalRef) Format(to fmt.State, verb rune) { shown.Format(to, verb, i.String()) }

func (i IntervalRef) problem() string { return unnamed("interval", i.id, i.name) }
