package extraction

import (
	"context"
	"errors"

	"github.com/imednetgo/imednet"
)

// readVisits lists the study's visits by subject, where the run is asked to. A key without the right to
// read visits reads none: the rules that need them are then skipped.
func (p *pass) readVisits(ctx context.Context) error {
	if p.opts.Visits == nil {
		return nil
	}
	p.visits = map[int64][]imednet.Visit{}
	for visit, err := range p.opts.Visits.Visits(ctx, p.plan.configuration.StudyKey, imednet.ListOptions{}) {
		if errors.Is(err, imednet.ErrForbidden) {
			p.visits = nil
			return nil
		}
		if err != nil {
			return err
		}
		id := p.subjectOfVisit(&visit)
		if id == 0 || visit.Deleted.Or(false) {
			continue
		}
		p.visits[id] = append(p.visits[id], imednet.Visit{
			VisitID: visit.VisitID, IntervalID: visit.IntervalID, IntervalName: visit.IntervalName, SubjectID: visit.SubjectID, VisitDate: visit.VisitDate,
		})
	}
	return nil
}

// visitsOf are the visits of a subject; nil only where none were read.
func (p *pass) visitsOf(subjectID int64) []imednet.Visit {
	if p.visits == nil {
		return nil
	}
	return append([]imednet.Visit{}, p.visits[subjectID]...)
}

// subjectOfVisit is the id of the subject that a visit belongs to, as [pass.subjectOf] is that of a record.
func (p *pass) subjectOfVisit(v *imednet.Visit) int64 {
	id := v.SubjectID.Or(0)
	if id != 0 || p.subjects == nil {
		return id
	}
	if subject, _ := p.subjects.OfVisit(v); subject != nil {
		return subject.SubjectID
	}
	return 0
}
