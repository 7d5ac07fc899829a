package lake

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet"
)

var queryFields = arrow.NewSchema([]arrow.Field{
	keyField("annotationId"), textField("annotationType"), textField("type"), textField("description"), wholeField("recordId"), textField("variable"),
	wholeField("subjectId"), textField("subjectOid"), textField("subjectKey"), timeField("dateCreated"), timeField("dateModified"), rawField("raw"),
}, nil)

var commentFields = arrow.NewSchema([]arrow.Field{
	keyField("annotationId"), wholeField("sequence"), textField("annotationStatus"), textField("user"), textField("comment"), flagField("closed"), timeField("date"),
}, nil)

func queryIdentity(q imednet.Query) (int64, []byte) { return q.AnnotationID, q.Raw }

func putQuery(b *array.RecordBuilder, q imednet.Query) {
	b.Field(0).(*array.Int64Builder).Append(q.AnnotationID)
	appendOpt(b.Field(1), q.AnnotationType)
	appendOpt(b.Field(2), q.Type)
	appendOpt(b.Field(3), q.Description)
	appendOpt(b.Field(4), q.RecordID)
	appendOpt(b.Field(5), q.Variable)
	appendOpt(b.Field(6), q.SubjectID)
	appendOpt(b.Field(7), q.SubjectOID)
	appendOpt(b.Field(8), q.SubjectKey)
	appendOpt(b.Field(9), q.DateCreated)
	appendOpt(b.Field(10), q.DateModified)
	b.Field(11).(*array.BinaryBuilder).Append(q.Raw)
}

func putComments(b *array.RecordBuilder, q imednet.Query) {
	for _, c := range q.QueryComments {
		b.Field(0).(*array.Int64Builder).Append(q.AnnotationID)
		appendOpt(b.Field(1), c.Sequence)
		appendOpt(b.Field(2), c.AnnotationStatus)
		appendOpt(b.Field(3), c.User)
		appendOpt(b.Field(4), c.Comment)
		appendOpt(b.Field(5), c.Closed)
		appendOpt(b.Field(6), c.Date)
	}
}
