package wire

import (
	"cmp"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/jsonscan"
)

// Page is one page of a listing, checked.
type Page[T any] struct {
	Rows       []T
	IDs        []RowID
	Number     int // as it was asked for
	Size       int // rows a page has on this server: what it echoes, else what was asked for
	Total      int64
	Misfits    bool      // rows may have members that do not fit their types
	ServerTime time.Time // UTC; zero when the reply does not say
}

// Last reports whether no row follows.
func (p Page[T]) Last() bool { return int64(p.Number+1)*int64(p.Size) >= p.Total }

// Behind is the number of rows that follow.
func (p Page[T]) Behind() int64 { return max(0, p.Total-int64(p.Number+1)*int64(p.Size)) }

// envelope is what lists come in (API contract, section 3).
type envelope[T any] struct {
	metadata   once[metadata]
	pagination once[pagination]
	data       rowList[T]
}

type metadata struct {
	Path      imednet.Opt[string]       `json:"path"`
	Timestamp imednet.Opt[imednet.Time] `json:"timestamp"`
	Error     jsontext.Value            `json:"error"`
}

// tellsError reports whether the envelope says that the request failed, whatever its status is.
func (m metadata) tellsError() bool { return textOf(objectOf(m.Error)["code"]) != "" }

type pagination struct {
	CurrentPage   imednet.Opt[int64] `json:"currentPage"`
	Size          imednet.Opt[int64] `json:"size"`
	TotalPages    imednet.Opt[int64] `json:"totalPages"`
	TotalElements imednet.Opt[int64] `json:"totalElements"`
}

// errTwice means that an envelope has a member more than once, so that readers may differ about it.
// Names that repeat inside a row are allowed.
var errTwice = errors.New("a member of the envelope is there twice")

// errNoEnvelope means that a body is not JSON, or not that of a list.
var errNoEnvelope = errors.New("the body is not a JSON envelope")

// read reads the envelope, and the rows while its JSON is scanned, so that a page is not scanned once more for them.
func (e *envelope[T]) read(body []byte) (err error) {
	members := jsonscan.WalkObject(body)
	for members.Next() && err == nil {
		switch name := nameOf(&members); name {
		case "metadata":
			err = e.metadata.read(members.Value())
		case "pagination":
			err = e.pagination.read(members.Value())
		case "data":
			err = e.data.read(&members)
		}
	}
	if err == nil && members.Invalid() {
		err = errNoEnvelope
	}
	return err
}

func nameOf(members *jsonscan.Object) string {
	if !members.Escaped {
		return string(members.Name[1 : len(members.Name)-1])
	}
	name, _ := jsontext.AppendUnquote(nil, members.Name)
	return string(name)
}

// once is a member of an envelope that may be there once.
type once[T any] struct {
	value T
	told  bool
}

func (o *once[T]) read(raw []byte) error {
	if o.told {
		return errTwice
	}
	o.told = true
	if json.Unmarshal(raw, &o.value, tolerant) != nil {
		return errNoEnvelope
	}
	return nil
}

// rowList is the rows of an envelope.
type rowList[T any] struct {
	kind       Kind[T]
	study      string
	size       int // rows a full page has
	conditions []imednet.Condition
	memory     *Memory[T]
	rows       []T
	ids        []RowID
	misfits    bool
	told       bool
	found      bool
}

// read reads the rows of the current member. Its error is that of the first row that cannot be read.
func (l *rowList[T]) read(members *jsonscan.Object) error {
	if l.told {
		return errTwice
	}
	l.told, l.found = true, members.IsArray()
	if !l.found {
		return nil
	}
	taken := l.memory.take(l.size)
	l.rows, l.ids = taken.rows, taken.ids
	list := members.Array()
	for list.Next() {
		if err := l.add(&list); err != nil {
			return err
		}
	}
	return nil
}

// add reads the current element. A row in which anything is wrong is read once more, to say what it is.
func (l *rowList[T]) add(list *jsonscan.Array) error {
	if n := len(l.rows); n < cap(l.rows) {
		l.rows = l.rows[:n+1] // memory holds zeros there
	} else {
		l.rows = append(l.rows, *new(T))
	}
	row := &l.rows[len(l.rows)-1]
	read := l.kind.Read(list, row)
	if l.misfits = l.misfits || read.Misfit; read.Raw == nil {
		raw := jsontext.Value(list.Value())
		if raw == nil {
			return errNoEnvelope
		}
		if err := l.kind.Decode(raw.Clone(), row); err != nil {
			return l.at(err)
		}
		read.Raw, l.misfits = raw, true
	}
	if err := l.check(row, read.Raw); err != nil {
		return l.at(err)
	}
	l.ids = append(l.ids, l.kind.ID(row))
	return nil
}

