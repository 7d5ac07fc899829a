package rest

import (
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/time/rate"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// The defaults of a [Client].
const (
	DefaultBaseURL      = "https://edc.prod.imednetapi.com"
	DefaultTimeout      = 30 * time.Second
	DefaultPageSize     = imednet.MaxPageSize
	DefaultLookAhead    = 4
	DefaultMaxBodyBytes = 64 << 20
)

// MaxLookAhead is the most that [WithLookAhead] takes. The API publishes no rate limit and asks for few requests at once
// (API contract, section 1).
const MaxLookAhead = 16

// Option is a setting for [New], which fails if an option has an invalid value.
type Option func(*config) error

type config struct {
	base         *url.URL
	httpClient   *http.Client // nil: our own
	timeout      time.Duration
	pageSize     int
	lookAhead    int
	offsetPages  bool // conditions on the id are of no use
	policy       RetryPolicy
	limiter      *rate.Limiter // nil: no limit
	maxBodyBytes int64
	logger       *slog.Logger
	clock        imednet.Clock
}

func defaultConfig() *config {
	base, _ := parseBaseURL(DefaultBaseURL)
	return &config{
		base:         base,
		timeout:      DefaultTimeout,
		pageSize:     DefaultPageSize,
		lookAhead:    DefaultLookAhead,
		policy:       RetryPolicy{}.withDefaults(),
		maxBodyBytes: DefaultMaxBodyBytes,
		logger:       slog.New(slog.DiscardHandler),
		clock:        imednet.SystemClock(),
	}
}

func badOption(name, message string) error { return argument.Invalid("rest.New", name, message) }

// WithBaseURL sets the server. Trailing slashes and one trailing /api are dropped. The scheme
// must be https, because every request carries the keys; http is accepted only for this computer
// (localhost or a loopback address). Default: [DefaultBaseURL].
func WithBaseURL(text string) Option {
	return func(c *config) error {
		base, err := parseBaseURL(text)
		if err != nil {
			return badOption("base URL", err.Error())
		}
		c.base = base
		return nil
	}
}

// WithHTTPClient sends requests through a copy of client, with its transport, proxy, TLS settings and
// cookie jar. Its CheckRedirect is consulted only for redirects that are allowed in the first place:
// those of a GET within the same origin. Default: a transport of the client's own, which keeps enough
// idle connections for the look-ahead.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if err := argument.Required("rest.New", "HTTP client", client); err != nil {
			return err
		}
		c.httpClient = client
		return nil
	}
}

// WithTimeout limits each attempt of a request, including the time to read the body of the reply. It
// must be greater than zero. Default: [DefaultTimeout].
func WithTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return badOption("timeout", "must be greater than zero")
		}
		c.timeout = d
		return nil
	}
}

// WithPageSize sets how many rows one request of a listing asks for, 1 to 500, unless its
// [imednet.ListOptions] say otherwise. Default: [DefaultPageSize], the API's maximum.
func WithPageSize(rows int) Option {
	return func(c *config) error {
		if rows < 1 || rows > imednet.MaxPageSize {
			return badOption("page size", fmt.Sprintf("must be 1 to %d", imednet.MaxPageSize))
		}
		c.pageSize = rows
		return nil
	}
}

// WithCapabilities makes the client ask what the server is known to answer, as package workflows/probe found
// out: no page larger than one that arrived whole, and listings by offset pages where conditions on the id are refused or
// ignored.
func WithCapabilities(known imednet.Capabilities) Option {
	return func(c *config) error {
		if err := known.Validate(); err != nil {
			return err
		}
		if known.MaxPageSize > 0 {
			c.pageSize = known.MaxPageSize
		}
		c.offsetPages = known.OffsetPages
		return nil
	}
}

// WithLookAhead sets how many page requests one listing keeps in flight at most, 1 to [MaxLookAhead]; 1 reads one page
// at a time. More than the default pay where the server is far away. A listing begins with one request, goes on with four, and sends more at once while it waits for
// pages, no page takes more than twice as long as the fastest one, and the caller can keep up. Pages that arrived out of turn wait, fewer
// than twice as many together with those in flight. Default: [DefaultLookAhead].
func WithLookAhead(requests int) Option {
	return func(c *config) error {
		if requests < 1 || requests > MaxLookAhead {
			return badOption("look-ahead", fmt.Sprintf("must be 1 to %d", MaxLookAhead))
		}
		c.lookAhead = requests
		return nil
	}
}

// WithRetry sets when a failed request is sent again. Default: the zero [RetryPolicy].
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) error {
		if err := policy.validate(); err != nil {
			return badOption("retry policy", err.Error())
		}
		c.policy = policy.withDefaults()
		return nil
	}
}

// WithRateLimit limits all requests of the client, retries included, to perSecond on average and to
// burst at once. Default: no limit, since the API publishes none. With or without one, a 429 holds
// back all requests, and from then on half as many of them are under way at once; that number rises by one after 32
// answers, and after twice as many for each further 429, up to 256.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(c *config) error {
		if !(perSecond > 0) || math.IsInf(perSecond, 0) || burst < 1 {
			return badOption("rate limit", "rate and burst must be greater than zero")
		}
		c.limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// WithMaxBodyBytes limits the size of a reply, in bytes, after it is unpacked. A larger page is requested
// again with fewer rows; a larger reply of another kind is an error. Replies are held in memory, one for
// each request in flight and each page that waits for its turn ([WithLookAhead]), and take several times their size while they are read.
// Default: [DefaultMaxBodyBytes].
func WithMaxBodyBytes(n int64) Option {
	return func(c *config) error {
		if n < 1 || n == math.MaxInt64 {
			return badOption("body limit", "must be greater than zero and less than the greatest int64")
		}
		c.maxBodyBytes = n
		return nil
	}
}

// WithLogger logs every attempt at level debug. At level warn it logs every retry, every doubt about a
// reply, and, once for each member, JSON that does not fit its documented type. Log records hold
// methods, paths without their queries, statuses, attempts, durations and member names, but never
// keys, filters, rows or the server's descriptions. Default: no log.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if err := argument.Required("rest.New", "logger", logger); err != nil {
			return err
		}
		c.logger = logger
		return nil
	}
}

// WithClock sets the clock that the client uses to wait and to measure. Timeouts always use the
// system's clock. Default: [imednet.SystemClock].
func WithClock(clock imednet.Clock) Option {
	return func(c *config) error {
		if err := argument.Required("rest.New", "clock", clock); err != nil {
			return err
		}
		c.clock = clock
		return nil
	}
}

// client is the HTTP client that requests go through: the caller's, or our own.
func (c *config) client() *http.Client {
	if c.httpClient != nil {
		return c.httpClient
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = MaxLookAhead
	return &http.Client{Transport: transport}
}
