package main

import (
	"flag"
	"fmt"
	"regexp"
	"slices"
)

// options are what the command line asks for.
type options struct {
	rows             int
	n                int
	forms, variables int // of the wide study
	wide             int // its records
	jobs             string
	alone            bool
	dir              string
	json             bool
	results          bool
	growth           bool
	smoke            bool
	space            bool
	study            string // folder of a study for space
	against          string
	profiles         string
}

// smokeRows is enough for every job to do something.
const smokeRows = 300

func parseOptions() (o options) {
	flag.IntVar(&o.rows, "rows", 100_000, "number of records")
	flag.IntVar(&o.n, "n", 5, "samples of each job, of which the median counts")
	flag.IntVar(&o.forms, "forms", 20, "forms of the study with many columns")
	flag.IntVar(&o.variables, "variables", 50, "variables of each of these forms")
	flag.BoolVar(&o.alone, "alone", false, "measure the jobs that match without their limits")
	flag.IntVar(&o.wide, "wide", 0, "number of its records; default a tenth of -rows")
	flag.StringVar(&o.jobs, "jobs", "", "regular expression that the names of the jobs must match")
	flag.StringVar(&o.dir, "dir", "", "where the data are put; default a directory that is removed afterwards")
	flag.BoolVar(&o.json, "json", false, "print JSON")
	flag.BoolVar(&o.results, "results", false, "also write bench/RESULTS.md, with the growth")
	flag.BoolVar(&o.growth, "growth", false, "measure the jobs that stream at a hundredth of the rows, a tenth, and all")
	flag.BoolVar(&o.smoke, "smoke", false, "run everything once at a tiny size")
	flag.BoolVar(&o.space, "space", false, "measure bytes a record instead")
	flag.StringVar(&o.study, "study", "", "with -space: folder of a study in NDJSON; default a generated one")
	flag.StringVar(&o.against, "against", "", "commit to compare with")
	flag.StringVar(&o.profiles, "profiles", "", "directory for CPU profiles of each job")
	flag.Parse()
	if o.smoke {
		o.rows, o.n = smokeRows, 1
	}
	return o
}

// wideShare is the fraction of the rows that the study with many columns has unless -wide is given.
const wideShare = 10

// wideRows is the number of records of the study with many columns.
func (o options) wideRows() int {
	if o.wide > 0 {
		return o.wide
	}
	return shareOf(o.rows, wideShare)
}

// list returns the jobs that are to be measured.
func (o options) list() ([]job, error) {
	pattern, err := regexp.Compile(o.jobs)
	if err != nil {
		return nil, fmt.Errorf("-jobs: %w", err)
	}
	wanted := func(j job) bool { return pattern.MatchString(j.name) }
	list := withLimits(wanted)
	if len(list) == 0 {
		return nil, fmt.Errorf("-jobs: no job's name matches %q", o.jobs)
	}
	if o.alone {
		list = withoutLimits(slices.DeleteFunc(list, func(j job) bool { return !wanted(j) }))
	}
	return list, nil
}
