package lake

import (
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// changeKey is the column by which the rows of the table of changes are ordered.
const changeKey = "version"

var changeFields = arrow.NewSchema([]arrow.Field{
	keyField(changeKey), timeField("seenAt"), textField("resource"), textField("rowId"), wholeField("recordId"), textField("variable"), textField("member"), textField("kind"),
	textField("oldValue"), rawField("oldJson"), textField("newValue"), rawField("newJson"),
	wholeField("revisions"), wholeField("firstRevisionId"), wholeField("lastRevisionId"), textField("user"), textField("reasonForChange"), timeField("savedAt"),
}, nil)

// writeChanges appends the changes since the version that the table names.
func (r *run) writeChanges() error {
	t := r.state(ChangesTable)
	if t.mode == ModeUnchanged {
		return nil
	}
	r.place = "table " + t.name
	since := imednet.MirrorVersion(0)
	if t.mode == ModeChanged {
		since = t.base
	}
	changes := itemBatches(changeFields, r.changeItems(since))
	if t.mode != ModeChanged {
		return r.writeWhole(t, changes)
	}
	batches, err := collect(changes)
	defer func() { release(batches) }()
	if err != nil {
		return err
	}
	err = r.change(t, nil, batches)
	r.place = ""
	return err
}

// changeItems lists the changes after a version, up to that of the run.
func (r *run) changeItems(since imednet.MirrorVersion) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for c, err := range r.mirror.Changes(r.ctx, r.study, since) {
			if err == nil && c.Version > r.moment.version {
				continue
			}
			if !yield(item{int64(c.Version), nil, putChange(c)}, err) || err != nil {
				return
			}
		}
	}
}

func putChange(c cache.Change) func(*array.RecordBuilder) {
	return func(b *array.RecordBuilder) {
		b.Field(0).(*array.Int64Builder).Append(int64(c.Version))
		appendTime(b.Field(1), c.SeenAt, !c.SeenAt.IsZero())
		appendText(b.Field(2), string(c.Resource), true)
		appendText(b.Field(3), c.RowID, true)
		appendWhole(b.Field(4), c.RecordID, c.RecordID != 0)
		appendText(b.Field(5), c.Variable, c.Variable != "")
		appendText(b.Field(6), c.Member, c.Member != "")
		appendText(b.Field(7), string(c.Kind), true)
		putValue(b.Field(8), b.Field(9), c.Old)
		putValue(b.Field(10), b.Field(11), c.New)
		putSaves(b, c.Revisions)
	}
}

// putValue appends a value as text and as JSON, byte for byte; both are null if there was none.
func putValue(plain, document array.Builder, v imednet.Value) {
	appendText(plain, v.Text(), v.Raw() != nil)
	if v.Raw() == nil {
		document.AppendNull()
		return
	}
	document.(*array.BinaryBuilder).Append(v.Raw())
}

// putSaves appends the saves that a change can come from. Who, when and why stand only where there is
// one.
func putSaves(b *array.RecordBuilder, saves []imednet.RecordRevision) {
	appendWhole(b.Field(12), int64(len(saves)), true)
	var only, first, last imednet.RecordRevision
	if len(saves) > 0 {
		first, last = saves[0], saves[len(saves)-1]
	}
	if len(saves) == 1 {
		only = first
	}
	appendWhole(b.Field(13), first.RecordRevisionID, len(saves) > 0)
	appendWhole(b.Field(14), last.RecordRevisionID, len(saves) > 0)
	appendOpt(b.Field(15), only.User)
	appendOpt(b.Field(16), only.ReasonForChange)
	appendOpt(b.Field(17), only.DateCreated)
}
