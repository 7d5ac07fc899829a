package imednettest

import "fmt"

// Settings answers the questions that the API contract leaves open (its sections 6 and 10). The zero
// value is strict: what the server then accepts is safe to send to either kind of server. Setting a
// member chooses the other answer. A program that must work whatever the real server does is tested
// under [SettingsPairs].
//
//	open question                      strict, the default             setting              other side
//	size=501                           400                             ClampSize            500 rows, echoed as 500
//	a page past the end                404                             PagesPastEnd         200 without rows
//	two bounds, or ids joined by OR    400                             RepeatAttributes     accepted
//	mixed connectors in filter         400                             MixConnectors        AND binds closer
//	quoted dates, quotes in values     400; dates are unquoted         QuoteAnything        accepted, \ escapes
//	studyKey inside filter             400 below a study               StudyKeyInFilter     accepted
//	deleted==true                      400: no endpoint lists it       DeletedInFilter      accepted
//	other booleans in filters          400                             BooleansInFilter     accepted
//	" and ", " or " in filters         400                             ConnectorWords       accepted
//	sort by non-id                     400, but for the default order  SortByAttributes     accepted
//	AGE>65 in recordDataFilter         numbers, where both sides are   DataFilterAsText     text
//	deleted rows in default listing    listed, flagged                 HideDeleted          left out
//	unknown studyKey                   403                             UnknownStudyStatus   any status
//	body of 401, 403, 429              envelope                        GatewayErrors        {"message": …}
//	Retry-After                        none                            Fault.RetryAfter     seconds, date, nonsense
//	POST status code                   202                             PostStatus           any 2xx
//	item count limit                   none but 10 MB                  MaxItems             400
//	text for a number, 1 for a box     refused                         LooseAnswers         accepted
//	partial dates with an offset       refused                         LooseAnswers         accepted
//	null, or "" where no text belongs  refused                         ClearAnswers         clears the answer
//	records of a site                  refused                         SiteRecords          accepted
//	a form at an interval without it   refused                         UnlistedForms        accepted
//	a scheduled form off schedule      refused                         UnscheduledForms     accepted
//	x-email-notify true or false       400: an address is documented   NotifyWords          accepted
//	one item cannot be stored          it alone is not stored          AllOrNothing         none is, the job fails
//	failed job's shape                 state failed, dateFinished      FailedJobs           see FailedJob
//	a job that is not known yet        404                             EmptyUnknownJob      200 without a body
//	resultUrl                          none                            JobPlan.ShowResults  of any origin
//	role date array lengths            five to seven parts, mixed      RoleDates            see RoleDate
//	dateModified after a status change moves                           StatusKeepsDate      stays
//	dateModified after a keyword       stays                           KeywordsMoveDate     moves
//	dateModified after a delete        as the edit says                Study.DeleteRecord   either
//	revision row after a delete        written                         DeleteLeavesNoTrace  none
//
// Some questions have no safe answer. Deleted rows are listed by default because all known readers
// drop them themselves; a status change moves dateModified and a deletion writes a revision because
// the vendor calls both a saved change. There is no limit of items by default because no number is
// known, and an invented limit would prove nothing. A refused item fails alone by default, because a
// program must not trust a completed job to have stored everything. Every form of subjects registers
// one, because the API does not tell which forms a study registers subjects with; that identifiers of
// one item must agree, and that a record's or subject's own site is the only one, is not left open.
type Settings struct {
	// ClampSize answers a page size over 500 with 500 rows instead of 400.
	ClampSize bool `json:"clampSize,omitempty"`
	// PagesPastEnd answers a page past the end with no rows instead of 404. The first page is never
	// past the end.
	PagesPastEnd bool `json:"pagesPastEnd,omitempty"`
	// RepeatAttributes lets a filter name an attribute more than once: closed ranges and lists of
	// ids joined by OR.
	RepeatAttributes bool `json:"repeatAttributes,omitempty"`
	// MixConnectors lets a filter mix AND and OR; AND binds closer.
	MixConnectors bool `json:"mixConnectors,omitempty"`
	// QuoteAnything accepts quotes around numbers, dates and booleans, and escapes within quotes.
	QuoteAnything bool `json:"quoteAnything,omitempty"`
	// StudyKeyInFilter accepts studyKey in filters below a study.
	StudyKeyInFilter bool `json:"studyKeyInFilter,omitempty"`
	// DeletedInFilter accepts the attribute deleted in filters, which no endpoint documents. Without
	// it, a program has to look at the flag of each row.
	DeletedInFilter bool `json:"deletedInFilter,omitempty"`
	// BooleansInFilter accepts the other boolean attributes in filters, such as disabled and blinded:
	// whether the server reads true and false is not documented.
	BooleansInFilter bool `json:"booleansInFilter,omitempty"`
	// ConnectorWords accepts " and " and " or " between the conditions of a filter, beside ; and ,.
	ConnectorWords bool `json:"connectorWords,omitempty"`
	// SortByAttributes accepts every documented scalar attribute in sort. Without it, only the row's
	// own id and the documented default order are accepted.
	SortByAttributes bool `json:"sortByAttributes,omitempty"`
	// DataFilterAsText makes <, <=, > and >= of a recordDataFilter compare text even where both
	// sides are numbers: "100" is then less than "65".
	DataFilterAsText bool `json:"dataFilterAsText,omitempty"`
	// HideDeleted leaves soft-deleted rows out of listings.
	HideDeleted bool `json:"hideDeleted,omitempty"`
	// UnknownStudyStatus is the status for an unknown study; 0 means 403.
	UnknownStudyStatus int `json:"unknownStudyStatus,omitempty"`
	// GatewayErrors sends 401, 403 and 429 with a gateway's body instead of the envelope.
	GatewayErrors bool `json:"gatewayErrors,omitempty"`
	// PostStatus is the status for an accepted submission; 0 means 202.
	PostStatus int `json:"postStatus,omitempty"`
	// MaxItems refuses submissions of more items; 0 means no limit.
	MaxItems int `json:"maxItems,omitempty"`
	// LooseAnswers accepts numbers and booleans given as text, and any scalar for a text; also numbers
	// greater than a float64, texts with the character NUL, and partial dates in every form that
	// [imednet.ParsePartialDate] reads instead of YYYY, YYYY-MM, and YYYY-MM-DD with or without HH:MM or
	// HH:MM:SS.
	LooseAnswers bool `json:"looseAnswers,omitempty"`
	// ClearAnswers lets null clear an answer of any type, and "" one of a number, a date or a checkbox. A
	// text can always be "".
	ClearAnswers bool `json:"clearAnswers,omitempty"`
	// SiteRecords lets a submission of a site form with a site, and without a subject, add a record
	// of the site, and one with a recordId or recordOid change it.
	SiteRecords bool `json:"siteRecords,omitempty"`
	// UnlistedForms lets a submission create a record at an interval whose list of forms has not its
	// form. Listings show an absent, null and empty list as what it is; none of them has a form.
	UnlistedForms bool `json:"unlistedForms,omitempty"`
	// UnscheduledForms lets a submission create a record without an interval of a form whose
	// unscheduledVisit is not true.
	UnscheduledForms bool `json:"unscheduledForms,omitempty"`
	// NotifyWords accepts true and false for x-email-notify, beside one e-mail address.
	NotifyWords bool `json:"notifyWords,omitempty"`
	// AllOrNothing stores nothing of a submission if one of its items cannot be stored, and fails
	// its job.
	AllOrNothing bool `json:"allOrNothing,omitempty"`
	// FailedJobs is how a failed job is represented.
	FailedJobs FailedJob `json:"failedJobs,omitempty"`
	// EmptyUnknownJob answers polls of an unknown job with 200 and no body instead of 404.
	EmptyUnknownJob bool `json:"emptyUnknownJob,omitempty"`
	// RoleDates is how the dates of a user's roles are written.
	RoleDates RoleDate `json:"roleDates,omitempty"`
	// StatusKeepsDate leaves dateModified unchanged when only a record's status changes
	// (Study.SetStatus).
	StatusKeepsDate bool `json:"statusKeepsDate,omitempty"`
	// KeywordsMoveDate moves dateModified when keywords change ([Study.SetKeywords]).
	KeywordsMoveDate bool `json:"keywordsMoveDate,omitempty"`
	// DeleteLeavesNoTrace writes no revision when a record is deleted or restored.
	DeleteLeavesNoTrace bool `json:"deleteLeavesNoTrace,omitempty"`
}

