package dictionary

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// validate looks at the design as a whole: at what stands twice, differs in case only, names nothing,
// or uses words that nobody has seen.
func validate(d *Dictionary, found []Finding) []Finding {
	v := &validator{d: d, byName: map[string][]*Form{}, lookup: newLookup(d)}
	for _, f := range d.Forms {
		if name := strings.TrimSpace(f.Name); name != "" {
			v.byName[name] = append(v.byName[name], f)
		}
	}
	v.checkForms()
	for _, f := range d.Forms {
		v.checkQuestions(f)
	}
	v.checkRules()
	return v.list.after(found)
}

type validator struct {
	d      *Dictionary
	byName map[string][]*Form // rules name other forms by their Form Name
	lookup *lookup
	list   gathered[Finding]
}

func (v *validator) add(f Finding) { v.list.add(f) }

func (v *validator) checkForms() {
	if len(v.d.Forms) == 0 && !v.d.Lacks(FormsFile) {
		v.add(Finding{Code: FormsMissing, Severity: Warning, File: FormsFile, Message: "there is no form"})
	}
	seen, folded := map[string]bool{}, map[string]string{}
	for _, f := range v.d.Forms {
		at := Finding{File: FormsFile, Row: f.Row, Form: f.Key}
		if seen[f.Key] && f.Key != "" {
			v.add(at.with(FormTwice, Warning, "the key occurs twice; questions belong to the last form that has it"))
		}
		other, clash := folded[answers.Fold(f.Key)]
		if clash && other != f.Key {
			v.add(at.with(FormsDifferInCase, Warning, fmt.Sprintf("the key differs from %s in case only", other)))
		}
		seen[f.Key], folded[answers.Fold(f.Key)] = true, f.Key
		if f.Type != "" && !formTypes[foldHeader(f.Type)] {
			v.add(at.with(WordUnknown, Note, "a form type that has not been seen before"))
		}
	}
}

func (f Finding) with(code Code, severity Severity, message string) Finding {
	f.Code, f.Severity, f.Message = code, severity, message
	return f
}

func (v *validator) checkQuestions(f *Form) {
	seen, folded := map[string]bool{}, map[string]string{}
	for _, q := range f.Questions {
		at := Finding{File: QuestionsFile, Row: q.Row, Form: f.Key, Question: q.Name}
		if seen[q.Name] {
			v.add(at.with(QuestionTwice, Warning, "the question occurs twice on its form; choices belong to the last one"))
		}
		other, clash := folded[answers.Fold(q.Name)]
		if clash && other != q.Name {
			v.add(at.with(QuestionsDifferInCase, Warning, fmt.Sprintf("the name differs from %s in case only", other)))
		}
		seen[q.Name], folded[answers.Fold(q.Name)] = true, q.Name
		if q.Type != "" && !questionTypes[foldHeader(q.Type)] {
			v.add(at.with(WordUnknown, Note, "a variable type that has not been seen before"))
		}
		if _, known := q.Required.Queried(); !known {
			v.add(at.with(WordUnknown, Note, "a word under Required Field that has not been seen before"))
		}
		v.checkChoices(q)
	}
}

func (v *validator) checkChoices(q *Question) {
	at := Finding{File: ChoicesFile, Form: q.Form, Question: q.Name}
	if len(q.Choices) == 0 {
		if q.Kind() == imednet.ChoiceVariable && v.d.Known(ChoicesFile) {
			at.File, at.Row = QuestionsFile, q.Row
			v.add(at.with(ChoicesMissing, Note, "the question has no choices; they may be filled at run time"))
		}
		return
	}
	if kind := q.Kind(); kind != imednet.ChoiceVariable && kind != imednet.FlagVariable {
		v.add(at.with(ChoiceType, Note, "a question of this type has choices"))
	}
	v.checkCodes(q, at)
	v.checkTexts(q, at)
	v.checkPositions(q, at)
}

func (v *validator) checkCodes(q *Question, at Finding) {
	codes, blank := map[string]bool{}, 0
	for _, c := range q.Choices {
		code := strings.TrimSpace(c.Code)
		if code == "" {
			blank++
			continue
		}
		if codes[code] {
			at.Row = c.Row
			v.add(at.with(ChoiceCodeTwice, Warning, "two choices have the same code; an answer by code has two meanings"))
		}
		codes[code] = true
	}
	at.Row = 0
	if blank > 0 && blank < len(q.Choices) {
		v.add(at.with(ChoiceCodesMixed, Note, "some choices have a code and some have none"))
	}
	for _, c := range q.Choices {
		if text := strings.TrimSpace(c.Text); codes[text] && text != strings.TrimSpace(c.Code) {
			at.Row = c.Row
			v.add(at.with(ChoiceTextIsCode, Warning, "the text is another choice's code; an answer is taken for the text"))
		}
	}
}

func (v *validator) checkTexts(q *Question, at Finding) {
	texts, folded := map[string]bool{}, map[string]bool{}
	for _, c := range q.Choices {
		text := strings.TrimSpace(c.Text)
		at.Row = c.Row
		switch {
		case texts[text]:
			v.add(at.with(ChoiceTextTwice, Warning, "two choices have the same text"))
		case folded[answers.Fold(text)]:
			v.add(at.with(ChoicesDifferInCase, Note, "the text differs from another choice's in case only"))
		}
		texts[text], folded[answers.Fold(text)] = true, true
	}
}

func (v *validator) checkPositions(q *Question, at Finding) {
	seen := map[int]bool{}
	for _, c := range q.Choices {
		at.Row = c.Row
		n, given := c.place()
		switch {
		case !given:
			v.add(at.with(ChoicePosition, Note, "the position is not a whole number; the choice comes last"))
		case seen[n]:
			v.add(at.with(ChoicePosition, Note, "two choices have the same position; the order of the file decides"))
		}
		seen[n] = given
	}
}

// Ordered returns the choices by position (those without one last), then in the order of the file.
func (q *Question) Ordered() []*Choice {
	ordered := slices.Clone(q.Choices)
	slices.SortStableFunc(ordered, func(a, b *Choice) int {
		m, placedA := a.place()
		n, placedB := b.place()
		if !placedA || !placedB {
			return cmp.Compare(boolInt(!placedA), boolInt(!placedB))
		}
		return cmp.Compare(m, n)
	})
	return ordered
}

// place is the position of a choice, if it is a whole number.
func (c *Choice) place() (n int, given bool) {
	n, err := strconv.Atoi(c.Position)
	return n, err == nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
