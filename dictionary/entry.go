package dictionary

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// EntryProblem is something that a dictionary says against a record that is to be submitted. It holds
// no answers.
type EntryProblem struct {
	Form     string `json:"form"`
	Variable string `json:"variable,omitempty"`
	Reason   string `json:"reason"`
	// Warning is true for what the study queries or reports, and for rules whose answer depends on more
	// than the submission; false for what it would reject.
	Warning bool `json:"warning"`
}

// String returns one line, such as "error AE.AESEV: the answer is not one of the question's choices".
func (p EntryProblem) String() string {
	severity, where := "error", p.Form
	if p.Warning {
		severity = "warning"
	}
	if p.Variable != "" {
		where += "." + p.Variable
	}
	return severity + " " + where + ": " + p.Reason
}

// CheckSubmission holds a submission against the dictionary: answers that are not choices, texts and
// numbers that are too long, fractions, partial and future dates where the question does not take them, required
// answers that are blank, and rules that would reject a new record. A blank is an error only where
// Required is Hard, the record is new, and it is certain that no rule hides or disables the question; other blanks
// and hand-made rules are warnings. Forms and questions that the dictionary does not have, questions of which the study has
// no variable in use, forms that it has disabled, open lists, and words that it does not know are never a problem. Types are those of the API, which submissions check.
func (j *Joined) CheckSubmission(checker *Checker, item *imednet.Submission) ([]EntryProblem, error) {
	const function = "dictionary.Joined.CheckSubmission"
	if err := errors.Join(argument.Required(function, "checker", checker), argument.Required(function, "item", item)); err != nil {
		return nil, err
	}
	form := j.formOf(item)
	if form == nil || !j.inUse(form) {
		return nil, nil // submissions say so
	}
	data, err := submitted(item)
	if err != nil {
		return nil, failed("check a submission", "", err)
	}
	kind, err := item.KindOf()
	if err != nil {
		return nil, nil // submissions say so
	}
	e := &entryCheck{form: form, asked: j.asked, checker: checker, data: data, find: j.answersOf(form, &imednet.Record{RecordData: data}),
		fresh: kind == imednet.RegisterSubject || kind == imednet.NewRecord}
	for _, q := range form.distinct() {
		e.question(q)
	}
	if e.fresh {
		e.rules()
	}
	return e.problems, nil
}

// formOf finds the dictionary's form of a submission, which names its form by key or else by id.
func (j *Joined) formOf(item *imednet.Submission) *Form {
	id := item.FormID
	if item.FormKey != "" {
		id = 0
	}
	api, _ := j.index.Of(id, item.FormKey)
	return j.forms[api]
}

// submitted returns the answers as they are sent.
func submitted(item *imednet.Submission) (imednet.RecordData, error) {
	raw, err := imednet.EncodeSubmissions([]imednet.Submission{*item})
	if err != nil {
		return imednet.RecordData{}, err
	}
	var sent []struct {
		Data imednet.RecordData `json:"data"`
	}
	if err := json.Unmarshal(raw, &sent); err != nil || len(sent) != 1 {
		return imednet.RecordData{}, cmp.Or(err, fmt.Errorf("the submission has no answers"))
	}
	return sent[0].Data, nil
}

// entryCheck is the check of one submission.
type entryCheck struct {
	form     *Form
	asked    map[*Question]bool // for which the study has a variable in use
	checker  *Checker
	data     imednet.RecordData
	find     answerFinder
	fresh    bool // a new record, of which all answers are known
	problems []EntryProblem
}

func (e *entryCheck) add(question, reason string, warning bool) {
	e.problems = append(e.problems, EntryProblem{e.form.Key, question, reason, warning})
}

func (e *entryCheck) question(q *Question) {
	v, n := e.find(q.Name)
	if asked, joined := e.asked[q]; n > 1 || joined && !asked {
		return // submissions refuse names that differ in case, and variables that are not in use
	}
	if v.Missing() {
		e.blank(q, n == 1)
		return
	}
	if q.Kind() == imednet.ChoiceVariable {
		if _, match, ambiguous := q.Choice(v); match == Unlisted {
			e.add(q.Name, "the answer is not one of the question's choices", false)
		} else if match == ByCode || ambiguous {
			e.add(q.Name, "the answer is a choice's code or fits several choices; records hold the texts of choices", true)
		}
	}
	if q.Kind().IsNumber() {
		e.number(q, v)
	}
	if q.Kind() == imednet.TextVariable {
		if most, limited := q.length(); limited && utf8.RuneCountInString(v.Text()) > most {
			e.add(q.Name, fmt.Sprintf("the text is longer than %d characters", most), false)
		}
	}
	if q.Kind() == imednet.DateVariable {
		e.date(q, v)
	}
}

