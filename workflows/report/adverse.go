package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// AdverseEventForm names a form that holds adverse events, one a record, and the variables that tell
// their severity and seriousness.
type AdverseEventForm struct {
	FormKey string
	// Severity and Serious are names of variables of the form. Empty means AESEV and AESER, the names of
	// CDASH, if the form has them; otherwise all is unknown.
	Severity string
	Serious  string
	// SeverityWords and SeriousWords translate answers before they are read, such as "1" to "Mild".
	SeverityWords map[string]string
	SeriousWords  map[string]string
}

// AdverseEventForms returns the forms that a study's configuration maps to domain AE, with the variables
// of aeSeverity and aeSerious and the words of its lookups. An expression of a rule is not evaluated:
// what it derives is unknown here.
func AdverseEventForms(config imednet.StudyConfiguration) []AdverseEventForm {
	var forms []AdverseEventForm
	for _, rule := range config.Mappings {
		if rule.Domain != "AE" || rule.SourceFormKey == "" {
			continue
		}
		at := slices.IndexFunc(forms, func(f AdverseEventForm) bool { return f.FormKey == rule.SourceFormKey })
		if at < 0 {
			at = len(forms)
			forms = append(forms, AdverseEventForm{
				FormKey: rule.SourceFormKey, Severity: notMapped, Serious: notMapped,
				SeverityWords: lookup(config, "aeSeverity"), SeriousWords: lookup(config, "aeSerious"),
			})
		}
		if rule.SourceVariableName == "" || rule.BusinessLogic != nil {
			continue
		}
		variable := strings.TrimPrefix(strings.TrimPrefix(rule.SourceVariableName, "recordData."), "record_data.")
		switch rule.TargetField {
		case "aeSeverity":
			forms[at].Severity = variable
		case "aeSerious":
			forms[at].Serious = variable
		}
	}
	return forms
}

// notMapped stands for a variable that a configuration does not name: no variable has such a name.
const notMapped = "\x00"

func lookup(config imednet.StudyConfiguration, field string) map[string]string {
	if words := config.TerminologyLookups["AE."+field]; words != nil {
		return words
	}
	return config.TerminologyLookups[field]
}

// AdverseEvents counts adverse events by severity and seriousness.
type AdverseEvents struct {
	Forms     []AdverseEventSource `json:"forms"`
	Events    int64                `json:"events"`
	Subjects  int64                `json:"subjects"`  // with an event
	NoSubject int64                `json:"noSubject"` // events of no certain subject
	Severity  []SeverityCount      `json:"severity"`
	// SeriousUnread counts answers that are neither yes nor no, or of which none can be chosen
	// ([imednet.IndexedForm.Answer]). They are unknown.
	SeriousUnread int64 `json:"seriousUnread"`
}

// AdverseEventSource says from where events were counted.
type AdverseEventSource struct {
	FormKey  string `json:"formKey"`
	Severity string `json:"severity"` // the variable; "" if there is none, so that all is unknown
	Serious  string `json:"serious"`
	Events   int64  `json:"events"`
}

// SeverityCount counts the events of a severity.
type SeverityCount struct {
	Severity   string `json:"severity"` // a word of the usual scales, "other answer" or "unknown"
	Serious    int64  `json:"serious"`
	NotSerious int64  `json:"notSerious"`
	Unknown    int64  `json:"unknown"` // seriousness not answered, or not understood
}

// Total is the number of events.
func (c SeverityCount) Total() int64 { return c.Serious + c.NotSerious + c.Unknown }

const (
	severityOther   = "other answer"
	severityUnknown = "unknown"
)

// severities are the words of the usual scales, in their order. Only these are shown: any other answer
// may be anything.
var severities = []string{"Mild", "Moderate", "Severe", "Life-threatening", "Fatal", "Grade 1", "Grade 2", "Grade 3", "Grade 4", "Grade 5", severityOther, severityUnknown}

