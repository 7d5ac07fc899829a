package extraction

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Settings is what this library adds to a study configuration, in the member "extraction", which
// the Python package ignores. A configuration without the member has the zero value.
type Settings struct {
	// NullResult determines the effect of an expression that evaluates to None: "clear", the
	// default, clears the field; "keep" keeps the value of source, fallback and lookup, as the
	// Python package does, unless it does not fit the field's kind or terminology. Both are counted
	// for each rule, and kept values are marked in the lineage.
	NullResult string `json:"nullResult,omitzero"`
	// DateFormats are the date formats read in addition to ISO 8601: names of
	// [imednet.DateFormats] and [FormatEpochSeconds]. A text that denotes
	// different dates in two of them is not read as a date.
	DateFormats []string `json:"dateFormats,omitzero"`
	// DataCut is the day of the data cut in ISO 8601. Dates after it are findings of the conformance rules.
	DataCut string `json:"dataCut,omitzero"`
	// USUBJID is the template of the variable USUBJID, which every row then has: text with
	// placeholders {studyKey}, {siteId}, {siteName}, {subjectKey} and {subjectId}, such as
	// "{studyKey}-{siteName}-{subjectKey}". A subject of which a part is not known has none, which
	// is a finding. If it is empty, there is no USUBJID.
	USUBJID string `json:"usubjid,omitzero"`
	// YesNoColumns adds a column <name>_yn beside each flag of the Arrow batches, with Y, N or null,
	// as SDTM and ADaM write flags.
	YesNoColumns bool `json:"yesNoColumns,omitzero"`
	// Labels are labels of columns by DOMAIN.field. They are written to the Arrow metadata and
	// replace the label of the standard or of the source variable.
	Labels map[string]string `json:"labels,omitzero"`
	// Conditions decide which records of a form become rows of a domain.
	Conditions []Condition `json:"conditions,omitzero"`
	// Analysis configures the derivation of variables of ADAE and ADLB once all records of a
	// subject have been read; nil derives nothing.
	Analysis *Analysis `json:"analysis,omitzero"`
}

// Condition is an expression that decides whether a record of a form becomes a row of a domain. It
// can use record, state, baseline and subject_key; no rule has read anything of the record yet. A record for which
// it is not true is excluded from the domain and counted; one for which it fails, or is None because dates
// leave it open, is rejected.
type Condition struct {
	Domain        string `json:"domain"`
	SourceFormKey string `json:"sourceFormKey"`
	Expression    string `json:"expression"`
}

// Analysis configures how variables of ADAE and ADLB are derived from the subject's ADSL row
// (TRTSDT, TRTEDT). These variables are derived on the rows of every form and parameter for which
// no rule maps them: ASTDY and AENDY (study days of ASTDT and AENDT), TRTEMFL, ADY (study day of
// ADT), BASE, CHG, PCHG, ABLFL and ASEQ.
type Analysis struct {
	// ByDay compares calendar days for TRTEMFL and the baseline even if both times of day are
	// known. By default times are then compared: a result after the first dose of the same day is
	// not a baseline, and an event before it is not treatment-emergent.
	ByDay bool `json:"byDay,omitzero"`
	// EmergentWithinDays limits TRTEMFL to this number of days after TRTEDT; nil means no limit.
	EmergentWithinDays *int `json:"emergentWithinDays,omitzero"`
	// Baseline selects the baseline result of a parameter, which is the last numeric result with a
	// complete ADT: with lastOnOrBeforeTreatment the last one not after TRTSDT, with
	// lastBeforeTreatment the last one before it, and with visits the last one whose AVISIT is in
	// BaselineVisits. There is no default: if Baseline is empty, no baseline is derived.
	Baseline       string   `json:"baseline,omitzero"`
	BaselineVisits []string `json:"baselineVisits,omitzero"`
	// BaselineTie decides which of several last results with the same ADT is the baseline: that of the record
	// created first or last. Without it that is not known: none of them has ABLFL, BASE is empty unless all have the
	// same value, and a finding says so.
	BaselineTie string `json:"baselineTie,omitzero"`
	// Imputation fills in unknown parts of dates and flags each imputed date.
	Imputation []Imputation `json:"imputation,omitzero"`
}

