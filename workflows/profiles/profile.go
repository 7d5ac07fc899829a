package profiles

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
)

// FieldType is what the answers of a field are, or are declared to be.
type FieldType string

// The types that the profiler tells apart.
const (
	BooleanField FieldType = "boolean"
	NumericField FieldType = "numeric"
	DateField    FieldType = "date"
	StringField  FieldType = "string"
)

// StudyProfile describes the data of a study at one moment. Unless Options.ShowValues was set it
// holds no answer of a patient and no figure that could be one: counts and rates; means of at least
// GroupSize subjects; bounds and quantiles only where at least so many subjects lie on either side
// of them, rounded to three digits, and dates to the month. A figure that may not be shown is nil.
// Records + Deleted is the number of records read, and the forms' figures add up to them.
type StudyProfile struct {
	StudyKey    string        `json:"studyKey"`
	ProfiledAt  time.Time     `json:"profiledAt"`
	Records     int64         `json:"records"`
	Deleted     int64         `json:"deleted"`     // soft-deleted records that were left out
	ExactValues int           `json:"exactValues"` // distinct values per field up to which figures are exact
	ShowValues  bool          `json:"showValues"`
	GroupSize   int           `json:"groupSize"` // subjects that a figure needs; 0 with ShowValues
	Sites       []SiteCount   `json:"sites"`     // by site id; records without a site have id 0
	Forms       []FormProfile `json:"forms"`     // in the study's order, then forms it does not list
}

// String is one line of counts, such as "500 records; 3 deleted ones left out".
func (p *StudyProfile) String() string {
	return fmt.Sprintf("%d records; %d deleted ones left out", p.Records, p.Deleted)
}

// SiteCount is the number of records of a site.
type SiteCount struct {
	SiteID   int64  `json:"siteId"`
	SiteName string `json:"siteName"`
	Records  int64  `json:"records"`
}

// FormProfile describes the records of one form. A form without records is part of a profile too.
type FormProfile struct {
	FormKey  string `json:"formKey"`
	FormName string `json:"formName"` // the key where the form has no name
	Listed   bool   `json:"listed"`   // among the study's forms
	Disabled bool   `json:"disabled"`
	Records  int64  `json:"records"`
	Deleted  int64  `json:"deleted"`
	NoData   int64  `json:"noData"` // records whose recordData is absent, null or no object
	// Repeated counts answers whose key came again in the same record; the last one counts.
	Repeated int64 `json:"repeated"`
	// KeysLeftOut counts answers under undeclared keys beyond the first 1,000 of them.
	KeysLeftOut int64          `json:"keysLeftOut"`
	Fields      []FieldProfile `json:"fields"` // declared ones in form order, then the others by name
	Sites       []SiteCount    `json:"sites"`
}

// FieldProfile describes the answers to one variable, or under one undeclared key, of a form.
type FieldProfile struct {
	Variable     string    `json:"variable"`
	Label        string    `json:"label"` // the variable's name where it has no label
	Declared     bool      `json:"declared"`
	DeclaredType string    `json:"declaredType"` // as the study says, such as RADIO
	Retired      bool      `json:"retired"`      // disabled or deleted
	Blinded      bool      `json:"blinded"`
	Masked       string    `json:"masked,omitempty"`    // why values are left out: "phi" or "blinded"
	Spellings    []string  `json:"spellings,omitempty"` // keys in the data that differ from Variable in case
	Inferred     FieldType `json:"inferred"`
	// Disagrees is set when answers are of another type than declared; Misfits counts those that
	// do not fit. A variable declared as text or choice can hold anything and never disagrees.
	Disagrees bool  `json:"disagrees"`
	Misfits   int64 `json:"misfits"`

	Populated      int64         `json:"populated"`
	PopulationRate float64       `json:"populationRate"` // percent of the form's records, two decimals
	Missing        MissingCounts `json:"missing"`
	Placeholders   int64         `json:"placeholders"` // populated answers that spell a missing one, such as NA or NOT DONE
	Types          TypeCounts    `json:"types"`
	Unique         UniqueCount   `json:"unique"`

	Lengths  *LengthProfile   `json:"lengths,omitempty"` // characters of populated answers
	Numbers  *NumberProfile   `json:"numbers,omitempty"` // of answers that are numbers
	Dates    *DateProfile     `json:"dates,omitempty"`   // of answers that are dates
	Codelist *CodelistProfile `json:"codelist,omitempty"`
	Sites    []FieldSite      `json:"sites"`
	Top      []ValueCount     `json:"top,omitempty"`     // most frequent answers; only with ShowValues
	Samples  []string         `json:"samples,omitempty"` // first 10 distinct answers; only with ShowValues
}

// MissingCounts says why answers are missing. Their sum and Populated are the form's records. Of
// undeclared keys everything but an answer is Absent.
type MissingCounts struct {
	NoData     int64 `json:"noData"`     // the record has no recordData
	Absent     int64 `json:"absent"`     // recordData has no such key
	Null       int64 `json:"null"`       // null
	Blank      int64 `json:"blank"`      // the empty text
	Whitespace int64 `json:"whitespace"` // text of white space only
	Ambiguous  int64 `json:"ambiguous"`  // several keys differ from the variable's name, and one another, in case only
}

// Total is the number of records without an answer.
func (m MissingCounts) Total() int64 {
	return m.NoData + m.Absent + m.Null + m.Blank + m.Whitespace + m.Ambiguous
}

