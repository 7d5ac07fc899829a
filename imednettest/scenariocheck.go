package imednettest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// check refuses what cannot be played, and names the place of each.
func (s Scenario) check() error {
	problems := []error{at("settings", s.Settings.check()), at("rights", s.Rights.check()), at("connection", s.Connection.check())}
	for n, f := range s.Faults {
		problems = append(problems, at(fmt.Sprintf("faults[%d]", n), errors.Join(f.check(), f.checkPath(), f.checkQuery(), f.checkTogether())))
	}
	for n, c := range s.Changes {
		problems = append(problems, at(fmt.Sprintf("changes[%d]", n), c.check()))
	}
	for n, plan := range s.Jobs {
		problems = append(problems, at(fmt.Sprintf("jobs[%d]", n), plan.check()))
	}
	if s.OtherJobs != nil {
		problems = append(problems, at("otherJobs", s.OtherJobs.check()))
	}
	return errors.Join(append(problems, checkLag(s.CommitLag))...)
}

// mustPlay panics for what a test sets in code and cannot be played, as a scenario is refused for it.
func mustPlay(err error) {
	if err != nil {
		panic("imednettest: " + err.Error())
	}
}

// at names the place of a problem.
func at(place string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", place, err)
}

// check refuses resources that do not exist.
func (r Rights) check() error {
	known := append(resources(), imednet.Jobs)
	for _, of := range []struct {
		name      string
		resources []imednet.Resource
	}{{"refused", r.Refused}, {"hidden", r.Hidden}} {
		for _, resource := range of.resources {
			if !slices.Contains(known, resource) {
				return fmt.Errorf("%s names the resource %q; the resources are %s, jobs", of.name, string(resource), resourceNames())
			}
		}
	}
	return nil
}

// check refuses numbers that no job has.
func (p JobPlan) check() error {
	switch {
	case p.NotFoundPolls < 0:
		return errors.New("notFoundPolls is negative")
	case p.EndAfter < 0:
		return errors.New("endAfter is negative")
	case slices.ContainsFunc(p.Lose, func(n int) bool { return n < 0 }):
		return errors.New("lose has a negative index")
	case p.ResultURL != "" && (p.ResultText != "" || p.Results != nil):
		return errors.New("resultURL leads elsewhere, so that resultText would not be read")
	}
	if end := slices.IndexFunc(p.States, terminal); end >= 0 && end < len(p.States)-1 {
		return fmt.Errorf("states: %q ends the job, and nothing can follow", p.States[end])
	}
	for n := range p.Reject {
		switch {
		case n < 0:
			return errors.New("reject has a negative index")
		case slices.Contains(p.Lose, n):
			return fmt.Errorf("reject and lose both have the item %d", n)
		}
	}
	return nil
}

// Check reports what a scenario names that no study of the server has: forms and sites of its rights,
// which nothing would show, so that a misspelled key would hide a whole study, and paths of faults, which
// no request would have.
func (s *Server) Check(scenario Scenario) error {
	var problems []error
	for n, f := range scenario.Faults {
		if !s.hasPath(&f) {
			problems = append(problems, fmt.Errorf("faults[%d]: path %q ends no path of a study that is served", n, f.Path))
		}
	}
	for _, key := range scenario.Rights.Forms {
		if !s.has(imednet.Forms, "formKey", key) {
			problems = append(problems, fmt.Errorf("rights: no study has the form %q; the forms are %s", key, s.valuesOf(imednet.Forms, "formKey")))
		}
	}
	for _, id := range scenario.Rights.Sites {
		if !s.has(imednet.Sites, "siteId", fmt.Sprint(id)) {
			problems = append(problems, fmt.Errorf("rights: no study has the site %d; the sites are %s", id, s.valuesOf(imednet.Sites, "siteId")))
		}
	}
	return errors.Join(problems...)
}

// hasPath reports whether a request can have the path of a fault.
func (s *Server) hasPath(f *Fault) bool {
	if strings.HasSuffix(apiRoot, f.Path) {
		return true
	}
	end := f.Path
	if f.ofJob() {
		if before, _, ok := strings.Cut(f.Path, string(imednet.Jobs)); ok {
			end = before + string(imednet.Jobs)
		} else {
			return true // the end of any batch id
		}
	}
	for _, study := range s.studies {
		for _, resource := range append(resources(), imednet.Jobs) {
			if strings.HasSuffix(listingPath(study.key, resource), end) {
				return true
			}
		}
	}
	return false
}

func (s *Server) has(resource imednet.Resource, attribute, text string) bool {
	return slices.Contains(s.values(resource, attribute), text)
}

// values are the texts of an attribute in all studies.
func (s *Server) values(resource imednet.Resource, attribute string) (values []string) {
	for _, study := range s.studies {
		study.mu.RLock()
		for _, raw := range study.tables[resource].all() {
			values = append(values, textOf(valueOf(raw, attribute)))
		}
		study.mu.RUnlock()
	}
	return values
}

// valuesOf lists them for an error, the first twenty.
func (s *Server) valuesOf(resource imednet.Resource, attribute string) string {
	const most = 20
	values := s.values(resource, attribute)
	if more := len(values) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(values[:most], ", "), more)
	}
	return strings.Join(values, ", ")
}

// checkMembers refuses an object that has a member twice, in any case: the last one would silently win.
func checkMembers(raw []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true))
	seen := map[string]bool{}
	for {
		_, err := dec.ReadToken()
		if err != nil {
			return endOf(err)
		}
		if kind, n := dec.StackIndex(dec.StackDepth()); kind != '{' || n%2 == 0 {
			continue
		}
		place := string(dec.StackPointer())
		if seen[strings.ToLower(place)] {
			return fmt.Errorf("%s is given twice", place)
		}
		seen[strings.ToLower(place)] = true
	}
}

// endOf leaves faults of the JSON itself to the decoder of the scenario.
func endOf(err error) error {
	var syntax *jsontext.SyntacticError
	if err == io.EOF || errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
