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

func (s *profileSettings) mask(form, name, label, oid string, blinded bool) string {
	switch {
	case s.phi.Has(form, name) || phi.Person(name, label, oid):
		return "phi"
	case blinded && !s.includeBlinded:
		return "blinded"
	}
	return ""
}

func (s *profileSettings) fieldInfo(form string, v imednet.Variable) fieldInfo {
	name, blinded := v.VariableName.Or(""), v.Blinded.Or(false)
	return fieldInfo{
		name: name, label: v.Label.Or(name), declaredType: v.VariableType.Or(""), declared: true,
		retired: v.Retired(), blinded: blinded, masked: s.mask(form, name, v.Label.Or(""), v.VariableOID.Or(""), blinded),
	}
}

func (s *profileSettings) undeclaredInfo(form, name string) fieldInfo {
	return fieldInfo{name: name, label: name, masked: s.mask(form, name, "", "", false)}
}