func severityOf(answer string) string {
	if imednet.IsMissing(answer) {
		return severityUnknown
	}
	word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(answer)), " ", "-")
	for _, s := range severities[:len(severities)-2] {
		if strings.ReplaceAll(strings.ToLower(s), " ", "-") == word {
			return s
		}
	}
	return severityOther
}

// eventTally takes adverse events; nil takes none.
type eventTally struct {
	forms    map[*imednet.IndexedForm]*eventForm
	list     []*eventForm
	counts   map[string]*SeverityCount
	subjects map[int64]bool
	report   AdverseEvents
	alike    map[event]int64
	rows     []event // with values only
	limit    int     // of rows; 0 without values
}

// event is an adverse event, or several alike; record, subject and answer are set with values only.
type event struct {
	severity, serious, form string
	site                    *siteTally
	record                  int64
	subject, answer         string
}

type eventForm struct {
	AdverseEventForm
	form    *imednet.IndexedForm
	source  AdverseEventSource
	blinded bool // a variable is: its answers are counted and never listed one by one
}

// newEventTally finds forms and variables by name. A name that the study does not have is an error: it
// would count nothing.
func (x *run) newEventTally() (*eventTally, error) {
	if len(x.opts.AdverseEvents) == 0 {
		return nil, nil
	}
	t := &eventTally{forms: map[*imednet.IndexedForm]*eventForm{}, counts: map[string]*SeverityCount{}, subjects: map[int64]bool{}, alike: map[event]int64{}}
	if x.opts.ShowValues {
		t.limit = x.opts.MaxRows
	}
	var problems []imednet.Problem
	for i, named := range x.opts.AdverseEvents {
		path := fmt.Sprintf("AdverseEvents[%d]", i)
		form, _ := x.index.Of(0, named.FormKey)
		if form == nil {
			problems = append(problems, imednet.Problem{Path: path + ".FormKey", Message: "the study has no form with this key" + shown.DidYouMean(named.FormKey, x.formKeys()), NotFound: true})
			continue
		}
		f := &eventForm{AdverseEventForm: named, form: form, source: AdverseEventSource{FormKey: form.UniqueKey()}}
		var ok bool
		if f.source.Severity, ok = variableOf(form, named.Severity, "AESEV"); !ok {
			problems = append(problems, imednet.Problem{Path: path + ".Severity", Message: noVariable(form, named.Severity), NotFound: true})
		}
		if f.source.Serious, ok = variableOf(form, named.Serious, "AESER"); !ok {
			problems = append(problems, imednet.Problem{Path: path + ".Serious", Message: noVariable(form, named.Serious), NotFound: true})
		}
		f.blinded = isBlinded(form, f.source.Severity) || isBlinded(form, f.source.Serious)
		if t.forms[form] == nil {
			t.forms[form], t.list = f, append(t.list, f)
		}
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "report options", Problems: problems}
	}
	return t, nil
}

func (x *run) formKeys() (keys []string) {
	for _, form := range x.index.Forms() {
		keys = append(keys, form.Key())
	}
	return keys
}

func noVariable(form *imednet.IndexedForm, name string) string {
	var names []string
	for i := range form.Variables {
		names = append(names, form.Variables[i].VariableName.Or(""))
	}
	return "the form has no such variable" + shown.DidYouMean(name, names)
}

// variableOf finds the variable of a name, or the usual one if none is named; "" is none.
func variableOf(form *imednet.IndexedForm, name, usual string) (string, bool) {
	if name == notMapped {
		return "", true
	}
	v, n := form.Variable(cmp.Or(name, usual))
	if n != 1 || v == nil {
		return "", name == ""
	}
	return v.VariableName.Or(""), true
}

func isBlinded(form *imednet.IndexedForm, variable string) bool {
	v, n := form.Variable(variable)
	return n == 1 && v != nil && v.Blinded.Or(false)
}

