package imednettest

import (
	"cmp"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/wire"
)

// The only keys that a Server accepts.
const (
	APIKey      = "imednettest-api-key"
	SecurityKey = "imednettest-security-key"
)

const apiRoot = wire.Root

// Server is an in-memory iMednet server. It is an http.Handler; its Client and its Transport use the
// same handler without a network. It is safe for concurrent use.
type Server struct {
	studies []*Study // by key

	mu       sync.Mutex
	settings Settings
	clock    imednet.Clock
	faults   []*scripted
	seed     uint64
	inFlight int
	requests []*Request
	hook     func(Request)
}

// NewServer serves these studies. It panics if two studies have the same key, as [http.ServeMux]
// does for two handlers of one path.
func NewServer(studies ...*Study) *Server {
	s := &Server{clock: imednet.SystemClock()}
	s.studies = slices.SortedFunc(slices.Values(studies), func(a, b *Study) int { return cmp.Compare(a.key, b.key) })
	for i := range len(s.studies) - 1 {
		if s.studies[i].key == s.studies[i+1].key {
			panic("imednettest: two studies have the key " + s.studies[i].key)
		}
	}
	return s
}

// Study returns the study with this key, or nil if there is none.
func (s *Server) Study(key string) *Study {
	for _, study := range s.studies {
		if study.key == key {
			return study
		}
	}
	return nil
}

// SetClock sets the clock on which the delays of faults are waited; the default is the computer's.
// The time that the server shows is that of each study (Study.Now).
func (s *Server) SetClock(clock imednet.Clock) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = clock
}

// call is one request.
type call struct {
	method, path string // path as sent: escaped, without query
	query        url.Values
	badQuery     bool // the query string could not be parsed, as with a raw ; in it
	header       http.Header
	body         []byte
	origin       string    // for resultUrl
	played       *scripted // the fault that it meets
	passed       bool      // it has been counted by its study
}

// reply is the answer to a call before it becomes bytes.
type reply struct {
	status   int
	time     time.Time
	failure  *failure
	bare     []byte // the JSON of a job, which has no envelope
	page     result
	number   int // of the page
	size     int
	sort     []sortKey
	resource imednet.Resource
	omitData bool
	gateway  bool // an error has the body of a gateway
}

// failure is the error part of an answer.
type failure struct {
	code, description string
	attribute, value  string
}

func (s *Server) clockNow() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.Now()
}

// timeOf is the server's clock for a call: that of the study, or the latest of all.
func (s *Server) timeOf(c *call) time.Time {
	if parts, ok := c.parts(); ok && len(parts) > 0 {
		if study := s.Study(parts[0]); study != nil {
			return study.Now()
		}
	}
	var latest time.Time
	for _, study := range s.studies {
		if now := study.Now(); now.After(latest) {
			latest = now
		}
	}
	return latest
}

// parts are the segments of the path below the studies, unescaped; ok is false elsewhere.
func (c *call) parts() (parts []string, ok bool) {
	rest, ok := strings.CutPrefix(c.path, apiRoot)
	if !ok || rest != "" && rest[0] != '/' {
		return nil, false
	}
	if rest == "" {
		return nil, true
	}
	for part := range strings.SplitSeq(rest[1:], "/") {
		unescaped, err := url.PathUnescape(part)
		if err != nil {
			return nil, false
		}
		parts = append(parts, unescaped)
	}
	return parts, true
}

