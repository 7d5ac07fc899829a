package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// The limits of an examination.
const (
	DefaultPause = 250 * time.Millisecond // between two requests
	MaxRequests  = 199
)

// Client is what a [ServerProbe] asks. The client of package rest is one.
type Client interface{ imednet.RawAsker }

// ServerProbe examines how a server behaves where the API contract leaves it open. It only reads, unless [WithTestStudy] allows more. It is
// safe for concurrent use, but a server is examined by one at a time.
type ServerProbe struct {
	client Client
	clock  imednet.Clock
	pause  time.Duration
	limit  int
	writes string // the test study that may be written to
}

// Option configures [NewServerProbe].
type Option func(*ServerProbe) error

// WithClock sets the clock that pauses are taken by; the default is [imednet.SystemClock].
func WithClock(clock imednet.Clock) Option {
	return func(p *ServerProbe) error {
		p.clock = clock
		return argument.Required("probe.WithClock", "clock", clock)
	}
}

// WithPause sets the pause between two requests. Default: [DefaultPause].
func WithPause(pause time.Duration) Option {
	return func(p *ServerProbe) error {
		if pause < 0 {
			return argument.Invalid("probe.WithPause", "pause", "must not be negative")
		}
		p.pause = pause
		return nil
	}
}

// WithLimit sets how many requests may be sent, 1 to [MaxRequests], which is the default. The points that
// are not reached stay open.
func WithLimit(requests int) Option {
	return func(p *ServerProbe) error {
		if requests < 1 || requests > MaxRequests {
			return argument.Invalid("probe.WithLimit", "requests", fmt.Sprintf("must be 1 to %d", MaxRequests))
		}
		p.limit = requests
		return nil
	}
}

// WithTestStudy lets the examination of this study, which its owner declares a test study, submit one record, for a
// subject that does not exist, to see what becomes of it. Without it, nothing is ever sent but GET requests.
func WithTestStudy(studyKey string) Option {
	return func(p *ServerProbe) error {
		p.writes = studyKey
		return argument.Named("probe.WithTestStudy", "studyKey", studyKey)
	}
}

// NewServerProbe returns the workflow for a client. The error is an *[imednet.ValidationError].
func NewServerProbe(client Client, opts ...Option) (*ServerProbe, error) {
	if err := argument.Required("probe.NewServerProbe", "client", client); err != nil {
		return nil, err
	}
	p := &ServerProbe{client: client, clock: imednet.SystemClock(), pause: DefaultPause, limit: MaxRequests}
	if err := argument.Options("probe.NewServerProbe", p, opts); err != nil {
		return nil, err
	}
	return p, nil
}

// Examine asks one question after another about a study and reports what came. It stops at the first 401
// and the first 429, and when the server cannot be reached; then the report says so, the remaining points are open, and
// the error, an *[imednet.Error], wraps the reason. A report is returned with every error but that of an invalid
// argument.
func (p *ServerProbe) Examine(ctx context.Context, studyKey string) (*Report, error) {
	if err := argument.Named("probe.Examine", "studyKey", studyKey); err != nil {
		return nil, err
	}
	s := &session{ctx: ctx, client: p.client, clock: p.clock, study: studyKey, pause: p.pause, limit: p.limit, mayWrite: p.writes == studyKey, size: imednet.MaxPageSize}
	report := &Report{Capabilities: imednet.Capabilities{StudyKey: studyKey, Settings: map[string]any{}}}
	s.gather(report)
	for _, q := range questions() {
		report.Points = append(report.Points, s.settle(q, &report.Capabilities))
	}
	for _, q := range writeQuestions() {
		report.Points = append(report.Points, s.settleByWriting(q, &report.Capabilities))
	}
	report.Points = append(report.Points, unaskedPoints()...)
	report.Requests, report.Stopped = s.requests, s.stopped
	if s.limited != nil {
		report.RetryAfter = s.limited.retryAfter
	}
	if s.err != nil {
		return report, &imednet.Error{Package: "probe", Op: "examine the server", StudyKey: studyKey, Err: s.err, Hint: s.hint()}
	}
	return report, nil
}

// hint says what to do after an examination that ended early.
func (s *session) hint() string {
	if errors.Is(s.err, imednet.ErrForbidden) || errors.Is(s.err, imednet.ErrProtocol) {
		return "check the study's key, and that the API keys may read the study"
	}
	return "the points that were not reached are open; examine again later"
}

// question is a point and how it is settled.
type question struct {
	id, text string
	setting  string // of a test server that answers yes; "" if there is none
	yes, no  string // what the answer means
	differs  string // and what it means that it is neither, unless the question tells more
	ask      func(*session, *finding) error
}

// finding is what came of a question.
type finding struct {
	Point
	capabilities *imednet.Capabilities
	setting      string
}

// set notes the setting of a test server that behaves alike.
func (f *finding) set(value any) { f.capabilities.Settings[f.setting] = value }

// saw notes a request and the reply that it brought.
func (f *finding) saw(asked string, r reply) {
	f.Asked = append(f.Asked, asked)
	if f.Came != "" {
		f.Came += "; "
	}
	f.Came += r.String()
}

// notably adds what was seen in a reply.
func (f *finding) notably(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if f.Came != "" {
		text = f.Came + "; " + text
	}
	f.Came = text
}

// settle asks a question, or says why it was not asked.
func (s *session) settle(q question, c *imednet.Capabilities) Point {
	f := &finding{Point: Point{ID: q.id, Question: q.text, Answer: Open}, capabilities: c, setting: q.setting}
	if s.stopped != "" {
		f.Came = "not asked: " + s.stopped
		return f.Point
	}
	if err := q.ask(s, f); err != nil {
		f.Answer = Open
		f.notably("%s", s.stopped)
		return f.Point
	}
	switch f.Answer {
	case Yes:
		f.Meaning = q.yes
		if q.setting != "" {
			f.set(true)
		}
	case No:
		f.Meaning = q.no
	case Differs:
		f.Meaning = cmp.Or(f.Meaning, q.differs)
	}
	return f.Point
}
