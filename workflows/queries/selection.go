package queries

import (
	"context"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/querythread"
	"github.com/imednetgo/imednet/internal/shown"
)

// Options selects queries. The zero value selects all; if several fields are set, all of them must
// match.
type Options struct {
	// Filter selects queries by attribute, on the server as far as that can be asked for. It narrows the
	// selection of the method and never widens it.
	Filter imednet.Filter
	// Site selects the queries about the subjects of one site, by its name as in Site.SiteName. A
	// site that the study does not have is [ErrNoSuchSite].
	Site string
	// Subject selects the queries about the subject with this key, or about each subject if several share it,
	// as [QueryManagement.QueriesForSubject] does. A subject that the study does not have is [ErrNoSuchSubject].
	Subject string
	// State selects queries in one state; "" means any. Queries of unknown state are neither open
	// nor closed.
	State State
	// OlderThan selects queries that were raised longer ago than this, by the clock of [WithClock].
	// It leaves out queries of unknown age; [Metrics] counts them as undated.
	OlderThan time.Duration
}

func (o Options) validate() error {
	var problems []imednet.Problem
	switch o.State {
	case "", Open, Closed, Unknown:
	default:
		problems = append(problems, imednet.Problem{Path: "State", Message: "must be open, closed or unknown"})
	}
	if o.OlderThan < 0 {
		problems = append(problems, imednet.Problem{Path: "OlderThan", Message: "must not be negative"})
	}
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "query options", Problems: problems}
	}
	return o.Filter.ValidateLocal(imednet.Queries)
}

// alsoOpen narrows a selection to open queries.
func (o Options) alsoOpen() (Options, error) {
	if o.State != "" && o.State != Open {
		return o, &imednet.ValidationError{What: "query options", Problems: []imednet.Problem{{Path: "State", Message: "open queries have no other state"}}}
	}
	o.State = Open
	return o, nil
}

// alsoOfSite narrows a selection to a site.
func (o Options) alsoOfSite(name string) (Options, error) {
	if o.Site != "" && o.Site != name {
		return o, &imednet.ValidationError{What: "query options", Problems: []imednet.Problem{{Path: "Site", Message: "the site is an argument of its own"}}}
	}
	if imednet.IsBlank(name) {
		return o, ErrNoSuchSite
	}
	o.Site = name
	return o, nil
}

// selection decides which queries of a listing are wanted.
type selection struct {
	filter   imednet.Filter // what the server cannot be asked
	state    State
	before   time.Time // zero is any
	subjects *imednet.SubjectIndex
	owners   map[int64]bool // subjects of the site; nil is any
	bearers  map[int64]bool // subjects with the key; nil is any
	key      string
}

// selection reads what the options need: the subjects of the study for a subject or a site, and its sites.
func (m *QueryManagement) selection(ctx context.Context, studyKey string, opts Options) (*selection, error) {
	if err := opts.validate(); err != nil {
		return nil, err
	}
	s := &selection{state: opts.State, key: opts.Subject}
	_, s.filter = opts.Filter.Split()
	if opts.OlderThan > 0 {
		s.before = m.clock.Now().Add(-opts.OlderThan)
	}
	if opts.Site == "" && opts.Subject == "" {
		return s, nil
	}
	var sites map[int64]bool
	if opts.Site != "" {
		var err error
		if sites, err = m.sitesNamed(ctx, studyKey, opts.Site); err != nil {
			return nil, err
		}
	}
	subjects, err := listing.Collect(m.client.Subjects(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	s.subjects = imednet.NewSubjectIndex(subjects)
	if opts.Site != "" {
		s.owners = s.subjectsThat(func(subject *imednet.Subject) bool {
			id, known := subject.SiteID.Get()
			return known && sites[id] || !known && subject.SiteName.Or("") == opts.Site
		})
	}
	if opts.Subject != "" {
		s.bearers = s.subjectsThat(func(subject *imednet.Subject) bool { return subject.SubjectKey.Or("") == opts.Subject })
		if len(s.bearers) == 0 {
			return nil, ErrNoSuchSubject
		}
	}
	return s, nil
}

func (s *selection) subjectsThat(match func(*imednet.Subject) bool) map[int64]bool {
	ids := map[int64]bool{}
	for i := range s.subjects.Subjects() {
		if subject := &s.subjects.Subjects()[i]; match(subject) {
			ids[subject.SubjectID] = true
		}
	}
	return ids
}

// sitesNamed returns the ids of the sites of this name.
func (m *QueryManagement) sitesNamed(ctx context.Context, studyKey, name string) (map[int64]bool, error) {
	ids, names := map[int64]bool{}, []string{}
	for site, err := range m.client.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		names = append(names, site.SiteName.Or(""))
		if site.SiteName.Or("") == name {
			ids[site.SiteID] = true
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%w%s", ErrNoSuchSite, shown.DidYouMean(name, names))
	}
	return ids, nil
}

// has reports whether a query is wanted.
func (s *selection) has(q *imednet.Query) bool {
	if !imednet.MatchRow(s.filter, q) || s.state != "" && StateOf(*q) != s.state {
		return false
	}
	if !s.before.IsZero() {
		if raised, known := querythread.RaisedAt(q, querythread.Comments(q)); !known || !raised.Before(s.before) {
			return false
		}
	}
	if s.subjects == nil {
		return true
	}
	subject, _ := s.subjects.OfQuery(q)
	if subject == nil {
		return s.owners == nil && q.SubjectID.Or(0) == 0 && q.SubjectKey.Or("") == s.key // of one of those with the key
	}
	return (s.owners == nil || s.owners[subject.SubjectID]) && (s.bearers == nil || s.bearers[subject.SubjectID])
}
