package imednettest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/imednetgo/imednet"
)

// joined are conditions joined by And or Or, each as change leaves it.
func joined(f imednet.Filter, or bool, change func(imednet.Condition) imednet.Condition) imednet.Filter {
	var made imednet.Filter
	for n, c := range f.Conditions() {
		switch c = change(c); {
		case n == 0:
			made = imednet.Where(c.Attribute, c.Operator, c.Value)
		case or:
			made = made.Or(c.Attribute, c.Operator, c.Value)
		default:
			made = made.And(c.Attribute, c.Operator, c.Value)
		}
	}
	return made
}

// otherFilters asks with other filters than the caller's.
func otherFilters(change func(imednet.Filter) imednet.Filter) flawed {
	other := func(o imednet.ListOptions) imednet.ListOptions {
		o.Filter, o.RecordDataFilter = change(o.Filter), change(o.RecordDataFilter)
		return o
	}
	return flawed{options: other, visits: other}
}

func unchanged(c imednet.Condition) imednet.Condition { return c }

// otherValues asks for other values than the caller's.
func otherValues(change func(any) any) flawed {
	return otherFilters(func(f imednet.Filter) imednet.Filter {
		return joined(f, f.IsOr(), func(c imednet.Condition) imednet.Condition {
			c.Value = change(c.Value)
			return c
		})
	})
}

// otherTimes asks for other instants than the caller's.
func otherTimes(change func(time.Time) time.Time) flawed {
	return otherValues(func(v any) any {
		if at, ok := v.(imednet.Time); ok {
			return imednet.NewTime(change(at.Time))
		}
		return v
	})
}

// otherOperator asks with one operator in place of another.
func otherOperator(from, to imednet.Operator) flawed {
	return otherFilters(func(f imednet.Filter) imednet.Filter {
		return joined(f, f.IsOr(), func(c imednet.Condition) imednet.Condition {
			if c.Operator == from {
				c.Operator = to
			}
			return c
		})
	})
}

// A filter that is asked for otherwise than the caller said lists other rows.
func TestTheSuiteFindsFiltersThatAreChanged(t *testing.T) {
	for name, client := range map[string]flawed{
		"Or becomes And": otherFilters(func(f imednet.Filter) imednet.Filter { return joined(f, false, unchanged) }),
		"And becomes Or": otherFilters(func(f imednet.Filter) imednet.Filter { return joined(f, true, unchanged) }),
		"the last condition is lost": otherFilters(func(f imednet.Filter) imednet.Filter {
			made := imednet.Filter{}
			for n, c := range f.Conditions() {
				switch {
				case n == 0:
					made = imednet.Where(c.Attribute, c.Operator, c.Value)
				case n == len(f.Conditions())-1:
				case f.IsOr():
					made = made.Or(c.Attribute, c.Operator, c.Value)
				default:
					made = made.And(c.Attribute, c.Operator, c.Value)
				}
			}
			return made
		}),
		"Or becomes And among answers": {options: func(o imednet.ListOptions) imednet.ListOptions {
			o.RecordDataFilter = joined(o.RecordDataFilter, false, unchanged)
			return o
		}},
		"And becomes Or among answers": {options: func(o imednet.ListOptions) imednet.ListOptions {
			o.RecordDataFilter = joined(o.RecordDataFilter, true, unchanged)
			return o
		}},
		"times to the minute":   otherTimes(func(at time.Time) time.Time { return at.Truncate(time.Minute) }),
		"times to the day":      otherTimes(func(at time.Time) time.Time { return at.Truncate(24 * time.Hour) }),
		"times a second early":  otherTimes(func(at time.Time) time.Time { return at.Add(-time.Second) }),
		"times a second late":   otherTimes(func(at time.Time) time.Time { return at.Add(time.Second) }),
		"times of another zone": otherTimes(func(at time.Time) time.Time { return at.Add(6 * time.Hour) }),
		"dates a day late": otherValues(func(v any) any {
			if day, ok := v.(imednet.Date); ok {
				day.Day++
				return day
			}
			return v
		}),
		"dates a day early": otherValues(func(v any) any {
			if day, ok := v.(imednet.Date); ok {
				at := day.Time().AddDate(0, 0, -1)
				return imednet.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()}
			}
			return v
		}),
		"< becomes <=":  otherOperator(imednet.Less, imednet.LessOrEqual),
		"<= becomes <":  otherOperator(imednet.LessOrEqual, imednet.Less),
		"> becomes >=":  otherOperator(imednet.Greater, imednet.GreaterOrEqual),
		">= becomes >":  otherOperator(imednet.GreaterOrEqual, imednet.Greater),
		"!= becomes ==": otherOperator(imednet.NotEqual, imednet.Equal),
		"=~ becomes ==": otherOperator(imednet.Contains, imednet.Equal),
		"== becomes =~ among answers": {options: func(o imednet.ListOptions) imednet.ListOptions {
			o.RecordDataFilter = joined(o.RecordDataFilter, o.RecordDataFilter.IsOr(), func(c imednet.Condition) imednet.Condition {
				if text, isText := c.Value.(string); isText && c.Operator == imednet.Equal {
					return imednet.Condition{Attribute: c.Attribute, Operator: imednet.Contains, Value: text}
				}
				return c
			})
			return o
		}},
	} {
		of := func(s *Server) imednet.Client {
			own := client
			own.Client = s.Client()
			return &own
		}
		assert.Equal(t, []string{partFiltering}, failedParts(t, Settings{}, of, partFiltering), name)
	}
}

