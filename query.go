package imednet

// Query is a data discrepancy thread (API contract, section 4.10). The API gives it no state;
// package workflows/queries derives one from its comments.
type Query struct {
	Row
	StudyKey       Opt[string]    `json:"studyKey,omitzero"`
	SubjectID      Opt[int64]     `json:"subjectId,omitzero"`
	SubjectOID     Opt[string]    `json:"subjectOid,omitzero"`
	AnnotationType Opt[string]    `json:"annotationType,omitzero"` // user-defined query type
	AnnotationID   int64          `json:"annotationId"`
	Type           Opt[string]    `json:"type,omitzero"` // subject, record or question; often null
	Description    Opt[string]    `json:"description,omitzero"`
	RecordID       Opt[int64]     `json:"recordId,omitzero"`
	Variable       Opt[string]    `json:"variable,omitzero"`
	SubjectKey     Opt[string]    `json:"subjectKey,omitzero"`
	DateCreated    Opt[Time]      `json:"dateCreated,omitzero"`
	DateModified   Opt[Time]      `json:"dateModified,omitzero"`
	QueryComments  []QueryComment `json:"queryComments,omitzero"`
}

func (q *Query) ownID() (string, bool) { return "annotationId", q.AnnotationID > 0 }

// QueryComment is one entry of a query's thread. Comments do not arrive in order; order them by
// Sequence.
type QueryComment struct {
	Sequence         Opt[int64]  `json:"sequence,omitzero"`
	AnnotationStatus Opt[string] `json:"annotationStatus,omitzero"`
	User             Opt[string] `json:"user,omitzero"`
	Comment          Opt[string] `json:"comment,omitzero"`
	Closed           Opt[bool]   `json:"closed,omitzero"`
	Date             Opt[Time]   `json:"date,omitzero"`
}
