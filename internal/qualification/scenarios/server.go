package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/rest"
)

// site is a study on an embedded server that answers over HTTP on this computer.
type site struct {
	study  *imednettest.Study
	server *imednettest.Server
	client *rest.Client // whose clock does not wait
	url    string
	http   *http.Server
}

func serve(ctx context.Context, t *qualification.Trial, study *imednettest.Study, opts ...rest.Option) (*site, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := imednettest.NewServer(study)
	server.SetClock(t.Clock)
	s := &site{study: study, server: server, url: "http://" + listener.Addr().String(),
		http: &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}}
	go s.http.Serve(listener)
	opts = append([]rest.Option{rest.WithBaseURL(s.url), rest.WithClock(t.Clock)}, opts...)
	if s.client, err = rest.New(imednettest.APIKey, imednettest.SecurityKey, opts...); err != nil {
		return nil, errors.Join(err, s.http.Close())
	}
	return s, nil
}

func (s *site) close() error { return s.http.Close() }

// generated serves a generated study.
func generated(ctx context.Context, t *qualification.Trial, records int, opts ...rest.Option) (*site, error) {
	return serve(ctx, t, imednettest.Generate(imednettest.GenerateOptions{Records: records}), opts...)
}

// rows reads a resource from the server without this library: page by page, by nothing but net/http and
// encoding/json. Faults are not played meanwhile.
func (s *site) rows(ctx context.Context, resource, sort string) (rows []json.RawMessage, err error) {
	for page, pages := 0, 1; page < pages; page++ {
		var reply struct {
			Pagination struct{ TotalPages int }
			Data       []json.RawMessage
		}
		path := fmt.Sprintf("/api/v1/edc/studies/%s/%s?page=%d&size=500&sort=%s%%2CASC", s.study.Key(), resource, page, sort)
		if err := s.get(ctx, path, &reply); err != nil {
			return nil, err
		}
		pages, rows = reply.Pagination.TotalPages, append(rows, reply.Data...)
	}
	return rows, nil
}

func (s *site) get(ctx context.Context, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"x-api-key": imednettest.APIKey, "x-imn-security-key": imednettest.SecurityKey,
		"Accept": "application/json", "Content-Type": "application/json"} {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the embedded server answered %d", response.StatusCode)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// row is what the scenarios read of a record without this library.
type row struct {
	RecordID   int64
	FormKey    string
	SubjectKey string
	SubjectOID string
	RecordOID  string
	Deleted    bool
}

// records reads all records, with their bytes.
func (s *site) records(ctx context.Context) (raw map[int64]string, rows []row, err error) {
	messages, err := s.rows(ctx, "records", "recordId")
	raw = map[int64]string{}
	for _, message := range messages {
		var r row
		if err := json.Unmarshal(message, &r); err != nil {
			return nil, nil, err
		}
		raw[r.RecordID], rows = string(message), append(rows, r)
	}
	return raw, rows, err
}
