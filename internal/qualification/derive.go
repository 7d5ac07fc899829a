package qualification

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
)

// installation lists the results of an installation, in the order in which they are made.
var installation = []string{"IQ-01", "IQ-02", "IQ-03", "IQ-04"}

// derive makes again what follows from the results, and compares: the traceability, the page, and which files are evidence
// of what. Of a bundle that this program made it also knows the requirements, the clauses and the scenarios; those of
// another are taken as its report tells them.
func (c *checker) derive(m *Manifest, r *Report, o CheckOptions) error {
	same, err := c.madeHere(r, o)
	if err != nil {
		return err
	}
	p := r.promises()
	if same {
		if p, err = ofThisProgram(); err != nil {
			return err
		}
		c.scenarios(r, o.Scenarios)
	}
	if err := c.traceability(r, p); err != nil {
		return err
	}
	c.described(r)
	c.evidence(m, r)
	return c.page(r, same)
}

func (c *checker) traceability(r *Report, p promises) error {
	again := Report{Installation: slices.Clone(r.Installation), Operation: slices.Clone(r.Operation)}
	again.conclude(p)
	equal, err := sameDocument([]any{again.Requirements, again.Clauses}, []any{r.Requirements, r.Clauses})
	if err == nil && !equal {
		c.problem("the traceability of %s does not follow from its results", reportFile)
	}
	return err
}

// scenarios demands every scenario of the program, so that none that failed was left out.
func (c *checker) scenarios(r *Report, all []Scenario) {
	for i, id := range installation {
		if i >= len(r.Installation) || r.Installation[i].ID != id {
			c.problem("%s lacks %s", reportFile, id)
		}
	}
	if len(r.Installation) > len(installation) {
		c.problem("%s has installation checks that this program does not make", reportFile)
	}
	if all == nil {
		return
	}
	pilot := slices.ContainsFunc(r.Operation, func(r Result) bool {
		return slices.ContainsFunc(all, func(s Scenario) bool { return s.Pilot && s.ID == r.ID })
	})
	have := slices.Clone(r.Operation)
	for _, s := range all {
		if s.Pilot && !pilot {
			continue
		}
		if len(have) == 0 || !s.isOf(have[0]) {
			c.problem("%s lacks the scenario %s, or has it otherwise or in another place than this program", reportFile, s.ID)
			return
		}
		have = have[1:]
	}
	if len(have) > 0 {
		c.problem("%s has scenarios that this program does not have", reportFile)
	}
}

func (s Scenario) isOf(r Result) bool {
	return s.ID == r.ID && s.Title == r.Title && slices.Equal(s.Requirements, r.Requirements)
}

// described compares what the report says of program and machine with the results that recorded them.
func (c *checker) described(r *Report) {
	for _, want := range []*Result{r.Program.result(), r.Machine.result()} {
		if !slices.ContainsFunc(r.Installation, func(have Result) bool {
			return have.ID == want.ID && len(have.Steps) >= len(want.Steps) && slices.Equal(have.Steps[:len(want.Steps)], want.Steps)
		}) {
			c.problem("%s describes another %s than %s", reportFile, strings.ToLower(want.Title), want.ID)
		}
	}
}

// evidence demands that each file of the bundle is the report, the page, or evidence that one result names.
func (c *checker) evidence(m *Manifest, r *Report) {
	named := []string{pageFile, reportFile}
	for _, result := range r.results() {
		for _, file := range result.Evidence {
			if !strings.HasPrefix(file, evidenceOf(result.ID)) {
				c.problem("%s names %q as its evidence", result.ID, file)
			}
		}
		named = append(named, result.Evidence...)
	}
	var listed []string
	for _, f := range m.Files {
		listed = append(listed, f.Path)
	}
	slices.Sort(named)
	slices.Sort(listed)
	if !reflect.DeepEqual(named, listed) {
		c.problem("the files of %s are not those that %s names", manifestFile, reportFile)
	}
}

// page makes the page for people again. Only a program that writes it in the same way can.
func (c *checker) page(r *Report, same bool) error {
	want, err := r.page()
	switch {
	case err != nil || bytes.Equal(want, c.content[pageFile]):
		return err
	case same:
		c.problem("%s is not what this program makes of %s", pageFile, reportFile)
	default:
		c.problem("%s is not what this program makes of %s: if it is as it was written, the program that made the bundle says so", pageFile, reportFile)
	}
	return nil
}
