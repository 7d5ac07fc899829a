package cdisc

import (
	"slices"
	"strconv"
)

// group writes a group of items unless it is empty.
func (d *odmWriter) group(s *odmState, oid string, variables []int, itemOID func(int) string) {
	written := slices.ContainsFunc(variables, s.isWritten)
	if !written {
		return
	}
	attributes := []string{"ItemGroupOID", oid}
	if d.o.Transactional {
		attributes = append(attributes, "TransactionType", pick(slices.ContainsFunc(variables, s.wasWritten), "Update", "Insert"))
	}
	d.start("ItemGroupData", attributes...)
	d.items(s, variables, itemOID)
	d.end()
}

// isWritten reports whether an item is answered, or in an update whether it changed.
func (s *odmState) isWritten(i int) bool {
	if s.before == nil {
		return !s.row[i].IsMissing()
	}
	return s.row[i] != s.before[i]
}

// wasWritten reports whether the state before has an item.
func (s *odmState) wasWritten(i int) bool { return s.before != nil && !s.before[i].IsMissing() }

func (d *odmWriter) items(s *odmState, variables []int, itemOID func(int) string) {
	for _, i := range variables {
		if !s.isWritten(i) {
			continue
		}
		d.report.Items++
		attributes := []string{"ItemOID", itemOID(i)}
		if s.before != nil {
			attributes = append(attributes, "TransactionType", transactionOf(s.before[i]))
		}
		switch {
		case s.row[i].IsMissing():
			d.leaf("ItemData", append(attributes, "IsNull", "Yes")...)
		case d.two:
			d.start("ItemData", attributes...)
			d.text("Value", d.value(s.form, i, s.row[i]))
			d.end()
		default:
			d.leaf("ItemData", append(attributes, "Value", d.value(s.form, i, s.row[i]))...)
		}
	}
}

func transactionOf(before Value) string {
	if before.IsMissing() {
		return "Insert"
	}
	return "Update"
}

// value is a value as the data types of ODM spell it: numbers have no exponent.
func (d *odmWriter) value(f *odmForm, i int, v Value) string {
	t := f.survey.dataset.Variables[i].Type
	switch v.kind {
	case textValue:
		if f.survey.stats[i].XMLForbidden > 0 {
			return escapeForbidden(v.text)
		}
		return v.text
	case integerValue:
		n, _ := v.Integer()
		if t == WholeNumber {
			return strconv.FormatInt(n, 10)
		}
		d.item = appendISO(d.item[:0], t, n)
		if f.survey.dataset.Variables[i].UTC {
			d.item = append(d.item, 'Z')
		}
		return string(d.item)
	case floatValue:
		x, _ := v.Float()
		if x == 0 {
			return "0"
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return valueText(v)
}

// audit says who brought about a state, when and why.
func (d *odmWriter) audit(s *odmState) {
	d.start("AuditRecord")
	d.leaf("UserRef", "UserOID", "U."+s.user)
	d.leaf("LocationRef", "LocationOID", locationOID(orElse(s.site, unknownSite)))
	d.text("DateTimeStamp", s.at.Format("2006-01-02T15:04:05.999999Z"))
	if s.reason != "" {
		d.text("ReasonForChange", s.reason)
	}
	if s.id != "" {
		d.text("SourceID", s.id)
	}
	d.end()
}
