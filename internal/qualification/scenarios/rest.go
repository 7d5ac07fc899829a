package scenarios

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/rest"
)

// faults are failures of a network and a gateway that pass.
var faults = []imednettest.Fault{
	{Path: "records", Skip: 1, Status: 502},
	{Path: "records", Skip: 2, Reset: true},
	{Path: "records", Skip: 3, Truncate: true},
	{Path: "records", Skip: 4, Status: 429, RetryAfter: "2"},
	{Path: "records", Skip: 5, Malformed: true},
	{Path: "records", Skip: 6, OmitData: true},
	{Path: "records", Skip: 7, Status: 503},
}

var listings = qualification.Scenario{
	ID: "OQ-RST-1", Title: "Every record is listed once although requests fail",
	Requirements: []string{"RST-01", "RST-06"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 1500, rest.WithPageSize(100))
		if err != nil {
			return err
		}
		defer s.close()
		expected, _, err := s.records(ctx)
		if err != nil {
			return err
		}
		s.server.Inject(faults...)
		s.server.ResetRequests()
		seen, listed, err := listed(ctx, s.client)
		if err != nil {
			return err
		}
		t.Equal("records, byte for byte", digest(expected), digest(seen))
		t.Equal("records listed", len(expected), listed)
		failed := s.server.CountRequests(func(r imednettest.Request) bool { return r.Status != 200 })
		t.Equal("requests that were broken or refused", 4, failed)
		t.Note("requests in all", len(s.server.Requests()))
		return t.Evidence("requests.txt", requests(s.server))
	},
}

// listed reads all records by the library, and counts how many there were with repetitions.
func listed(ctx context.Context, client *rest.Client) (rows map[int64]string, n int, err error) {
	rows = map[int64]string{}
	for record, err := range client.Records(ctx, "DEMO", imednet.ListOptions{}) {
		if err != nil {
			return rows, n, err
		}
		text, err := record.MarshalJSON()
		if err != nil {
			return rows, n, err
		}
		rows[record.RecordID] = string(text)
		n++
	}
	return rows, n, nil
}

// wrongAnswers are answers that a server or a proxy gives every time.
var wrongAnswers = []struct {
	name  string
	fault imednettest.Fault
}{
	{"rows are missing from the envelope", imednettest.Fault{OmitData: true}},
	{"a row is listed twice", imednettest.Fault{RepeatRow: true}},
	{"a row is left out of a page in the middle", imednettest.Fault{Skip: 2, SkipRow: true}},
	{"pages are cut short", imednettest.Fault{CutRows: 3}},
	{"pages are empty while the total is kept", imednettest.Fault{Skip: 1, EmptyPage: true}},
	{"two rows are exchanged", imednettest.Fault{SwapRows: true}},
	{"the filter is ignored", imednettest.Fault{IgnoreFilter: true}},
	{"the JSON is damaged", imednettest.Fault{Malformed: true}},
	{"the body is cut", imednettest.Fault{Truncate: true}},
}

var wrongReplies = qualification.Scenario{
	ID: "OQ-RST-3", Title: "A listing is complete or an error, whatever the server answers",
	Requirements: []string{"RST-01", "RST-04", "RST-05"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		s, err := generated(ctx, t, 600, rest.WithPageSize(100))
		if err != nil {
			return err
		}
		defer s.close()
		expected, _, err := s.records(ctx)
		if err != nil {
			return err
		}
		for _, wrong := range wrongAnswers {
			fault := wrong.fault
			fault.Path, fault.Times = "records", -1
			s.server.Inject(fault)
			seen, n, err := listed(ctx, s.client)
			s.server.ClearFaults()
			whole := err == nil && digest(seen) == digest(expected) && n == len(expected)
			t.Holds("complete or an error: "+wrong.name, whole || err != nil)
		}
		return nil
	},
}

// requests lists what a server was asked, and the status of each answer.
func requests(server *imednettest.Server) []byte {
	var b bytes.Buffer
	for _, r := range server.Requests() {
		b.WriteString(r.Method + " " + r.Path + " " + r.Filter + " " + strconv.Itoa(r.Status) + "\n")
	}
	return b.Bytes()
}

var keysAndRedirects = qualification.Scenario{
	ID: "OQ-RST-2", Title: "API keys go to their server alone, and into no log",
	Requirements: []string{"RST-06", "RST-09", "RST-11", "MIR-17"},
	Run: func(ctx context.Context, t *qualification.Trial) error {
		var log bytes.Buffer
		s, err := generated(ctx, t, 100, rest.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		if err != nil {
			return err
		}
		defer s.close()
		other, err := generated(ctx, t, 10)
		if err != nil {
			return err
		}
		defer other.close()
		s.server.Inject(imednettest.Fault{Redirect: other.url + "/api/v1/edc/studies", Times: -1})
		err = listAll(ctx, s.client)
		t.Holds("a redirect to another server is an error", err != nil)
		t.Equal("requests that the other server received", 0, len(other.server.Requests()))
		text := errorText(err)

		s.server.ClearFaults()
		s.server.Inject(imednettest.Fault{Status: 401, Times: -1})
		s.server.ResetRequests()
		err = listAll(ctx, s.client)
		t.Refused("a listing with keys that the server refuses", imednet.ErrUnauthorized, err)
		t.Equal("requests after which nothing more was sent", 1, len(s.server.Requests()))

		s.server.ClearFaults()
		if err := listAll(ctx, s.client); err != nil {
			return err
		}
		all := log.String() + text + errorText(err)
		t.Holds("the log has lines", log.Len() > 0)
		t.Holds("no key is in the log or an error", !strings.Contains(all, imednettest.APIKey) && !strings.Contains(all, imednettest.SecurityKey))
		t.Holds("no subject key is in the log or an error", !strings.Contains(all, "01-001"))
		return nil
	},
}

func listAll(ctx context.Context, client *rest.Client) error {
	for _, err := range client.Records(ctx, "DEMO", imednet.ListOptions{}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// errorText is everything that an error and those that it wraps say.
func errorText(err error) string {
	text := ""
	for ; err != nil; err = errors.Unwrap(err) {
		text += err.Error() + "\n"
	}
	return text
}
