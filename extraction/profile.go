package extraction

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
)

// Severity is the severity of a finding.
type Severity string

// The severities.
const (
	SeverityError   Severity = "ERROR"
	SeverityWarning Severity = "WARNING"
)

// Profile lists the fields that a kind of study must report. [ParseProfile] reads one from a file.
type Profile struct {
	Name    string                   `json:"name"`
	Domains map[Domain]DomainProfile `json:"domains"`
	// Constraints are the allowed values of "DOMAIN.field", or of "field" in every domain. Text is
	// compared exactly and numbers by value; a boolean never equals either.
	Constraints map[string][]string `json:"constraints,omitzero"`
	// Booleans are fields ("DOMAIN.field") that must be booleans, with the message for one that is
	// not.
	Booleans map[string]string `json:"booleans,omitzero"`
	// Details are fields that require others if they are true.
	Details []DetailRule `json:"details,omitzero"`
}

// DomainProfile lists the fields of one domain. Required and recommended fields are expected and
// scored; optional fields are only counted.
type DomainProfile struct {
	Required    []string `json:"required,omitzero"`
	Recommended []string `json:"recommended,omitzero"`
	Optional    []string `json:"optional,omitzero"`
}

// DetailRule reports an error on Field if Field is true and none of AnyOf has a value.
type DetailRule struct {
	Domain  Domain   `json:"domain"`
	Field   string   `json:"field"`
	AnyOf   []string `json:"anyOf"`
	Message string   `json:"message"`
}

// ParseProfile reads a profile from JSON, in the format in which [Profile] is marshalled. Unknown
// members are errors, because a misspelt list would silently require nothing.
func ParseProfile(data []byte) (Profile, error) {
	var p Profile
	problems := problemsOf("", data, reflect.TypeFor[Profile]())
	if len(problems) == 0 {
		if err := json.Unmarshal(data, &p); err != nil {
			problems = []imednet.Problem{{Message: "is not the JSON of a profile: name, domains, constraints, booleans and details"}}
		} else {
			problems = p.problems()
		}
	}
	if len(problems) > 0 {
		return Profile{}, &imednet.ValidationError{What: "standards profile", Problems: problems}
	}
	return p, nil
}

func (p Profile) problems() []imednet.Problem {
	var list []imednet.Problem
	if imednet.IsBlank(p.Name) {
		list = append(list, imednet.Problem{Path: "/name", Message: "must not be blank"})
	}
	if len(p.Domains) == 0 {
		list = append(list, imednet.Problem{Path: "/domains", Message: "must name at least one domain"})
	}
	for _, domain := range slices.Sorted(maps.Keys(p.Domains)) {
		if string(domain) != strings.ToUpper(string(domain)) {
			list = append(list, imednet.Problem{Path: "/domains/" + string(domain), Message: "must be in upper case"})
		} else {
			list = append(list, domainProblem("/domains/"+string(domain), domain)...)
		}
		fields := slices.Concat(p.Domains[domain].Required, p.Domains[domain].Recommended, p.Domains[domain].Optional)
		slices.Sort(fields)
		if len(slices.Compact(slices.Clone(fields))) != len(fields) {
			list = append(list, imednet.Problem{Path: "/domains/" + string(domain), Message: "names a field twice"})
		}
	}
	for _, field := range slices.Sorted(maps.Keys(p.Constraints)) {
		if len(p.Constraints[field]) == 0 {
			list = append(list, imednet.Problem{Path: "/constraints/" + field, Message: "allows nothing"})
		}
		list = append(list, prefixProblem("/constraints/", field)...)
	}
	for _, field := range slices.Sorted(maps.Keys(p.Booleans)) {
		list = append(list, prefixProblem("/booleans/", field)...)
	}
	for i, d := range p.Details {
		list = append(list, domainProblem(fmt.Sprintf("/details/%d/domain", i), d.Domain)...)
	}
	return list
}

// domainProblem is a domain that there is not: what is expected of it would never be looked for.
func domainProblem(path string, d Domain) []imednet.Problem {
	if slices.Contains(Domains(), d) {
		return nil
	}
	return []imednet.Problem{{Path: path, Message: "must be one of AE, PD, DD, ADSL, ADAE, ADLB"}}
}

// prefixProblem is a domain that there is not, in DOMAIN.field.
func prefixProblem(at, field string) []imednet.Problem {
	domain, _, qualified := strings.Cut(field, ".")
	if !qualified {
		return nil
	}
	return domainProblem(at+field, Domain(domain))
}

