package profiles

import (
	"time"

	"github.com/imednetgo/imednet"
)

// FieldType is the inferred or declared type of a field's answers.
type FieldType string

// The types that the profiler distinguishes.
const (
	BooleanField FieldType = "boolean"
	NumericField FieldType = "numeric"
	DateField    FieldType = "date"
	StringField  FieldType = "string"
)

// StudyProfile describes the data of a study at one moment. Unless [Options.ShowValues] was set, it
// holds no answer of a subject and no figure that could be one. It then holds counts and rates,
// means of at least GroupSize subjects in which no answer outweighs all others, and bounds and quantiles with at least as many subjects on
// either side; numbers are rounded to three digits and dates to the month. A figure that must not
// be shown is nil. Records + Deleted is the number of records read, and the figures of Forms and NoForm
// add up to them.
type StudyProfile struct {
	StudyKey   string         `json:"studyKey"`
	ProfiledAt time.Time      `json:"profiledAt"`
	Program    string         `json:"program"`         // version of this library that made the profile
	Origin     imednet.Origin `json:"origin,omitzero"` // state of the mirror that was read; zero if the server was
	Records    int64          `json:"records"`
	Deleted    int64          `json:"deleted"` // soft-deleted records left out
	// Doubtful is the part of Deleted whose flag cannot be read (see [imednet.Record.DoubtfulDeletion]).
	Doubtful    int64         `json:"doubtful,omitzero"`
	ExactValues int           `json:"exactValues"` // distinct answers per field up to which figures are exact
	ShowValues  bool          `json:"showValues"`
	GroupSize   int           `json:"groupSize"` // subjects required for a figure; 0 with ShowValues
	Sites       []SiteCount   `json:"sites"`     // by site id; records without a site have id 0
	Forms       []FormProfile `json:"forms"`     // in the study's order, then forms that only variables name
	// NoForm describes the records that belong to no form, by the id and key that they give. Beyond
	// the first 1,000 such pairs, records are described together under the key "…". Without
	// ShowValues their ids are 0 and their keys numbered, since they can be anything.
	NoForm []FormProfile `json:"noForm,omitempty"`
	// Contradictions counts, by kind, the records whose form was not found or was found despite a
	// contradiction ([imednet.FormIndex]), soft-deleted records included.
	Contradictions map[imednet.ContradictionKind]int64 `json:"contradictions,omitempty"`
	// DesignContradictions lists the contradictions among forms and variables. A variable of no form
	// is in no profile.
	DesignContradictions []imednet.Contradiction `json:"designContradictions,omitempty"`
}

// SiteCount is the number of records of a site.
type SiteCount struct {
	SiteID   int64  `json:"siteId"`
	SiteName string `json:"siteName"`
	Records  int64  `json:"records"`
}

// FormProfile describes the records of one form. Forms without records are also included in a
// profile.
type FormProfile struct {
	FormID int64 `json:"formId"` // 0 if the form has none
	// FormKey is the key of the form, different for each form of a profile: see
	// [imednet.IndexedForm.UniqueKey]. In StudyProfile.NoForm it is the key that the records give, or
	// "unknown form 1" and so on if answers are not shown.
	FormKey  string `json:"formKey"`
	FormName string `json:"formName"` // the key if the form has no name
	Listed   bool   `json:"listed"`   // among the study's forms
	Disabled bool   `json:"disabled"`
	Records  int64  `json:"records"`
	Deleted  int64  `json:"deleted"`
	NoData   int64  `json:"noData"` // records whose recordData is absent, null or not an object
	// Repeated counts answers whose key is repeated later in the same record; only the last
	// occurrence is used.
	Repeated int64 `json:"repeated"`
	// KeysLeftOut counts answers under undeclared keys beyond the first 1,000 such keys.
	KeysLeftOut int64          `json:"keysLeftOut"`
	Fields      []FieldProfile `json:"fields"` // declared fields in form order, then undeclared ones by name
	Sites       []SiteCount    `json:"sites"`
}

