package queries

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// queryPlaces knows which subject a query is about and which form a variable is of.
type queryPlaces struct {
	subjects *imednet.SubjectIndex
	forms    *imednet.FormIndex
}

func (m *QueryManagement) queryPlaces(ctx context.Context, studyKey string) (*queryPlaces, error) {
	subjects, err := listing.Collect(m.client.Subjects(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	forms, err := listing.Collect(m.client.Forms(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	variables, err := listing.Collect(m.client.Variables(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	return &queryPlaces{imednet.NewSubjectIndex(subjects), imednet.NewFormIndex(forms, variables)}, nil
}

func siteLabel(name imednet.Opt[string], id imednet.Opt[int64]) string {
	if label, ok := name.Get(); ok {
		return label
	}
	if number, ok := id.Get(); ok {
		return strconv.FormatInt(number, 10)
	}
	return ""
}

// locate sets subject, site and form as far as they are known without a record, and reports whether the
// query is about none. Of a query about a record the record decides, because it can be of another form than
// the only one that declares the variable.
func (p *queryPlaces) locate(q *imednet.Query, m *measuredQuery) bool {
	if subject, _ := p.subjects.OfQuery(q); subject != nil {
		m.subject, m.site, m.placed = subject.SubjectKey.Or(""), siteLabel(subject.SiteName, subject.SiteID), true
	}
	if m.variable != "" {
		m.form, _ = p.forms.WithVariable(m.variable)
	}
	return m.recordID == 0
}

// fewRecords is the number of records up to which each is asked for by itself.
const fewRecords = 20

// locateByRecord sets what only the record itself can tell.
func (m *QueryManagement) locateByRecord(ctx context.Context, studyKey string, places *queryPlaces, queries []measuredQuery) error {
	if len(queries) == 0 {
		return nil
	}
	sites, err := m.siteNames(ctx, studyKey)
	if err != nil {
		return err
	}
	wanted := map[int64][]*measuredQuery{}
	for i := range queries {
		wanted[queries[i].recordID] = append(wanted[queries[i].recordID], &queries[i])
	}
	return m.wantedRecords(ctx, studyKey, wanted, func(r imednet.Record) {
		for _, q := range wanted[r.RecordID] {
			q.form, q.contradiction = places.forms.OfRecord(&r)
			if !q.placed {
				q.site = sites[r.SiteID.Or(0)]
			}
		}
	})
}

func (m *QueryManagement) siteNames(ctx context.Context, studyKey string) (map[int64]string, error) {
	names := map[int64]string{}
	for site, err := range m.client.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		names[site.SiteID] = siteLabel(site.SiteName, imednet.Some(site.SiteID))
	}
	return names, nil
}

// wantedRecords visits the wanted records: one request each when they are few, else one pass from
// the first of them to the last.
func (m *QueryManagement) wantedRecords(ctx context.Context, studyKey string, wanted map[int64][]*measuredQuery, visit func(imednet.Record)) error {
	ids := slices.Sorted(maps.Keys(wanted))
	if len(ids) <= fewRecords {
		for _, id := range ids {
			for r, err := range m.records.Records(ctx, studyKey, imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, id)}) {
				if err != nil {
					return err
				}
				visit(r)
			}
		}
		return nil
	}
	first, last := ids[0], ids[len(ids)-1]
	from := imednet.ListOptions{Filter: imednet.Where("recordId", imednet.GreaterOrEqual, first)}
	for r, err := range m.records.Records(ctx, studyKey, from) {
		if err != nil {
			return err
		}
		visit(r)
		if r.RecordID >= last {
			return nil
		}
	}
	return nil
}
