package imednet

import (
	"fmt"
	"log/slog"
	"slices"
)

// SubjectIndex finds the subject that a record, or anything else that names a subject, belongs to.
//
// The rule is that of [FormIndex], with one difference: a row whose id no subject has belongs to no
// subject, even if a subject has its key ([IDUnknown]). Subject keys are display ids that change
// and can be reused, and assigning a record to the wrong patient is worse than assigning it to
// none. A row that still carries the key from before a renaming belongs to the subject that has its
// id ([KeyUnknown], or [IDAndKeyDisagree] if another subject now has that key). Soft-deleted
// subjects are included: a key shared by a deleted and an active subject is [KeyAmbiguous] for a
// row without an id.
//
// Rows that belong to a site have no subject ([NothingNamed]). No result depends on the order of
// the listing. An index is immutable and safe for concurrent use. Lookups do not allocate. When
// printed or logged it shows only its size.
type SubjectIndex struct {
	subjects       []Subject
	belonging      *belonging
	contradictions []Contradiction
}

// NewSubjectIndex indexes the subjects of one study. Contradictions within the listing are not
// errors: see [SubjectIndex.Contradictions].
func NewSubjectIndex(subjects []Subject) *SubjectIndex {
	of := func(s *Subject) identity { return newIdentity(s.SubjectID, s.SubjectKey.Or("")) }
	kept, again := unique[Subject](subjects, of, func(a, b *Subject) int {
		return compareEdition(Opt[int64]{}, Opt[int64]{}, a.DateModified, b.DateModified)
	})
	list := make([]identity, len(kept))
	for i := range kept {
		list[i] = of(&kept[i])
	}
	x := &SubjectIndex{subjects: kept, belonging: newBelonging(list, false)}
	x.contradictions = x.belonging.listed(Subjects, again)
	slices.SortFunc(x.contradictions, compareContradictions)
	return x
}

// Subjects returns all subjects in ascending order of id. The slice is shared and must not be
// modified.
func (x *SubjectIndex) Subjects() []Subject { return x.subjects }

// Contradictions returns every contradiction within the listing, in a fixed order. The slice is
// shared and must not be modified.
func (x *SubjectIndex) Contradictions() []Contradiction { return x.contradictions }

// Of returns the subject that an id, a key or both identify; 0 and "" mean that there is none. If
// the subject is nil, the contradiction says why. The subject is shared and must not be modified.
func (x *SubjectIndex) Of(subjectID int64, subjectKey string) (*Subject, Contradiction) {
	row := newIdentity(subjectID, subjectKey)
	at, kind, found := x.belonging.find(row)
	c := x.belonging.contradiction(Subjects, kind, row)
	if !found {
		return nil, c
	}
	return &x.subjects[at], c
}

// OfRecord returns the subject that a record belongs to, as [SubjectIndex.Of] does.
func (x *SubjectIndex) OfRecord(r *Record) (*Subject, Contradiction) {
	return x.of(r.SubjectID, r.SubjectKey, Records, r.RecordID)
}

// OfVisit returns the subject that a visit belongs to, as [SubjectIndex.Of] does.
func (x *SubjectIndex) OfVisit(v *Visit) (*Subject, Contradiction) {
	return x.of(v.SubjectID, v.SubjectKey, Visits, v.VisitID)
}

// OfQuery returns the subject that a query is about, as [SubjectIndex.Of] does.
func (x *SubjectIndex) OfQuery(q *Query) (*Subject, Contradiction) {
	return x.of(q.SubjectID, q.SubjectKey, Queries, q.AnnotationID)
}

// OfRevision returns the subject of a revision's record, as [SubjectIndex.Of] does.
func (x *SubjectIndex) OfRevision(r *RecordRevision) (*Subject, Contradiction) {
	return x.of(r.SubjectID, r.SubjectKey, RecordRevisions, r.RecordRevisionID)
}

// OfCoding returns the subject of a coded answer, as [SubjectIndex.Of] does.
func (x *SubjectIndex) OfCoding(c *Coding) (*Subject, Contradiction) {
	return x.of(c.SubjectID, c.SubjectKey, Codings, c.CodingID)
}

func (x *SubjectIndex) of(id Opt[int64], key Opt[string], row Resource, rowID int64) (*Subject, Contradiction) {
	subject, c := x.Of(id.Or(0), key.Or(""))
	if !c.IsZero() {
		c.Row, c.RowID = row, rowID
	}
	return subject, c
}

// Format writes the number of subjects and nothing about any of them, whatever the verb.
func (x *SubjectIndex) Format(to fmt.State, _ rune) { fmt.Fprintf(to, "SubjectIndex of %d", x.size()) }

// LogValue returns what Format writes.
func (x *SubjectIndex) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(x)) }

func (x *SubjectIndex) size() int {
	if x == nil {
		return 0
	}
	return len(x.subjects)
}