// FieldProfile describes the answers to one variable, or under one undeclared key, of a form.
type FieldProfile struct {
	Variable     string    `json:"variable"` // an undeclared key is "undeclared key 1" and so on without ShowValues
	Label        string    `json:"label"`    // the variable's name if it has no label
	Declared     bool      `json:"declared"`
	DeclaredType string    `json:"declaredType"` // as in the study, such as RADIO
	Retired      bool      `json:"retired"`      // disabled or deleted
	Blinded      bool      `json:"blinded"`
	Masked       string    `json:"masked,omitempty"`    // reason why values are left out: "phi" or "blinded"
	Spellings    []string  `json:"spellings,omitempty"` // keys in the data that differ from Variable in case
	Inferred     FieldType `json:"inferred"`
	// Disagrees is true if the answers have a type other than the declared one; Misfits counts the
	// answers that do not fit. A variable declared as text or choice can hold anything and never
	// disagrees.
	Disagrees bool  `json:"disagrees"`
	Misfits   int64 `json:"misfits"`

	Populated      int64         `json:"populated"`
	PopulationRate float64       `json:"populationRate"` // percent of the form's records, two decimals
	Missing        MissingCounts `json:"missing"`
	Placeholders   int64         `json:"placeholders"` // populated answers that mean missing, such as NA or NOT DONE
	Types          TypeCounts    `json:"types"`
	Unique         UniqueCount   `json:"unique"`

	Lengths  *LengthProfile   `json:"lengths,omitempty"` // characters of populated answers
	Numbers  *NumberProfile   `json:"numbers,omitempty"` // of answers that are numbers
	Dates    *DateProfile     `json:"dates,omitempty"`   // of answers that are dates
	Codelist *CodelistProfile `json:"codelist,omitempty"`
	Design   *FieldDesign     `json:"design,omitempty"` // only with [Options.Design]
	Sites    []FieldSite      `json:"sites"`
	Top      []ValueCount     `json:"top,omitempty"`     // most frequent answers; only with ShowValues
	Samples  []string         `json:"samples,omitempty"` // first 10 distinct answers; only with ShowValues
}

// MissingCounts counts missing answers by reason. Together with Populated they add up to the form's
// records. For undeclared keys, everything but an answer counts as Absent.
type MissingCounts struct {
	NoData     int64 `json:"noData"`     // the record has no recordData
	Absent     int64 `json:"absent"`     // recordData has no such key
	Null       int64 `json:"null"`       // null
	Blank      int64 `json:"blank"`      // the empty text
	Whitespace int64 `json:"whitespace"` // text that is only white space
	Ambiguous  int64 `json:"ambiguous"`  // several keys match the variable's name only if case is ignored
}

// Total returns the number of records without an answer.
func (m MissingCounts) Total() int64 {
	return m.NoData + m.Absent + m.Null + m.Blank + m.Whitespace + m.Ambiguous
}

// TypeCounts counts populated answers by the types as which they can be read. One answer can count
// several times ("1" is a number and a boolean).
type TypeCounts struct {
	JSONNumbers  int64 `json:"jsonNumbers"`
	JSONBooleans int64 `json:"jsonBooleans"`
	JSONTexts    int64 `json:"jsonTexts"`
	JSONOthers   int64 `json:"jsonOthers"` // arrays and objects
	Numeric      int64 `json:"numeric"`    // exact numbers of any size, as imednet.ParseNumber reads them
	Integers     int64 `json:"integers"`   // of Numeric: integers of 64 bits, such as 5 and 5.0
	Boolean      int64 `json:"boolean"`    // true yes y t 1 false no n f 0, in any case
	ZeroOrOne    int64 `json:"zeroOrOne"`  // of Boolean: the digits 0 and 1
	// Dates counts dates of ISO 8601, complete or partial, as imednet.ParsePartialDate reads them,
	// without years alone. Eight digits alone (20140203) are a date only in a field that is declared
	// as one; in any other they are only a number.
	Dates int64 `json:"dates"`
	// YearsAlone counts years of four digits: any in a field that is declared as a date, elsewhere
	// 1800 to 2199, which are dates only if the other answers are.
	YearsAlone   int64 `json:"yearsAlone"`
	Unclassified int64 `json:"unclassified"` // none of these
}

// UniqueCount is the number of distinct answers, compared as text. Beyond the exact limit it is
// estimated by HyperLogLog (standard error below 1 %) and Approximate is true.
type UniqueCount struct {
	Count       int64 `json:"count"`
	Approximate bool  `json:"approximate"`
}

// LengthProfile summarises lengths in characters (Unicode code points). See [StudyProfile] for the
// meaning of nil.
type LengthProfile struct {
	Min  *float64 `json:"min,omitzero"`
	Max  *float64 `json:"max,omitzero"`
	Mean *float64 `json:"mean,omitzero"`
}

