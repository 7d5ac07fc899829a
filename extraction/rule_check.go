package extraction

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/expression"
	"github.com/imednetgo/imednet/internal/phi"
)

// checkSource compares a rule with the study's forms and variables.
func (p *plan) checkSource(r *rule) {
	if c := r.source.coding; c != nil && !c.valid() {
		p.problem(r.path("sourceVariableName"), "must be coding.VARIABLE.member or coding.VARIABLE.DICTIONARY.member, member being one of %s", strings.Join(slices.Sorted(maps.Keys(codingMembers)), ", "))
		return
	}
	if r.source.field == intervalNameField && !p.structure.known {
		p.problem(r.path("sourceVariableName"), "intervalName needs the study's intervals: give the structure")
	}
	if !p.structure.known {
		return
	}
	form, ok := p.structure.form(r.mapping.SourceFormKey)
	if !ok {
		p.problem(r.path("sourceFormKey"), "the study has no form %s%s", r.mapping.SourceFormKey, p.similarForm(r.mapping.SourceFormKey))
		return
	}
	if form.Disabled() {
		p.warn(r.path("sourceFormKey"), "form %s is disabled", r.mapping.SourceFormKey)
	}
	if r.source.coding != nil {
		p.checkVariable(r.path("sourceVariableName"), r.mapping.SourceFormKey, r.source.coding.variable)
		return
	}
	if r.source.field != "" || r.source.path == nil {
		return
	}
	p.checkVariable(r.path("sourceVariableName"), r.mapping.SourceFormKey, r.source.path[0])
}

func (p *plan) similarForm(key string) string {
	for _, form := range p.structure.index.Forms() {
		if answers.Same(form.Key(), key) {
			return ", but " + form.Key()
		}
	}
	return ""
}

func (p *plan) checkVariable(path, form, name string) {
	v, n := p.structure.variable(form, name)
	switch {
	case n == 0:
		p.problem(path, "form %s has no variable %s", form, name)
	case n > 1:
		p.problem(path, "form %s has %d variables that differ from %s only in case", form, n, name)
	case v.Retired():
		p.warn(path, "variable %s of form %s is retired", name, form)
	}
}

// ownColumns are the members that every row has besides its fields, in lower case.
var ownColumns = strings.Fields("studykey subjectkey subjectid recordid formkey deleted ascollected lineage")

// checkTarget refuses targets that would clash with what every row has, and choices that decide
// nothing.
func (p *plan) checkTarget(r *rule) {
	if r.spec.name != subjectKeyField && slices.Contains(ownColumns, strings.ToLower(r.spec.name)) {
		p.problem(r.path("targetField"), "every row has a member %s of its own, in any case", r.spec.name)
	}
	p.checkName(r)
	switch {
	case r.choose == "":
		return
	case r.domain != ADSL:
		p.problem(r.path("choose"), "decides between the records of a subject, so it is for ADSL only")
	case (r.choose == imednet.ChooseEarliest || r.choose == imednet.ChooseLatest) && r.spec.kind != dateKind:
		p.problem(r.path("choose"), "earliest and latest choose between dates, and %s is none", r.spec.name)
	}
	for _, other := range p.rules {
		if other.stateKey == r.stateKey && other.choose != r.choose {
			p.problem(r.path("choose"), "mapping %d of the same field chooses otherwise", other.index)
			return
		}
	}
}

// checkName refuses names that people or readers of files cannot tell apart from others.
func (p *plan) checkName(r *rule) {
	switch {
	case !utf8.ValidString(r.target) || strings.ContainsFunc(r.target, func(c rune) bool { return !unicode.IsPrint(c) }):
		p.problem(r.path("targetField"), "holds a character that cannot be seen, such as a line end: write the name anew")
	case r.domain == ADLB && strings.Contains(r.target, ".") && (imednet.IsBlank(r.param) || imednet.IsBlank(r.spec.name)):
		p.problem(r.path("targetField"), "must be a field, or PARAMCD.field")
	}
}

