package dictionary

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
)

// Survey counts how the answers of a study conform to its dictionary: required answers that are
// missing, and answers that are not choices of their question. It holds no answers.
type Survey struct {
	Forms   []FormSurvey `json:"forms"` // in the order of the dictionary
	Records int64        `json:"records"`
	Deleted int64        `json:"deleted"` // soft-deleted records, left out
	Other   int64        `json:"other"`   // records of forms that are not in the dictionary
}

// FormSurvey holds the counts of one form.
type FormSurvey struct {
	Form      string           `json:"form"`
	Records   int64            `json:"records"`
	Questions []QuestionSurvey `json:"questions"`
}

// QuestionSurvey holds the counts of one question.
//
//	Records = Answered + Empty + Unclear
//	Empty = Excused + Undecided + Missing, for a question that must be answered
//
// A question that the export has more than once is counted once, as its last row has it.
type QuestionSurvey struct {
	Question string   `json:"question"`
	Required Required `json:"required"`
	Answered int64    `json:"answered"`
	// Empty counts the records without an answer: absent, null or white space.
	Empty int64 `json:"empty"`
	// Unclear counts the records with several answers of which none can be chosen: under keys that
	// differ in case only, or that fit several variables.
	Unclear int64 `json:"unclear"`
	// For a required question, Empty is divided into Excused, where rules hide or disable the
	// question or the study has no variable for it that is in use, Undecided, where that depends on more
	// than the record or the export's rules are not known, and Missing, the rest. A checkbox is never
	// missing.
	Excused   int64 `json:"excused"`
	Undecided int64 `json:"undecided"`
	Missing   int64 `json:"missing"`
	// ByText, ByCode and Unlisted count how answers match the list of choices.
	ByText    int64 `json:"byText"`
	ByCode    int64 `json:"byCode"`
	Unlisted  int64 `json:"unlisted"`
	Ambiguous int64 `json:"ambiguous"` // such as a text that is another choice's code
}

// String returns one line, such as "28,422 records: 5 missing (Hard), 3 undecided, 0 outside their
// lists".
func (s *Survey) String() string {
	var missing, undecided, outside int64
	for _, f := range s.Forms {
		for _, q := range f.Questions {
			missing, undecided, outside = missing+q.Missing, undecided+q.Undecided, outside+q.Unlisted
		}
	}
	return fmt.Sprintf("%d records: %d answers missing, %d undecided, %d outside their lists", s.Records, missing, undecided, outside)
}

// Survey reads the records once and counts their answers. The checker determines which questions
// are hidden or disabled by rules.
func (j *Joined) Survey(ctx context.Context, checker *Checker, records iter.Seq2[imednet.Record, error]) (*Survey, error) {
	const function = "dictionary.Joined.Survey"
	if err := errors.Join(argument.Required(function, "checker", checker), argument.Required(function, "records", records)); err != nil {
		return nil, err
	}
	s := j.surveyor(checker)
	for r, err := range records {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, failed("survey", "", err)
		}
		s.Add(&r)
	}
	return s.Survey(), nil
}

// Surveyor returns a survey to which records are added one by one.
func (j *Joined) Surveyor(checker *Checker) (*Surveyor, error) {
	if err := argument.Required("dictionary.Joined.Surveyor", "checker", checker); err != nil {
		return nil, err
	}
	return j.surveyor(checker), nil
}

func (j *Joined) surveyor(checker *Checker) *Surveyor {
	return &Surveyor{joined: j, checker: checker, forms: map[*Form]*formCounts{}}
}

// Surveyor makes a [Survey]. It is not safe for concurrent use.
type Surveyor struct {
	joined  *Joined
	checker *Checker
	forms   map[*Form]*formCounts
	report  Survey
}

// formCounts are the counts of a form, by questions.
type formCounts struct {
	questions []*Question
	survey    FormSurvey
}

func newFormCounts(form *Form) *formCounts {
	counts := &formCounts{questions: form.distinct(), survey: FormSurvey{Form: form.Key}}
	for _, q := range counts.questions {
		counts.survey.Questions = append(counts.survey.Questions, QuestionSurvey{Question: q.Name, Required: q.Required})
	}
	return counts
}

// Add counts a record; nil is none.
func (s *Surveyor) Add(r *imednet.Record) {
	if r == nil {
		return
	}
	if r.IsDeleted() {
		s.report.Deleted++
		return
	}
	form, ok := s.joined.Form(r)
	if !ok {
		s.report.Other++
		return
	}
	s.report.Records++
	s.add(form, r)
}

// Survey returns the counts so far.
func (s *Surveyor) Survey() *Survey {
	report := s.report
	for _, f := range s.joined.Dictionary.Forms {
		if counted := s.forms[f]; counted != nil {
			report.Forms = append(report.Forms, counted.survey)
		}
	}
	return &report
}

// Of returns the counts of a question so far.
func (s *Surveyor) Of(q *Question) QuestionSurvey {
	for _, counted := range s.forms {
		if i := slices.Index(counted.questions, q); i >= 0 {
			return counted.survey.Questions[i]
		}
	}
	return QuestionSurvey{}
}

func (s *Surveyor) add(form *Form, r *imednet.Record) {
	counts := s.forms[form]
	if counts == nil {
		counts = newFormCounts(form)
		s.forms[form] = counts
	}
	counts.survey.Records++
	lookup := s.joined.answersOf(form, r)
	for i, q := range counts.questions {
		s.question(form, q, r, &counts.survey.Questions[i], lookup)
	}
}

func (s *Surveyor) question(form *Form, q *Question, r *imednet.Record, counts *QuestionSurvey, lookup answerFinder) {
	v, n := lookup(q.Name)
	if n > 1 {
		counts.Unclear++
		return
	}
	if answers.Missing(v.Raw()) {
		counts.Empty++
		s.missing(form, q, r, counts, lookup)
		return
	}
	counts.Answered++
	if kind := q.Kind(); kind != imednet.ChoiceVariable && kind != imednet.FlagVariable {
		return
	}
	_, match, ambiguous := q.Choice(v)
	if ambiguous {
		counts.Ambiguous++
	}
	switch match {
	case ByText:
		counts.ByText++
	case ByCode:
		counts.ByCode++
	case Unlisted:
		counts.Unlisted++
	}
}

func (s *Surveyor) missing(form *Form, q *Question, r *imednet.Record, counts *QuestionSurvey, lookup answerFinder) {
	queried, _ := q.Required.Queried()
	if !queried || q.Kind() == imednet.FlagVariable {
		return
	}
	if !s.joined.asked[q] {
		counts.Excused++
		return
	}
	e := &evaluation{checker: s.checker, form: form, record: r, answers: lookup, now: s.checker.clock.Now(), asked: map[string]bool{}}
	hidden, disabled := s.checker.state(e, "hidden", q.Name), s.checker.state(e, "disabled", q.Name)
	switch {
	case hidden == imednet.Yes || disabled == imednet.Yes:
		counts.Excused++
	case hidden == imednet.Unknown || disabled == imednet.Unknown:
		counts.Undecided++
	default:
		counts.Missing++
	}
}
