package wire

import (
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/inplace"
	"github.com/imednetgo/imednet/internal/jsonscan"
)

// RowID is a row's own id: a number, or the text of a study key or user id.
type RowID struct {
	Number int64
	Text   string
}

// Kind is what a listing must know about a resource.
type Kind[T any] struct {
	Resource imednet.Resource
	Decode   func(raw []byte, row *T) error                 // keeps raw
	Read     func(list *jsonscan.Array, row *T) inplace.Row // see inplace.Read
	ID       func(*T) RowID
	Study    func(*T) imednet.Opt[string] // the key of the study that a row says it belongs to
}

// The kinds of rows that the API lists.
var (
	Studies         = Kind[imednet.Study]{imednet.Studies, imednet.DecodeInto[imednet.Study], read[imednet.Study], func(r *imednet.Study) RowID { return RowID{Text: r.StudyKey} }, noStudy[imednet.Study]}
	Sites           = Kind[imednet.Site]{imednet.Sites, imednet.DecodeInto[imednet.Site], read[imednet.Site], func(r *imednet.Site) RowID { return RowID{Number: r.SiteID} }, func(r *imednet.Site) imednet.Opt[string] { return r.StudyKey }}
	Forms           = Kind[imednet.Form]{imednet.Forms, imednet.DecodeInto[imednet.Form], read[imednet.Form], func(r *imednet.Form) RowID { return RowID{Number: r.FormID} }, func(r *imednet.Form) imednet.Opt[string] { return r.StudyKey }}
	Intervals       = Kind[imednet.Interval]{imednet.Intervals, imednet.DecodeInto[imednet.Interval], read[imednet.Interval], func(r *imednet.Interval) RowID { return RowID{Number: r.IntervalID} }, func(r *imednet.Interval) imednet.Opt[string] { return r.StudyKey }}
	Variables       = Kind[imednet.Variable]{imednet.Variables, imednet.DecodeInto[imednet.Variable], read[imednet.Variable], func(r *imednet.Variable) RowID { return RowID{Number: r.VariableID} }, func(r *imednet.Variable) imednet.Opt[string] { return r.StudyKey }}
	Subjects        = Kind[imednet.Subject]{imednet.Subjects, imednet.DecodeInto[imednet.Subject], read[imednet.Subject], func(r *imednet.Subject) RowID { return RowID{Number: r.SubjectID} }, func(r *imednet.Subject) imednet.Opt[string] { return r.StudyKey }}
	Visits          = Kind[imednet.Visit]{imednet.Visits, imednet.DecodeInto[imednet.Visit], read[imednet.Visit], func(r *imednet.Visit) RowID { return RowID{Number: r.VisitID} }, func(r *imednet.Visit) imednet.Opt[string] { return r.StudyKey }}
	Records         = Kind[imednet.Record]{imednet.Records, imednet.DecodeInto[imednet.Record], read[imednet.Record], func(r *imednet.Record) RowID { return RowID{Number: r.RecordID} }, func(r *imednet.Record) imednet.Opt[string] { return r.StudyKey }}
	RecordRevisions = Kind[imednet.RecordRevision]{imednet.RecordRevisions, imednet.DecodeInto[imednet.RecordRevision], read[imednet.RecordRevision], func(r *imednet.RecordRevision) RowID { return RowID{Number: r.RecordRevisionID} }, func(r *imednet.RecordRevision) imednet.Opt[string] { return r.StudyKey }}
	Queries         = Kind[imednet.Query]{imednet.Queries, imednet.DecodeInto[imednet.Query], read[imednet.Query], func(r *imednet.Query) RowID { return RowID{Number: r.AnnotationID} }, func(r *imednet.Query) imednet.Opt[string] { return r.StudyKey }}
	Codings         = Kind[imednet.Coding]{imednet.Codings, imednet.DecodeInto[imednet.Coding], read[imednet.Coding], func(r *imednet.Coding) RowID { return RowID{Number: r.CodingID} }, func(r *imednet.Coding) imednet.Opt[string] { return r.StudyKey }}
	Users           = Kind[imednet.User]{imednet.Users, imednet.DecodeInto[imednet.User], read[imednet.User], func(r *imednet.User) RowID { return RowID{Text: r.UserID} }, noStudy[imednet.User]}
)

func read[T any](list *jsonscan.Array, row *T) inplace.Row { return inplace.Read(list, row) }

// noStudy is for rows that belong to no study, or do not say to which.
func noStudy[T any](*T) imednet.Opt[string] { return imednet.Opt[string]{} }

// ofStudy are the kinds of the rows of a study, by resource, with their types erased.
var ofStudy = func() map[imednet.Resource]Kind[any] {
	kinds := map[imednet.Resource]Kind[any]{}
	for _, k := range []Kind[any]{
		erase(Sites), erase(Forms), erase(Intervals), erase(Variables), erase(Subjects), erase(Visits),
		erase(Records), erase(RecordRevisions), erase(Queries), erase(Codings), erase(Users),
	} {
		kinds[k.Resource] = k
	}
	return kinds
}()

// OfStudy returns the kind of a resource of a study whose name is known only at run time. Its rows
// are pointers to the model. It is false for everything else.
func OfStudy(resource imednet.Resource) (Kind[any], bool) {
	k, ok := ofStudy[resource]
	return k, ok
}

// erase is a kind whose rows are pointers behind an interface.
func erase[T any](k Kind[T]) Kind[any] {
	return Kind[any]{
		Resource: k.Resource,
		Decode: func(raw []byte, row *any) error {
			own := new(T)
			*row = own
			return k.Decode(raw, own)
		},
		Read: func(list *jsonscan.Array, row *any) inplace.Row {
			own := new(T)
			*row = own
			return k.Read(list, own)
		},
		ID:    func(row *any) RowID { return k.ID((*row).(*T)) },
		Study: func(row *any) imednet.Opt[string] { return k.Study((*row).(*T)) },
	}
}
