package imednettest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// formDef defines a generated form; its number in formDefs gives its formId.
type formDef struct {
	key, name string
	site      bool
	log       bool // records without a visit
	disabled  bool
	variables []variableDef
}

// variableDef defines a variable: its name, declared type, caption and choices.
type variableDef struct {
	name, typ, label string
	choices          string // separated by |
	low, high        int    // of a NUMBER
	decimals         int
	retired          string // disabled or deleted
}

// The forms of a generated study, by number.
const (
	formDM = iota
	formVS
	formLB
	formAE
	formCM
	formLOG
	formSITE
	formNOTE
	formOLD
)

const firstFormID = 3001

func formID(form int) int64 { return firstFormID + int64(form) }

func formDefs() []formDef {
	return []formDef{
		formDM: {key: "DM", name: "Demographics", variables: []variableDef{
			{name: "DMDTC", typ: "DATE", label: "Date of collection"},
			{name: "AGE", typ: "NUMBER", label: "Age (years)", low: 18, high: 89},
			{name: "SEX", typ: "RADIO", label: "Sex", choices: "F|M"},
			{name: "RACE", typ: "DROPDOWN", label: "Race", choices: "Asian|Black|White|Other|Not reported"},
			{name: "CONSENT", typ: "CHECKBOX", label: "Consent signed"},
			{name: "DMNOTE", typ: "MEMO", label: "Remarks"},
		}},
		formVS: {key: "VS", name: "Vital Signs", variables: []variableDef{
			{name: "VSDTC", typ: "DATE", label: "Date of measurement"},
			{name: "SYSBP", typ: "NUMBER", label: "Systolic blood pressure (mmHg)", low: 90, high: 190},
			{name: "DIABP", typ: "NUMBER", label: "Diastolic blood pressure (mmHg)", low: 50, high: 110},
			{name: "PULSE", typ: "NUMBER", label: "Pulse (beats/min)", low: 45, high: 130},
			{name: "TEMP", typ: "NUMBER", label: "Temperature (C)", low: 355, high: 395, decimals: 1},
			{name: "VSPOS", typ: "RADIO", label: "Position", choices: "Sitting|Standing|Supine"},
			{name: "VSND", typ: "CHECKBOX", label: "Not done"},
			{name: "VSOLD", typ: "TEXT", label: "Machine (old)", retired: "disabled"},
		}},
		formLB: {key: "LB", name: "Laboratory", variables: []variableDef{
			{name: "LBDTC", typ: "DATE", label: "Date of sample"},
			{name: "ALT", typ: "NUMBER", label: "ALT (U/L)", low: 5, high: 140},
			{name: "AST", typ: "NUMBER", label: "AST (U/L)", low: 5, high: 140},
			{name: "BILI", typ: "NUMBER", label: "Bilirubin (mg/dL)", low: 10, high: 250, decimals: 2},
			{name: "HGB", typ: "NUMBER", label: "Hemoglobin (g/dL)", low: 80, high: 180, decimals: 1},
			{name: "PLT", typ: "NUMBER", label: "Platelets (10^9/L)", low: 80, high: 500},
			{name: "LBFAST", typ: "CHECKBOX", label: "Fasting"},
			{name: "LBCOM", typ: "TEXTAREA", label: "Comment"},
		}},
		formAE: {key: "AE", name: "Adverse Events", log: true, variables: []variableDef{
			{name: "AETERM", typ: "TEXT", label: "Event term"},
			{name: "AESTDTC", typ: "Date/Time Precision", label: "Start date"},
			{name: "AEENDTC", typ: "Date/Time Precision", label: "End date"},
			{name: "AESEV", typ: "RADIO", label: "Severity", choices: "Mild|Moderate|Severe"},
			{name: "AESER", typ: "RADIO", label: "Serious", choices: "Yes|No"},
			{name: "AEREL", typ: "DROPDOWN", label: "Relationship", choices: "None|Remote|Possible|Probable"},
			{name: "AEDESC", typ: "MEMO", label: "Description"},
		}},
		formCM: {key: "CM", name: "Concomitant Medications", log: true, variables: []variableDef{
			{name: "CMTRT", typ: "TEXT", label: "Medication"},
			{name: "CMDOSE", typ: "NUMBER", label: "Dose", low: 1, high: 500},
			{name: "CMDOSU", typ: "DROPDOWN", label: "Unit", choices: "mg|g|mL|IU"},
			{name: "CMSTDTC", typ: "Date/Time Precision", label: "Start date"},
			{name: "CMONG", typ: "CHECKBOX", label: "Ongoing"},
		}},
		formLOG: {key: "LOG", name: "Contact Log", log: true, variables: []variableDef{
			{name: "LOGDTC", typ: "DATE", label: "Date of contact"},
			{name: "LOGCAT", typ: "DROPDOWN", label: "Kind", choices: "Phone|E-mail|Letter"},
			{name: "LOGTXT", typ: "TEXTAREA", label: "Summary"},
		}},
		formSITE: {key: "SITE", name: "Site Information", site: true, log: true, variables: []variableDef{
			{name: "SITEPI", typ: "TEXT", label: "Investigator"},
			{name: "SITEDTC", typ: "DATE", label: "Date of initiation"},
			{name: "SITEACT", typ: "CHECKBOX", label: "Active"},
		}},
		formNOTE: {key: "NOTE", name: "Notes; \"free\" text", log: true, variables: []variableDef{
			{name: "NOTE", typ: "TEXT", label: "Note"},
			{name: "NOTENUM", typ: "NUMBER", label: "Figure"},
			{name: "NOTEBIG", typ: "NUMBER", label: "Identifier"},
			{name: "NOTEDTC", typ: "Date/Time Precision", label: "Date as told"},
			{name: "NOTEFLAG", typ: "CHECKBOX", label: "Flag"},
			{name: "NOTEGONE", typ: "TEXT", label: "Gone", retired: "deleted"},
		}},
		formOLD: {key: "OLD", name: "Retired Form", disabled: true, variables: []variableDef{
			{name: "OLDTXT", typ: "text", label: "Old text", retired: "disabled"},
		}},
	}
}

