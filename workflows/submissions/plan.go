package submissions

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// plan is a checked submission: its items, and how they travel.
type plan struct {
	items   []Item
	batches []span
}

// span is a batch: the items from first to end.
type span struct{ first, end int }

// PlannedBatch is one POST of a dry run.
type PlannedBatch struct {
	First, Count int
	Kinds        []imednet.SubmissionKind // kinds of write of the records, in order
	Payload      []byte                   // the body, byte for byte
}

func (p *plan) show() []PlannedBatch {
	var out []PlannedBatch
	for _, b := range p.batches {
		planned := PlannedBatch{First: b.first, Count: b.end - b.first, Payload: body(p.items[b.first:b.end])}
		for _, item := range p.items[b.first:b.end] {
			planned.Kinds = append(planned.Kinds, item.Kind)
		}
		out = append(out, planned)
	}
	return out
}

// body joins the payloads of items to what is posted.
func body(items []Item) []byte {
	out := []byte{'['}
	for i := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, items[i].Payload...)
	}
	return append(out, ']')
}

// plan checks the submission and cuts it into batches.
func (u *RecordUpdate) plan(ctx context.Context, studyKey string, records []imednet.Submission, opts Options) (*plan, error) {
	if len(records) == 0 {
		return nil, argument.Invalid("submissions.RecordUpdate", "records", "is empty")
	}
	if err := u.schemas.Validate(ctx, studyKey, records); err != nil {
		return nil, err
	}
	p := &plan{items: make([]Item, len(records))}
	intents := map[string]int{}
	var problems []RecordProblem
	for i := range records {
		item, err := newItem(studyKey, i, &records[i])
		if err != nil {
			return nil, err
		}
		if first, twice := intents[item.IntentKey]; twice && item.IntentKey != "" {
			problems = append(problems, RecordProblem{Index: i, Line: item.Line, FormKey: item.FormKey, Reason: "the same intent key as " + itemName(first)})
		}
		intents[item.IntentKey] = i
		if len(item.Payload)+len("[]") > opts.MaxBytes {
			problems = append(problems, RecordProblem{Index: i, Line: item.Line, FormKey: item.FormKey, Reason: fmt.Sprintf("the record is %d bytes, more than a batch of %d", len(item.Payload)+len("[]"), opts.MaxBytes)})
		}
		p.items[i] = item
	}
	if len(problems) > 0 {
		return nil, &InvalidRecordsError{problems}
	}
	p.batches = cut(p.items, opts)
	return p, nil
}

// identify gives every record its identity among those of the study.
func (p *plan) identify(n *naming) error {
	ordinals := map[string]int{}
	for i := range p.items {
		item := &p.items[i]
		content, err := n.identity(item.Kind, item.Payload)
		if err != nil {
			return fmt.Errorf("%s cannot be read as JSON: %w", itemName(i), err)
		}
		ordinals[content]++
		item.ContentHash, item.Ordinal = content, ordinals[content]
	}
	return nil
}

func newItem(studyKey string, index int, record *imednet.Submission) (Item, error) {
	kind, err := record.KindOf()
	if err != nil {
		return Item{}, err
	}
	text, err := imednet.EncodeSubmissions([]imednet.Submission{*record})
	if err != nil {
		return Item{}, fmt.Errorf("%s cannot be written as JSON", itemName(index))
	}
	payload := jsontext.Value(text[1 : len(text)-1])
	return Item{
		StudyKey: studyKey, Index: index, Line: record.Line, Kind: kind, FormKey: record.FormKey, IntentKey: record.IntentKey,
		Payload: payload, State: Prepared,
	}, nil
}

// cut fills batches up to the limits, in order.
func cut(items []Item, opts Options) []span {
	var out []span
	start, size := 0, len("[]")
	for i := range items {
		one := len(items[i].Payload) + len(",")
		if i > start && (i-start == opts.MaxItems || size+one > opts.MaxBytes) {
			out = append(out, span{start, i})
			start, size = i, len("[]")
		}
		size += one
	}
	return append(out, span{start, len(items)})
}