// FailedJob is how a failed job is represented. A job whose plan names its states shows those.
type FailedJob string

// The representations of a failed job.
const (
	FailedAsSampled FailedJob = ""        // state "failed", dateFinished is set
	FailedUpperCase FailedJob = "upper"   // state "FAILED"
	FailedUndated   FailedJob = "undated" // dateStarted and dateFinished are null
	FailedWithWords FailedJob = "words"   // with undocumented members: progress, error and message
)

// RoleDate is a form of the dates of a user's roles, which the vendor documents as an array of
// numbers.
type RoleDate string

// The forms of role dates. A server that prints Java's LocalDateTime omits trailing zeros, so the
// length of the array differs from date to date.
const (
	RoleDatesMixed   RoleDate = ""     // arrays of five to seven numbers
	RoleDatesMinutes RoleDate = "5"    // year to minute
	RoleDatesSeconds RoleDate = "6"    // year to second
	RoleDatesNanos   RoleDate = "7"    // year to nanosecond
	RoleDatesText    RoleDate = "text" // as all other dates are written
	RoleDatesNull    RoleDate = "null" // not set
)

// check refuses what no setting can be.
func (s Settings) check() error {
	switch s.FailedJobs {
	case FailedAsSampled, FailedUpperCase, FailedUndated, FailedWithWords:
	default:
		return fmt.Errorf("failedJobs %q is none of upper, undated and words", string(s.FailedJobs))
	}
	switch s.RoleDates {
	case RoleDatesMixed, RoleDatesMinutes, RoleDatesSeconds, RoleDatesNanos, RoleDatesText, RoleDatesNull:
	default:
		return fmt.Errorf("roleDates %q is none of 5, 6, 7, text and null", string(s.RoleDates))
	}
	switch {
	case s.UnknownStudyStatus != 0 && !playable(s.UnknownStudyStatus):
		return fmt.Errorf("unknownStudyStatus %d is not between 200 and 599", s.UnknownStudyStatus)
	case s.PostStatus != 0 && (s.PostStatus < 200 || s.PostStatus > 299):
		return fmt.Errorf("postStatus %d is not between 200 and 299", s.PostStatus)
	case s.MaxItems < 0:
		return fmt.Errorf("maxItems %d is negative", s.MaxItems)
	}
	return nil
}

// Configure sets what the API contract leaves open, for all studies of the server. It panics if
// FailedJobs, RoleDates or a number has a value that no server can have, which is a mistake in the test.
func (s *Server) Configure(settings Settings) {
	mustPlay(settings.check())
	s.mu.Lock()
	s.settings = settings
	s.mu.Unlock()
	for _, study := range s.studies {
		study.mu.Lock()
		study.settings = settings
		study.mu.Unlock()
	}
}

func (s *Server) configured() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}
