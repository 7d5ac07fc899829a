package submissions

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// fewSubjects is how many subjects are asked for one by one rather than listed with all others.
const fewSubjects = 5

// byID are the sites, intervals and subjects that records name otherwise than by name.
type byID struct {
	sites, intervals, subjects map[int64]bool
	oids                       bool
}

func namedByID(records []imednet.Submission) byID {
	out := byID{map[int64]bool{}, map[int64]bool{}, map[int64]bool{}, false}
	add := func(to map[int64]bool, id int64) {
		if id != 0 {
			to[id] = true
		}
	}
	for i := range records {
		r := &records[i]
		add(out.sites, r.SiteID)
		add(out.intervals, r.IntervalID)
		add(out.subjects, r.SubjectID)
		out.oids = out.oids || r.SubjectOID != ""
	}
	return out
}

// namingOf reads what is needed to tell whether records are the same. It asks the server only about records that
// name something by an id or an OID. What the client cannot list stays as the records name it.
func (u *RecordUpdate) namingOf(ctx context.Context, study string, records []imednet.Submission) (*naming, error) {
	schema, err := u.schemas.Study(ctx, study)
	if err != nil {
		return nil, err
	}
	n := &naming{schema: schema}
	named := namedByID(records)
	if reader, ok := u.client.(imednet.SiteReader); ok && len(named.sites) > 0 {
		n.sites, err = namesOf(reader.Sites(ctx, study, imednet.ListOptions{}), siteName)
	}
	if reader, ok := u.client.(imednet.IntervalReader); ok && len(named.intervals) > 0 && err == nil {
		n.intervals, err = namesOf(reader.Intervals(ctx, study, imednet.ListOptions{}), intervalName)
	}
	if reader, ok := u.client.(imednet.SubjectReader); ok && err == nil {
		err = n.readSubjects(ctx, study, reader, named)
	}
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "read the names of what records name by id", StudyKey: study, Err: err}
	}
	return n, nil
}

func siteName(s imednet.Site) (int64, string) { return s.SiteID, s.SiteName.Or("") }

func intervalName(i imednet.Interval) (int64, string) { return i.IntervalID, i.IntervalName.Or("") }

// namesOf returns the names that only one id has.
func namesOf[T any](rows iter.Seq2[T, error], nameOf func(T) (int64, string)) (map[int64]string, error) {
	names, ids := map[int64]string{}, map[string]int64{}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		id, name := nameOf(row)
		if name = answers.TrimSpace(name); name == "" {
			continue
		}
		if other, shared := ids[name]; shared && other != id {
			delete(names, other)
			continue
		}
		ids[name], names[id] = id, name
	}
	return names, nil
}

// readSubjects reads the keys of subjects that are named by id or OID.
func (n *naming) readSubjects(ctx context.Context, study string, reader imednet.SubjectReader, named byID) error {
	n.subjects, n.oids = map[int64]string{}, map[string]string{}
	read := func(filter imednet.Filter) error {
		for s, err := range reader.Subjects(ctx, study, imednet.ListOptions{Filter: filter}) {
			if err != nil {
				return err
			}
			if key := s.SubjectKey.Or(""); key != "" && !s.IsDeleted() {
				n.subjects[s.SubjectID] = key
				n.oids[answers.TrimSpace(s.SubjectOID.Or(""))] = key
			}
		}
		return nil
	}
	if named.oids || len(named.subjects) > fewSubjects {
		return read(imednet.Filter{})
	}
	for id := range named.subjects {
		if err := read(imednet.Where("subjectId", imednet.Equal, id)); err != nil {
			return err
		}
	}
	return nil
}
