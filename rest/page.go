package rest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// page is one page of a listing, checked.
type page[T any] struct {
	rows       []T
	ids        []rowID
	size       int // rows a page has on this server: what it echoes, else what was asked for
	total      int64
	serverTime time.Time
}

// last reports whether no row follows, for a page of this number.
func (p page[T]) last(number int) bool { return int64(number+1)*int64(p.size) >= p.total }

// envelope is what lists come in (API contract, section 3).
type envelope[T any] struct {
	Metadata struct {
		Timestamp imednet.Opt[imednet.Time] `json:"timestamp"`
	} `json:"metadata"`
	Pagination pagination `json:"pagination"`
	Data       rowList[T] `json:"data"`
}

type pagination struct {
	CurrentPage   imednet.Opt[int64] `json:"currentPage"`
	Size          imednet.Opt[int64] `json:"size"`
	TotalPages    imednet.Opt[int64] `json:"totalPages"`
	TotalElements imednet.Opt[int64] `json:"totalElements"`
}

// rowList reads the rows of an envelope while its JSON is scanned, so that a page is not scanned
// once more for them.
type rowList[T any] struct {
	kind  kind[T]
	size  int // rows a full page has
	rows  []T
	ids   []rowID
	found bool
	err   error // of the first row that cannot be read
}

// UnmarshalJSONFrom reads a list of rows.
func (l *rowList[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	l.rows, l.ids, l.found = make([]T, 0, l.size), make([]rowID, 0, l.size), dec.PeekKind() == '['
	if !l.found {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		row, err := l.kind.decode(raw)
		if err != nil {
			l.err = fmt.Errorf("row %d of the page: %w", len(l.rows), err)
			return l.err
		}
		l.rows = append(l.rows, row)
		l.ids = append(l.ids, l.kind.id(&row))
	}
	_, err := dec.ReadToken()
	return err
}

var errNoServerTime = errors.New("neither metadata.timestamp nor a Date header tells the server's time")

// parsePage reads a reply with status 200 and checks it against what was asked. Its errors tell
// the problem and never a value.
func parsePage[T any](k kind[T], ask pageQuery, header http.Header, body []byte) (page[T], error) {
	e := envelope[T]{Data: rowList[T]{kind: k, size: ask.size}}
	switch err := json.Unmarshal(body, &e, tolerant); {
	case e.Data.err != nil:
		return page[T]{}, e.Data.err
	case err != nil:
		return page[T]{}, errors.New("the body is no envelope of JSON")
	case !e.Data.found:
		return page[T]{}, errors.New("data is missing or no list")
	}
	p := page[T]{rows: e.Data.rows, ids: e.Data.ids, size: ask.size, serverTime: e.Metadata.Timestamp.Or(imednet.Time{}).Time}
	if p.serverTime.IsZero() {
		if date, err := http.ParseTime(header.Get("Date")); err == nil {
			p.serverTime = date.UTC()
		}
	}
	if err := p.checkPaging(ask, e.Pagination); err != nil {
		return page[T]{}, err
	}
	return p, p.checkIDs(ask)
}

// checkPaging compares the numbers of a page with one another and with the question.
func (p *page[T]) checkPaging(ask pageQuery, told pagination) error {
	total, ok := told.TotalElements.Get()
	if !ok || total < 0 {
		return errors.New("pagination.totalElements is missing")
	}
	p.total = total
	if size, ok := told.Size.Get(); ok {
		if size < 1 || size > imednet.MaxPageSize {
			return errors.New("pagination.size is out of range")
		}
		p.size = int(size)
	}
	if number, ok := told.CurrentPage.Get(); ok && number != int64(ask.number) {
		return fmt.Errorf("pagination.currentPage is %d, page %d was asked for", number, ask.number)
	}
	pages := (total + int64(p.size) - 1) / int64(p.size)
	if n, ok := told.TotalPages.Get(); ok && n != pages && !(total == 0 && n == 1) {
		return fmt.Errorf("pagination.totalPages is %d, %d rows make %d", n, total, pages)
	}
	expected := min(max(total-int64(ask.number)*int64(p.size), 0), int64(p.size))
	if int64(len(p.rows)) != expected {
		return fmt.Errorf("the page has %d rows where its pagination announces %d", len(p.rows), expected)
	}
	return nil
}

// checkIDs makes sure that ids rise strictly, start where they were asked to, and do not repeat.
func (p *page[T]) checkIDs(ask pageQuery) error {
	seen := make(map[rowID]bool)
	for i, id := range p.ids {
		switch {
		case ask.from > 0 && id.number < ask.from:
			return fmt.Errorf("row %d of the page has an id below the bound that was asked for", i)
		case ask.rising && i > 0 && id.number <= p.ids[i-1].number:
			return fmt.Errorf("ids repeat or fall at row %d of the page", i)
		case !ask.rising && seen[id]:
			return fmt.Errorf("an id repeats at row %d of the page", i)
		}
		if !ask.rising {
			seen[id] = true
		}
	}
	return nil
}