// The values of [Settings.NullResult] and [Analysis.Baseline].
const (
	KeepOnNull  = "keep"
	ClearOnNull = "clear"

	LastOnOrBeforeTreatment = "lastOnOrBeforeTreatment"
	LastBeforeTreatment     = "lastBeforeTreatment"
	BaselineAtVisits        = "visits"
)

// readSettings takes the settings out of a configuration.
func readSettings(cfg imednet.StudyConfiguration) (Settings, []imednet.Problem) {
	if cfg.Unknown == nil {
		return Settings{}, nil
	}
	var members struct {
		Extraction jsontext.Value `json:"extraction"`
	}
	if err := json.Unmarshal(cfg.Unknown, &members, jsontext.AllowInvalidUTF8(true)); err != nil || members.Extraction == nil {
		return Settings{}, nil
	}
	if ps := problemsOf("/extraction", members.Extraction, reflect.TypeFor[Settings]()); len(ps) > 0 {
		return Settings{}, ps
	}
	var s Settings
	if err := json.Unmarshal(members.Extraction, &s); err != nil {
		return s, []imednet.Problem{{Path: "/extraction", Message: "must hold the members of extraction.Settings only, each as documented"}}
	}
	return s, s.problems()
}

func (s Settings) problems() []imednet.Problem {
	var ps []imednet.Problem
	if !slices.Contains([]string{"", KeepOnNull, ClearOnNull}, s.NullResult) {
		ps = append(ps, imednet.Problem{Path: "/extraction/nullResult", Message: "must be keep or clear"})
	}
	ps = append(ps, checkFormats(s.DateFormats)...)
	if s.DataCut != "" && !isDay(s.DataCut) {
		ps = append(ps, imednet.Problem{Path: "/extraction/dataCut", Message: "must be a whole day in ISO 8601, without a time"})
	}
	a := s.Analysis
	if a == nil {
		return ps
	}
	if !slices.Contains([]string{"", LastOnOrBeforeTreatment, LastBeforeTreatment, BaselineAtVisits}, a.Baseline) {
		ps = append(ps, imednet.Problem{Path: "/extraction/analysis/baseline", Message: "must be lastOnOrBeforeTreatment, lastBeforeTreatment or visits"})
	}
	if (a.Baseline == BaselineAtVisits) != (len(a.BaselineVisits) > 0) {
		ps = append(ps, imednet.Problem{Path: "/extraction/analysis/baselineVisits", Message: "must be given with baseline visits, and only then"})
	}
	if !slices.Contains([]string{"", imednet.ChooseFirst, imednet.ChooseLast}, a.BaselineTie) || a.BaselineTie != "" && a.Baseline == "" {
		ps = append(ps, imednet.Problem{Path: "/extraction/analysis/baselineTie", Message: "must be first or last, beside baseline"})
	}
	if a.EmergentWithinDays != nil && *a.EmergentWithinDays < 0 {
		ps = append(ps, imednet.Problem{Path: "/extraction/analysis/emergentWithinDays", Message: "must not be negative"})
	}
	for i, imputation := range a.Imputation {
		at := fmt.Sprintf("/extraction/analysis/imputation/%d", i)
		ps = append(ps, imputation.problems(at)...)
		if imputation.NotAfterCut && s.DataCut == "" {
			ps = append(ps, imednet.Problem{Path: at + "/notAfterCut", Message: "needs dataCut"})
		}
	}
	return ps
}

// isDay reports whether text is a calendar day without a time.
func isDay(text string) bool {
	d, err := imednet.ParsePartialDate(text)
	return err == nil && d.Precision() == imednet.PrecisionDay
}

func complete(d imednet.PartialDate) bool {
	_, ok := d.Date()
	return ok
}
