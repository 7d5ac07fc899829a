package imednet

// Record is one filled-in form instance (API contract, section 4.8). Site-level records have no
// subject, unscheduled ones no visit or interval.
type Record struct {
	Row
	StudyKey       Opt[string] `json:"studyKey,omitzero"`
	IntervalID     Opt[int64]  `json:"intervalId,omitzero"`
	FormID         Opt[int64]  `json:"formId,omitzero"`
	FormKey        Opt[string] `json:"formKey,omitzero"`
	SiteID         Opt[int64]  `json:"siteId,omitzero"`
	RecordID       int64       `json:"recordId"`
	RecordOID      Opt[string] `json:"recordOid,omitzero"`
	RecordType     Opt[string] `json:"recordType,omitzero"`
	RecordStatus   Opt[string] `json:"recordStatus,omitzero"` // study-defined text
	Deleted        Opt[bool]   `json:"deleted,omitzero"`      // soft delete flag
	DateCreated    Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified   Opt[Time]   `json:"dateModified,omitzero"`
	SubjectID      Opt[int64]  `json:"subjectId,omitzero"`
	SubjectOID     Opt[string] `json:"subjectOid,omitzero"`
	SubjectKey     Opt[string] `json:"subjectKey,omitzero"` // display id, which can change
	VisitID        Opt[int64]  `json:"visitId,omitzero"`
	ParentRecordID Opt[int64]  `json:"parentRecordId,omitzero"`
	Keywords       []Keyword   `json:"keywords,omitzero"`
	RecordData     RecordData  `json:"recordData,omitzero"`
}

func (r *Record) ownID() (string, bool) { return "recordId", r.RecordID > 0 }

// IsDeleted reports whether the record is soft-deleted. An unset flag means not deleted. A flag
// that cannot be read counts as deleted, so that drift of the API never silently restores a deleted
// record (see [Record.DoubtfulDeletion]).
func (r *Record) IsDeleted() bool { return r.Deleted.Or(r.DoubtfulDeletion()) }

// IsDeletedWith reports whether the record or the subject that it belongs to is soft-deleted; nil is no
// known subject. Servers go on listing the records of a deleted subject as active. Whatever counts people
// and their data (packages extraction and criteria) leaves such records out; tables, profiles and lists of
// records show what is listed, and go by [Record.IsDeleted].
func (r *Record) IsDeletedWith(subject *Subject) bool {
	return r.IsDeleted() || subject != nil && subject.IsDeleted()
}

// DoubtfulDeletion reports whether the row has a deletion flag that is not a boolean, such as "Y".
func (r *Record) DoubtfulDeletion() bool { return doubtful(r.Deleted) }

// doubtful reports whether a flag is present but neither yes nor no.
func doubtful(flag Opt[bool]) bool {
	return flag.Presence() == Misfit || flag.Presence() == Blank
}

// Keyword tags a subject or a record.
type Keyword struct {
	KeywordName Opt[string] `json:"keywordName,omitzero"`
	KeywordKey  Opt[string] `json:"keywordKey,omitzero"`
	KeywordID   Opt[int64]  `json:"keywordId,omitzero"`
	DateAdded   Opt[Time]   `json:"dateAdded,omitzero"`
}

// RecordRevision is one row of the audit trail: who saved a record, when and why, and whether it
// was deleted by that revision (API contract, section 4.9). It never holds field values.
type RecordRevision struct {
	Row
	StudyKey         Opt[string] `json:"studyKey,omitzero"`
	RecordRevisionID int64       `json:"recordRevisionId"`
	RecordID         Opt[int64]  `json:"recordId,omitzero"`
	RecordOID        Opt[string] `json:"recordOid,omitzero"`
	RecordRevision   Opt[int64]  `json:"recordRevision,omitzero"` // revision of the record or its status
	DataRevision     Opt[int64]  `json:"dataRevision,omitzero"`   // revision of its data
	RecordStatus     Opt[string] `json:"recordStatus,omitzero"`
	SubjectID        Opt[int64]  `json:"subjectId,omitzero"`
	SubjectOID       Opt[string] `json:"subjectOid,omitzero"`
	SubjectKey       Opt[string] `json:"subjectKey,omitzero"`
	SiteID           Opt[int64]  `json:"siteId,omitzero"`
	FormKey          Opt[string] `json:"formKey,omitzero"`
	IntervalID       Opt[int64]  `json:"intervalId,omitzero"`
	Role             Opt[string] `json:"role,omitzero"`
	User             Opt[string] `json:"user,omitzero"` // login of the user who saved it
	ReasonForChange  Opt[string] `json:"reasonForChange,omitzero"`
	Deleted          Opt[bool]   `json:"deleted,omitzero"` // whether the record was deleted at this revision
	DateCreated      Opt[Time]   `json:"dateCreated,omitzero"`
}

func (r *RecordRevision) ownID() (string, bool) { return "recordRevisionId", r.RecordRevisionID > 0 }

// Coding is the dictionary term chosen for one answer (API contract, section 4.11).
type Coding struct {
	Row
	StudyKey          Opt[string] `json:"studyKey,omitzero"`
	SiteName          Opt[string] `json:"siteName,omitzero"`
	SiteID            Opt[int64]  `json:"siteId,omitzero"`
	SubjectID         Opt[int64]  `json:"subjectId,omitzero"`
	SubjectKey        Opt[string] `json:"subjectKey,omitzero"`
	FormID            Opt[int64]  `json:"formId,omitzero"`
	FormName          Opt[string] `json:"formName,omitzero"`
	FormKey           Opt[string] `json:"formKey,omitzero"`
	Revision          Opt[int64]  `json:"revision,omitzero"`
	RecordID          Opt[int64]  `json:"recordId,omitzero"`
	Variable          Opt[string] `json:"variable,omitzero"`
	Value             Opt[string] `json:"value,omitzero"`
	CodingID          int64       `json:"codingId"`
	Code              Opt[string] `json:"code,omitzero"`
	CodedBy           Opt[string] `json:"codedBy,omitzero"` // a person's name
	Reason            Opt[string] `json:"reason,omitzero"`
	DictionaryName    Opt[string] `json:"dictionaryName,omitzero"`
	DictionaryVersion Opt[string] `json:"dictionaryVersion,omitzero"` // text such as "27.0"
	DateCoded         Opt[Time]   `json:"dateCoded,omitzero"`
}

func (c *Coding) ownID() (string, bool) { return "codingId", c.CodingID > 0 }
