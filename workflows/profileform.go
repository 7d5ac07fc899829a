package workflows

import (
	"bytes"

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
	undeclared map[string]*fieldTally
	answers    *answers
	siteCounts []int64
	unescaped  []byte
}

func newFormTally(settings *profileSettings, form imednet.Form, variables []imednet.Variable) *formTally {
	key := form.FormKey.Or("")
	t := &formTally{
		profile:  FormProfile{FormKey: key, FormName: form.FormName.Or(key), Disabled: form.Disabled.Or(false)},
		settings: settings, undeclared: map[string]*fieldTally{},
	}
	columns := make([]Column, len(variables))
	for i, v := range variables {
		columns[i] = Column{Name: v.VariableName.Or(""), Retired: v.Retired()}
		t.declared = append(t.declared, newFieldTally(settings.fieldInfo(key, v), settings))
	}
	t.answers = newAnswers(columns)
	return t
}

// add takes one record. Keys find their variables as they do in a table: see RecordMapper.
func (t *formTally) add(r *imednet.Record, site int) {
	t.profile.Records++
	for len(t.siteCounts) <= site {
		t.siteCounts = append(t.siteCounts, 0)
	}
	t.siteCounts[site]++
	if r.RecordData.State() != imednet.Set || !t.answers.collect(r.RecordData.Raw()) {
		t.profile.NoData++
		return
	}
	for _, i := range t.answers.touched {
		switch s := t.answers.slots[i]; s.state {
		case slotContested:
			t.declared[i].missing.Ambiguous++
		case slotFolded:
			t.declared[i].spelledAs(s.key)
			t.enter(t.declared[i], s.raw, site)
		default:
			t.enter(t.declared[i], s.raw, site)
		}
	}
	t.addStrays(site)
}

// addStrays takes the answers without a variable. Of a repeated key the last value counts, so they
// are taken from the end.
func (t *formTally) addStrays(site int) {
	for i := len(t.answers.strays) - 1; i >= 0; i-- {
		s := &t.answers.strays[i]
		if s.reason == ReasonRepeated {
			t.profile.Repeated++
			continue
		}
		f := t.undeclared[string(s.key)]
		switch {
		case f == nil && len(t.undeclared) == undeclaredLimit:
			t.profile.KeysLeftOut++
			continue
		case f == nil:
			name := string(s.key)
			f = newFieldTally(t.settings.undeclaredInfo(t.profile.FormKey, name), t.settings)
			t.undeclared[name] = f
		case f.lastSeen == t.profile.Records:
			t.profile.Repeated++
			continue
		}
		f.lastSeen = t.profile.Records
		t.enter(f, s.raw, site)
	}
}

// enter takes one answer, or the lack of one, into its field.
func (t *formTally) enter(f *fieldTally, raw jsontext.Value, site int) {
	switch raw.Kind() {
	case 'n':
		f.missing.Null++
		return
	case '"':
		t.enterText(f, raw, site)
		return
	case '0':
		f.json.JSONNumbers++
	case 't', 'f':
		f.json.JSONBooleans++
	default:
		f.json.JSONOthers++
	}
	f.add(raw, site)
}

func (t *formTally) enterText(f *fieldTally, raw jsontext.Value, site int) {
	text := []byte(raw[1 : len(raw)-1])
	if bytes.IndexByte(text, '\\') >= 0 {
		t.unescaped = append(t.unescaped[:0], imednet.NewValue(raw).Text()...)
		text = t.unescaped
	}
	switch {
	case len(text) == 0:
		f.missing.Blank++
	case len(bytes.TrimSpace(text)) == 0:
		f.missing.Whitespace++
	default:
		f.json.JSONTexts++
		f.add(text, site)
	}
}
