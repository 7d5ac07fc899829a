package extraction

import (
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// spelling is the name of an answer's variable as the form spells it or, where the study is not known, as the record
// does.
func (s *subjectRun) spelling(view *recordView, name string, found answers.Found) string {
	var structure structureIndex
	if s.plan != nil {
		structure = s.plan.structure
	}
	if v, n := structure.variable(view.form, name); n == 1 {
		return v.VariableName.Or(name)
	}
	if found.Spellings == 1 {
		return string(found.Key)
	}
	return name
}

// variableOf is the name of a rule's source with the spelling of the answer that it reads.
func (s *subjectRun) variableOf(r *rule, view *recordView) string {
	name, of := r.mapping.SourceVariableName, r.source
	if of.field != "" || of.path == nil {
		return name
	}
	first := of.path[0]
	prefix := strings.TrimSuffix(name, strings.Join(of.path, "."))
	return prefix + s.reading(view, first, view.answer(first)).variable + name[len(prefix)+len(first):]
}
