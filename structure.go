package imednet

// Study is a study that the caller's API key can access (API contract, section 4.1).
type Study struct {
	Row
	SponsorKey       Opt[string] `json:"sponsorKey,omitzero"`
	StudyKey         string      `json:"studyKey"`
	StudyID          Opt[int64]  `json:"studyId,omitzero"`
	StudyName        Opt[string] `json:"studyName,omitzero"`
	StudyDescription Opt[string] `json:"studyDescription,omitzero"`
	StudyType        Opt[string] `json:"studyType,omitzero"`
	DateCreated      Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified     Opt[Time]   `json:"dateModified,omitzero"`
}

func (s *Study) ownID() (string, bool) { return "studyKey", s.StudyKey != "" }

// Site is an investigational site (API contract, section 4.2). It has no soft-delete flag.
type Site struct {
	Row
	StudyKey             Opt[string] `json:"studyKey,omitzero"`
	SiteID               int64       `json:"siteId"`
	SiteName             Opt[string] `json:"siteName,omitzero"`
	SiteEnrollmentStatus Opt[string] `json:"siteEnrollmentStatus,omitzero"` // free text
	DateCreated          Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified         Opt[Time]   `json:"dateModified,omitzero"`
}

func (s *Site) ownID() (string, bool) { return "siteId", s.SiteID > 0 }

// Form is the definition of a case report form (API contract, section 4.3). Disabled is its
// soft-delete flag.
type Form struct {
	Row
	StudyKey            Opt[string] `json:"studyKey,omitzero"`
	FormID              int64       `json:"formId"`
	FormKey             Opt[string] `json:"formKey,omitzero"`
	FormName            Opt[string] `json:"formName,omitzero"`
	FormType            Opt[string] `json:"formType,omitzero"`
	Revision            Opt[int64]  `json:"revision,omitzero"`
	EmbeddedLog         Opt[bool]   `json:"embeddedLog,omitzero"`
	EnforceOwnership    Opt[bool]   `json:"enforceOwnership,omitzero"`
	UserAgreement       Opt[bool]   `json:"userAgreement,omitzero"`
	SubjectRecordReport Opt[bool]   `json:"subjectRecordReport,omitzero"`
	UnscheduledVisit    Opt[bool]   `json:"unscheduledVisit,omitzero"`
	OtherForms          Opt[bool]   `json:"otherForms,omitzero"`
	EproForm            Opt[bool]   `json:"eproForm,omitzero"`
	AllowCopy           Opt[bool]   `json:"allowCopy,omitzero"`
	Disabled            Opt[bool]   `json:"disabled,omitzero"`
	DateCreated         Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified        Opt[Time]   `json:"dateModified,omitzero"`
}

func (f *Form) ownID() (string, bool) { return "formId", f.FormID > 0 }

// Interval is the definition of a visit (API contract, section 4.4). ActualDate and
// WindowCalculationDate hold field names, not dates. Disabled is the soft-delete flag.
type Interval struct {
	Row
	StudyKey              Opt[string]    `json:"studyKey,omitzero"`
	IntervalID            int64          `json:"intervalId"`
	IntervalName          Opt[string]    `json:"intervalName,omitzero"`
	IntervalDescription   Opt[string]    `json:"intervalDescription,omitzero"`
	IntervalSequence      Opt[int64]     `json:"intervalSequence,omitzero"`
	IntervalGroupID       Opt[int64]     `json:"intervalGroupId,omitzero"`
	IntervalGroupName     Opt[string]    `json:"intervalGroupName,omitzero"`
	Disabled              Opt[bool]      `json:"disabled,omitzero"`
	DateCreated           Opt[Time]      `json:"dateCreated,omitzero"`
	DateModified          Opt[Time]      `json:"dateModified,omitzero"`
	Timeline              Opt[string]    `json:"timeline,omitzero"`
	DefinedUsingInterval  Opt[string]    `json:"definedUsingInterval,omitzero"`
	WindowCalculationForm Opt[string]    `json:"windowCalculationForm,omitzero"`
	WindowCalculationDate Opt[string]    `json:"windowCalculationDate,omitzero"`
	ActualDateForm        Opt[string]    `json:"actualDateForm,omitzero"`
	ActualDate            Opt[string]    `json:"actualDate,omitzero"`
	DueDateWillBeIn       Opt[int64]     `json:"dueDateWillBeIn,omitzero"` // days
	NegativeSlack         Opt[int64]     `json:"negativeSlack,omitzero"`   // days
	PositiveSlack         Opt[int64]     `json:"positiveSlack,omitzero"`   // days
	EproGracePeriod       Opt[int64]     `json:"eproGracePeriod,omitzero"` // days
	Forms                 []IntervalForm `json:"forms,omitzero"`           // nil if the member was absent or null
}

func (i *Interval) ownID() (string, bool) { return "intervalId", i.IntervalID > 0 }

// IntervalForm names a form that is filled in at an interval.
type IntervalForm struct {
	FormID   Opt[int64]  `json:"formId,omitzero"`
	FormKey  Opt[string] `json:"formKey,omitzero"`
	FormName Opt[string] `json:"formName,omitzero"`
}

// Variable is a question on a form (API contract, section 4.5). VariableName is its key in
// recordData and Label its caption. Either of the flags Disabled and Deleted retires it.
type Variable struct {
	Row
	StudyKey     Opt[string] `json:"studyKey,omitzero"`
	VariableID   int64       `json:"variableId"`
	VariableType Opt[string] `json:"variableType,omitzero"` // open vocabulary
	VariableName Opt[string] `json:"variableName,omitzero"`
	Sequence     Opt[int64]  `json:"sequence,omitzero"`
	Revision     Opt[int64]  `json:"revision,omitzero"`
	Disabled     Opt[bool]   `json:"disabled,omitzero"`
	DateCreated  Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified Opt[Time]   `json:"dateModified,omitzero"`
	FormID       Opt[int64]  `json:"formId,omitzero"`
	VariableOID  Opt[string] `json:"variableOid,omitzero"`
	Deleted      Opt[bool]   `json:"deleted,omitzero"`
	FormKey      Opt[string] `json:"formKey,omitzero"`
	FormName     Opt[string] `json:"formName,omitzero"`
	Label        Opt[string] `json:"label,omitzero"`
	Blinded      Opt[bool]   `json:"blinded,omitzero"`
}

func (v *Variable) ownID() (string, bool) { return "variableId", v.VariableID > 0 }

// Retired reports whether the variable is disabled or deleted.
func (v *Variable) Retired() bool { return v.Disabled.Or(false) || v.Deleted.Or(false) }
