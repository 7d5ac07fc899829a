package wire

import "github.com/imednetgo/imednet"

// RowID is a row's own id: a number, or the text of a study key or user id.
type RowID struct {
	Number int64
	Text   string
}

// Kind is what a listing must know about a resource.
type Kind[T any] struct {
	Resource imednet.Resource
	Decode   func([]byte) (T, error)
	ID       func(*T) RowID
}

// The kinds of rows that the API lists.
var (
	Studies         = Kind[imednet.Study]{imednet.Studies, imednet.Decode[imednet.Study], func(r *imednet.Study) RowID { return RowID{Text: r.StudyKey} }}
	Sites           = Kind[imednet.Site]{imednet.Sites, imednet.Decode[imednet.Site], func(r *imednet.Site) RowID { return RowID{Number: r.SiteID} }}
	Forms           = Kind[imednet.Form]{imednet.Forms, imednet.Decode[imednet.Form], func(r *imednet.Form) RowID { return RowID{Number: r.FormID} }}
	Intervals       = Kind[imednet.Interval]{imednet.Intervals, imednet.Decode[imednet.Interval], func(r *imednet.Interval) RowID { return RowID{Number: r.IntervalID} }}
	Variables       = Kind[imednet.Variable]{imednet.Variables, imednet.Decode[imednet.Variable], func(r *imednet.Variable) RowID { return RowID{Number: r.VariableID} }}
	Subjects        = Kind[imednet.Subject]{imednet.Subjects, imednet.Decode[imednet.Subject], func(r *imednet.Subject) RowID { return RowID{Number: r.SubjectID} }}
	Visits          = Kind[imednet.Visit]{imednet.Visits, imednet.Decode[imednet.Visit], func(r *imednet.Visit) RowID { return RowID{Number: r.VisitID} }}
	Records         = Kind[imednet.Record]{imednet.Records, imednet.Decode[imednet.Record], func(r *imednet.Record) RowID { return RowID{Number: r.RecordID} }}
	RecordRevisions = Kind[imednet.RecordRevision]{imednet.RecordRevisions, imednet.Decode[imednet.RecordRevision], func(r *imednet.RecordRevision) RowID { return RowID{Number: r.RecordRevisionID} }}
	Queries         = Kind[imednet.Query]{imednet.Queries, imednet.Decode[imednet.Query], func(r *imednet.Query) RowID { return RowID{Number: r.AnnotationID} }}
	Codings         = Kind[imednet.Coding]{imednet.Codings, imednet.Decode[imednet.Coding], func(r *imednet.Coding) RowID { return RowID{Number: r.CodingID} }}
	Users           = Kind[imednet.User]{imednet.Users, imednet.Decode[imednet.User], func(r *imednet.User) RowID { return RowID{Text: r.UserID} }}
)

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
		Decode: func(raw []byte) (any, error) {
			row, err := k.Decode(raw)
			return &row, err
		},
		ID: func(row *any) RowID { return k.ID((*row).(*T)) },
	}
}
