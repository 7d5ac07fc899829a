package lake

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet"
)

var revisionFields = arrow.NewSchema([]arrow.Field{
	keyField("recordRevisionId"), wholeField("recordId"), textField("recordOid"), wholeField("recordRevision"), wholeField("dataRevision"), textField("recordStatus"),
	wholeField("subjectId"), textField("subjectOid"), textField("subjectKey"), wholeField("siteId"), textField("formKey"), wholeField("intervalId"), textField("role"),
	textField("user"), textField("reasonForChange"), flagField("deleted"), timeField("dateCreated"), rawField("raw"),
}, nil)

func revisionIdentity(v imednet.RecordRevision) (int64, []byte) { return v.RecordRevisionID, v.Raw }

func putRevision(b *array.RecordBuilder, v imednet.RecordRevision) {
	b.Field(0).(*array.Int64Builder).Append(v.RecordRevisionID)
	appendOpt(b.Field(1), v.RecordID)
	appendOpt(b.Field(2), v.RecordOID)
	appendOpt(b.Field(3), v.RecordRevision)
	appendOpt(b.Field(4), v.DataRevision)
	appendOpt(b.Field(5), v.RecordStatus)
	appendOpt(b.Field(6), v.SubjectID)
	appendOpt(b.Field(7), v.SubjectOID)
	appendOpt(b.Field(8), v.SubjectKey)
	appendOpt(b.Field(9), v.SiteID)
	appendOpt(b.Field(10), v.FormKey)
	appendOpt(b.Field(11), v.IntervalID)
	appendOpt(b.Field(12), v.Role)
	appendOpt(b.Field(13), v.User)
	appendOpt(b.Field(14), v.ReasonForChange)
	appendOpt(b.Field(15), v.Deleted)
	appendOpt(b.Field(16), v.DateCreated)
	b.Field(17).(*array.BinaryBuilder).Append(v.Raw)
}
