package imednet

import "strings"

// Subject is a study participant (API contract, section 4.6). SubjectID is stable, whereas
// SubjectKey is a display id that can change.
type Subject struct {
	Row
	StudyKey            Opt[string] `json:"studyKey,omitzero"`
	SubjectID           int64       `json:"subjectId"`
	SubjectOID          Opt[string] `json:"subjectOid,omitzero"`
	SubjectKey          Opt[string] `json:"subjectKey,omitzero"`
	SubjectStatus       Opt[string] `json:"subjectStatus,omitzero"` // study-defined text
	SiteID              Opt[int64]  `json:"siteId,omitzero"`
	SiteName            Opt[string] `json:"siteName,omitzero"`
	Deleted             Opt[bool]   `json:"deleted,omitzero"`
	EnrollmentStartDate Opt[Time]   `json:"enrollmentStartDate,omitzero"`
	DateCreated         Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified        Opt[Time]   `json:"dateModified,omitzero"`
	Keywords            []Keyword   `json:"keywords,omitzero"`
}

func (s *Subject) ownID() (string, bool) { return "subjectId", s.SubjectID > 0 }

// IsDeleted reports whether the subject is soft-deleted. An unset flag means not deleted; a flag
// that cannot be read counts as deleted, as for a [Record].
func (s *Subject) IsDeleted() bool { return s.Deleted.Or(doubtful(s.Deleted)) }

// Visit is an instance of an interval for a subject (API contract, section 4.7). Its window dates
// are calendar dates without a time zone and may be null or "".
type Visit struct {
	Row
	VisitID           int64       `json:"visitId"`
	StudyKey          Opt[string] `json:"studyKey,omitzero"`
	IntervalID        Opt[int64]  `json:"intervalId,omitzero"`
	IntervalName      Opt[string] `json:"intervalName,omitzero"`
	SubjectID         Opt[int64]  `json:"subjectId,omitzero"`
	SubjectKey        Opt[string] `json:"subjectKey,omitzero"`
	StartDate         Opt[Date]   `json:"startDate,omitzero"`
	EndDate           Opt[Date]   `json:"endDate,omitzero"`
	DueDate           Opt[Date]   `json:"dueDate,omitzero"`
	VisitDate         Opt[Date]   `json:"visitDate,omitzero"`
	VisitDateForm     Opt[string] `json:"visitDateForm,omitzero"`
	VisitDateQuestion Opt[string] `json:"visitDateQuestion,omitzero"`
	Deleted           Opt[bool]   `json:"deleted,omitzero"`
	DateCreated       Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified      Opt[Time]   `json:"dateModified,omitzero"`
}

func (v *Visit) ownID() (string, bool) { return "visitId", v.VisitID > 0 }

// User is a person with access to the study (API contract, section 4.12). Its fields are personal
// data.
type User struct {
	Row
	UserID            string      `json:"userId"`
	Login             Opt[string] `json:"login,omitzero"`
	FirstName         Opt[string] `json:"firstName,omitzero"`
	LastName          Opt[string] `json:"lastName,omitzero"`
	Email             Opt[string] `json:"email,omitzero"`
	UserActiveInStudy Opt[bool]   `json:"userActiveInStudy,omitzero"`
	Roles             []Role      `json:"roles,omitzero"`
}

func (u *User) ownID() (string, bool) { return "userId", u.UserID != "" }

// Name returns the first and last name separated by one space, omitting a missing one.
func (u *User) Name() string {
	return strings.TrimSpace(strings.TrimSpace(u.FirstName.Or("")) + " " + strings.TrimSpace(u.LastName.Or("")))
}

// Role is a user's role. Its dates arrive as arrays of 5 to 7 integers and are read as UTC.
type Role struct {
	RoleID       Opt[string] `json:"roleId,omitzero"`
	CommunityID  Opt[int64]  `json:"communityId,omitzero"`
	Name         Opt[string] `json:"name,omitzero"`
	Description  Opt[string] `json:"description,omitzero"`
	Level        Opt[int64]  `json:"level,omitzero"`
	Type         Opt[string] `json:"type,omitzero"`
	Inactive     Opt[bool]   `json:"inactive,omitzero"`
	DateCreated  Opt[Time]   `json:"dateCreated,omitzero"`
	DateModified Opt[Time]   `json:"dateModified,omitzero"`
}
