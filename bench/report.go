package main

import (
	"io"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/report"
)

var reportJobs = []job{
	{name: "read what a report reads", run: readForReport},
	{name: "report", limit: "read what a report reads", streams: true, run: buildReport},
}

// readForReport walks over the records with their answers, and over the lists, and looks at nothing.
func readForReport(w *work) error {
	mirror, err := w.mirror()
	if err != nil {
		return err
	}
	defer mirror.Close()
	view := mirror.Client()
	return w.measure(func() (rows int64, err error) {
		for record, err := range view.Records(w.ctx, studyKey, imednet.ListOptions{}) {
			if err != nil {
				return rows, err
			}
			for range record.RecordData.All() {
			}
			rows++
		}
		lists := []func() error{
			func() error { return drain(view.Sites(w.ctx, studyKey, imednet.ListOptions{})) },
			func() error { return drain(view.Forms(w.ctx, studyKey, imednet.ListOptions{})) },
			func() error { return drain(view.Variables(w.ctx, studyKey, imednet.ListOptions{})) },
			func() error { return drain(view.Intervals(w.ctx, studyKey, imednet.ListOptions{})) },
			func() error { return drain(view.Subjects(w.ctx, studyKey, imednet.ListOptions{})) },
			func() error { return drain(view.Visits(w.ctx, studyKey, imednet.ListOptions{})) },
			func() error { return drain(view.Queries(w.ctx, studyKey, imednet.ListOptions{})) },
		}
		for _, list := range lists {
			if err := list(); err != nil {
				return rows, err
			}
		}
		return rows, nil
	})
}

func drain[T any](rows iter.Seq2[T, error]) error {
	for _, err := range rows {
		if err != nil {
			return err
		}
	}
	return nil
}

// buildReport builds the report and writes its page.
func buildReport(w *work) error {
	mirror, err := w.mirror()
	if err != nil {
		return err
	}
	defer mirror.Close()
	workflow, err := report.NewStudyReport(mirror.Client())
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		r, err := workflow.Build(w.ctx, studyKey, report.Options{})
		if err != nil {
			return 0, err
		}
		return r.Records, r.WriteHTML(io.Discard, report.PageOptions{})
	})
}
