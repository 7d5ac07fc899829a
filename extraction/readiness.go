package extraction

import (
	"iter"
	"maps"
	"slices"
)

// StandardsReadinessReport says how much of what a profile expects is present and valid.
type StandardsReadinessReport struct {
	Profile string `json:"profile"`
	// Score is Validated / Expected x 100, weighted; nil when nothing is expected, which is not a
	// perfect score.
	Score     *float64          `json:"score"`
	Validated int64             `json:"successfullyValidatedFields"`
	Expected  int64             `json:"totalExpectedFields"`
	Domains   []DomainReadiness `json:"domains"`
	Warnings  []TermFinding     `json:"warnings"`
	Findings  []ProfileFinding  `json:"violations"`
}

// DomainReadiness is the part of one domain.
type DomainReadiness struct {
	Domain     Domain   `json:"domain"`
	Records    int64    `json:"records"`
	Score      *float64 `json:"score"` // nil when the profile expects nothing of the domain
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
	// RecommendedWeight is what a recommended field counts beside a required one, which counts 1;
	// 0 is 1, as in the Python package.
	RecommendedWeight float64
}

// NewStandardsReadinessValidator scores against a profile, counting recommended fields as much as
// required ones.
func NewStandardsReadinessValidator(profile Profile) *StandardsReadinessValidator {
	return &StandardsReadinessValidator{Profile: profile}
}

// ScoreRecords normalises and validates rows. A field counts as validated when it has a value and
// no error. Use ExtractionResult.Rows, slices.Values or the rows of a stream.
func (v *StandardsReadinessValidator) ScoreRecords(rows iter.Seq[CanonicalRow], terminologyLookups map[string]map[string]string) StandardsReadinessReport {
	folded := make(map[string]map[string]string, len(terminologyLookups))
	for field, table := range terminologyLookups {
		folded[field] = foldLookup(table)
	}
	report := StandardsReadinessReport{Profile: v.Profile.Name, Domains: []DomainReadiness{}, Warnings: []TermFinding{}, Findings: []ProfileFinding{}}
	domains := map[Domain]*DomainReadiness{}
	for row := range rows {
		d := domains[row.Domain]
		if d == nil {
			d = &DomainReadiness{Domain: row.Domain}
			domains[row.Domain] = d
		}
		normalized := v.Normalizer.normalize(row, folded)
		findings := v.Profile.Validate(normalized.NormalizedRecord)
		v.score(d, normalized.NormalizedRecord, findings)
		report.Warnings = append(report.Warnings, normalized.Warnings...)
		report.Findings = append(report.Findings, findings...)
	}
	v.sum(&report, domains)
	return report
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
		weight := 1.0
		if i >= len(v.Profile.Domains[row.Domain].Required) && v.RecommendedWeight > 0 {
			weight = v.RecommendedWeight
		}
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
