package dictionary

import "strings"

// lookup finds forms, questions and the texts of choices in a dictionary that does not change meanwhile. What a single
// question may look through one by one, each row of a large export may not.
type lookup struct {
	d         *Dictionary
	forms     map[string]*Form
	questions map[*Form]map[string]*Question
	texts     map[*Question]map[string]bool
}

func newLookup(d *Dictionary) *lookup {
	l := &lookup{d: d, forms: map[string]*Form{}, questions: map[*Form]map[string]*Question{}, texts: map[*Question]map[string]bool{}}
	for _, f := range d.Forms {
		l.forms[f.Key] = f
	}
	return l
}

// form is [Dictionary.Form].
func (l *lookup) form(key string) (*Form, bool) {
	f, ok := l.forms[key]
	return f, ok
}

// question is [Form.Question].
func (l *lookup) question(f *Form, name string) (*Question, bool) {
	byName, ok := l.questions[f]
	if !ok {
		byName = make(map[string]*Question, len(f.Questions))
		for _, q := range f.Questions {
			byName[q.Name] = q
		}
		l.questions[f] = byName
	}
	q, ok := byName[name]
	return q, ok
}

// isText reports whether a text without white space around it is that of a choice.
func (l *lookup) isText(q *Question, text string) bool {
	texts, ok := l.texts[q]
	if !ok {
		texts = make(map[string]bool, len(q.Choices))
		for _, c := range q.Choices {
			texts[strings.TrimSpace(c.Text)] = true
		}
		l.texts[q] = texts
	}
	return texts[text]
}