// checkColumns refuses fields that would share a column of the Arrow batches, in any case: many readers take
// names so.
func (p *plan) checkColumns() {
	for _, domain := range p.domains {
		taken := map[string]string{}
		for _, spec := range p.columns(domain) {
			for _, column := range p.arrowFields(domain, spec) {
				name := strings.ToLower(column.Name)
				if other, ok := taken[name]; ok {
					p.problem(p.pathOf(domain, spec.name, other), "column %s would be of both %s and %s: rename one of them", column.Name, other, spec.name)
					break
				}
				taken[name] = spec.name
			}
		}
	}
}

// pathOf is the place of the rule of one of two fields, the second rather than the first.
func (p *plan) pathOf(domain Domain, second, first string) string {
	for _, field := range []string{second, first} {
		for _, r := range p.rules {
			if r.domain == domain && r.spec.name == field {
				return r.path("targetField")
			}
		}
	}
	return "/mappings"
}

// checkDomains finds required fields that no rule gives: every row would be rejected.
func (p *plan) checkDomains() {
	for _, form := range slices.Sorted(maps.Keys(p.forms)) {
		for _, d := range p.forms[form] {
			for _, spec := range fieldSpecs[d.domain] {
				mapped := slices.ContainsFunc(d.rules, func(r *rule) bool { return r.spec.name == spec.name })
				if spec.required && !mapped {
					p.problem("/mappings", "%s.%s is required and no rule of form %s gives it", d.domain, spec.name, form)
				}
			}
		}
	}
	if p.settings.Analysis != nil {
		p.checkAnalysis(*p.settings.Analysis)
	}
}

// checkAnalysis finds variables that the derivations need and no rule gives.
func (p *plan) checkAnalysis(a Analysis) {
	const at = "/extraction/analysis"
	if !p.hasField(ADSL, "TRTSDT") {
		p.problem(at, "needs a rule that gives ADSL.TRTSDT")
	}
	if a.EmergentWithinDays != nil && !p.hasField(ADSL, "TRTEDT") {
		p.problem(at+"/emergentWithinDays", "needs a rule that gives ADSL.TRTEDT")
	}
	if a.Baseline == "" {
		return
	}
	if a.Baseline == BaselineAtVisits && !p.hasField(ADLB, "AVISIT") {
		p.problem(at+"/baseline", "needs a rule that gives ADLB.AVISIT")
	}
	for _, form := range slices.Sorted(maps.Keys(p.forms)) {
		d := p.domainOf(form, ADLB, false)
		if d == nil {
			continue
		}
		gives := func(field string) bool {
			return slices.ContainsFunc(d.rules, func(r *rule) bool { return r.spec.name == field })
		}
		if !gives("ADT") || len(d.params) == 0 && !gives("PARAMCD") {
			p.problem(at+"/baseline", "needs rules of form %s that give ADLB.ADT and the parameter: PARAMCD, or targets PARAMCD.field", form)
		}
	}
}

// checkReferences finds constant keys in expressions that nothing sets: they would always be
// missing.
func (p *plan) checkReferences() {
	for _, r := range p.rules {
		if r.logic != nil {
			p.checkKeys(r.logic, r.path("businessLogic"), r.mapping.SourceFormKey, r)
		}
	}
}

func (p *plan) checkKeys(x *expression.Program, path, form string, of *rule) {
	for _, ref := range x.References() {
		at := fmt.Sprintf("line %d, column %d: ", ref.Line, ref.Column)
		if ref.Any {
			continue // which key it is, only the data say
		}
		switch ref.Object {
		case "record", "subject_key":
		case "record_data":
			if _, n := p.structure.variable(form, ref.Key); p.structure.known && n == 0 {
				p.problem(path, "%sform %s has no variable %s", at, form, ref.Key)
			}
		case "payload":
			if !p.earlierTarget(of, ref.Key) {
				p.problem(path, "%sno earlier rule of this form and domain gives %s", at, ref.Key)
			}
		default:
			set := slices.ContainsFunc(p.rules, func(r *rule) bool {
				return r.stateKey == ref.Key && (ref.Object == "state" || r.mapping.IsBaseline)
			})
			if !set {
				p.problem(path, "%sno rule sets %s: write DOMAIN.field of a rule%s", at, ref, baselineHint(ref.Object))
			}
		}
	}
}