// TypeCounts says how many populated answers can be read in which way; one answer can count
// several times ("1" is a number and a boolean token).
type TypeCounts struct {
	JSONNumbers  int64 `json:"jsonNumbers"`
	JSONBooleans int64 `json:"jsonBooleans"`
	JSONTexts    int64 `json:"jsonTexts"`
	JSONOthers   int64 `json:"jsonOthers"`   // arrays and objects
	Numeric      int64 `json:"numeric"`      // JSON numbers and decimal text; NaN and infinity are none
	Integers     int64 `json:"integers"`     // of Numeric
	Boolean      int64 `json:"boolean"`      // true yes y t 1 false no n f 0, in any case
	ZeroOrOne    int64 `json:"zeroOrOne"`    // of Boolean: the digits 0 and 1
	Dates        int64 `json:"dates"`        // ISO 8601 with at least year and month
	YearsAlone   int64 `json:"yearsAlone"`   // four digits, 1800 to 2199: a date only among dates
	Unclassified int64 `json:"unclassified"` // none of these
}

// UniqueCount is the number of distinct answers, text for text. Beyond the exact limit it is
// estimated by HyperLogLog (standard error below 1 %) and Approximate.
type UniqueCount struct {
	Count       int64 `json:"count"`
	Approximate bool  `json:"approximate"`
}

// LengthProfile sums up lengths in characters (Unicode code points). See StudyProfile for what is
// nil.
type LengthProfile struct {
	Min  *float64 `json:"min,omitzero"`
	Max  *float64 `json:"max,omitzero"`
	Mean *float64 `json:"mean,omitzero"`
}

// NumberProfile sums up numbers as float64. Quantiles and histogram are approximate (t-digest) when
// Approximate is set. See StudyProfile for what is nil or rounded.
type NumberProfile struct {
	Count       int64    `json:"count"`
	Min         *float64 `json:"min,omitzero"`
	Max         *float64 `json:"max,omitzero"`
	Mean        *float64 `json:"mean,omitzero"`
	StdDev      *float64 `json:"stdDev,omitzero"` // sample standard deviation
	P05         *float64 `json:"p05,omitzero"`
	P25         *float64 `json:"p25,omitzero"`
	Median      *float64 `json:"median,omitzero"`
	P75         *float64 `json:"p75,omitzero"`
	P95         *float64 `json:"p95,omitzero"`
	Approximate bool     `json:"approximate"`
	Histogram   []Bin    `json:"histogram"`
}

// Bin is one bar of a histogram: From <= value < To, the last one with its end. From = To is a
// single value. In a profile without values the outer bars also hold what lies beyond them, and no
// bar holds fewer answers than a group unless it is the only one.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Count int64   `json:"count"`
}

// DateProfile sums up dates. Earliest and Latest are as written; in a profile without values they
// are months, or "" where fewer than a group have a date there. A partial date counts as its first
// moment in order and histogram, and is never completed otherwise.
type DateProfile struct {
	Count       int64          `json:"count"`
	Earliest    string         `json:"earliest"`
	Latest      string         `json:"latest"`
	Precision   DatePrecisions `json:"precision"`
	Approximate bool           `json:"approximate"` // of the histogram
	Histogram   []Bin          `json:"histogram"`   // days since 1970-01-01
}

// DatePrecisions counts dates by their last part that is there.
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

// CodelistProfile describes a variable of choice (RADIO, DROPDOWN, CHECKBOX). The API does not
// tell its choices, so they are observed: an answer is in the codelist when it occurs at least
// twice (once, where there are fewer than 20 answers) and is not another spelling of a more
// frequent one. What is outside is worth a look, not wrong: a rare choice looks the same as a stray.
// It is left out where distinct answers exceed the exact limit.
type CodelistProfile struct {
	Values         int   `json:"values"`         // distinct answers in the codelist
	Outside        int   `json:"outside"`        // distinct answers that are not
	OutsideRecords int64 `json:"outsideRecords"` // records with such an answer
	Variants       int   `json:"variants"`       // of Outside: differ from a listed answer in case or blanks only
	// List and OutsideList are the answers themselves; only with ShowValues.
	List        []ValueCount `json:"list,omitempty"`
	OutsideList []ValueCount `json:"outsideList,omitempty"`
}

// ValueCount is an answer and how often it occurs. AtLeast marks a lower bound, where more
// distinct answers occurred than were counted exactly.
type ValueCount struct {
	Value   string `json:"value"`
	Count   int64  `json:"count"`
	AtLeast bool   `json:"atLeast,omitzero"`
}

// FieldSite is a field's figures at one site.
type FieldSite struct {
	SiteID         int64    `json:"siteId"`
	Populated      int64    `json:"populated"`
	PopulationRate float64  `json:"populationRate"`
	Numbers        int64    `json:"numbers"`
	Mean           *float64 `json:"mean,omitzero"` // of the numbers; nil where there are none or the field is masked
}

// Form returns the profile of a form.
func (p *StudyProfile) Form(formKey string) (*FormProfile, bool) {
	for i := range p.Forms {
		if p.Forms[i].FormKey == formKey {
			return &p.Forms[i], true
		}
	}
	return nil, false
}

// Field returns the profile of a variable.
func (f *FormProfile) Field(variable string) (*FieldProfile, bool) {
	for i := range f.Fields {
		if f.Fields[i].Variable == variable {
			return &f.Fields[i], true
		}
	}
	return nil, false
}