// answer routes a call to what it asks for.
func (s *Server) answer(c *call) reply {
	refuse := func(status int, f failure) reply { return reply{status: status, failure: &f, time: s.timeOf(c)} }
	if len(c.body) > maxBody {
		return reply{status: http.StatusRequestEntityTooLarge, failure: &failure{}, bare: []byte(`{"message":"Request Too Long"}`)}
	}
	unauthorised := failure{code: "9001", description: "Not authorized to retrieve this data"}
	if once(c.header, "x-api-key") != APIKey || once(c.header, "x-imn-security-key") != SecurityKey {
		return refuse(http.StatusUnauthorized, unauthorised)
	}
	if status, f := checkHeaders(c); f != nil {
		return refuse(status, *f)
	}
	parts, ok := c.parts()
	if !ok {
		return refuse(http.StatusNotFound, failure{code: "9000", description: "Resource not found"})
	}
	if c.badQuery {
		return refuse(http.StatusBadRequest, invalid("query", ""))
	}
	if len(parts) == 0 {
		return s.list(c, nil, imednet.Studies)
	}
	study := s.Study(parts[0])
	if study == nil {
		return refuse(cmp.Or(s.configured().UnknownStudyStatus, http.StatusForbidden), unauthorised)
	}
	if !c.passed {
		c.passed = true
		study.passRequest()
	}
	if f := study.allowed(imednet.Resource(slices.Concat(parts, []string{""})[1]), c.method); f != nil {
		return refuse(http.StatusForbidden, *f)
	}
	switch {
	case len(parts) == 2 && parts[1] == "records" && c.method == http.MethodPost:
		return study.submit(c)
	case c.method != http.MethodGet:
		return refuse(http.StatusMethodNotAllowed, failure{code: "9000", description: "Method not allowed"})
	case len(parts) == 2 && parts[1] != string(imednet.Studies) && study.tables[imednet.Resource(parts[1])] != nil:
		return s.list(c, study, imednet.Resource(parts[1]))
	case len(parts) > 2 && len(c.query) > 0:
		return refuse(http.StatusBadRequest, unknownParameter(c.query))
	case len(parts) == 3 && parts[1] == string(imednet.Jobs):
		return study.poll(c, parts[2])
	case len(parts) == 4 && parts[1] == string(imednet.Jobs) && parts[3] == "results":
		return study.results(c, parts[2])
	}
	return refuse(http.StatusNotFound, failure{code: "9000", description: "Resource not found"})
}

// unknownParameter names the first parameter of a request that takes none.
func unknownParameter(query url.Values) failure {
	name := slices.Min(slices.Collect(maps.Keys(query)))
	return invalid(name, query.Get(name))
}

func invalid(attribute, value string) failure {
	return failure{code: "1000", description: "Request contains an invalid value", attribute: attribute, value: value}
}

// checkHeaders asks for the headers that the vendor documents for every call.
func checkHeaders(c *call) (status int, f *failure) {
	if accepted, _, _ := strings.Cut(c.header.Get("Accept"), ","); !isJSON(accepted) {
		f := invalid("Accept", c.header.Get("Accept"))
		return http.StatusNotAcceptable, &f
	}
	if !isJSON(once(c.header, "Content-Type")) {
		f := invalid("Content-Type", c.header.Get("Content-Type"))
		return http.StatusUnsupportedMediaType, &f
	}
	return 0, nil
}

// once is the value of a header that is there once: of two, servers read one or the other.
func once(header http.Header, name string) string {
	if values := header.Values(name); len(values) == 1 {
		return values[0]
	}
	return ""
}

// isJSON reports whether a media type, with any parameters, is that of JSON, which is in UTF-8.
func isJSON(text string) bool {
	name, params, err := mime.ParseMediaType(text)
	charset, named := params["charset"]
	return err == nil && name == "application/json" && (!named || strings.EqualFold(charset, "utf-8"))
}

// list answers one page of a listing. study is nil for the studies themselves.
func (s *Server) list(c *call, study *Study, resource imednet.Resource) reply {
	settings := s.configured()
	q, r, f := readQuery(c, resource, settings)
	if c.method != http.MethodGet {
		return reply{status: http.StatusMethodNotAllowed, failure: &failure{code: "9000", description: "Method not allowed"}, time: s.timeOf(c)}
	}
	if f != nil {
		return reply{status: http.StatusBadRequest, failure: f, time: s.timeOf(c)}
	}
	r.status, r.resource = http.StatusOK, resource
	if study != nil {
		r.page, r.time = c.played.query(study, resource, q)
		if resource == imednet.Users {
			r.page.set(settings.RoleDates.rewrite(r.page.rows()))
		}
		if !settings.PagesPastEnd && r.number > 0 && r.number*r.size >= r.page.total {
			return reply{status: http.StatusNotFound, failure: &failure{code: "9000", description: "Resource not found"}, time: r.time}
		}
		return r
	}
	t := newTable(imednet.Studies, s.studyRows())
	r.page, r.time = c.played.run(t.run, q), s.timeOf(c)
	return r
}