// Expected returns the fields that are scored in a domain: first the required, then the recommended
// ones.
func (p Profile) Expected(domain Domain) []string {
	d := p.Domains[domain]
	return slices.Concat(d.Required, d.Recommended)
}

// ProfileFinding is a field that does not satisfy a profile.
type ProfileFinding struct {
	Field      string   `json:"field"`
	Message    string   `json:"message"`
	Severity   Severity `json:"severity"`
	Domain     Domain   `json:"domain"`
	RecordID   int64    `json:"recordId,omitzero"`
	SubjectKey string   `json:"subjectKey"`
}

// Validate checks one row for required fields, recommended fields, allowed values, booleans and
// details, in this order.
func (p Profile) Validate(row CanonicalRow) []ProfileFinding {
	var list []ProfileFinding
	add := func(field, message string, severity Severity) {
		list = append(list, ProfileFinding{Field: field, Message: message, Severity: severity, Domain: row.Domain, RecordID: row.RecordID(), SubjectKey: row.SubjectKey})
	}
	missing := func(field string) bool {
		v, _ := row.Get(field)
		return v.Missing()
	}
	for _, field := range p.Domains[row.Domain].Required {
		if missing(field) {
			add(field, fmt.Sprintf("%s is required for %s in %s.", field, row.Domain, p.Name), SeverityError)
		}
	}
	for _, field := range p.Domains[row.Domain].Recommended {
		if missing(field) {
			add(field, fmt.Sprintf("%s is recommended for %s in %s.", field, row.Domain, p.Name), SeverityWarning)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.Constraints)) {
		field, applies := fieldOf(key, row.Domain)
		v, has := row.Get(field)
		if applies && has && !v.Missing() && !allowed(v, p.Constraints[key]) {
			add(field, fmt.Sprintf("%s must be one of %s.", field, strings.Join(p.Constraints[key], ", ")), SeverityError)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.Booleans)) {
		field, applies := fieldOf(key, row.Domain)
		v, has := row.Get(field)
		if applies && has && !v.Missing() && v.Kind() != KindBool {
			add(field, p.Booleans[key], SeverityError)
		}
	}
	for _, d := range p.Details {
		v, _ := row.Get(d.Field)
		if d.Domain == row.Domain && v.Kind() == KindBool && v.String() == "true" && !slices.ContainsFunc(d.AnyOf, func(f string) bool { return !missing(f) }) {
			add(d.Field, d.Message, SeverityError)
		}
	}
	return list
}

// fieldOf reads "DOMAIN.field" or "field".
func fieldOf(key string, domain Domain) (field string, applies bool) {
	prefix, field, qualified := strings.Cut(key, ".")
	if !qualified {
		return key, true
	}
	return field, prefix == string(domain)
}

func allowed(v CanonicalValue, list []string) bool {
	if v.Kind() == KindNumber {
		n, ok := v.Number()
		return ok && slices.ContainsFunc(list, func(s string) bool {
			m, okM := imednet.ParseNumber(s)
			return okM && n.Equal(m)
		})
	}
	return v.Kind() == KindText && slices.Contains(list, strings.TrimSpace(v.String()))
}

// ErrUnknownProfile means that a registry has no profile with the given name.
var ErrUnknownProfile = errors.New("no such standards profile")

// ProfileRegistry holds profiles by name. The zero value is empty.
type ProfileRegistry struct{ profiles map[string]Profile }

// NewProfileRegistry returns a registry with the profiles general, drug and device.
func NewProfileRegistry() *ProfileRegistry {
	r := &ProfileRegistry{profiles: map[string]Profile{}}
	for _, p := range builtinProfiles() {
		r.profiles[p.Name] = p
	}
	return r
}

// Register adds a profile, or replaces the one with the same name.
func (r *ProfileRegistry) Register(p Profile) error {
	if problems := p.problems(); len(problems) > 0 {
		return &imednet.ValidationError{What: "standards profile", Problems: problems}
	}
	if r.profiles == nil {
		r.profiles = map[string]Profile{}
	}
	r.profiles[p.Name] = p
	return nil
}

// Profile returns the profile with this name. An unknown name is [ErrUnknownProfile].
func (r *ProfileRegistry) Profile(name string) (Profile, error) {
	p, ok := r.profiles[name]
	if !ok {
		return Profile{}, &imednet.Error{Package: "extraction", Op: "standards profile", Err: ErrUnknownProfile, Hint: "there are " + strings.Join(r.Profiles(), ", ")}
	}
	return p, nil
}

// Profiles returns the names of all profiles in alphabetical order.
func (r *ProfileRegistry) Profiles() []string { return slices.Sorted(maps.Keys(r.profiles)) }
