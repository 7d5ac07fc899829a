package cache

import (
	"bytes"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// row is a record on its way into the file.
type row struct {
	id       int64
	state    int    // stateActive or stateDeleted
	doubtful bool   // the deletion flag cannot be read; state is only what it would be for a new record
	formKey  string // "" when unset
	modified string // dateModified as received, "" when absent
	at       time.Time
	keys     [keyCount]any // search keys in the order of keyColumns
	payload  jsontext.Value
}

// keyColumns are the search keys of imednet_record and imednet_history.
const (
	keyColumns = `form_id, form_key, site_id, interval_id, visit_id, subject_id, subject_key, modified`
	keyCount   = 8
)

// newRow takes from a record what the file keeps of it.
func newRow(rec *imednet.Record) (row, error) {
	payload := rec.Raw
	if payload == nil {
		var err error
		if payload, err = imednet.Encode(*rec); err != nil {
			return row{}, err
		}
	}
	r := row{id: rec.RecordID, doubtful: rec.DoubtfulDeletion(), formKey: rec.FormKey.Or(""), payload: payload}
	if rec.IsDeleted() {
		r.state = stateDeleted
	}
	if t, ok := rec.DateModified.Get(); ok {
		r.at = t.Time
	}
	r.modified = receivedDate(rec, payload)
	r.keys = [keyCount]any{
		idKey(rec.FormID), textKey(rec.FormKey), idKey(rec.SiteID), idKey(rec.IntervalID), idKey(rec.VisitID),
		idKey(rec.SubjectID), textKey(rec.SubjectKey), dateKey(rec.DateModified),
	}
	return r, nil
}

// idKey is NULL for no value; a number that is no whole one is kept, so that comparisons with it
// find it.
func idKey(o imednet.Opt[int64]) any {
	if v, ok := o.Get(); ok {
		return v
	}
	if f, ok := imednet.NewValue(o.Raw()).Float64(); ok {
		return f
	}
	return nil
}

// textKey is NULL for no value; a text with bytes that are no UTF-8 is kept as filters see it.
func textKey(o imednet.Opt[string]) any {
	if v, ok := o.Get(); ok {
		return v
	}
	if v := imednet.NewValue(o.Raw()); v.Kind() == '"' {
		return v.Text()
	}
	return nil
}

func dateKey(o imednet.Opt[imednet.Time]) any {
	if v, ok := o.Get(); ok {
		return v.UnixMicro()
	}
	if day, err := imednet.ParseDate(imednet.NewValue(o.Raw()).Text()); err == nil {
		return day.Time().UnixMicro()
	}
	return nil
}

// receivedDate returns the text of the record's own dateModified as it arrived. The common case, the documented
// form, is found without reading the row a second time.
func receivedDate(rec *imednet.Record, payload jsontext.Value) string {
	const member, length = `"dateModified":"`, len(time.DateTime)
	_, text, _ := bytes.Cut(payload, []byte(member))
	if t, ok := rec.DateModified.Get(); ok && len(text) > length && text[length] == '"' {
		var documented [length]byte
		if bytes.Equal(text[:length], t.UTC().AppendFormat(documented[:0], time.DateTime)) && t.Nanosecond() == 0 {
			return string(text[:length])
		}
	}
	whole, err := imednet.NewRecordData(payload)
	if err != nil {
		return ""
	}
	v, _ := whole.Get("dateModified")
	return v.Text()
}