func (p *layout) listOf(lines []string) list {
	rows := make(list, len(lines))
	for i, line := range lines {
		rows[i] = newRow(int64(i+1), []byte(line))
	}
	return rows
}

// withIDs gives the rows of a list the ids that their JSON has.
func withIDs(resource imednet.Resource, rows list) list {
	for _, r := range rows {
		r.id = intOf(valueOf(r.raw, resource.ID()))
	}
	return rows
}

func (p *layout) quotedKey() string { return string(appendString(nil, p.key)) }

// dates are dateCreated and dateModified of a structure row, made before the study began.
func (p *layout) dates(n int) string {
	created := p.start - 30*86400 + int64(n)
	return fmt.Sprintf(`"dateCreated":%s,"dateModified":%s`, appendTime(nil, created), appendTime(nil, created+int64(n%3)*86400))
}

func (p *layout) studies() list {
	return p.listOf([]string{fmt.Sprintf(`{"sponsorKey":"4100","studyKey":%s,"studyId":%d,"studyName":"Generated study","studyDescription":null,"studyType":"STUDY",%s}`,
		p.quotedKey(), 5000+p.pick(2, 0, 1000), p.dates(0))})
}

func (p *layout) siteID(site int) int64 { return 701 + int64(site) }

func (p *layout) siteName(site int) string {
	if site == 1 {
		return "Site 02 - North; Annex"
	}
	return fmt.Sprintf("Site %02d", site+1)
}

func (p *layout) siteRows() list {
	lines := make([]string, p.sites)
	for i := range lines {
		status := [...]string{`"Enrollment Open"`, `"Enrollment Closed"`, `"ENROLLMENT_OPEN"`, `null`}[i%4]
		lines[i] = fmt.Sprintf(`{"studyKey":%s,"siteId":%d,"siteName":%s,"siteEnrollmentStatus":%s,%s}`,
			p.quotedKey(), p.siteID(i), appendString(nil, p.siteName(i)), status, p.dates(i))
	}
	return withIDs(imednet.Sites, p.listOf(lines))
}

func (p *layout) formRows() list {
	var lines []string
	for i, f := range formDefs() {
		typ := "Subject"
		if f.site {
			typ = "Site"
		}
		lines = append(lines, fmt.Sprintf(`{"studyKey":%s,"formId":%d,"formKey":%q,"formName":%s,"formType":%q,"revision":%d,"embeddedLog":false,"enforceOwnership":false,"userAgreement":false,"subjectRecordReport":%s,"unscheduledVisit":%t,"otherForms":false,"eproForm":false,"allowCopy":true,"disabled":%t,%s}`,
			p.quotedKey(), formID(i), f.key, appendString(nil, f.name), typ, i%4+1, [...]string{"true", "null"}[i%2], f.log, f.disabled, p.dates(i)))
	}
	return withIDs(imednet.Forms, p.listOf(lines))
}

func (p *layout) intervalID(n int) int64 { return 41 + int64(n) }

func (p *layout) intervalName(n int) string {
	if n == 0 {
		return "Registration"
	}
	return "Day " + strconv.Itoa(n*30)
}

