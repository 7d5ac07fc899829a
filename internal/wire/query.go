package wire

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// Query is a list of parameters in the order in which they are sent.
type Query []Parameter

// Parameter is one of them, not encoded.
type Parameter struct{ Name, Value string }

// Encode percent-encodes everything but letters, digits and -_.~. A blank becomes %20: url.Values
// would write it as +, which the API does not promise to read (API contract, section 7.1).
func (q Query) Encode() string {
	var b strings.Builder
	for i, p := range q {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.Name + "=" + strings.ReplaceAll(url.QueryEscape(p.Value), "+", "%20"))
	}
	return b.String()
}

// Ask is the question for one page.
type Ask struct {
	Study  string // the study whose rows may come; "" for the list of studies
	Number int
	Size   int
	Filter imednet.Filter
	From   int64 // lower bound of the ids that may come; 0 when there is none
	Rising bool  // ids must rise strictly
}

// ListQuery is the query of one page of a listing. ask.Filter stands for that of opts.
func ListQuery(resource imednet.Resource, opts imednet.ListOptions, ask Ask) (Query, error) {
	q := Query{{"page", strconv.Itoa(ask.Number)}, {"size", strconv.Itoa(ask.Size)}}
	q = append(q, sortOf(resource, opts.Sort)...)
	if !ask.Filter.IsZero() {
		text, err := ask.Filter.Encode(resource)
		if err != nil {
			return nil, err
		}
		q = append(q, Parameter{"filter", text})
	}
	if !opts.RecordDataFilter.IsZero() {
		text, err := opts.RecordDataFilter.EncodeRecordData()
		if err != nil {
			return nil, err
		}
		q = append(q, Parameter{"recordDataFilter", text})
	}
	if opts.IncludeInactive {
		q = append(q, Parameter{"includeInactive", "true"})
	}
	return q, nil
}

// sortOf is the order that is sent: the caller's keys, and always the row's own id last.
func sortOf(resource imednet.Resource, sort []imednet.SortKey) Query {
	id := resource.ID()
	var keys Query
	for _, s := range sort {
		direction := ",ASC"
		if s.Descending {
			direction = ",DESC"
		}
		keys = append(keys, Parameter{"sort", s.Property + direction})
		if s.Property == id {
			return keys
		}
	}
	return append(keys, Parameter{"sort", id + ",ASC"})
}
