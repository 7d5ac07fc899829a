package lake

import (
	"context"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

var revisionFields = arrow.NewSchema([]arrow.Field{
	keyField("recordRevisionId"), wholeField("recordId"), textField("recordOid"), wholeField("recordRevision"), wholeField("dataRevision"), textField("recordStatus"),
	wholeField("subjectId"), textField("subjectOid"), textField("subjectKey"), wholeField("siteId"), textField("formKey"), wholeField("intervalId"), textField("role"),
	textField("user"), textField("reasonForChange"), flagField("deleted"), timeField("dateCreated"), rawField("raw"),
}, nil)

func revisionItems(ctx context.Context, view *cache.View, studyKey string) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for v, err := range view.RecordRevisions(ctx, studyKey, imednet.ListOptions{}) {
			if !yield(item{v.RecordRevisionID, v.Raw, putRevision(v)}, err) || err != nil {
				return
			}
		}
	}
}

func putRevision(v imednet.RecordRevision) func(*array.RecordBuilder) {
	return func(b *array.RecordBuilder) {
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
}
