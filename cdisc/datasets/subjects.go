package datasets

import (
	"context"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet/cdisc"
)

// SubjectProblems reads the subjects of form records and lists the tables in which one key belongs
// to two subjects or one subject has two keys, so that USUBJID would not identify the subject, or none. A
// de-identified data set has no ids to compare. Blanks behind a key do not count: XPORT does not hold
// them. Memory grows with the number of subjects.
func (s *Set) SubjectProblems(ctx context.Context) ([]cdisc.Problem, error) {
	return s.subjectProblems(ctx, false)
}

// AuditProblems is [Set.SubjectProblems] for a data set of record states, in which a subject may have had
// several keys.
func (s *Set) AuditProblems(ctx context.Context) ([]cdisc.Problem, error) {
	return s.subjectProblems(ctx, true)
}

func (s *Set) subjectProblems(ctx context.Context, renamed bool) (list []cdisc.Problem, err error) {
	known := knownSubjects{map[string]int64{}, map[int64]string{}}
	for _, t := range s.tables {
		key, id := t.index("subjectKey"), t.index("subjectId")
		if s.Manifest.Layout != "forms" || key < 0 || id < 0 {
			continue
		}
		var found subjectCounts
		for batch, err := range t.batches(ctx, key, id) {
			if err != nil {
				return nil, err
			}
			texts, numbers := batch.Column(0).(*array.String), batch.Column(1).(*array.Int64)
			for i := range int(batch.NumRows()) {
				switch {
				case numbers.IsNull(i):
				case texts.IsNull(i):
					found.noKey++
				default:
					known.see(numbers.Value(i), texts.Value(i), &found)
				}
			}
		}
		list = append(list, subjectProblem(t.name, found.noKey, "records of a subject without a subject key")...)
		list = append(list, subjectProblem(t.name, found.twoSubjects, "records whose subject key is another subject's")...)
		if !renamed {
			list = append(list, subjectProblem(t.name, found.twoKeys, "records of a subject that has another key elsewhere")...)
		}
	}
	return list, nil
}

// knownSubjects is the first subject of every key and the first key of every subject.
type knownSubjects struct {
	ids  map[string]int64
	keys map[int64]string
}

// subjectCounts is how many records of a table do not say certainly whose they are.
type subjectCounts struct{ noKey, twoSubjects, twoKeys int64 }

func (k knownSubjects) see(subject int64, key string, found *subjectCounts) {
	name := strings.TrimRight(key, " ")
	if name == "" {
		found.noKey++
		return
	}
	if known, ok := k.ids[name]; !ok {
		k.ids[strings.Clone(name)] = subject
	} else if known != subject {
		found.twoSubjects++
	}
	if known, ok := k.keys[subject]; !ok {
		k.keys[subject] = strings.Clone(key)
	} else if known != key {
		found.twoKeys++
	}
}

func subjectProblem(table string, n int64, message string) []cdisc.Problem {
	if n == 0 {
		return nil
	}
	return []cdisc.Problem{{Dataset: table, Rule: cdisc.RuleSubject, Count: n, Message: message}}
}
