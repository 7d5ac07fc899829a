package main

import "slices"

// job is one thing that is measured: what the library does, or the limit that it is held against.
type job struct {
	name    string
	limit   string // name of the job that is its limit; "" for a limit
	waits   bool   // for a network: the ratio is one of rows a second
	streams bool   // its memory should not grow with the rows
	server  string // what was done to the study of the server that it needs; "" needs none
	wide    bool   // it works on the study with many columns
	share   int    // otherwise, it is measured at this fraction of the rows, at least leastRows; 0 is all
	run     func(*work) error
}

// leastRows is the least size of a job of a part of the rows.
const leastRows = 20

func (j job) size(t task) int {
	switch {
	case j.wide:
		return t.Wide
	case j.share == 0:
		return t.Rows
	}
	return shareOf(t.Rows, j.share)
}

func shareOf(rows, share int) int { return max(rows/share, min(rows, leastRows)) }

// jobs are all jobs in the order of the table, each behind its limit.
func jobs() []job {
	return slices.Concat(decodeJobs, syncJobs, postgresJobs(), iterateJobs, mappingJobs, parquetJobs, layoutJobs, silverJobs, warehouseJobs, profileJobs,
		extractionJobs, submissionJobs, ledgerJobs, triageJobs, configurationJobs, reportJobs, formatJobs)
}

func jobNamed(name string) (job, bool) {
	all := jobs()
	i := slices.IndexFunc(all, func(j job) bool { return j.name == name })
	if i < 0 {
		return job{}, false
	}
	return all[i], true
}

// withLimits returns the jobs that are wanted and the limits that they need, in the order of the table.
func withLimits(wanted func(job) bool) (list []job) {
	needed := map[string]bool{}
	for _, j := range slices.Backward(jobs()) { // a limit stands above its jobs
		if wanted(j) || needed[j.name] {
			needed[j.limit] = true
			list = append(list, j)
		}
	}
	slices.Reverse(list)
	return list
}

// withoutLimits returns jobs that are held against nothing.
func withoutLimits(list []job) []job {
	list = slices.Clone(list)
	for i := range list {
		list[i].limit = ""
	}
	return list
}
