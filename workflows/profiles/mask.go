package profiles

import (
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