func baselineHint(object string) string {
	if object == "baseline" {
		return " with isBaseline"
	}
	return ""
}

func (p *plan) earlierTarget(of *rule, key string) bool {
	return of != nil && slices.ContainsFunc(p.rules, func(r *rule) bool {
		return r.index < of.index && r.domain == of.domain && r.mapping.SourceFormKey == of.mapping.SourceFormKey &&
			(r.target == key || r.target == wireName(key))
	})
}

// checkLookups finds terminologies that no rule uses, and terms that mean two things.
func (p *plan) checkLookups(cfg imednet.StudyConfiguration) {
	for _, field := range slices.Sorted(maps.Keys(cfg.TerminologyLookups)) {
		at := "/terminologyLookups/" + field
		used := slices.ContainsFunc(p.rules, func(r *rule) bool {
			return r.spec.name == field || string(r.domain)+"."+r.spec.name == field
		})
		if !used {
			p.problem(at, "no rule gives a field of this name: write field or DOMAIN.field of a rule")
		}
		seen := map[string]string{}
		for _, raw := range slices.Sorted(maps.Keys(cfg.TerminologyLookups[field])) {
			canonical := cfg.TerminologyLookups[field][raw]
			if before, ok := seen[foldTerm(raw)]; ok && before != canonical {
				p.problem(at, "two terms that differ only in case or white space mean different things")
			}
			seen[foldTerm(raw)] = canonical
			if imednet.IsMissing(canonical) {
				p.problem(at, "a term maps to blank text")
			}
		}
	}
}

// checkWidgets compares widgets with the rules.
func (p *plan) checkWidgets(cfg imednet.StudyConfiguration) {
	seen := map[string]bool{}
	for i, w := range cfg.Widgets {
		at := fmt.Sprintf("/widgets/%d/", i)
		if seen[w.WidgetID] {
			p.problem(at+"widgetId", "is used twice")
		}
		seen[w.WidgetID] = true
		domain := Domain(strings.ToUpper(w.Domain))
		if !slices.Contains(p.domains, domain) {
			p.problem(at+"domain", "no rule gives rows of this domain")
			continue
		}
		for member, axis := range map[string]*string{"xAxis": w.XAxis, "yAxis": w.YAxis} {
			if axis != nil && *axis != subjectKeyField && !p.hasField(domain, *axis) && !p.hasField(domain, wireName(*axis)) {
				p.warn(at+member, "no rule gives a field of this name")
			}
		}
	}
}

// hasField reports whether some rule gives the field.
func (p *plan) hasField(domain Domain, name string) bool { return p.fields[fieldName{domain, name}] }

// identifies reports whether a rule that reads the source of the form reads a PHI variable.
func identifies(set phi.Set, form string, s source) bool {
	if s.coding != nil {
		return set.Has(form, s.coding.variable)
	}
	return s.field != "" && set.Has(form, s.field) || len(s.path) > 0 && set.Has(form, s.path[0])
}

// checkPHI finds names that protect nothing, which may be misspelt.
func (p *plan) checkPHI(cfg imednet.StudyConfiguration) {
	if !p.structure.known {
		return
	}
	known := phi.Of(slices.Collect(maps.Keys(recordFields))...)
	for _, form := range p.structure.index.Forms() {
		for i := range form.Variables {
			known.AddVariable(form.Key(), form.Variables[i].VariableName.Or(""))
		}
	}
	for i, name := range cfg.PHIFields {
		if len(known.Unmatched([]string{name})) > 0 {
			p.problem(fmt.Sprintf("/phiFields/%d", i), "no form has a variable of this name")
		}
	}
}
