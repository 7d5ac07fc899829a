package imednettest

// Settings decide what the API contract leaves open (section 10). The zero value takes the strict
// side of everything, so that what the server accepts is safe to send; each member is the other
// side. A program that must work whatever the real server does is tested under all of them.
type Settings struct {
	// ClampSize answers a page size over 500 with 500 rows instead of 400.
	ClampSize bool `json:"clampSize,omitempty"`
	// RefusePagePastEnd answers a page behind the last with 404 instead of no rows.
	RefusePagePastEnd bool `json:"refusePagePastEnd,omitempty"`
	// RepeatAttributes lets a filter name an attribute more than once: closed ranges and lists of
	// ids joined by OR.
	RepeatAttributes bool `json:"repeatAttributes,omitempty"`
	// MixConnectors lets a filter mix AND and OR; AND binds closer.
	MixConnectors bool `json:"mixConnectors,omitempty"`
	// QuoteAnything accepts quotes around numbers, dates and booleans, and escapes within quotes.
	QuoteAnything bool `json:"quoteAnything,omitempty"`
	// StudyKeyInFilter accepts studyKey in filters below a study.
	StudyKeyInFilter bool `json:"studyKeyInFilter,omitempty"`
	// RefuseDeletedInFilter refuses deleted in filters: no endpoint documents it.
	RefuseDeletedInFilter bool `json:"refuseDeletedInFilter,omitempty"`
	// SortByIDOnly refuses every sort but by the row's own id and by the documented default.
	SortByIDOnly bool `json:"sortByIDOnly,omitempty"`
	// HideDeleted leaves soft-deleted rows out of listings.
	HideDeleted bool `json:"hideDeleted,omitempty"`
	// UnknownStudyStatus answers for a study that is not there; 0 is 403.
	UnknownStudyStatus int `json:"unknownStudyStatus,omitempty"`
	// GatewayErrors sends 401, 403 and 429 with a gateway's body instead of the envelope.
	GatewayErrors bool `json:"gatewayErrors,omitempty"`
	// PostStatus answers an accepted submission; 0 is 202.
	PostStatus int `json:"postStatus,omitempty"`
	// MaxItems refuses submissions of more items; 0 is no limit.
	MaxItems int `json:"maxItems,omitempty"`
	// LooseAnswers accepts numbers and booleans given as text, and any scalar for a text.
	LooseAnswers bool `json:"looseAnswers,omitempty"`
	// SiteRecords lets a submission of a site form with a site, and without a subject, add a record
	// of the site.
	SiteRecords bool `json:"siteRecords,omitempty"`
}

// Configure sets what the API contract leaves open, for all studies of the server.
func (s *Server) Configure(settings Settings) {
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
