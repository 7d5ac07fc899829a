package imednet

import (
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/imednetgo/imednet/internal/shown"
)

// FormSelection selects the records of some forms of a study; [FormIndex.Select] returns one.
// Reading it gives the same records as reading everything and keeping those for which
// [FormSelection.Has] is true. The zero value selects every record.
type FormSelection struct {
	index  *FormIndex
	forms  []*IndexedForm
	wanted []bool // by place in the index
}

// Select returns the selection of the records of the forms with these keys. Without keys it selects
// every record, including those of no form. A key that several forms share selects all of them. A
// key that no form has in exactly this spelling is a *[ValidationError].
func (x *FormIndex) Select(formKeys ...string) (FormSelection, error) {
	if len(formKeys) == 0 {
		return FormSelection{}, nil
	}
	s := FormSelection{index: x, wanted: make([]bool, len(x.forms))}
	named := map[string]bool{}
	for _, key := range formKeys {
		named[key] = false
	}
	for i, f := range x.forms {
		if _, ok := named[f.Key()]; ok && f.Key() != "" {
			named[f.Key()] = true
			s.wanted[i] = true
			s.forms = append(s.forms, f)
		}
	}
	var problems []Problem
	for _, key := range formKeys {
		if !named[key] {
			message := "the study has no form " + strconv.Quote(key) + shown.DidYouMean(key, x.keys())
			problems = append(problems, Problem{Path: "forms", Message: message, NotFound: true})
		}
	}
	if len(problems) > 0 {
		return FormSelection{}, &ValidationError{What: "selection of forms", Problems: problems}
	}
	return s, nil
}

func (x *FormIndex) keys() []string {
	keys := make([]string, len(x.forms))
	for i, f := range x.forms {
		keys[i] = f.Key()
	}
	return keys
}

// Forms returns the selected forms in the order of [FormIndex.Forms], or nil if every record is
// selected. The slice is shared and must not be modified.
func (s FormSelection) Forms() []*IndexedForm { return s.forms }

// Has reports whether a record is selected.
func (s FormSelection) Has(r *Record) bool {
	if s.index == nil {
		return true
	}
	form, _ := s.index.OfRecord(r)
	return form != nil && s.wanted[form.at]
}

// Filters returns the filters of the listings that together contain every selected record that
// matches base. The listings can also contain other records, and a record can be in both, so
// callers must drop duplicates and check [FormSelection.Has]; [FormSelection.Records] does both.
//
// A single form is requested by its id and, in a separate listing, by its key, because a record may
// carry only one of the two. One filter joined by OR would select the same records, but it would
// prevent a client from reading by key and could not be combined with base. The only filter is base
// itself if several forms or all are selected, if base names formId or formKey (an attribute can
// occur only once) or is joined by OR, or if the key cannot be written in a filter.
func (s FormSelection) Filters(base Filter) []Filter {
	if len(s.forms) != 1 || base.IsOr() || base.names("formId") || base.names("formKey") {
		return []Filter{base}
	}
	form := s.forms[0]
	byKey := base.And("formKey", Equal, form.Key())
	if Where("formKey", Equal, form.Key()).Validate(Records) != nil {
		return []Filter{base}
	}
	if form.ID() == 0 {
		return []Filter{byKey}
	}
	return []Filter{base.And("formId", Equal, form.ID()), byKey}
}

func (f Filter) names(attribute string) bool {
	for _, c := range f.conditions {
		if c.Attribute == attribute {
			return true
		}
	}
	return false
}

// Records lists the selected records that match opts, each once and in ascending order of recordId,
// using the listings of [FormSelection.Filters]. Two listings are merged and rely on the order that
// a [RecordSource] guarantees: rows out of order end the listing with [ErrProtocol]. A record whose
// form changes during the reading can be missed, as in any filtered listing.
func (s FormSelection) Records(ctx context.Context, src RecordSource, studyKey string, opts ListOptions) iter.Seq2[Record, error] {
	var listings []iter.Seq2[Record, error]
	for _, f := range s.Filters(opts.Filter) {
		own := opts
		own.Filter = f
		listings = append(listings, src.Records(ctx, studyKey, own))
	}
	all := listings[0]
	if len(listings) > 1 {
		all = mergeRecords(listings[0], listings[1])
	}
	return func(yield func(Record, error) bool) {
		var last int64
		for r, err := range all {
			if err != nil {
				yield(Record{}, err)
				return
			}
			if len(listings) > 1 && r.RecordID == last || !s.Has(&r) {
				continue
			}
			last = r.RecordID
			if !yield(r, nil) {
				return
			}
		}
	}
}

// mergeRecords yields the rows of two listings in ascending id. A record that is in both is yielded
// twice.
func mergeRecords(a, b iter.Seq2[Record, error]) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		left, right := newRecordHead(a), newRecordHead(b)
		defer left.stop()
		defer right.stop()
		for {
			for _, head := range []*recordHead{left, right} {
				if head.advance(); head.err != nil {
					yield(Record{}, head.err)
					return
				}
			}
			first := left
			if !left.valid || right.valid && right.row.RecordID < left.row.RecordID {
				first = right
			}
			if !first.valid || !yield(first.row, nil) {
				return
			}
			first.taken = true
		}
	}
}

// recordHead is the next row of a listing.
type recordHead struct {
	pull  func() (Record, error, bool)
	stop  func()
	row   Record
	err   error
	valid bool
	taken bool
}

func newRecordHead(rows iter.Seq2[Record, error]) *recordHead {
	pull, stop := iter.Pull2(rows)
	return &recordHead{pull: pull, stop: stop, taken: true}
}

// advance reads the next row if the last one was used.
func (h *recordHead) advance() {
	if !h.taken {
		return
	}
	before := h.row.RecordID
	h.taken = false
	h.row, h.err, h.valid = h.pull()
	if h.err == nil && h.valid && h.row.RecordID <= before {
		h.err = fmt.Errorf("%w: record %d comes after record %d", ErrProtocol, h.row.RecordID, before)
	}
}
