package extraction

import "slices"

// deathFields are the flags of death, by their names in SDTM and ADaM.
var deathFields = []string{"AESDTH", "DTHFL"}

// isDeath reports whether a rule gives a flag of death.
func (r *rule) isDeath() bool { return slices.Contains(deathFields, r.spec.name) }

// findDeathUnknown reports a flag of death that a rule set to No without ground, an error where an answer says yes,
// and what the flag is now.
func (s *subjectRun) findDeathUnknown(r *rule, t *trace, flag string) {
	s.findDeath(r, t, "the rule makes No "+r.whyRefused(t)+": the flag is "+flag)
}

func (s *subjectRun) findDeath(r *rule, t *trace, message string) {
	f := Finding{Code: FindingDeathUnknown, Domain: r.domain, Field: r.target, Message: message}
	if !t.raw.Missing() {
		f.Values = s.shown(r, t.raw)
	}
	if r.mayBeYes(t) {
		f.Severity = SeverityError
		f.Message += "; mend the rule, or say in terminologyLookups what the codes mean"
	}
	s.find(f, t.origin)
}

// findSubjectDeathUnknown reports the records of which a rule made No for a subject's flag without ground, and those
// of which it made nothing although their answers do not say no, which set the No of another aside.
func (s *subjectRun) findSubjectDeathUnknown(list []given, chosen given) {
	flag := "what the other records say"
	if chosen.cell.value.Missing() {
		flag = "empty"
	}
	for _, g := range list {
		t := g.cell.trace
		if t.unfounded && t.rule.isDeath() {
			s.findDeathUnknown(t.rule, t, flag)
		}
	}
	for _, g := range chosen.besideNo {
		if t := g.cell.trace; !t.unfounded && g.cell.text == "" { // what is no flag has a finding of its own
			s.findDeath(t.rule, t, "the rule makes nothing of an answer that does not say No, while another record says No: the flag is empty")
		}
	}
}
