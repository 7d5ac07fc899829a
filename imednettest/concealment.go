package imednettest

import "github.com/imednetgo/imednet"

// formMentions are the attributes of intervals and visits that name a form by its name, each with the
// one that names a question on it.
func formMentions(resource imednet.Resource) map[string]string {
	switch resource {
	case imednet.Intervals:
		return map[string]string{"windowCalculationForm": "windowCalculationDate", "actualDateForm": "actualDate"}
	case imednet.Visits:
		return map[string]string{"visitDateForm": "visitDateQuestion"}
	}
	return nil
}

// concealForms takes the forms that the keys may not see out of rows that name forms.
func (s *Study) concealForms(resource imednet.Resource, page *result) {
	mentions, limits := formMentions(resource), s.sightOf(imednet.Forms)
	if mentions == nil || limits == nil {
		return
	}
	hidden := hiddenForms(s.tables[imednet.Forms], limits)
	rows := page.rows()
	for n, row := range rows {
		for form, question := range mentions {
			if hidden.names[textOf(valueOf(row, form))] {
				row = withMember(withMember(row, form, []byte("null")), question, []byte("null"))
			}
		}
		if forms := valueOf(row, "forms"); len(forms) > 0 && forms[0] == '[' {
			row = withMember(row, "forms", hidden.without(forms))
		}
		rows[n] = row
	}
	page.set(rows)
}

// formSet is a set of forms, by each way of naming one.
type formSet struct {
	ids   map[int64]bool
	names map[string]bool // names and keys
}

func hiddenForms(forms *table, limits *sight) formSet {
	set, v := formSet{ids: map[int64]bool{}, names: map[string]bool{}}, &view{}
	var seen []string
	for pos := range forms.len() {
		v.move(forms, pos)
		key, name := textOf(valueOf(v.json(), "formKey")), textOf(valueOf(v.json(), "formName"))
		if limits.shows(v) {
			seen = append(seen, key, name)
			continue
		}
		set.ids[v.id], set.names[key], set.names[name] = true, true, true
	}
	for _, name := range append(seen, "") {
		delete(set.names, name)
	}
	return set
}

// without copies the forms of an interval, except those of the set.
func (f formSet) without(forms []byte) []byte {
	dst := []byte{'['}
	for form := range elements(forms) {
		if f.ids[intOf(valueOf(form, "formId"))] || f.names[textOf(valueOf(form, "formKey"))] {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(dst, form...)
	}
	return append(dst, ']')
}
