package queries

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// subjectSet is the subjects of one site, by the two names under which a query can name them.
type subjectSet struct {
	ids  map[int64]bool
	keys map[string]bool
	list []string // keys in order of arrival; "" where a subject has none
}

// owns reports whether a query is about one of the subjects. The id decides, because a key can
// change or be used again; the key serves only where a query has no id.
func (s *subjectSet) owns(q *imednet.Query) bool {
	if id, ok := q.SubjectID.Get(); ok {
		return s.ids[id]
	}
	return s.keys[q.SubjectKey.Or("")]
}

// fewKeys returns the keys when there are so few subjects that each can be asked for, and when
// each key can be written into a filter.
func (s *subjectSet) fewKeys() ([]string, bool) {
	if len(s.list) > fewSubjects {
		return nil, false
	}
	for _, key := range s.list {
		if imednet.Where("subjectKey", imednet.Equal, key).Validate(imednet.Queries) != nil {
			return nil, false
		}
	}
	if len(s.keys) < len(s.list) {
		return nil, false // two subjects under one key: asking twice would list their queries twice
	}
	return s.list, true
}

// subjectsOfSite lists the subjects of a site, soft-deleted ones included.
func (m *QueryManagement) subjectsOfSite(ctx context.Context, studyKey, siteName string) (*subjectSet, error) {
	set := &subjectSet{ids: map[int64]bool{}, keys: map[string]bool{}}
	filter := listing.Narrow(imednet.Filter{}, imednet.Subjects, "siteName", siteName)
	for s, err := range m.client.Subjects(ctx, studyKey, imednet.ListOptions{Filter: filter}) {
		if err != nil {
			return nil, err
		}
		if name, ok := s.SiteName.Get(); !ok || name != siteName {
			continue
		}
		set.ids[s.SubjectID] = true
		set.list = append(set.list, s.SubjectKey.Or(""))
		if key, ok := s.SubjectKey.Get(); ok {
			set.keys[key] = true
		}
	}
	if len(set.list) > 0 {
		return set, nil
	}
	return set, m.checkSite(ctx, studyKey, siteName)
}

// checkSite tells a site without subjects from a name that is wrong.
func (m *QueryManagement) checkSite(ctx context.Context, studyKey, siteName string) error {
	for site, err := range m.client.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if name, ok := site.SiteName.Get(); ok && name == siteName {
			return nil
		}
	}
	return ErrNoSuchSite
}
