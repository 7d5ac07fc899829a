package imednettest

import (
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
)

// lifeForm is a form of a lifelike study.
type lifeForm struct {
	id        int64
	key, name string
	variables []lifeVariable
	log       bool // also filled in without a visit, several times
}

// lifeVariable is a variable of one.
type lifeVariable struct {
	id            int64
	name, typ     string
	since, retire int64 // Unix seconds; 0 is always, and never
}

// lifeInterval is a visit of the schedule, or an unscheduled one after it. Its forms are filled in once a
// subject goes on; it lists those of leaving and of comments, too.
type lifeInterval struct {
	id          int64
	name        string
	day         int64
	unscheduled bool
	forms       []int
}

// lifeForms are the forms, by number; the last is that of sites.
var lifeForms = []struct {
	key, name string
	variables int
	log       bool
}{
	{"DM", "Demographics", 25, false}, {"SC", "Subject Characteristics", 8, false}, {"SV", "Subject Visits", 12, false}, {"MH", "Medical History", 22, true},
	{"CM", "Concomitant Medications", 24, true}, {"AE", "Adverse Events", 32, true}, {"VS", "Vital Signs", 30, true}, {"LBCH", "Chemistry", 74, true},
	{"LBHE", "Hematology", 62, true}, {"LBUR", "Urinalysis", 48, true}, {"LBOT", "Other Laboratory", 24, true}, {"EX", "Exposure", 16, false},
	{"DS", "Disposition", 12, false}, {"QSCO", "ADAS-Cog", 48, false}, {"QSDA", "DAD", 46, false}, {"QSGI", "CIBIC+", 10, false},
	{"QSHI", "Hachinski", 16, false}, {"QSMM", "MMSE", 34, false}, {"QSNI", "NPI-X", 58, false}, {"CO", "Comments", 6, true}, {"SITE", "Site Details", 10, false},
}

// The forms that the making of records names, by number.
const (
	lifeDM, lifeSC, lifeSV, lifeMH, lifeCM, lifeAE, lifeVS, lifeLBCH, lifeLBHE, lifeLBUR = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	lifeEX, lifeDS, lifeQSDA, lifeQSNI, lifeCO, lifeSITE                                 = 11, 12, 14, 18, 19, 20
)

// lifeVisitDate is the question that asks for the date of a visit.
const lifeVisitDate = "SVSTDTC"

// design makes sites, forms, variables, intervals and users.
func (l *lifelike) design() {
	l.add(imednet.Studies, 1, "sponsorKey", "100", "studyKey", l.key, "studyId", 1, "studyName", "A lifelike study", "studyDescription", nil,
		"studyType", "STUDY", "dateCreated", instant(l.start-60*day), "dateModified", instant(l.start-60*day))
	for n := range lifeSites {
		l.add(imednet.Sites, int64(1301+n), "studyKey", l.key, "siteId", 1301+n, "siteName", fmt.Sprint(701+n), "siteEnrollmentStatus", "Enrollment Closed",
			"dateCreated", instant(l.start-40*day), "dateModified", instant(l.start+int64(n)*day))
	}
	for n := range lifeForms {
		l.designForm(n)
	}
	l.designIntervals()
	for n := range 24 {
		login, role := fmt.Sprintf("coord%02d", n+1), "Research Coordinator"
		if n >= lifeSites {
			login, role = fmt.Sprintf("monitor%02d", n-lifeSites+1), "Monitor"
		}
		l.add(imednet.Users, int64(n+1), "userId", fmt.Sprintf("4e1b2c3d-0000-4000-8000-%012d", n+1), "login", login, "firstName", "User", "lastName", fmt.Sprint(n+1),
			"email", login+"@example.org", "userActiveInStudy", n != 5, "roles", jsonText("["+roleJSON(n, role, "[2012,5,1,9,0]", false)+"]"))
	}
}

// typeOf deals out the declared types in the pilot's proportions.
func typeOf(n int) string {
	switch r := n * 37 % 100; {
	case r < 62:
		return "NUMBER"
	case r < 86:
		return "RADIO"
	case r < 92:
		return "DATE"
	case r < 96:
		return "TEXT"
	case r < 99:
		return "CHECKBOX"
	}
	return "DROPDOWN"
}

