package cache

import "github.com/imednetgo/imednet"

// placeOf is a record that names the subject, site, form and visit of a row as the row does; nil for the rows of
// resources that name none.
func placeOf(row changingRow) (*imednet.Record, error) {
	switch row.resource {
	case imednet.Sites:
		s, err := imednet.Decode[imednet.Site](row.payload)
		return &imednet.Record{SiteID: imednet.Some(s.SiteID)}, err
	case imednet.Subjects:
		s, err := imednet.Decode[imednet.Subject](row.payload)
		return &imednet.Record{SubjectID: imednet.Some(s.SubjectID), SubjectKey: s.SubjectKey, SiteID: s.SiteID}, err
	case imednet.Visits:
		v, err := imednet.Decode[imednet.Visit](row.payload)
		return &imednet.Record{SubjectID: v.SubjectID, SubjectKey: v.SubjectKey, IntervalID: v.IntervalID}, err
	case imednet.Queries:
		q, err := imednet.Decode[imednet.Query](row.payload)
		return &imednet.Record{SubjectID: q.SubjectID, SubjectKey: q.SubjectKey}, err
	case imednet.Codings:
		c, err := imednet.Decode[imednet.Coding](row.payload)
		return &imednet.Record{SubjectID: c.SubjectID, SubjectKey: c.SubjectKey, SiteID: c.SiteID, FormID: c.FormID, FormKey: c.FormKey}, err
	}
	return nil, nil
}
