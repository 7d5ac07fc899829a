// Package whose finds the subject and the site of records by a study's own lists, so that every list,
// export and history selects the same records by the same names.
package whose

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// Source lists the sites and subjects of a study.
type Source interface {
	imednet.SiteReader
	imednet.SubjectReader
}

// Finder knows the sites and subjects of one study.
type Finder struct {
	sites    map[int64]string
	subjects *imednet.SubjectIndex
}

// Read lists a study's sites and subjects.
func Read(ctx context.Context, source Source, studyKey string) (*Finder, error) {
	f := &Finder{sites: map[int64]string{}}
	for site, err := range source.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		f.sites[site.SiteID] = site.SiteName.Or("")
	}
	subjects, err := listing.Collect(source.Subjects(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	f.subjects = imednet.NewSubjectIndex(subjects)
	return f, nil
}

// SubjectKey is the key of a record's subject as the study has it now ([imednet.SubjectIndex]); if no
// subject is found, it is the key that the record carries.
func (f *Finder) SubjectKey(r *imednet.Record) string {
	if subject, _ := f.subjects.OfRecord(r); subject != nil {
		return subject.SubjectKey.Or("")
	}
	return r.SubjectKey.Or("")
}

// Selects reports whether a record is of a site and of a subject, by their names; "" is any. A record
// whose subject is not found is of no subject, whatever key it carries: that may be somebody else's.
func (f *Finder) Selects(r *imednet.Record, site, subjectKey string) bool {
	if site != "" && f.Site(r) != site {
		return false
	}
	if subjectKey == "" {
		return true
	}
	subject, _ := f.subjects.OfRecord(r)
	return subject != nil && subject.SubjectKey.Or("") == subjectKey
}

// Site is the name of a record's site. A record that names none is of its subject's.
func (f *Finder) Site(r *imednet.Record) string {
	site := r.SiteID
	if subject, _ := f.subjects.OfRecord(r); subject != nil && !site.IsSet() {
		site = subject.SiteID
	}
	return f.sites[site.Or(0)]
}

// SiteNames are the names of the study's sites, in no order.
func (f *Finder) SiteNames() []string {
	var names []string
	for _, name := range f.sites {
		names = append(names, name)
	}
	return names
}

// HasSubject reports whether the study has a subject of this key now.
func (f *Finder) HasSubject(key string) bool {
	for i := range f.subjects.Subjects() {
		if f.subjects.Subjects()[i].SubjectKey.Or("") == key {
			return true
		}
	}
	return false
}