// designForm makes a form and its variables. Seven names are shared by forms, two of them with other
// types; VS has one name twice; every fifteenth variable came late, every twentieth was retired.
func (l *lifelike) designForm(n int) {
	def := lifeForms[n]
	form := lifeForm{id: int64(10201 + n), key: def.key, name: def.name, log: def.log}
	typ := "Subject"
	if n == lifeSITE {
		typ = "Site"
	}
	embedded := n == lifeAE || n == lifeCM
	l.add(imednet.Forms, form.id, "studyKey", l.key, "formId", form.id, "formKey", form.key, "formName", form.name, "formType", typ, "revision", n%4+1,
		"embeddedLog", embedded, "enforceOwnership", false, "userAgreement", false, "subjectRecordReport", n%3 == 0, "unscheduledVisit", def.log, "otherForms", false,
		"eproForm", false, "allowCopy", true, "disabled", false, "dateCreated", instant(l.start-50*day), "dateModified", instant(l.start+int64(n)*day))
	for i := range def.variables {
		v := lifeVariable{id: int64(90001 + len(l.rows[imednet.Variables])), name: fmt.Sprintf("%s%03d", form.key, i+1), typ: typeOf(len(l.rows[imednet.Variables]))}
		shared := []string{"VISITDY", "EPOCH", "COMMENT", "ASSESSOR", "NOTDONE", "REASND", "DTC"}
		if i < len(shared) && n%3 == i%3 && n != lifeSITE {
			v.name, v.typ = shared[i], [...]string{"NUMBER", "TEXT", "TEXT", "TEXT", "CHECKBOX", "TEXT", "DATE"}[i]
			if n%6 == i%6 && i < 2 {
				v.typ = "RADIO"
			}
		}
		if n == lifeSV && i == 0 {
			v.name, v.typ = lifeVisitDate, "DATE"
		}
		if n == lifeVS && i == 20 {
			v.name = fmt.Sprintf("%s%03d", form.key, 20)
		}
		if i%15 == 14 {
			v.since = l.start + 200*day
		}
		if i%20 == 19 {
			v.retire = l.start + 400*day
		}
		created := max(l.start-50*day, v.since)
		l.add(imednet.Variables, v.id, "studyKey", l.key, "variableId", v.id, "variableType", v.typ, "variableName", v.name, "sequence", i+1, "revision", 1,
			"disabled", v.retire > 0 && i%40 == 19, "dateCreated", instant(created), "dateModified", instant(max(created, v.retire)), "formId", form.id,
			"variableOid", nil, "deleted", v.retire > 0 && i%40 != 19, "formKey", form.key, "formName", form.name, "label", "Label of "+v.name, "blinded", false)
		form.variables = append(form.variables, v)
	}
	l.forms = append(l.forms, form)
}

// designIntervals makes 19 visits of the schedule and 18 unscheduled ones between them.
func (l *lifelike) designIntervals() {
	for n := range 37 {
		at := lifeInterval{id: int64(401 + n), name: fmt.Sprintf("WEEK %d", n), day: int64(n) * 7, unscheduled: n%2 == 1}
		at.forms = []int{lifeSV, lifeVS, lifeCM}
		switch {
		case n == 0:
			at.name, at.forms = "SCREENING", []int{lifeDM, lifeSC, lifeSV, lifeVS, lifeCM, lifeMH}
		case at.unscheduled:
			at.name, at.forms = fmt.Sprintf("UNSCHEDULED %d.1", n/2+1), []int{lifeSV, lifeVS, lifeLBCH}
		case n%4 == 0:
			at.forms = []int{lifeSV, lifeVS, lifeCM, lifeLBCH, lifeLBHE, lifeQSNI, lifeQSDA, lifeAE}
		case n%6 == 2:
			at.forms = append(at.forms, lifeLBUR, lifeEX)
		}
		listed, refs := append(slices.Clone(at.forms), lifeCO), ""
		if n == 0 {
			listed = append(listed, lifeDS)
		}
		for i, f := range listed {
			refs += [2]string{",", ""}[boolIndex(i == 0)] + string(object("formId", l.forms[f].id, "formKey", l.forms[f].key, "formName", l.forms[f].name))
		}
		l.add(imednet.Intervals, at.id, "studyKey", l.key, "intervalId", at.id, "intervalName", at.name, "intervalDescription", at.name, "intervalSequence", (n+1)*10,
			"intervalGroupId", 1, "intervalGroupName", "Main", "disabled", false, "dateCreated", instant(l.start-50*day), "dateModified", instant(l.start-50*day),
			"timeline", "None", "definedUsingInterval", nil, "windowCalculationForm", nil, "windowCalculationDate", nil, "actualDateForm", nil, "actualDate", nil,
			"dueDateWillBeIn", nil, "negativeSlack", nil, "positiveSlack", nil, "eproGracePeriod", nil, "forms", jsonText("["+refs+"]"))
		l.intervals = append(l.intervals, at)
	}
}
