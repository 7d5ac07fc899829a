package extraction

import "github.com/imednetgo/imednet"

// seriousFields are the flags of seriousness.
var seriousFields = map[Domain]string{AE: "aeSerious", DD: "ddSerious", ADAE: "AESER"}

// isSerious reports whether a rule gives a flag of seriousness.
func (r *rule) isSerious() bool { return seriousFields[r.domain] == r.spec.name }

// checkSerious reports an event of which nobody said whether it is serious, or said so in words that
// are no yes and no no. The row stays, its flag unknown.
func (s *subjectRun) checkSerious(row CanonicalRow) {
	field, ok := seriousFields[row.Domain]
	if !ok || row.Flag(field) != imednet.Unknown || !s.plan.hasField(row.Domain, field) {
		return
	}
	f := Finding{Code: FindingSeriousUnknown, Domain: row.Domain, Field: field, Message: "it is not known whether the event is serious"}
	if c := row.cell(field); c != nil && c.trace.unfounded {
		f.Message = "the rule makes No " + c.trace.rule.whyRefused(c.trace) + ": the flag is empty"
		if !c.trace.raw.Missing() { // there are words to look up
			f.Message += "; terminologyLookups can say which words and number codes mean No"
			f.Values = s.shown(c.trace.rule, c.trace.raw)
		}
	}
	s.find(f, row.Origin)
}
