package cdisc

import "github.com/imednetgo/imednet"

// exportProgress counts rows over a whole export: each is read once and written once a format.
type exportProgress struct {
	report      func(imednet.Progress)
	done, total *int64
	study       string
}

func newExportProgress(sources []Source, o ExportOptions) exportProgress {
	p := exportProgress{report: o.Progress, done: new(int64), total: new(int64), study: o.JSON.StudyOID}
	for _, src := range sources {
		*p.total += max(0, src.Dataset().Records) * int64(1+len(o.Formats))
	}
	return p
}

// progressRows is how many rows lie between two reports.
const progressRows = 4096

// watch counts the rows of one reading.
func (p exportProgress) watch(src Source) Source {
	if p.report == nil {
		return src
	}
	return watched{src, func(Row) {
		*p.done++
		if *p.done%progressRows == 0 || *p.done == *p.total {
			p.report(imednet.Progress{Op: "export", StudyKey: p.study, Done: *p.done, Total: *p.total})
		}
	}}
}
