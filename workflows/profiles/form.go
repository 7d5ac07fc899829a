package profiles

import (
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// undeclaredLimit is the number of undeclared keys of a form that get a profile. More than that is
// no form but a fault, and must not fill the memory.
const undeclaredLimit = 1000

// formTally takes the records of one form.
type formTally struct {
	profile    FormProfile
	names      formNames
	settings   *profileSettings
	declared   []*fieldTally
	undeclared map[string]*fieldTally
	answers    *answers.Matcher
	siteCounts []int64
	repeats    mostRecords
	unescaped  []byte
	subject    int64 // of the record at hand
}

// newFormTally takes the records of a form, or of what records name without there being a form.
func newFormTally(settings *profileSettings, profile FormProfile, ownKey string, variables []imednet.Variable) *formTally {
	t := &formTally{
		profile: profile, names: formNames{profile.FormKey, ownKey}, settings: settings, undeclared: map[string]*fieldTally{},
	}
	names := make([]answers.Name, len(variables))
	for i, v := range variables {
		names[i] = answers.Name{Text: v.VariableName.Or(""), Retired: v.Retired()}
		t.declared = append(t.declared, newFieldTally(settings.fieldInfo(t.names, v), settings))
	}
	t.answers = answers.Compile(names)
	return t
}

// variables yields the names of all fields, undeclared ones included.
func (t *formTally) variables() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, f := range t.declared {
			if !yield(f.info.name) {
				return
			}
		}
		for name := range t.undeclared {
			if !yield(name) {
				return
			}
		}
	}
}

// add takes one record. Keys find their variables as they do in a table.
func (t *formTally) add(r *imednet.Record, site int, subject int64) {
	t.subject = subject
	t.repeats.add(subject)
	t.profile.Records++
	for len(t.siteCounts) <= site {
		t.siteCounts = append(t.siteCounts, 0)
	}
	t.siteCounts[site]++
	if r.RecordData.Presence() != imednet.Set || !t.answers.Collect(r.RecordData.Raw()) {
		t.profile.NoData++
		return
	}
	for _, i := range t.answers.Touched() {
		switch s := t.answers.Slots()[i]; s.State {
		case answers.Contested:
			t.declared[i].missing.Ambiguous++
		case answers.Folded:
			t.declared[i].spelledAs(s.Key)
			t.enter(t.declared[i], s.Raw, site)
		default:
			t.enter(t.declared[i], s.Raw, site)
		}
	}
	t.addStrays(site)
}

// addStrays takes the answers without a variable. Of a repeated key the last value counts, so they
// are taken from the end.
func (t *formTally) addStrays(site int) {
	for i := len(t.answers.Strays()) - 1; i >= 0; i-- {
		s := t.answers.Strays()[i]
		if s.Fate == answers.Repeated {
			t.profile.Repeated++
			continue
		}
		f := t.undeclared[string(s.Key)]
		switch {
		case f == nil && len(t.undeclared) == undeclaredLimit:
			t.profile.KeysLeftOut++
			continue
		case f == nil:
			name := string(s.Key)
			f = newFieldTally(t.settings.undeclaredInfo(t.names, name), t.settings)
			t.undeclared[name] = f
		case f.lastSeen == t.profile.Records:
			t.profile.Repeated++
			continue
		}
		f.lastSeen = t.profile.Records
		t.enter(f, s.Raw, site)
	}
}

// enter takes one answer, or the lack of one, into its field.
func (t *formTally) enter(f *fieldTally, raw jsontext.Value, site int) {
	switch answers.AbsenceOf(raw) {
	case answers.Null:
		f.missing.Null++
		return
	case answers.Empty:
		f.missing.Blank++
		return
	case answers.WhiteSpace:
		f.missing.Whitespace++
		return
	}
	switch raw.Kind() {
	case '"':
		f.json.JSONTexts++
		t.unescaped, _ = answers.Unquote(raw, t.unescaped[:0])
		f.add(t.unescaped, site, t.subject)
		return
	case '0':
		f.json.JSONNumbers++
	case 't', 'f':
		f.json.JSONBooleans++
	default:
		f.json.JSONOthers++
	}
	f.add(raw, site, t.subject)
}
