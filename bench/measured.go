package main

import (
	"cmp"
	"slices"
	"time"
)

// measured is what a run of the bench found.
type measured struct {
	Commit  string    `json:"commit"`
	Machine string    `json:"machine"`
	Time    time.Time `json:"time"`
	Rows    int       `json:"rows"`
	Samples int       `json:"samples"`
	Jobs    []line    `json:"jobs"`
}

// line holds the medians of one job.
type line struct {
	Job           string  `json:"job"`
	Limit         string  `json:"limit,omitempty"`
	IsLimit       bool    `json:"isLimit,omitempty"`
	Rows          int64   `json:"rows"`
	RowsPerSecond float64 `json:"rowsPerSecond"`
	CPU           float64 `json:"cpuMicrosecondsPerRow"`
	ServerCPU     float64 `json:"serverMicrosecondsPerRow,omitempty"`
	DatabaseCPU   float64 `json:"databaseMicrosecondsPerRow,omitempty"`
	Allocs        float64 `json:"allocationsPerRow"`
	Bytes         float64 `json:"allocatedBytesPerRow"`
	Peak          int64   `json:"peakBytes"`
	Ratio         float64 `json:"ratio,omitempty"` // to the limit
	Wall          bool    `json:"ratioOfRowsPerSecond,omitempty"`
}

func newMeasured(o options, list []job, samples map[string][]figures) measured {
	m := measured{Commit: commit(), Machine: machine(), Time: time.Now().UTC().Truncate(time.Second), Rows: o.rows, Samples: o.n}
	for _, j := range list {
		l := newLine(j, samples[j.name])
		l.IsLimit = j.limit == "" && slices.ContainsFunc(list, func(other job) bool { return other.limit == j.name })
		if j.limit != "" {
			limit := newLine(job{}, samples[j.limit])
			if l.Ratio = limit.CPU / l.CPU; j.waits {
				l.Ratio = l.RowsPerSecond / limit.RowsPerSecond
			}
		}
		m.Jobs = append(m.Jobs, l)
	}
	return m
}

func newLine(j job, samples []figures) line {
	return line{
		Job: j.name, Limit: j.limit, Wall: j.waits, Rows: samples[0].Rows,
		RowsPerSecond: median(samples, figures.rowsPerSecond),
		CPU:           median(samples, figures.cpuPerRow),
		ServerCPU:     median(samples, func(f figures) float64 { return f.perRow(f.Server.Seconds()) * 1e6 }),
		DatabaseCPU:   median(samples, func(f figures) float64 { return f.perRow(f.DB.Seconds()) * 1e6 }),
		Allocs:        median(samples, func(f figures) float64 { return f.perRow(float64(f.Allocs)) }),
		Bytes:         median(samples, func(f figures) float64 { return f.perRow(float64(f.Bytes)) }),
		Peak:          median(samples, func(f figures) int64 { return f.Peak }),
	}
}

// median is the lower one of the two in the middle of an even number.
func median[T cmp.Ordered](samples []figures, of func(figures) T) T {
	var list []T
	for _, f := range samples {
		list = append(list, of(f))
	}
	slices.Sort(list)
	return list[(len(list)-1)/2]
}