// blank looks at an answer that is left out, or that is cleared.
func (e *entryCheck) blank(q *Question, cleared bool) {
	queried, _ := q.Required.Queried()
	if !queried || q.Kind() == imednet.FlagVariable || !e.asked[q] || !e.fresh && !cleared {
		return
	}
	ev := &evaluation{checker: e.checker, form: e.form, answers: e.find, now: e.checker.clock.Now(), asked: map[string]bool{}}
	hidden, disabled := e.checker.state(ev, "hidden", q.Name), e.checker.state(ev, "disabled", q.Name)
	switch {
	case e.fresh && (hidden == imednet.Yes || disabled == imednet.Yes):
	case q.Required.IsHard() && e.fresh && hidden == imednet.No && disabled == imednet.No:
		e.add(q.Name, "the answer is required", false)
	default:
		e.add(q.Name, "the answer is required ("+string(q.Required)+")", true)
	}
}

func (e *entryCheck) number(q *Question, v imednet.Value) {
	n, ok := v.Number()
	if !ok {
		return // submissions check the type
	}
	if _, whole := v.Int64(); !whole && saysYes(q.Option("Whole Numbers Only")) && strings.Contains(n.Canonical(), ".") {
		e.add(q.Name, "the question takes whole numbers only", false)
	}
	e.digits(q, n)
	if low, ok := imednet.ParseNumber(q.Option("Minimum Value")); ok && n.Compare(low) < 0 {
		e.add(q.Name, "the number is below the question's minimum", false)
	}
	if high, ok := imednet.ParseNumber(q.Option("Maximum Value")); ok && n.Compare(high) > 0 {
		e.add(q.Name, "the number is above the question's maximum", false)
	}
}

// length is the most characters that an answer to the question may have, if that is limited.
func (q *Question) length() (most int, limited bool) {
	most, err := strconv.Atoi(strings.TrimSpace(q.Option("Length")))
	return most, err == nil && most > 0
}

// digits holds a number against the question's length. More digits than that do not fit; whether a sign, a decimal
// point and zeros at the end of a fraction count is not known.
func (e *entryCheck) digits(q *Question, n imednet.Number) {
	most, limited := q.length()
	written := n.String()
	if !limited || len(written) <= most {
		return
	}
	number := written
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	digits := len(strings.NewReplacer("-", "", ".", "").Replace(number))
	if digits > most || strings.Contains(number, "e") {
		e.add(q.Name, fmt.Sprintf("the number has more than %d digits", most), false)
		return
	}
	e.add(q.Name, fmt.Sprintf("the number has more than %d characters with its sign, its decimal point and zeros at its end", most), true)
}

// farthestEast is the offset of the zone in which a day begins first.
const farthestEast = 14 * time.Hour

// date looks for parts that the question requires, and for days that have begun nowhere yet: the zone of an answer is
// not known. A word that is neither yes nor
// no forbids nothing.
func (e *entryCheck) date(q *Question, v imednet.Value) {
	d, err := imednet.ParsePartialDate(v.Text())
	if err != nil {
		return
	}
	_, year := d.Year()
	_, month := d.Month()
	_, day := d.Day()
	whole := foldHeader(q.Type) == "datetime" // only Date/Time Precision takes less
	for _, part := range []struct {
		known        bool
		name, column string
	}{{year, "year", "Allow Partial YYYY"}, {month, "month", "Allow Partial MMM"}, {day, "day", "Allow Partial DD"}} {
		if !part.known && (saysNo(q.Option(part.column)) || whole) {
			e.add(q.Name, "the date has no "+part.name+", which the question requires", false)
		}
	}
	latest, _ := imednet.ParsePartialDate(e.checker.clock.Now().UTC().Add(farthestEast).Format("2006-01-02"))
	if saysNo(q.Option("Allow Future Dates")) && d.CompareDay(latest) == imednet.After {
		e.add(q.Name, "the date is in the future, which the question does not take", false)
	}
}

// rules warns of the hand-made rules that would reject the record. The others restate columns.
func (e *entryCheck) rules() {
	for _, o := range e.checker.check(e.form, nil, e.find) {
		if o.Refuses && o.Acts == imednet.Yes && o.Generated == "" {
			e.add(strings.Join(o.Reports, ", "), "edit check "+o.RuleID+" rejects such records", true)
		}
	}
}
