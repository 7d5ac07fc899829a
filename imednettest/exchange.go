package imednettest

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/imednetgo/imednet"
)

// exchange is one request on its way through hook, faults and counters.
type exchange struct {
	server *Server
	call   *call
	logged *Request
	hook   func(Request)
	clock  imednet.Clock
	fault  *Fault
	ready  *reply // the answer, when a fault had to look at it first: the request has taken effect
}

// begin counts a request and finds the fault that it meets.
func (s *Server) begin(c *call) *exchange {
	logged := newRequest(c)
	s.mu.Lock()
	s.inFlight++
	x := &exchange{server: s, call: c, logged: &logged, hook: s.hook, clock: s.clock}
	faults, inFlight := append([]*scripted(nil), s.faults...), s.inFlight
	req := logged
	s.requests = append(s.requests, x.logged)
	s.mu.Unlock()
	if x.hook != nil {
		x.hook(req)
	}
	for _, f := range faults {
		if f.matches(req) && x.exceeds(&f.Fault) && s.hits(f, inFlight) {
			x.fault, c.played = &f.Fault, f
			break
		}
	}
	return x
}

// end counts the request out.
func (x *exchange) end() {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.server.inFlight--
}

// exceeds reports whether the request is as large as the fault asks for: the answer to a GET, the
// body of a POST.
func (x *exchange) exceeds(f *Fault) bool {
	if f.OverRows == 0 && f.OverBytes == 0 {
		return true
	}
	if x.call.method != http.MethodGet {
		return f.OverBytes > 0 && len(x.call.body) > f.OverBytes
	}
	if x.ready == nil {
		r := x.server.answer(x.call)
		x.ready = &r
	}
	return f.OverRows > 0 && len(x.ready.page.ends) > f.OverRows || f.OverBytes > 0 && len(x.ready.page.buf)+len(x.ready.bare) > f.OverBytes
}

// handle lets the request take effect, once.
func (x *exchange) handle() reply {
	if x.ready != nil && (x.ready.resource == "" || !x.fault.twists()) {
		return *x.ready
	}
	return x.server.answer(x.call)
}

// answer is what the client gets, the fault's doing included. err is a connection that breaks
// before any answer.
func (x *exchange) answer(ctx context.Context) (r reply, err error) {
	f := x.fault
	defer func() { x.server.setStatus(x.logged, r.status) }()
	if f == nil {
		return x.handle(), nil
	}
	if f.Jump != 0 {
		x.server.jump(x.call, f.Jump)
	}
	if f.AfterApply {
		r = x.handle()
	}
	if err := f.wait(ctx, x.clock); err != nil {
		return reply{}, err
	}
	if f.Reset {
		return reply{}, syscall.ECONNRESET
	}
	if !f.AfterApply && f.Status == 0 {
		r = x.handle()
	}
	return f.apply(r, x.server.timeOf(x.call)), nil
}

// jump moves the clock of the study that a call asks.
func (s *Server) jump(c *call, d time.Duration) {
	if parts, ok := c.parts(); ok && len(parts) > 0 {
		if study := s.Study(parts[0]); study != nil {
			study.Advance(d)
		}
	}
}

// write sends the answer, damaged as the fault has it; an error breaks the connection.
func (x *exchange) write(ctx context.Context, w http.ResponseWriter, r reply) error {
	f := x.fault
	r.gateway = x.server.configured().GatewayErrors && (r.status == http.StatusUnauthorized || r.status == http.StatusForbidden || r.status == http.StatusTooManyRequests)
	sent, promised := f.spoil(r.render(x.call))
	header := w.Header()
	if !bodiless(r.status) {
		header.Set("Content-Type", contentType(sent))
		header.Set("Content-Length", strconv.Itoa(promised))
	}
	if f != nil {
		for name, value := range f.headers(x.clock.Now()) {
			header.Set(name, value)
		}
	}
	w.WriteHeader(r.status)
	if bodiless(r.status) {
		return nil
	}
	if err := x.send(ctx, w, sent); err != nil {
		return err
	}
	if len(sent) < promised {
		_ = http.NewResponseController(w).Flush()
		return io.ErrShortWrite
	}
	return nil
}

// trickles is the number of pieces of a body that trickles.
const trickles = 8

// send writes a body, in pieces when it trickles.
func (x *exchange) send(ctx context.Context, w http.ResponseWriter, body []byte) error {
	if x.fault == nil || x.fault.Trickle == 0 {
		_, err := w.Write(body)
		return err
	}
	for n := range trickles {
		if _, err := w.Write(body[len(body)*n/trickles : len(body)*(n+1)/trickles]); err != nil {
			return err
		}
		_ = http.NewResponseController(w).Flush()
		if err := x.clock.Sleep(ctx, x.fault.Trickle); err != nil {
			return err
		}
	}
	return nil
}