// NumberProfile summarises numbers as float64. Approximate means that quantiles and histogram are
// approximate (t-digest). See [StudyProfile] for rounding and the meaning of nil.
type NumberProfile struct {
	Count int64 `json:"count"`
	// Beyond counts the numbers that a float64 cannot hold, such as 9E350 and 1e-400. They are in no
	// other figure: Count + Beyond is TypeCounts.Numeric.
	Beyond      int64    `json:"beyond"`
	Min         *float64 `json:"min,omitzero"`
	Max         *float64 `json:"max,omitzero"`
	Mean        *float64 `json:"mean,omitzero"`
	StdDev      *float64 `json:"stdDev,omitzero"` // sample standard deviation; also nil if it is beyond every float64
	P05         *float64 `json:"p05,omitzero"`
	P25         *float64 `json:"p25,omitzero"`
	Median      *float64 `json:"median,omitzero"`
	P75         *float64 `json:"p75,omitzero"`
	P95         *float64 `json:"p95,omitzero"`
	Approximate bool     `json:"approximate"`
	Histogram   []Bin    `json:"histogram"`
}

// Bin is one bar of a histogram: From <= value < To, with To included in the last bar. From = To is
// a single value. In a profile without values the outer bars also include everything beyond them,
// and no bar holds fewer answers than a group unless it is the only one.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Count int64   `json:"count"`
}

// DateProfile summarises dates. Earliest and Latest are as written; in a profile without values
// they are months, or "" if fewer subjects than a group have a date there. For ordering and the
// histogram, a partial date counts as its earliest moment; it is not completed otherwise.
type DateProfile struct {
	Count int64 `json:"count"`
	// Yearless counts the dates of unknown year, such as --12-15. They are in no other figure:
	// Count + Yearless is TypeCounts.Dates + TypeCounts.YearsAlone.
	Yearless    int64          `json:"yearless"`
	Earliest    string         `json:"earliest"`
	Latest      string         `json:"latest"`
	Precision   DatePrecisions `json:"precision"`
	Approximate bool           `json:"approximate"` // of the histogram
	Histogram   []Bin          `json:"histogram"`   // days since 1970-01-01
}

// DatePrecisions counts dates by the last part that they contain.
type DatePrecisions struct {
	Year   int64 `json:"year"`
	Month  int64 `json:"month"`
	Day    int64 `json:"day"`
	Hour   int64 `json:"hour"`
	Minute int64 `json:"minute"`
	Second int64 `json:"second"` // with or without a fraction
}

func (p *DatePrecisions) add(precision imednet.DatePrecision, n int64) {
	switch precision {
	case imednet.PrecisionYear:
		p.Year += n
	case imednet.PrecisionMonth:
		p.Month += n
	case imednet.PrecisionDay:
		p.Day += n
	case imednet.PrecisionHour:
		p.Hour += n
	case imednet.PrecisionMinute:
		p.Minute += n
	default:
		p.Second += n
	}
}

// CodelistProfile describes a choice variable (RADIO, DROPDOWN, CHECKBOX). The API does not provide
// the choices, so they are inferred: an answer is in the codelist if it occurs at least twice
// (once, if there are fewer than 20 answers) and is not another spelling of a more frequent one. An
// answer outside the codelist deserves a look but is not necessarily wrong, because a rare choice
// looks the same as a stray answer. The profile is left out if there are more distinct answers than
// the exact limit.
type CodelistProfile struct {
	Values         int   `json:"values"`         // distinct answers in the codelist
	Outside        int   `json:"outside"`        // distinct answers not in the codelist
	OutsideRecords int64 `json:"outsideRecords"` // records with such an answer
	Variants       int   `json:"variants"`       // of Outside: answers that differ from a listed one only in case or spaces
	// List and OutsideList hold the answers; only with ShowValues.
	List        []ValueCount `json:"list,omitempty"`
	OutsideList []ValueCount `json:"outsideList,omitempty"`
}

// ValueCount is an answer and its number of occurrences. AtLeast marks a lower bound, used if there
// were more distinct answers than are counted exactly.
type ValueCount struct {
	Value   string `json:"value"`
	Count   int64  `json:"count"`
	AtLeast bool   `json:"atLeast,omitzero"`
}

// FieldSite holds the figures of a field at one site.
type FieldSite struct {
	SiteID         int64    `json:"siteId"`
	Populated      int64    `json:"populated"`
	PopulationRate float64  `json:"populationRate"`
	Numbers        int64    `json:"numbers"`       // numbers that a float64 can hold
	Mean           *float64 `json:"mean,omitzero"` // mean of the numbers; nil if there are none, the field is masked, or it must not be shown
}

// Form returns the profile of a form, and whether there is one.
func (p *StudyProfile) Form(formKey string) (*FormProfile, bool) {
	for i := range p.Forms {
		if p.Forms[i].FormKey == formKey {
			return &p.Forms[i], true
		}
	}
	return nil, false
}

// Field returns the profile of a variable, and whether there is one.
func (f *FormProfile) Field(variable string) (*FieldProfile, bool) {
	for i := range f.Fields {
		if f.Fields[i].Variable == variable {
			return &f.Fields[i], true
		}
	}
	return nil, false
}
