package extraction

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/expression"
	"github.com/imednetgo/imednet/internal/phi"
)

// rule is one mapping rule, compiled.
type rule struct {
	index    int // index in the configuration's mappings
	mapping  imednet.MappingRule
	domain   Domain
	code     domainCode
	target   string // as payload knows it: field, or PARAMCD.field in ADLB
	param    string // PARAMCD of a transposed laboratory result; "" for rules of the whole record
	spec     fieldSpec
	source   source
	lookup   *terminology
	choose   string // of ADSL: which value counts where records give different ones
	logic    *expression.Program
	phi      bool
	stateKey string // DOMAIN.target
	guarded  bool   // the target is a flag of seriousness or of death
	place    int    // of the answer that is the source among those of the form; -1 for any other source
	asks     []int  // places of the answers that logic asks for by a constant key
	alone    bool   // no other rule and no derivation sets the field before it
	// inPayload and inState say that expressions can ask for the rule's value there.
	inPayload, inState bool
}

func (r *rule) path(member string) string { return fmt.Sprintf("/mappings/%d/%s", r.index, member) }

// domainPlan is what one form gives one domain.
type domainPlan struct {
	domain    Domain
	form      string
	condition *expression.Program
	asks      []int // places of the answers that condition asks for by a constant key
	rules     []*rule
	index     int      // of the domain among those of the plan
	params    []string // parameters of transposed results, in order of first rule
	computed  int      // rules with an expression
	cells     int      // about what one row takes, but for USUBJID
}

// plan is a compiled configuration.
type plan struct {
	configuration Configuration
	settings      Settings
	rules         []*rule
	forms         map[string][]*domainPlan // by form key; domains in order of first appearance
	asked         map[string]*askedAnswers // by form key
	domains       []Domain                 // with rules, in order of first appearance
	fields        map[fieldName]bool       // given by some rule
	given         map[givenField]bool      // given by a rule of a form and parameter
	dates         dateReader
	secret        phi.Set  // names of PHI variables
	usubjid       template // nil makes none
	structure     structureIndex
	problems      []imednet.Problem
	warnings      []imednet.Problem
}

type fieldName struct {
	domain Domain
	name   string
}

// givenField is a field that a rule of one form gives, for one parameter of a wide laboratory form or,
// where it is "", for all rows of the form.
type givenField struct {
	form   string
	domain Domain
	param  string
	name   string
}

// gives reports whether a rule gives a field of the row.
func (p *plan) gives(row *CanonicalRow, field string) bool {
	of := givenField{row.FormKey(), row.Domain, "", field}
	if p.given[of] {
		return true
	}
	of.param = row.param
	return p.given[of]
}

// formOf is the form that a record is of.
func (p *plan) formOf(r *imednet.Record) string {
	key, _ := p.structure.formOf(r)
	return key
}

