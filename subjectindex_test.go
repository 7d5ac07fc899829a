package imednet_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func subject(id int64, key string) imednet.Subject {
	return imednet.Subject{SubjectID: id, SubjectKey: imednet.Some(key)}
}

func TestWhichSubjectARowBelongsTo(t *testing.T) {
	gone := subject(4, "01-003")
	gone.Deleted = imednet.Some(true)
	x := imednet.NewSubjectIndex([]imednet.Subject{subject(1, "01-001"), subject(2, "01-002"), subject(3, "01-003"), gone})
	cases := map[string]struct {
		id   int64
		key  string
		want int64
		why  string
	}{
		"both":                         {1, "01-001", 1, ""},
		"id alone":                     {1, "", 1, ""},
		"key alone":                    {0, "01-001", 1, ""},
		"a key from before a renaming": {1, "01-900", 1, "visits 7: key-unknown: subjects id 1"},
		"that another has now":         {1, "01-002", 1, "visits 7: id-and-key-disagree: subjects id 1 (id 2)"},
		"the key of a subject unknown": {9, "01-001", 0, "visits 7: id-unknown: subjects id 9 (id 1)"},
		"a deleted subject":            {4, "01-003", 4, ""},
		"a key that was used again":    {0, "01-003", 0, "visits 7: key-ambiguous: subjects"},
		"unknown":                      {9, "01-900", 0, "visits 7: nothing-known: subjects id 9"},
		"of a site":                    {0, "", 0, "visits 7: nothing-named: subjects"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			id, key := number(c.id), imednet.Some(c.key)
			check := func(got *imednet.Subject, why imednet.Contradiction, row imednet.Resource) {
				if why.Row != "" {
					assert.Equal(t, row, why.Row)
					why.Row = imednet.Visits
				}
				assert.Equal(t, c.why, why.String())
				if c.want == 0 {
					assert.Nil(t, got)
					return
				}
				require.NotNil(t, got)
				assert.Equal(t, c.want, got.SubjectID)
			}
			got, why := x.OfVisit(&imednet.Visit{VisitID: 7, SubjectID: id, SubjectKey: key})
			check(got, why, imednet.Visits)
			got, why = x.OfRecord(&imednet.Record{RecordID: 7, SubjectID: id, SubjectKey: key})
			check(got, why, imednet.Records)
			got, why = x.OfQuery(&imednet.Query{AnnotationID: 7, SubjectID: id, SubjectKey: key})
			check(got, why, imednet.Queries)
			got, why = x.OfRevision(&imednet.RecordRevision{RecordRevisionID: 7, SubjectID: id, SubjectKey: key})
			check(got, why, imednet.RecordRevisions)
			got, why = x.OfCoding(&imednet.Coding{CodingID: 7, SubjectID: id, SubjectKey: key})
			check(got, why, imednet.Codings)
		})
	}
	assert.Equal(t, []imednet.Contradiction{
		{Kind: imednet.KeyShared, Row: imednet.Subjects, RowID: 3, Of: imednet.Subjects, ID: 3},
		{Kind: imednet.KeyShared, Row: imednet.Subjects, RowID: 4, Of: imednet.Subjects, ID: 4},
	}, x.Contradictions())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		assert.Equal(t, "SubjectIndex of 4", fmt.Sprintf(verb, x))
	}
	assert.Equal(t, "SubjectIndex of 4", x.LogValue().String())
	var none *imednet.SubjectIndex
	assert.Equal(t, "SubjectIndex of 0", fmt.Sprint(none))
}

func TestNoSubjectDependsOnTheOrderOfTheListing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var subjects []imednet.Subject
		for range r.IntN(6) {
			s := subject(r.Int64N(4), []string{"", "a", "A", "b"}[r.IntN(4)])
			s.Deleted = imednet.Some(r.IntN(2) == 0)
			subjects = append(subjects, s)
		}
		x := imednet.NewSubjectIndex(subjects)
		r.Shuffle(len(subjects), func(i, j int) { subjects[i], subjects[j] = subjects[j], subjects[i] })
		require.Equal(t, x.Subjects(), imednet.NewSubjectIndex(subjects).Subjects())
		require.Equal(t, x.Contradictions(), imednet.NewSubjectIndex(subjects).Contradictions())
		for _, c := range x.Contradictions() {
			require.Empty(t, c.Key+c.KeyOfID, "no subject key is in a contradiction")
		}
	}
}
