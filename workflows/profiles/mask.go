package profiles

import (
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/phi"
)

// profileSettings is what a field needs to know of the options.
type profileSettings struct {
	exactValues    int
	showValues     bool
	groupSize      int // subjects that a figure needs; 0 shows all
	includeBlinded bool
	phi            phi.Set
}

// formNames are the names by which a form's variables can be listed: that of the profile, and its own
// key where another form has the same.
type formNames struct{ shown, own string }

func (s *profileSettings) mask(form formNames, name, label, oid string, blinded bool) string {
	switch {
	case s.phi.Has(form.shown, name) || s.phi.Has(form.own, name) || phi.Person(name, label, oid):
		return "phi"
	case blinded && !s.includeBlinded:
		return "blinded"
	}
	return ""
}

func (s *profileSettings) fieldInfo(form formNames, v imednet.Variable) fieldInfo {
	name, blinded := v.VariableName.Or(""), v.Blinded.Or(false)
	return fieldInfo{
		name: name, label: v.Label.Or(name), declaredType: v.VariableType.Or(""), declared: true,
		retired: v.Retired(), blinded: blinded, masked: s.mask(form, name, v.Label.Or(""), v.VariableOID.Or(""), blinded),
	}
}

func (s *profileSettings) undeclaredInfo(form formNames, name string) fieldInfo {
	return fieldInfo{name: name, label: name, masked: s.mask(form, name, "", "", false)}
}

// Keys that the study does not know can be anything, even a subject's name. So they are numbered unless
// answers are shown.

// undeclaredName is what the profile shows for the nth undeclared key of a form.
func (s *profileSettings) undeclaredName(n int, key string) string {
	if s.showValues {
		return key
	}
	return fmt.Sprintf("undeclared key %d", n)
}

// hideForm replaces what records name as their form by its number. Records that name nothing, and those
// beyond the limit, have nothing to hide.
func (s *profileSettings) hideForm(f *FormProfile, n int) {
	named := formIdentity{f.FormID, f.FormKey}
	if s.showValues || named == (formIdentity{}) || named == otherIdentities {
		return
	}
	f.FormID, f.FormKey = 0, fmt.Sprintf("unknown form %d", n)
	f.FormName = f.FormKey
}
