package imednettest

import (
	"net/http"
	"slices"
	"time"
)

// apply turns a good answer into what the fault makes of it, as far as that can be said before
// the answer is bytes.
func (f *Fault) apply(r reply, now time.Time) reply {
	if f.Status != 0 {
		r = reply{status: f.Status, time: now}
		if r.bare = []byte{}; f.Status >= 300 {
			r.bare, r.failure = nil, &failure{code: codeOf(f.Status), description: http.StatusText(f.Status)}
		}
	}
	if r.status != http.StatusOK || r.bare != nil || f.Status != 0 {
		return r
	}
	f.page(&r.page)
	if f.EchoSize != 0 {
		r.size = f.EchoSize
	}
	if f.EchoPage != nil {
		r.number = *f.EchoPage
	}
	r.omitData = f.OmitData
	return r
}

// page damages the rows and the total of a page.
func (f *Fault) page(p *result) {
	rows := p.rows()
	switch {
	case f.Empty:
		rows, p.total = nil, 0
	case f.EmptyPage:
		rows = nil
	case len(rows) == 0:
	case f.RepeatRow:
		rows = slices.Insert(rows, 0, rows[0])
	case f.SkipRow:
		rows = rows[1:]
	case f.SwapRows:
		rows[0], rows[len(rows)-1] = rows[len(rows)-1], rows[0]
	case f.CutRows > 0:
		rows = rows[:max(0, len(rows)-f.CutRows)]
	}
	p.total += f.AddTotal
	if f.Total != nil {
		p.total = *f.Total
	}
	p.set(rows)
}

// codeOf is the error code that likely goes with a status (contract section 8).
func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "1000"
	case http.StatusUnauthorized, http.StatusForbidden:
		return "9001"
	}
	return "9000"
}

// headers are what the fault sets on the answer.
func (f *Fault) headers(now time.Time) map[string]string {
	headers := map[string]string{}
	if f.RetryAfter != "" {
		headers["Retry-After"] = f.RetryAfter
	}
	if f.RetryAfterDate != 0 {
		headers["Retry-After"] = now.Add(f.RetryAfterDate).UTC().Format(http.TimeFormat)
	}
	if f.Redirect != "" {
		headers["Location"] = f.Redirect
	}
	for name, value := range f.Header {
		headers[name] = value
	}
	return headers
}

// spoil damages the bytes of an answer. promised is the Content-Length to announce.
func (f *Fault) spoil(body []byte) (sent []byte, promised int) {
	if f == nil {
		return body, len(body)
	}
	if f.Body != nil {
		body = []byte(*f.Body)
	}
	if f.Malformed && len(body) > 0 {
		body = append(body[:len(body)-1:len(body)-1], "]]"...)
	}
	if f.Truncate {
		return body[:len(body)/2], len(body)
	}
	return body, len(body)
}