// at says of an error which row it is about.
func (l *rowList[T]) at(err error) error {
	return fmt.Errorf("row %d of the page: %w", len(l.ids), err)
}

func (l *rowList[T]) check(row *T, raw []byte) error {
	return cmp.Or(checkStudy(l.study, l.kind.Study(row)), checkApplied(l.conditions, raw))
}

// ErrNoServerTime means that a reply does not say when it was made.
var ErrNoServerTime = errors.New("neither metadata.timestamp nor a Date header has the server's time")

// ParsePage reads a reply with status 200 and checks it against what was asked: a reply is not
// taken at its word. Its errors name the problem and never a value. The page shares no memory with the body; it stands in what
// memory has, which may be nil.
func ParsePage[T any](k Kind[T], ask Ask, header http.Header, body []byte, memory *Memory[T]) (Page[T], error) {
	if isCached(header) {
		return Page[T]{}, errors.New("the reply's headers say that a cache on the way stands for the server")
	}
	if isOtherText(header, body) {
		return Page[T]{}, errors.New("the reply is in another encoding than UTF-8")
	}
	e := envelope[T]{data: rowList[T]{kind: k, study: ask.Study, size: ask.Size, conditions: toCheck(k.Resource, ask), memory: memory}}
	if err := e.read(body); err != nil {
		return Page[T]{}, err
	}
	switch meta := &e.metadata.value; {
	case meta.tellsError():
		return Page[T]{}, errors.New("metadata.error says that the request failed, and the status that it succeeded")
	case !e.data.found:
		return Page[T]{}, errors.New("data is missing or not a list")
	case isOfAnother(meta.Path.Or(""), ask.Study, k.Resource):
		return Page[T]{}, errors.New("the reply's path says that it answers another request")
	}
	p := Page[T]{Rows: e.data.rows, IDs: e.data.ids, Misfits: e.data.misfits, Number: ask.Number, Size: ask.Size, ServerTime: e.metadata.value.Timestamp.Or(imednet.Time{}).Time}
	if p.ServerTime.IsZero() {
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			p.ServerTime = date.UTC()
		}
	}
	if err := p.checkPaging(ask, e.pagination.value); err != nil {
		return Page[T]{}, err
	}
	return p, p.checkIDs(ask)
}

// isOtherText reports whether a reply names another encoding than UTF-8, and is none that happens to be
// UTF-8 all the same.
func isOtherText(header http.Header, body []byte) bool {
	_, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	charset := params["charset"]
	return err == nil && charset != "" && !strings.EqualFold(charset, "utf-8") && !utf8.Valid(body)
}

// checkPaging compares the numbers of a page with one another and with the question.
func (p *Page[T]) checkPaging(ask Ask, told pagination) error {
	total, ok := told.TotalElements.Get()
	if !ok || total < 0 {
		return errors.New("pagination.totalElements is missing")
	}
	p.Total = total
	if size, ok := told.Size.Get(); ok {
		if size < 1 || size > imednet.MaxPageSize {
			return errors.New("pagination.size is out of range")
		}
		p.Size = int(size)
	}
	if number, ok := told.CurrentPage.Get(); ok && number != int64(ask.Number) {
		return fmt.Errorf("pagination.currentPage is %d, page %d was asked for", number, ask.Number)
	}
	pages := (total + int64(p.Size) - 1) / int64(p.Size)
	if n, ok := told.TotalPages.Get(); ok && n != pages && !(total == 0 && n == 1) {
		return fmt.Errorf("pagination.totalPages is %d, %d rows make %d", n, total, pages)
	}
	expected := min(max(total-int64(ask.Number)*int64(p.Size), 0), int64(p.Size))
	if int64(len(p.Rows)) != expected {
		return fmt.Errorf("the page has %d rows where its pagination announces %d", len(p.Rows), expected)
	}
	return nil
}

// checkIDs makes sure that ids rise strictly, start where they were asked to, and do not repeat.
func (p *Page[T]) checkIDs(ask Ask) error {
	seen := make(map[RowID]bool)
	for i, id := range p.IDs {
		switch {
		case ask.From > 0 && id.Number < ask.From:
			return fmt.Errorf("row %d of the page has an id below the bound that was asked for", i)
		case ask.Rising && i > 0 && id.Number <= p.IDs[i-1].Number:
			return fmt.Errorf("ids repeat or fall at row %d of the page", i)
		case !ask.Rising && seen[id]:
			return fmt.Errorf("an id repeats at row %d of the page", i)
		}
		if !ask.Rising {
			seen[id] = true
		}
	}
	return nil
}
