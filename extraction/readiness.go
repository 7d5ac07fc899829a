package extraction

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

// StandardsReadinessReport reports how much of what a profile expects is present and valid.
type StandardsReadinessReport struct {
	Profile string `json:"profile"`
	// Score is Validated / Expected × 100, weighted; nil if nothing is expected, which is not a
	// perfect score.
	Score     *float64          `json:"score"`
	Validated int64             `json:"successfullyValidatedFields"`
	Expected  int64             `json:"totalExpectedFields"`
	Domains   []DomainReadiness `json:"domains"`
	Warnings  []TermFinding     `json:"warnings"`
	Findings  []ProfileFinding  `json:"violations"`
}

// String is the report in one line.
func (r StandardsReadinessReport) String() string {
	score := "nothing is expected"
	if r.Score != nil {
		score = fmt.Sprintf("%.1f %%, %d of %d fields", *r.Score, r.Validated, r.Expected)
	}
	return fmt.Sprintf("profile %s: %s; %d findings, %d unmapped terms", r.Profile, score, len(r.Findings), len(r.Warnings))
}

// DomainReadiness is the part of a [StandardsReadinessReport] on one domain.
type DomainReadiness struct {
	Domain     Domain   `json:"domain"`
	Records    int64    `json:"records"`  // rows, including rejected ones
	Rejected   int64    `json:"rejected"` // rejected rows; none of their fields counts as validated
	Score      *float64 `json:"score"`    // nil if the profile expects nothing of the domain
	Validated  int64    `json:"successfullyValidatedFields"`
	Expected   int64    `json:"totalExpectedFields"`
	Optional   int64    `json:"populatedOptionalFields"`
	Errors     int64    `json:"errors"`
	validPart  float64
	wantedPart float64
}

// StandardsReadinessValidator scores rows against a profile.
type StandardsReadinessValidator struct {
	Profile    Profile
	Normalizer CategoricalNormalizer
	// RecommendedWeight is the weight of a recommended field relative to a required one, which has
	// weight 1; 0 means 1, as in the Python package.
	RecommendedWeight float64
}

// NewStandardsReadinessValidator returns a validator for a profile that weights recommended fields
// like required ones.
func NewStandardsReadinessValidator(profile Profile) *StandardsReadinessValidator {
	return &StandardsReadinessValidator{Profile: profile}
}

// ScoreRecords normalises and validates rows. A field counts as validated if it has a value and no
// error. Pass [ExtractionResult.Rows], slices.Values or the rows of a stream.
func (v *StandardsReadinessValidator) ScoreRecords(rows iter.Seq[CanonicalRow], terminologyLookups map[string]map[string]string) StandardsReadinessReport {
	s := v.start(terminologyLookups)
	for row := range rows {
		s.row(row)
	}
	return s.end()
}

// ScoreSubjects scores the rows of subjects, including rejected ones: the fields that a profile
// expects of a rejected row count as expected but not present, because the row is in no data set.
func (v *StandardsReadinessValidator) ScoreSubjects(subjects iter.Seq[SubjectRows], terminologyLookups map[string]map[string]string) StandardsReadinessReport {
	s := v.start(terminologyLookups)
	for subject := range subjects {
		for _, row := range subject.Rows {
			s.row(row)
		}
		for _, rejected := range subject.Rejected {
			s.rejected(rejected)
		}
	}
	return s.end()
}

// scoring is one scoring under way.
type scoring struct {
	*StandardsReadinessValidator
	terms   map[string]*terminology
	report  StandardsReadinessReport
	domains map[Domain]*DomainReadiness
}

func (v *StandardsReadinessValidator) start(terminologyLookups map[string]map[string]string) *scoring {
	return &scoring{
		StandardsReadinessValidator: v, terms: newTerminologies(terminologyLookups), domains: map[Domain]*DomainReadiness{},
		report: StandardsReadinessReport{Profile: v.Profile.Name, Domains: []DomainReadiness{}, Warnings: []TermFinding{}, Findings: []ProfileFinding{}},
	}
}

func (s *scoring) domain(name Domain) *DomainReadiness {
	if s.domains[name] == nil {
		s.domains[name] = &DomainReadiness{Domain: name}
	}
	return s.domains[name]
}

func (s *scoring) row(row CanonicalRow) {
	normalized := s.Normalizer.normalize(row, s.terms)
	findings := s.Profile.Validate(normalized.NormalizedRecord)
	s.score(s.domain(row.Domain), normalized.NormalizedRecord, findings)
	s.report.Warnings = append(s.report.Warnings, normalized.Warnings...)
	s.report.Findings = append(s.report.Findings, findings...)
}

func (s *scoring) rejected(row RejectedRow) {
	d := s.domain(row.Domain)
	d.Records++
	d.Rejected++
	for i := range s.Profile.Expected(row.Domain) {
		d.Expected++
		d.wantedPart += s.weight(row.Domain, i)
	}
}

func (s *scoring) end() StandardsReadinessReport {
	s.sum(&s.report, s.domains)
	return s.report
}

// weight is what the expected field of this place counts.
func (v *StandardsReadinessValidator) weight(domain Domain, i int) float64 {
	if i >= len(v.Profile.Domains[domain].Required) && v.RecommendedWeight > 0 {
		return v.RecommendedWeight
	}
	return 1
}

func (v *StandardsReadinessValidator) score(d *DomainReadiness, row CanonicalRow, findings []ProfileFinding) {
	d.Records++
	failed := map[string]bool{}
	for _, finding := range findings {
		if finding.Severity == SeverityError {
			failed[finding.Field] = true
			d.Errors++
		}
	}
	for i, field := range v.Profile.Expected(row.Domain) {
		weight := v.weight(row.Domain, i)
		d.Expected++
		d.wantedPart += weight
		if value, _ := row.Get(field); !value.Missing() && !failed[field] {
			d.Validated++
			d.validPart += weight
		}
	}
	for _, field := range v.Profile.Domains[row.Domain].Optional {
		if value, _ := row.Get(field); !value.Missing() {
			d.Optional++
		}
	}
}

// sum adds the domains up, in alphabetical order.
func (v *StandardsReadinessValidator) sum(report *StandardsReadinessReport, domains map[Domain]*DomainReadiness) {
	var valid, wanted float64
	for _, domain := range slices.Sorted(maps.Keys(domains)) {
		d := domains[domain]
		d.Score = percent(d.validPart, d.wantedPart)
		report.Validated += d.Validated
		report.Expected += d.Expected
		valid += d.validPart
		wanted += d.wantedPart
		report.Domains = append(report.Domains, *d)
	}
	report.Score = percent(valid, wanted)
}

func percent(part, whole float64) *float64 {
	if whole == 0 {
		return nil
	}
	score := part / whole * 100
	return &score
}
