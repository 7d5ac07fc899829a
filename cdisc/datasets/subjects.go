package datasets

import (
	"context"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet/cdisc"
)

// SubjectProblems reads the subjects of form records and lists the tables in which one key belongs
// to two subjects or one subject has two keys, so that USUBJID would not identify the subject. A
// de-identified data set has no ids to compare. Blanks behind a key do not count: XPORT does not hold
// them. Memory grows with the number of subjects.
func (s *Set) SubjectProblems(ctx context.Context) ([]cdisc.Problem, error) {
	keys, ids := map[string]int64{}, map[int64]string{}
	var list []cdisc.Problem
	for _, t := range s.tables {
		key, id := t.index("subjectKey"), t.index("subjectId")
		if s.Manifest.Layout != "forms" || key < 0 || id < 0 {
			continue
		}
		var twoSubjects, twoKeys int64
		for batch, err := range t.batches(ctx, key, id) {
			if err != nil {
				return nil, err
			}
			texts, numbers := batch.Column(0).(*array.String), batch.Column(1).(*array.Int64)
			for i := range int(batch.NumRows()) {
				if texts.IsNull(i) || numbers.IsNull(i) {
					continue
				}
				subject, name := numbers.Value(i), strings.TrimRight(texts.Value(i), " ")
				if known, found := keys[name]; !found {
					keys[strings.Clone(name)] = subject
				} else if known != subject {
					twoSubjects++
				}
				if known, found := ids[subject]; !found {
					ids[subject] = strings.Clone(texts.Value(i))
				} else if known != texts.Value(i) {
					twoKeys++
				}
			}
		}
		list = append(list, subjectProblem(t.name, twoSubjects, "records whose subject key is another subject's")...)
		list = append(list, subjectProblem(t.name, twoKeys, "records of a subject that has another key elsewhere")...)
	}
	return list, nil
}

func subjectProblem(table string, n int64, message string) []cdisc.Problem {
	if n == 0 {
		return nil
	}
	return []cdisc.Problem{{Dataset: table, Rule: cdisc.RuleSubject, Count: n, Message: message}}
}