func (t *eventTally) add(r *imednet.Record, form *imednet.IndexedForm, subject *imednet.Subject, site *siteTally) {
	if t == nil || t.forms[form] == nil {
		return
	}
	f := t.forms[form]
	f.source.Events++
	t.report.Events++
	if subject != nil {
		t.subjects[subject.SubjectID] = true
	} else {
		t.report.NoSubject++
	}
	answer, serious := f.severity(r), f.serious(r, &t.report)
	severity := severityOf(cmp.Or(f.SeverityWords[answer], answer))
	c := t.counts[severity]
	if c == nil {
		c = &SeverityCount{Severity: severity}
		t.counts[severity] = c
	}
	switch serious {
	case imednet.Yes:
		c.Serious++
	case imednet.No:
		c.NotSerious++
	default:
		c.Unknown++
	}
	e := event{severity: severity, serious: seriousText(serious), form: f.source.FormKey, site: site}
	if f.blinded || len(t.rows) == t.limit {
		t.alike[e]++
		return
	}
	e.record, e.subject, e.answer = r.RecordID, r.SubjectKey.Or(""), answer
	if subject != nil {
		e.subject = subject.SubjectKey.Or("")
	}
	t.rows = append(t.rows, e)
}

func (f *eventForm) severity(r *imednet.Record) string {
	if f.source.Severity == "" {
		return ""
	}
	v, _ := f.form.Answer(r.RecordData, f.source.Severity)
	switch {
	case v.Missing():
		return ""
	case !v.IsUnicode():
		return shown.NotUnicode
	}
	return strings.TrimSpace(v.Text())
}

// serious is unknown for what is neither yes nor no.
func (f *eventForm) serious(r *imednet.Record, counts *AdverseEvents) imednet.YesNo {
	if f.source.Serious == "" {
		return imednet.Unknown
	}
	v, n := f.form.Answer(r.RecordData, f.source.Serious)
	if n > 1 {
		counts.SeriousUnread++
		return imednet.Unknown
	}
	flag, understood := v.YesNo()
	if word, ok := f.SeriousWords[v.Text()]; ok && !v.Missing() {
		flag, understood = imednet.ParseYesNo(word)
	}
	if !understood {
		counts.SeriousUnread++
		return imednet.Unknown
	}
	return flag
}

func seriousText(flag imednet.YesNo) string {
	switch flag {
	case imednet.Yes:
		return "serious"
	case imednet.No:
		return "not serious"
	}
	return "unknown"
}

// finishEvents lists severities in the order of their scale.
func (x *run) finishEvents() {
	t := x.events
	if t == nil {
		return
	}
	t.report.Subjects = int64(len(t.subjects))
	t.report.Forms, t.report.Severity = []AdverseEventSource{}, []SeverityCount{}
	for _, f := range t.list {
		t.report.Forms = append(t.report.Forms, f.source)
	}
	for _, word := range severities {
		if c := t.counts[word]; c != nil {
			t.report.Severity = append(t.report.Severity, *c)
		}
	}
	x.report.AdverseEvents = &t.report
	x.keep(t.table(x))
}

// table lists events one by one if values are shown, and otherwise those alike as counts.
func (t *eventTally) table(x *run) *Table {
	table := rowsOf("events", "Adverse events", "events", "severity", "Severity", "serious", "Serious", "form", "Form", "site", "Site").
		with(x.opts.ShowValues, "record", "Record id", "subject", "Subject", "answer", "Answer")
	for _, e := range t.rows {
		table.add(x.opts.MaxRows, 1, e.severity, e.serious, e.form, x.label(e.site), strconv.FormatInt(e.record, 10), e.subject, e.answer)
	}
	alike := groups{}
	for e, n := range t.alike {
		alike.add(n, e.severity, e.serious, e.form, x.label(e.site), "", "", "")
	}
	alike.into(table, len(table.Rows)+x.opts.MaxRows)
	return table
}
