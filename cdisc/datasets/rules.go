package datasets

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
)

// about is what an extraction says of itself in the manifest.
type about struct {
	Configuration struct {
		StudyKey string `json:"studyKey"`
		Version  string `json:"version"`
	} `json:"configuration"`
	Report struct {
		Rules []ruleReport `json:"rules"`
	} `json:"report"`
}

// ruleReport counts what a rule did.
type ruleReport struct {
	Target    string `json:"target"`
	Evaluated int64  `json:"evaluated"`
	Missing   int64  `json:"missing"`
	LookedUp  int64  `json:"lookedUp"`
}

func ruleKey(domain, field string) string { return domain + "." + field }

// Explain takes origins, methods and code lists of canonical tables from the study configuration that
// they were extracted with. One of another study or version is an error. Call it before Sources.
func (s *Set) Explain(c imednet.StudyConfiguration) error {
	var a about
	if s.Manifest.Layout != "tables" || json.Unmarshal(s.Manifest.About, &a) != nil || a.Configuration.StudyKey == "" {
		return fail("explain", "", errors.New("the data set is not canonical data"))
	}
	if c.StudyKey != a.Configuration.StudyKey || orElse(c.Version, firstVersion) != orElse(a.Configuration.Version, firstVersion) {
		return fail("explain", "", errors.New("the configuration is of another study or version than the data set"))
	}
	s.rules = map[string][]imednet.MappingRule{}
	for _, r := range c.Mappings {
		if at := strings.LastIndexByte(r.TargetField, '.'); at >= 0 { // of one parameter, such as ALT.AVAL
			r.TargetField, r.SourceVariableName = r.TargetField[at+1:], perParameter
		}
		key := ruleKey(r.Domain, r.TargetField)
		s.rules[key] = append(s.rules[key], r)
	}
	s.terms = map[string]map[string]string{}
	for key := range s.rules {
		_, field, _ := strings.Cut(key, ".")
		if terms := c.TerminologyLookups[key]; terms != nil {
			s.terms[key] = terms
		} else if terms := c.TerminologyLookups[field]; terms != nil {
			s.terms[key] = terms
		}
	}
	s.lookedUp = map[string]bool{}
	for key := range s.terms {
		s.lookedUp[key] = a.onlyLookedUp(key)
	}
	return nil
}

// firstVersion is that of a configuration that gives none.
const firstVersion = "1.0.0"

// onlyLookedUp reports whether every value of a field is one of the study's terms.
func (a *about) onlyLookedUp(target string) bool {
	var evaluated, found int64
	for _, r := range a.Report.Rules {
		if r.Target == target {
			evaluated, found = evaluated+r.Evaluated, found+r.Missing+r.LookedUp
		}
	}
	return evaluated > 0 && evaluated == found
}

// applyRules says where the values of a field come from, as its rules do: what is computed or has a
// value for missing answers is derived, what is looked up is assigned, and the rest is what the form
// has.
func (s *Set) applyRules(v *cdisc.Variable, table, field string, d domain) {
	rules := s.rules[ruleKey(table, field)]
	if len(rules) == 0 {
		return
	}
	sources, computed := []string{}, false
	for _, r := range rules {
		if text := describeSource(r); !slices.Contains(sources, text) {
			sources = append(sources, text)
		}
		computed = computed || isSet(r.BusinessLogic) || r.FallbackValue != nil
	}
	text := strings.Join(sources, "; ")
	terms := s.terms[ruleKey(table, field)]
	v.Method = ""
	switch {
	case computed:
		v.Origin, v.Method = cdisc.Origin{Type: "Derived", Source: "Sponsor"}, text
		if terms != nil {
			v.Method += "; then the study's term for it"
		}
	case terms != nil:
		v.Origin, v.Comment = cdisc.Origin{Type: "Assigned", Source: "Sponsor"}, "The study's term for "+text
	case d.purpose == "Analysis":
		v.Origin = cdisc.Origin{Type: "Predecessor", Description: text}
	default:
		v.Origin = cdisc.Origin{Type: "Collected", Source: "Investigator"}
	}
	if terms != nil && s.lookedUp[ruleKey(table, field)] && !computed {
		v.Codelist = termList(table, field, terms)
	}
}

// perParameter stands for the variables that the rules of a parameter read.
const perParameter = "*"

func isSet(text *string) bool { return text != nil && *text != "" }

// describeSource says what a rule reads and does with it.
func describeSource(r imednet.MappingRule) string {
	text := r.SourceFormKey
	switch r.SourceVariableName {
	case perParameter:
		text = "One variable of " + text + " for each parameter"
		if r.FallbackValue != nil {
			return "One text for each parameter"
		}
	case "":
	default:
		text += "." + r.SourceVariableName
	}
	if isSet(r.BusinessLogic) {
		text = "From " + text + ": " + *r.BusinessLogic
	}
	if r.FallbackValue != nil {
		text += ", or " + *r.FallbackValue + " where it is missing"
	}
	return text
}

// termList is the terms that values are looked up as, each once.
func termList(domain, field string, terms map[string]string) *cdisc.Codelist {
	list := &cdisc.Codelist{OID: "CL." + ruleKey(domain, field), Name: ruleKey(domain, field)}
	distinct := map[string]bool{}
	for _, term := range terms {
		distinct[term] = true
	}
	delete(distinct, "")
	for _, term := range slices.Sorted(maps.Keys(distinct)) {
		list.Items = append(list.Items, cdisc.CodelistItem{Code: term})
	}
	return list
}
