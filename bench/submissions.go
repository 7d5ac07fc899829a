package main

import (
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
)

var submissionJobs = []job{
	{name: "encode submissions", share: 10, run: encodeSubmissions},
	{name: "validate submissions", limit: "encode submissions", share: 10, run: validateSubmissions},
}

// updates turns records of the mirror into updates with text for text variables, which fits them all.
func (w *work) updates(mirror imednet.Client) (items []imednet.Submission, err error) {
	texts := map[string]bool{}
	for v, err := range mirror.Variables(w.ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		switch v.VariableType.Or("") {
		case "TEXT", "RADIO", "DROPDOWN", "MEMO":
			texts[v.FormKey.Or("")+"."+v.VariableName.Or("")] = !v.Retired()
		}
	}
	for record, err := range mirror.Records(w.ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		item := imednet.Submission{FormKey: record.FormKey.Or(""), RecordID: record.RecordID, Data: map[string]any{}}
		for name, v := range record.RecordData.All() {
			if texts[item.FormKey+"."+name] && v.Kind() == '"' {
				item.Data[name] = v.Text()
			}
		}
		if items = append(items, item); len(items) == w.Rows {
			return items, nil
		}
	}
	return nil, errors.New("the mirror holds too few records")
}

func (w *work) withUpdates(use func(imednet.Client, []imednet.Submission) error) error {
	mirror, err := w.mirror()
	if err != nil {
		return err
	}
	defer mirror.Close()
	items, err := w.updates(mirror.Client())
	if err != nil {
		return err
	}
	return use(mirror.Client(), items)
}

func encodeSubmissions(w *work) error {
	return w.withUpdates(func(_ imednet.Client, items []imednet.Submission) error {
		return w.measure(func() (int64, error) {
			_, err := imednet.EncodeSubmissions(items)
			return int64(len(items)), err
		})
	})
}

func validateSubmissions(w *work) error {
	return w.withUpdates(func(client imednet.Client, items []imednet.Submission) error {
		schema, err := submissions.NewSchemaCache(client)
		if err != nil {
			return err
		}
		if err := schema.Validate(w.ctx, studyKey, items); err != nil { // also reads the design
			return err
		}
		return w.measure(func() (int64, error) { return int64(len(items)), schema.Validate(w.ctx, studyKey, items) })
	})
}
