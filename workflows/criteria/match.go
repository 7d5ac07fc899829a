package criteria

import "github.com/imednetgo/imednet"

// matches holds the subjects and visits that matched. A nil map means that no filter was given.
type matches struct {
	subjects map[int64]imednet.Subject
	visits   map[int64]imednet.Visit
	deleted  map[int64]bool // soft-deleted subjects, whose records are left out; nil keeps them
}

// match lists what the filters for subjects and visits select.
func (r *RecordRun) match() (matches, error) {
	var m matches
	c := r.criteria
	if !c.Subjects.IsZero() {
		m.subjects = map[int64]imednet.Subject{}
		asked, deleted := splitDeleted(c.Subjects)
		for s, err := range r.client.Subjects(r.ctx, r.studyKey, imednet.ListOptions{Filter: asked}) {
			switch {
			case err != nil:
				return m, err
			case !deleted.matches(s.Deleted):
			case s.Deleted.Or(false) && !c.IncludeDeleted:
				r.report.DeletedSubjects++
			default:
				m.subjects[s.SubjectID] = s
			}
		}
		r.report.Subjects = len(m.subjects)
	} else if err := r.listDeleted(&m); err != nil {
		return m, err
	}
	if c.Visits.IsZero() || m.none() {
		return m, nil
	}
	m.visits = map[int64]imednet.Visit{}
	asked, deleted := splitDeleted(c.Visits)
	for v, err := range r.client.Visits(r.ctx, r.studyKey, imednet.ListOptions{Filter: asked}) {
		switch {
		case err != nil:
			return m, err
		case !deleted.matches(v.Deleted):
		case !m.hasSubject(v.SubjectID):
		case v.Deleted.Or(false) && !c.IncludeDeleted:
			r.report.DeletedVisits++
		default:
			m.visits[v.VisitID] = v
		}
	}
	r.report.Visits = len(m.visits)
	return m, nil
}

// listDeleted finds the subjects that are soft-deleted, where no filter lists subjects anyway. It reads
// all of them: whether a filter may name deleted is not documented, and a server that reads it
// otherwise would leave records of deleted subjects in without a word.
func (r *RecordRun) listDeleted(m *matches) error {
	if r.criteria.IncludeDeleted {
		return nil
	}
	m.deleted = map[int64]bool{}
	for s, err := range r.client.Subjects(r.ctx, r.studyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if s.Deleted.Or(false) {
			m.deleted[s.SubjectID] = true
		}
	}
	return nil
}

// none reports whether some filter matched nothing, so that no record can match either.
func (m matches) none() bool {
	return m.subjects != nil && len(m.subjects) == 0 || m.visits != nil && len(m.visits) == 0
}

func (m matches) hasSubject(id imednet.Opt[int64]) bool {
	if m.subjects == nil {
		return true
	}
	number, ok := id.Get()
	_, found := m.subjects[number]
	return ok && found
}

// has reports whether the record is of a matching subject and of a matching visit of that
// subject.
func (m matches) has(r *imednet.Record) bool {
	if !m.hasSubject(r.SubjectID) {
		return false
	}
	if m.visits == nil {
		return true
	}
	id, ok := r.VisitID.Get()
	visit, found := m.visits[id]
	return ok && found && visit.SubjectID == r.SubjectID
}

// count enters the record into the report and reports whether it is to be yielded.
func (m matches) count(report *RecordReport, r *imednet.Record, includeDeleted bool) bool {
	report.Read++
	switch {
	case !m.has(r):
		report.Unmatched++
		return false
	case !includeDeleted && (r.IsDeleted() || m.deleted[r.SubjectID.Or(0)]):
		report.Deleted++
		return false
	}
	report.Yielded++
	return true
}

// subjectKeys returns the keys of the subjects whose records are wanted, and false when that is
// not known or a subject cannot be named by its key.
func (m matches) subjectKeys(limit int) ([]string, bool) {
	byID := map[int64]imednet.Opt[string]{}
	switch {
	case m.visits != nil:
		for _, v := range m.visits {
			id, ok := v.SubjectID.Get()
			if !ok {
				return nil, false
			}
			byID[id] = v.SubjectKey
		}
	case m.subjects != nil:
		for id, s := range m.subjects {
			byID[id] = s.SubjectKey
		}
	default:
		return nil, false
	}
	if len(byID) > limit {
		return nil, false
	}
	seen := map[string]bool{}
	var keys []string
	for _, key := range byID {
		text, ok := key.Get()
		if !ok || imednet.Where("subjectKey", imednet.Equal, text).Validate(imednet.Records) != nil {
			return nil, false
		}
		if !seen[text] {
			seen[text] = true
			keys = append(keys, text)
		}
	}
	return keys, true
}

// commonSite returns the site of all matching subjects, if they share one.
func (m matches) commonSite() (int64, bool) {
	return commonID(m.subjects, func(s imednet.Subject) imednet.Opt[int64] { return s.SiteID })
}

// commonInterval returns the interval of all matching visits, if they share one.
func (m matches) commonInterval() (int64, bool) {
	return commonID(m.visits, func(v imednet.Visit) imednet.Opt[int64] { return v.IntervalID })
}

func commonID[T any](rows map[int64]T, id func(T) imednet.Opt[int64]) (int64, bool) {
	var common int64
	found := false
	for _, row := range rows {
		n, ok := id(row).Get()
		if !ok || found && n != common {
			return 0, false
		}
		common, found = n, true
	}
	return common, found
}
