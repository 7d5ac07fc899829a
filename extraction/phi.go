package extraction

import (
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/expression"
	"github.com/imednetgo/imednet/internal/phi"
)

// spreadPHI marks the rules whose values identify a person: those that read a PHI variable, whether
// as their source or in an expression, and those that read what such a rule gave. Keys that are known
// only when an expression runs count as any key. It runs until no rule is added, because state goes
// from any rule to any other.
func (p *plan) spreadPHI() {
	secret := p.secret
	if len(secret) == 0 {
		return
	}
	for again := true; again; {
		again = false
		for _, r := range p.rules {
			if !r.phi && r.logic != nil && p.readsPHI(r, secret) {
				r.phi, again = true, true
			}
		}
	}
}

func (p *plan) readsPHI(r *rule, secret phi.Set) bool {
	return slices.ContainsFunc(r.logic.References(), func(ref expression.Reference) bool {
		switch ref.Object {
		case "record_data":
			return p.answerIsPHI(r.mapping.SourceFormKey, ref, secret)
		case "record":
			if ref.Any {
				return p.answerIsPHI(r.mapping.SourceFormKey, ref, secret) || hasAnyField(r.mapping.SourceFormKey, secret)
			}
			return secret.Has(r.mapping.SourceFormKey, wireName(ref.Key))
		case "subject_key":
			return secret.Has(r.mapping.SourceFormKey, subjectKeyField)
		case "payload":
			return slices.ContainsFunc(p.rules, func(earlier *rule) bool {
				same := earlier.domain == r.domain && earlier.mapping.SourceFormKey == r.mapping.SourceFormKey
				return earlier.phi && same && (ref.Any || earlier.target == ref.Key || earlier.target == wireName(ref.Key))
			})
		}
		return slices.ContainsFunc(p.rules, func(other *rule) bool { // state and baseline
			return other.phi && (ref.Any || other.stateKey == ref.Key || other.stateKey == wireName(ref.Key))
		})
	})
}

// answerIsPHI reports whether a reference can read an answer that identifies a person.
func (p *plan) answerIsPHI(form string, ref expression.Reference, secret phi.Set) bool {
	if !ref.Any {
		return secret.Has(form, ref.Key)
	}
	known, ok := p.structure.form(form)
	if !ok {
		return true // any answer may be one of them
	}
	return slices.ContainsFunc(known.Variables, func(v imednet.Variable) bool {
		return secret.Has(form, v.VariableName.Or(""))
	})
}

func hasAnyField(form string, secret phi.Set) bool {
	for name := range maps.Keys(recordFields) {
		if secret.Has(form, name) {
			return true
		}
	}
	return false
}