func (s *Server) studyRows() list {
	rows := make(list, 0, len(s.studies))
	for _, study := range s.studies {
		page, _ := study.query(imednet.Studies, query{limit: 1})
		rows = append(rows, newRow(int64(len(rows)+1), page.buf))
	}
	return rows
}

// readQuery checks the parameters of a listing as strictly as the contract allows: what passes
// here is safe to send. The first thing that is wrong is returned.
func readQuery(c *call, resource imednet.Resource, settings Settings) (q query, r reply, f *failure) {
	bad := func(name string) (query, reply, *failure) {
		f := invalid(name, c.query.Get(name))
		return query{}, reply{}, &f
	}
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		if !parameterOf(resource, name) || name != "sort" && len(c.query[name]) != 1 {
			return bad(name)
		}
	}
	var ok bool
	if r.number, ok = number(c.query, "page", 0, 0, 1<<31); !ok {
		return bad("page")
	}
	most := imednet.MaxPageSize
	if settings.ClampSize {
		most = 1 << 31
	}
	if r.size, ok = number(c.query, "size", 25, 1, most); !ok {
		return bad("size")
	}
	r.size = min(r.size, imednet.MaxPageSize)
	q = query{limit: r.size, offset: r.number * r.size, activeOnly: resource == imednet.Users, undeleted: settings.HideDeleted}
	var wrong string
	if q.sort, wrong, ok = readSort(c.query["sort"], resource, settings); !ok {
		f := invalid("sort", wrong)
		return query{}, reply{}, &f
	}
	r.sort = q.sort
	switch c.query.Get("includeInactive") {
	case "true":
		q.activeOnly = false
	case "false":
	default:
		if c.query.Has("includeInactive") {
			return bad("includeInactive")
		}
	}
	var err error
	if q.filter, err = parseFilter(c.query.Get("filter"), filterable(resource, settings), settings); err != nil || c.query.Has("filter") && c.query.Get("filter") == "" {
		return bad("filter")
	}
	if q.dataFilter, err = parseDataFilter(c.query.Get("recordDataFilter"), settings); err != nil || c.query.Has("recordDataFilter") && c.query.Get("recordDataFilter") == "" {
		return bad("recordDataFilter")
	}
	return q, r, nil
}

// parameterOf reports whether a listing has this parameter.
func parameterOf(resource imednet.Resource, name string) bool {
	switch name {
	case "page", "size", "sort":
		return true
	case "filter":
		return resource != imednet.Users
	case "recordDataFilter":
		return resource == imednet.Records
	case "includeInactive":
		return resource == imednet.Users
	}
	return false
}

func number(values url.Values, name string, fallback, low, high int) (int, bool) {
	if !values.Has(name) {
		return fallback, true
	}
	n, err := strconv.Atoi(values.Get(name))
	return n, err == nil && n >= low && n <= high && strconv.Itoa(n) == values.Get(name)
}

// readSort reads the sort parameters; none means the documented default order. wrong is the first
// that cannot be read.
func readSort(values []string, resource imednet.Resource, settings Settings) (keys []sortKey, wrong string, ok bool) {
	if len(values) == 0 {
		return []sortKey{{property: defaultSort(resource)}}, "", true
	}
	for _, value := range values {
		property, direction, _ := strings.Cut(value, ",")
		_, known := attributeKinds[resource][property]
		if !settings.SortByAttributes && property != resource.ID() && property != defaultSort(resource) {
			known = false
		}
		repeated := slices.ContainsFunc(keys, func(k sortKey) bool { return k.property == property })
		if !known || repeated || !strings.EqualFold(direction, "asc") && !strings.EqualFold(direction, "desc") {
			return nil, value, false
		}
		keys = append(keys, sortKey{property: property, descending: strings.EqualFold(direction, "desc")})
	}
	return keys, "", true
}