func (p *plan) problem(path, format string, args ...any) {
	p.problems = append(p.problems, imednet.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (p *plan) warn(path, format string, args ...any) {
	p.warnings = append(p.warnings, imednet.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// newPlan compiles a configuration and collects everything that is wrong with it.
func newPlan(cfg imednet.StudyConfiguration, structure *Structure, commit string) *plan {
	p := &plan{
		configuration: Configuration{StudyKey: cfg.StudyKey, Version: cfg.Version, Commit: commit},
		fields:        map[fieldName]bool{}, given: map[givenField]bool{}, forms: map[string][]*domainPlan{}, structure: indexStructure(structure),
	}
	if p.configuration.Version == "" {
		p.configuration.Version = "1.0.0"
	}
	var problems []imednet.Problem
	p.settings, problems = readSettings(cfg)
	p.problems = append(p.problems, problems...)
	p.dates = dateReader{p.settings.DateFormats}
	p.secret = phi.Of(cfg.PHIFields...)
	compiler := newCompiler(p.dates)
	for i, mapping := range cfg.Mappings {
		p.addRule(compiler, cfg, i, mapping)
	}
	for i, c := range p.settings.Conditions {
		p.addCondition(compiler, i, c)
	}
	p.findAsked()
	p.settlePlaces()
	p.readTemplate()
	p.checkLabels()
	p.checkColumns()
	p.spreadPHI()
	p.checkDomains()
	p.checkReferences()
	p.checkLookups(cfg)
	p.checkWidgets(cfg)
	p.checkPHI(cfg)
	p.warnUnknown(cfg)
	return p
}

func (p *plan) addRule(compiler *expression.Compiler, cfg imednet.StudyConfiguration, i int, mapping imednet.MappingRule) {
	domain := Domain(strings.ToUpper(strings.TrimSpace(mapping.Domain)))
	if !slices.Contains(Domains(), domain) {
		return // reported by the configuration's own Validate
	}
	r := &rule{
		index: i, mapping: mapping, domain: domain, code: codeOf(domain), target: strings.TrimSpace(mapping.TargetField),
		source: parseSource(mapping.SourceVariableName),
	}
	r.choose = mapping.Choose
	r.phi = identifies(p.secret, mapping.SourceFormKey, r.source)
	if !domain.open() || wireName(r.target) == subjectKeyField {
		r.target = wireName(r.target)
	}
	r.stateKey = string(domain) + "." + r.target
	field := r.target
	if domain == ADLB {
		if param, rest, ok := strings.Cut(r.target, "."); ok {
			r.param, field = param, rest
		}
	}
	r.spec = domain.spec(field)
	r.guarded = r.isSerious() || r.isDeath()
	r.lookup = p.lookupOf(cfg, r)
	if mapping.BusinessLogic != nil {
		logic, err := compiler.Compile(*mapping.BusinessLogic)
		if err != nil {
			p.problem(r.path("businessLogic"), "%v", err)
		}
		r.logic = logic
	}
	p.rules = append(p.rules, r)
	p.place(r)
	p.checkSource(r)
	p.checkTarget(r)
}

// place files a rule under its form and domain and refuses a target that is mapped twice.
func (p *plan) place(r *rule) {
	d := p.domainOf(r.mapping.SourceFormKey, r.domain, true)
	for _, other := range d.rules {
		if other.target == r.target {
			p.problem(r.path("targetField"), "%s of form %s is mapped twice: mapping %d does so first", r.stateKey, d.form, other.index)
			return
		}
	}
	d.rules = append(d.rules, r)
	if r.logic != nil {
		d.computed++
	}
	p.fields[fieldName{r.domain, r.spec.name}] = true
	p.given[givenField{r.mapping.SourceFormKey, r.domain, r.param, r.spec.name}] = true
	if r.param != "" && !slices.Contains(d.params, r.param) {
		d.params = append(d.params, r.param)
	}
}

func (p *plan) domainOf(form string, domain Domain, create bool) *domainPlan {
	for _, d := range p.forms[form] {
		if d.domain == domain {
			return d
		}
	}
	if !create {
		return nil
	}
	if !slices.Contains(p.domains, domain) {
		p.domains = append(p.domains, domain)
	}
	d := &domainPlan{domain: domain, form: form}
	p.forms[form] = append(p.forms[form], d)
	slices.SortStableFunc(p.forms[form], func(a, b *domainPlan) int {
		return slices.Index(p.domains, a.domain) - slices.Index(p.domains, b.domain)
	})
	return d
}

// lookupOf finds the terminology of a rule's target.
func (p *plan) lookupOf(cfg imednet.StudyConfiguration, r *rule) *terminology {
	return terminologyOf(r.domain, r.spec.name, func(name string) *terminology { return newTerminology(cfg.TerminologyLookups[name]) })
}

func (p *plan) addCondition(compiler *expression.Compiler, i int, c Condition) {
	at := fmt.Sprintf("/extraction/conditions/%d/", i)
	d := p.domainOf(c.SourceFormKey, Domain(strings.ToUpper(c.Domain)), false)
	if d == nil {
		p.problem(at+"sourceFormKey", "no mapping rule reads this form for this domain")
		return
	}
	if d.condition != nil {
		p.problem(at+"expression", "the domain has a condition for this form already: join both with and")
		return
	}
	condition, err := compiler.Compile(c.Expression)
	if err != nil {
		p.problem(at+"expression", "%v", err)
		return
	}
	for _, name := range []string{"value", "payload", "context"} {
		if condition.Uses(name) {
			p.problem(at+"expression", "a condition has no %s, since no rule has read anything of the record yet: write record.record_data.get(\"VARIABLE\")", name)
			return
		}
	}
	d.condition = condition
	p.checkKeys(condition, at+"expression", c.SourceFormKey, nil)
}
