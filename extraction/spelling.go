package extraction

import (
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// spelling is the name of an answer's variable as the form spells it or, where the study is not known, as the record
// does.
func (s *subjectRun) spelling(view *recordView, name string, found answers.Found) string {
	if asked := view.known.asked; asked != nil {
		if i, ok := asked.placed[name]; ok {
			return spelt(asked.spelt[i], name, found)
		}
	}
	var structure structureIndex
	if s.plan != nil {
		structure = s.plan.structure
	}
	declared := ""
	if v, n := structure.variable(view.form, name); n == 1 {
		declared = v.VariableName.Or(name)
	}
	return spelt(declared, name, found)
}

// spelt is declared, the form's spelling of a name, where there is one, and otherwise the record's.
func spelt(declared, name string, found answers.Found) string {
	switch {
	case declared != "":
		return declared
	case found.Spellings == 1 && string(found.Key) != name:
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
	return prefix + s.reading(view, view.answer(first)).variable + name[len(prefix)+len(first):]
}