func (p *layout) intervalRows() list {
	defs := formDefs()
	var lines []string
	for i := range p.intervals + 1 {
		forms := []int{formVS, formLB}
		name := p.intervalName(i)
		disabled := i == p.intervals // one retired interval, without forms
		switch {
		case i == 0:
			forms = []int{formDM, formVS, formLB}
		case disabled:
			forms, name = nil, "Day 0 (old)"
		}
		var refs []string
		for _, f := range forms {
			refs = append(refs, fmt.Sprintf(`{"formId":%d,"formKey":%q,"formName":%q}`, formID(f), defs[f].key, defs[f].name))
		}
		window := `"timeline":"None","definedUsingInterval":null,"windowCalculationForm":null,"windowCalculationDate":null,"actualDateForm":null,"actualDate":null,"dueDateWillBeIn":null,"negativeSlack":null,"positiveSlack":null,"eproGracePeriod":null`
		if i > 0 && !disabled {
			window = fmt.Sprintf(`"timeline":"Start Date End Date","definedUsingInterval":"Registration","windowCalculationForm":"Demographics","windowCalculationDate":"DMDTC","actualDateForm":"Vital Signs","actualDate":"VSDTC","dueDateWillBeIn":%d,"negativeSlack":5,"positiveSlack":7,"eproGracePeriod":0`, i*30)
		}
		lines = append(lines, fmt.Sprintf(`{"studyKey":%s,"intervalId":%d,"intervalName":%q,"intervalDescription":%q,"intervalSequence":%d,"intervalGroupId":1,"intervalGroupName":"Main","disabled":%t,%s,%s,"forms":[%s]}`,
			p.quotedKey(), p.intervalID(i), name, name, (i+1)*10, disabled, p.dates(i), window, strings.Join(refs, ",")))
	}
	return withIDs(imednet.Intervals, p.listOf(lines))
}

func (p *layout) variableRows() list {
	var lines []string
	for f, form := range formDefs() {
		for i, v := range form.variables {
			n := len(lines)
			oid := "null"
			if n%2 == 0 {
				oid = strconv.Quote(form.key + "." + v.name)
			}
			lines = append(lines, fmt.Sprintf(`{"studyKey":%s,"variableId":%d,"variableType":%q,"variableName":%q,"sequence":%d,"revision":1,"disabled":%t,%s,"formId":%d,"variableOid":%s,"deleted":%t,"formKey":%q,"formName":%s,"label":%q,"blinded":%t}`,
				p.quotedKey(), 90001+n, v.typ, v.name, i+1, v.retired == "disabled", p.dates(n), formID(f), oid, v.retired == "deleted",
				form.key, appendString(nil, form.name), v.label, v.name == "ALT"))
		}
	}
	return withIDs(imednet.Variables, p.listOf(lines))
}

// userRows are twelve users in order of their login; two are inactive in the study. Role dates
// are int arrays of five to seven parts.
func (p *layout) userRows() list {
	names := [...]string{"Ana Almeida", "Björn Åström", "Chloë D'Arcy", "Dan Drew", "Eve Eco", "Fay Fox", "Gus Gray", "Hal Hill", "Ida Ives", "Jo Jones", "Kim Kern", "Lea Lund"}
	roles := [...]string{"Research Coordinator", "Monitor", "Data Manager"}
	dates := [...]string{"[2024,2,1,10,0,5,625000000]", "[2024,2,1,10,0]", "[2023,12,31,23,59,58]"}
	var lines []string
	for i, name := range names {
		first, last, _ := strings.Cut(name, " ")
		login, role := fmt.Sprintf("coord%02d", i+1), i%3
		if i >= 8 {
			login, role = fmt.Sprintf("monitor%02d", i-7), 1
		}
		email := fmt.Sprintf("%q", login+"@example.org")
		if i == 5 {
			email = "null"
		}
		list := []string{roleJSON(i, roles[role], dates[i%3], false)}
		switch i {
		case 3:
			list = nil
		case 9:
			list = append(list, roleJSON(i+20, "Archived role", dates[1], true))
		}
		lines = append(lines, fmt.Sprintf(`{"userId":"0b9f2f6e-6d1e-4d0c-9c6e-%012d","login":%q,"firstName":%q,"lastName":%q,"email":%s,"userActiveInStudy":%t,"roles":[%s]}`,
			i+1, login, first, last, email, i != 4 && i != 10, strings.Join(list, ",")))
	}
	return p.listOf(lines)
}

func roleJSON(n int, name, date string, inactive bool) string {
	return fmt.Sprintf(`{"dateCreated":%s,"dateModified":%s,"roleId":"7c1d2e3f-0000-4000-8000-%012d","communityId":%d,"name":%q,"description":%q,"level":%d,"type":"Study","inactive":%t}`,
		date, date, n+1, 21+n%3, name, name, n%3+1, inactive)
}