// eachAnswer changes every answer that is submitted; a false leaves it out.
func eachAnswer(change func(any) (any, bool)) func(*imednet.Submission) {
	return func(item *imednet.Submission) {
		data := map[string]any{}
		for name, v := range item.Data {
			if v, keep := change(v); keep {
				data[name] = v
			}
		}
		item.Data = data
	}
}

// An answer that is submitted as another would be stored as that.
func TestTheSuiteFindsAnswersThatAreChanged(t *testing.T) {
	for name, change := range map[string]func(any) (any, bool){
		"null is left out": func(v any) (any, bool) { return v, v != nil },
		"null becomes empty": func(v any) (any, bool) {
			if v == nil {
				return "", true
			}
			return v, true
		},
		"numbers become floats": func(v any) (any, bool) {
			text, _ := json.Marshal(v)
			var number float64
			if json.Unmarshal(text, &number) != nil || v == nil {
				return v, true
			}
			return number, true
		},
		"numbers become text": func(v any) (any, bool) {
			if n, ok := v.(int); ok {
				return strconv.Itoa(n), true
			}
			return v, true
		},
		"true becomes text": func(v any) (any, bool) {
			if v == true {
				return "true", true
			}
			return v, true
		},
		"false is left out": func(v any) (any, bool) { return v, v != false },
		"empty is left out": func(v any) (any, bool) { return v, v != "" },
		"zero is left out":  func(v any) (any, bool) { return v, v != 0 },
		"blanks are cut": func(v any) (any, bool) {
			if text, ok := v.(string); ok {
				return strings.TrimSpace(text), true
			}
			return v, true
		},
	} {
		of := func(s *Server) imednet.Client { return &flawed{Client: s.Client(), item: eachAnswer(change)} }
		for _, settings := range []Settings{{}, {ClearAnswers: true}} {
			assert.Equal(t, []string{partAnswers}, failedParts(t, settings, of, partAnswers), name)
		}
	}
}

// What the API says beside the rows belongs to its callers too.
func TestTheSuiteFindsRepliesThatAreCut(t *testing.T) {
	for name, c := range map[string]struct {
		client flawed
		part   string
	}{
		"results without a content type": {flawed{results: func(r imednet.JobResults, err error) (imednet.JobResults, error) {
			r.ContentType = ""
			return r, err
		}}, partFollowing},
		"results that are cut": {flawed{results: func(r imednet.JobResults, err error) (imednet.JobResults, error) {
			r.Body = r.Body[:len(r.Body)*2/3]
			return r, err
		}}, partFollowing},
		"results without their last byte": {flawed{results: func(r imednet.JobResults, err error) (imednet.JobResults, error) {
			r.Body = r.Body[:max(len(r.Body)-1, 0)]
			return r, err
		}}, partFollowing},
		"a job without its progress": {flawed{job: func(j imednet.Job, err error) (imednet.Job, error) {
			j.Progress = imednet.Opt[int64]{}
			return j, err
		}}, partFollowing},
		"a job without its bytes": {flawed{job: func(j imednet.Job, err error) (imednet.Job, error) {
			j.Raw = nil
			return j, err
		}}, partFollowing},
		"a job without its results": {flawed{job: func(j imednet.Job, err error) (imednet.Job, error) {
			j.ResultURL = imednet.Opt[string]{}
			return j, err
		}}, partFollowing},
		"a job that ended later": {flawed{job: func(j imednet.Job, err error) (imednet.Job, error) {
			if at, ok := j.DateFinished.Get(); ok {
				j.DateFinished = imednet.Some(imednet.NewTime(at.Add(time.Hour)))
			}
			return j, err
		}}, partFollowing},
		"a large id as a float": {flawed{records: eachRecord(func(_ int, r *imednet.Record) bool {
			if id, ok := r.ParentRecordID.Get(); ok {
				r.ParentRecordID = imednet.Some(int64(float64(id)))
			}
			return true
		})}, partBytesKept},
		"a page whose members are others": {flawed{page: func(p *imednet.RecordPage) {
			p.Records = slices.Clone(p.Records)
			for n := range p.Records {
				p.Records[n].SubjectKey = imednet.Some("01-001")
			}
		}}, partProbing},
		"items in another order": {flawed{submit: submitBut(func(items *[]imednet.Submission, _ *imednet.SubmitOptions) {
			*items = slices.Clone(*items)
			slices.Reverse(*items)
		})}, partSubmitting},
	} {
		of := func(s *Server) imednet.Client {
			own := c.client
			own.Client = s.Client()
			return &own
		}
		assert.Equal(t, []string{c.part}, failedParts(t, Settings{}, of, c.part), name)
	}
}
