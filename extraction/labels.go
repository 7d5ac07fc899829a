package extraction

import (
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/standardnames"
)

// label is that of a field's column: the configuration's, else the standard's, else that of the variable
// that all rules of the field read.
func (p *plan) label(domain Domain, field string) string {
	if own := p.settings.Labels[string(domain)+"."+field]; own != "" {
		return own
	}
	if standard := standardnames.Label(standardnames.Variable(field)); standard != "" {
		return standard
	}
	return p.sourceLabel(domain, field)
}

// sourceLabel is the label of the variable behind a field; "" where rules read several, or where it is
// not known.
func (p *plan) sourceLabel(domain Domain, field string) string {
	label := ""
	for _, r := range p.rules {
		if r.domain != domain || r.spec.name != field {
			continue
		}
		own := p.variableLabel(r)
		if own == "" || label != "" && own != label {
			return ""
		}
		label = own
	}
	return label
}

func (p *plan) variableLabel(r *rule) string {
	if len(r.source.path) == 0 {
		return ""
	}
	v, _ := p.structure.variable(r.mapping.SourceFormKey, r.source.path[0])
	if v == nil {
		return ""
	}
	return strings.TrimSpace(v.Label.Or(""))
}

// checkLabels finds labels of fields that no row has.
func (p *plan) checkLabels() {
	for _, name := range slices.Sorted(maps.Keys(p.settings.Labels)) {
		domain, field, _ := strings.Cut(name, ".")
		known := slices.ContainsFunc(p.columns(Domain(domain)), func(spec fieldSpec) bool { return spec.name == field })
		if !known {
			p.problem("/extraction/labels/"+name, "no row has a field of this name: write DOMAIN.field")
		}
	}
}
