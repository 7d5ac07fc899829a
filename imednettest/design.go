package imednettest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// The files of a design export.
const (
	formsFile     = "FORMS.csv"
	questionsFile = "QUESTIONS.csv"
	choicesFile   = "CHOICES.csv"
	rulesFile     = "BUSINESS_LOGIC.csv"
)

// DesignExport returns the study design export of the study as it is now, file by file: what
// package dictionary reads. Deleted and disabled variables are not in it. The choices
// of a list are the answers that its records have, the first of them are coded, and the words for
// required questions and the rules are invented: every form has the checks that the form designer
// generates and, as far as its questions allow, one of each kind that package dictionary
// evaluates.
// The records of the study break many of them. Equal studies give equal bytes.
func (s *Study) DesignExport() map[string][]byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	d := &designer{files: map[string]*strings.Builder{}, answers: s.listedAnswers()}
	d.row(formsFile, "Form ID", "Form Key", "Form Type", "Form Name", "Title", "Embedded Log", "Unscheduled Visits")
	d.row(questionsFile, "Form", "Variable Type", "Variable Name", "Label", "Sequence", "Required Field", "Allow Future Dates", "Whole Numbers Only", "Length")
	d.row(choicesFile, "Form", "Variable Type", "Variable Name", "Choice Text", "Choice Value", "Position")
	d.row(rulesFile, "Type", "Name", "Status", "ID", "Form", "Sequence", "Created By", "Message", "Questions", "Logic")
	for id, form := range s.tables[imednet.Forms].all() {
		if string(valueOf(form, "disabled")) != "true" {
			d.form(form, s.designed(id))
		}
	}
	files := map[string][]byte{}
	for name, b := range d.files {
		files[name] = []byte(b.String())
	}
	return files
}

// designed lists the variables in use of a form, each name once.
func (s *Study) designed(formID int64) (all [][]byte) {
	seen := map[string]bool{}
	for _, raw := range s.tables[imednet.Variables].all() {
		name := textOf(valueOf(raw, "variableName"))
		if intOf(valueOf(raw, "formId")) != formID || string(valueOf(raw, "disabled")) == "true" || string(valueOf(raw, "deleted")) == "true" || seen[name] {
			continue
		}
		seen[name] = true
		all = append(all, raw)
	}
	return all
}

// maxListed bounds the records in which a design looks for choices.
const maxListed = 5000

// listedAnswers are the answers that the first records have, by form and folded name.
func (s *Study) listedAnswers() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	t := s.tables[imednet.Records]
	for pos := range min(t.len(), maxListed) {
		raw := t.appendJSON(nil, pos)
		data := valueOf(raw, "recordData")
		if len(data) == 0 || data[0] != '{' {
			continue
		}
		for m := range members(data) {
			key := textOf(valueOf(raw, "formKey")) + "\x00" + strings.ToLower(m.text())
			if text := textOf(data[m.start:m.end]); strings.TrimSpace(text) != "" && len(all[key]) < 100 {
				if all[key] == nil {
					all[key] = map[string]bool{}
				}
				all[key][text] = true
			}
		}
	}
	return all
}

// designer writes the files of an export.
type designer struct {
	files   map[string]*strings.Builder
	answers map[string]map[string]bool
	ruleID  int
	lists   int
}

// row writes cells as exports quote them.
func (d *designer) row(file string, cells ...string) {
	b := d.files[file]
	if b == nil {
		b = &strings.Builder{}
		d.files[file] = b
	}
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(cell, " \t\r\n,\"\\") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(cell)
	}
	b.WriteByte('\n')
}

// designQuestion is a question of a form in the making.
type designQuestion struct {
	form, name, required string
	kind                 imednet.VariableKind
	noFuture             bool
	choices              []string
}

func (d *designer) form(raw []byte, variables [][]byte) {
	text := func(name string) string { return textOf(valueOf(raw, name)) }
	flag := func(name string) string { return [2]string{"", "1"}[boolIndex(string(valueOf(raw, name)) == "true")] }
	typ := text("formType")
	if strings.EqualFold(typ, "Subject") {
		typ = "Patient" // as exports call it
	}
	d.row(formsFile, text("formId"), text("formKey"), typ, text("formName"), text("formName"), flag("embeddedLog"), flag("unscheduledVisit"))
	var questions []designQuestion
	for i, v := range variables {
		questions = append(questions, d.question(text("formKey"), i, v))
	}
	for _, q := range questions {
		d.generatedRules(q)
	}
	d.handMade(questions)
}

// requiredWords are dealt out to the questions of a form, in turn.
var requiredWords = [...]string{"Auto Query", "Soft", "Optional", "Hard", "Optional"}

// typeWords are those of exports.
var typeWords = map[imednet.VariableKind]string{
	imednet.NumberVariable: "Number", imednet.WholeVariable: "Number", imednet.FlagVariable: "Checkbox", imednet.DateVariable: "Date/Time Precision",
	imednet.UploadVariable: "File Upload",
}

func (d *designer) question(form string, i int, raw []byte) designQuestion {
	declared := textOf(valueOf(raw, "variableType"))
	q := designQuestion{form: form, name: textOf(valueOf(raw, "variableName")), required: requiredWords[i%len(requiredWords)], kind: imednet.VariableKindOf(declared)}
	word := typeWords[q.kind]
	switch {
	case q.kind == imednet.ChoiceVariable && strings.EqualFold(declared, "dropdown"):
		word = "Dropdown"
	case q.kind == imednet.ChoiceVariable:
		word = "Radio"
	case word == "" && (strings.EqualFold(declared, "memo") || strings.EqualFold(declared, "textarea")):
		word = "Memo"
	case word == "" && q.kind == imednet.TimeVariable:
		word = declared
	case word == "":
		word = "Text"
	}
	length, future, whole := "", "", ""
	switch q.kind {
	case imednet.FlagVariable, imednet.UploadVariable:
		q.required = "Optional"
	case imednet.DateVariable:
		q.noFuture = i%2 == 0
		future = [2]string{"Yes", "No"}[boolIndex(q.noFuture)]
	case imednet.NumberVariable:
		whole = "No"
	case imednet.WholeVariable:
		whole = "Yes"
	case imednet.ChoiceVariable:
		q.choices = d.choices(q, word)
	default:
		length = "200"
	}
	d.row(questionsFile, form, word, q.name, textOf(valueOf(raw, "label")), fmt.Sprint((i+1)*10), q.required, future, whole, length)
	return q
}

// choices writes the list of a question. Every second list is coded.
func (d *designer) choices(q designQuestion, word string) []string {
	texts := slices.Sorted(maps.Keys(d.answers[q.form+"\x00"+strings.ToLower(q.name)]))
	if len(texts) == 0 {
		texts = []string{"Yes", "No"}
	}
	d.lists++
	for i, text := range texts {
		code := ""
		if d.lists%2 == 0 {
			code = fmt.Sprint(i + 1)
		}
		d.row(choicesFile, q.form, word, q.name, text, code, fmt.Sprint(i+1))
	}
	return texts
}
