package workflows

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
)

// undeclaredLimit is the number of undeclared keys of a form that get a profile. More than that is
// no form but a fault, and must not fill the memory.
const undeclaredLimit = 1000

// formTally takes the records of one form.
type formTally struct {
	profile    FormProfile
	settings   *profileSettings
	declared   []*fieldTally
	byName     map[string]*fieldTally // declared fields by their very name
	byFold     map[string]*fieldTally // by name in lower case; nil where two fields share it
	undeclared map[string]*fieldTally
	bindings   map[string]keyBinding // what is known of the keys that were met
	found      []foundAnswer         // of the current record
	siteCounts []int64
}

// keyBinding says to which declared field a key belongs.
type keyBinding struct {
	field *fieldTally // nil for an undeclared key
	exact bool        // the key is the variable's very name
}

// foundAnswer is one member of the current record.
type foundAnswer struct {
	name  string
	field *fieldTally
	exact bool
	raw   jsontext.Value
}

func newFormTally(settings *profileSettings, form imednet.Form, variables []imednet.Variable) *formTally {
	key := form.FormKey.Or("")
	t := &formTally{
		profile:  FormProfile{FormKey: key, FormName: form.FormName.Or(key), Disabled: form.Disabled.Or(false)},
		settings: settings, byName: map[string]*fieldTally{}, byFold: map[string]*fieldTally{},
		undeclared: map[string]*fieldTally{}, bindings: map[string]keyBinding{},
	}
	for _, v := range variables {
		t.declare(v)
	}
	return t
}

func (t *formTally) declare(v imednet.Variable) {
	name := v.VariableName.Or("")
	if known := t.byName[name]; known != nil {
		if known.info.retired && !v.Retired() {
			known.info = t.settings.fieldInfo(t.profile.FormKey, v) // the living one of two namesakes
		}
		return
	}
	f := newFieldTally(t.settings.fieldInfo(t.profile.FormKey, v), t.settings.exactValues, t.settings.showValues)
	t.declared = append(t.declared, f)
	t.byName[name] = f
	fold := strings.ToLower(name)
	if _, taken := t.byFold[fold]; taken {
		t.byFold[fold] = nil
	} else {
		t.byFold[fold] = f
	}
}

// add takes one record.
func (t *formTally) add(r *imednet.Record, site int) {
	t.profile.Records++
	for len(t.siteCounts) <= site {
		t.siteCounts = append(t.siteCounts, 0)
	}
	t.siteCounts[site]++
	if r.RecordData.State() != imednet.Set {
		t.profile.NoData++
		return
	}
	t.found = t.found[:0]
	for name, value := range r.RecordData.All() {
		t.find(name, value.Raw())
	}
	for i := range t.found {
		t.enter(&t.found[i], site)
	}
}

// find binds one member to its field. Of a repeated key the last value counts. A key in another
// case belongs to the declared variable unless the variable's very name is there too; two such
// keys belong to nobody, since choosing one would be a guess.
func (t *formTally) find(name string, raw jsontext.Value) {
	b, known := t.bindings[name]
	if !known {
		b = t.bind(name)
		t.bindings[name] = b
	}
	if b.field == nil {
		t.findUndeclared(name, raw)
		return
	}
	other := t.inRecord(b.field)
	switch {
	case other == nil:
		t.found = append(t.found, foundAnswer{name, b.field, b.exact, raw})
	case other.name == name:
		other.raw = raw
	case b.exact:
		loser := *other
		*other = foundAnswer{name, b.field, true, raw}
		if loser.raw != nil {
			t.findUndeclared(loser.name, loser.raw)
		}
	case other.exact || other.raw == nil:
		t.findUndeclared(name, raw)
	default:
		loser := *other
		*other = foundAnswer{field: b.field} // no value: the answer is ambiguous
		t.findUndeclared(loser.name, loser.raw)
		t.findUndeclared(name, raw)
	}
}

// inRecord returns what the current record has for a field already, and notes that it has
// something from now on.
func (t *formTally) inRecord(f *fieldTally) *foundAnswer {
	if f.lastSeen != t.profile.Records {
		f.lastSeen = t.profile.Records
		return nil
	}
	for i := range t.found {
		if t.found[i].field == f {
			return &t.found[i]
		}
	}
	return nil
}

func (t *formTally) findUndeclared(name string, raw jsontext.Value) {
	f := t.undeclared[name]
	if f == nil && len(t.undeclared) < undeclaredLimit {
		f = newFieldTally(t.settings.undeclaredInfo(t.profile.FormKey, name), t.settings.exactValues, t.settings.showValues)
		t.undeclared[name] = f
	}
	if f == nil {
		t.profile.KeysLeftOut++
		return
	}
	if other := t.inRecord(f); other != nil {
		other.raw = raw
		return
	}
	t.found = append(t.found, foundAnswer{name, f, true, raw})
}

func (t *formTally) bind(name string) keyBinding {
	if f := t.byName[name]; f != nil {
		return keyBinding{f, true}
	}
	return keyBinding{t.byFold[strings.ToLower(name)], false}
}

// enter takes one answer into its field.
func (t *formTally) enter(a *foundAnswer, site int) {
	f := a.field
	if a.raw == nil {
		f.missing.Ambiguous++
		return
	}
	if !a.exact && !f.spellings[a.name] {
		if f.spellings == nil {
			f.spellings = map[string]bool{}
		}
		f.spellings[a.name] = true
	}
	switch a.raw.Kind() {
	case 'n':
		f.missing.Null++
		return
	case '"':
		t.enterText(f, a.raw, site)
		return
	case '0':
		f.json.JSONNumbers++
	case 't', 'f':
		f.json.JSONBooleans++
	default:
		f.json.JSONOthers++
	}
	f.add(a.raw, site)
}

func (t *formTally) enterText(f *fieldTally, raw jsontext.Value, site int) {
	text := []byte(raw[1 : len(raw)-1])
	if bytes.IndexByte(text, '\\') >= 0 {
		text = []byte(imednet.NewValue(raw).Text())
	}
	switch {
	case len(text) == 0:
		f.missing.Blank++
	case imednet.IsMissing(string(text)):
		f.missing.Whitespace++
	default:
		f.json.JSONTexts++
		f.add(text, site)
	}
}
