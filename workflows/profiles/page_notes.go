package profiles

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/page"
)

// The order in which findings are listed.
const (
	rankForm = iota
	rankMisfit
	rankAmbiguous
	rankUndeclared
	rankRetired
	rankVariant
	rankStray
	rankNever
)

// studyNotes lists what contradicts the study's forms.
func studyNotes(p *StudyProfile) []reportNote {
	var notes []reportNote
	for _, kind := range slices.Sorted(maps.Keys(p.Contradictions)) {
		notes = append(notes, reportNote{rankForm, "forms", "records", "contradict the study's forms: " + string(kind), page.Number(p.Contradictions[kind])})
	}
	kinds := map[imednet.ContradictionKind]int64{}
	for _, c := range p.DesignContradictions {
		kinds[c.Kind]++
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		notes = append(notes, reportNote{rankForm, "forms", "forms and variables", "contradict each other: " + string(kind), page.Number(kinds[kind])})
	}
	return notes
}

// formNotes lists what a reader should look at in a form.
func formNotes(index int, f *FormProfile) []reportNote {
	var notes []reportNote
	var never []string
	for i := range f.Fields {
		p := &f.Fields[i]
		add := func(rank int, count int64, format string, args ...any) {
			notes = append(notes, reportNote{rank, fmt.Sprintf("f%d-%d", index, i), fieldPath(f.FormKey, p.Variable), fmt.Sprintf(format, args...), page.Number(count)})
		}
		switch {
		case p.Disagrees:
			add(rankMisfit, p.Misfits, "declared %s, but holds answers that are not %s", p.DeclaredType, declaredWord(p.DeclaredType))
		case !p.Declared && f.Listed && p.Populated > 0:
			add(rankUndeclared, p.Populated, "answers under a key that the study does not declare")
		case p.Declared && p.Retired && p.Populated > 0:
			add(rankRetired, p.Populated, "retired, but has answers")
		case p.Declared && !p.Retired && f.Records > 0 && p.Populated == 0:
			never = append(never, p.Variable)
		}
		if p.Missing.Ambiguous > 0 {
			add(rankAmbiguous, p.Missing.Ambiguous, "several keys differ in case only; none was chosen")
		}
		if c := p.Codelist; c != nil && c.Variants > 0 {
			add(rankVariant, c.OutsideRecords, "%s of a listed answer in another spelling", page.Plural(int64(c.Variants), "variant"))
		} else if c != nil && c.Outside > 0 {
			add(rankStray, c.OutsideRecords, "%s once, beside a codelist of %d", occurs(c.Outside), c.Values)
		}
	}
	if len(never) > 0 {
		text := fmt.Sprintf("%s never answered: %s", page.Plural(int64(len(never)), "variable"), strings.Join(never, ", "))
		notes = append(notes, reportNote{rankNever, fmt.Sprintf("f%d", index), f.FormKey, text, page.Number(f.Records)})
	}
	return notes
}

func occurs(n int) string {
	if n == 1 {
		return "1 answer occurs"
	}
	return fmt.Sprintf("%d answers each occur", n)
}
