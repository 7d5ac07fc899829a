package lake

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
)

// discreet passes answers of a REST catalog on, but of those that are errors the status and the type alone: what a
// server or a proxy says besides may repeat the request with its token.
type discreet struct{ http.RoundTripper }

// discreetTransport is a rest.TransportFactory.
func discreetTransport(config *tls.Config) (http.RoundTripper, func()) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = config
	return discreet{transport}, transport.CloseIdleConnections
}

// RoundTrip is part of http.RoundTripper.
func (d discreet) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := d.RoundTripper.RoundTrip(r)
	if err != nil || res.StatusCode < http.StatusBadRequest || r.Method == http.MethodHead {
		return res, err
	}
	said, err := io.ReadAll(io.LimitReader(res.Body, maxErrorBytes))
	_ = res.Body.Close()
	if err != nil {
		return nil, err
	}
	told, err := json.Marshal(discreetError(said, res.StatusCode))
	if err != nil {
		return nil, err
	}
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(told)), int64(len(told))
	res.Header.Set("Content-Type", "application/json")
	res.Header.Del("Content-Length")
	res.Header.Del("Content-Encoding")
	return res, nil
}

// maxErrorBytes is more than any error of a catalog has.
const maxErrorBytes = 1 << 20

// errorTypes are the names of errors, such as NoSuchTableException and invalid_client.
var errorTypes = regexp.MustCompile(`^[A-Za-z]+(_[A-Za-z]+)*$`)

// discreetError is an error of the REST catalog's protocol, or of OAuth's, without its message.
func discreetError(said []byte, status int) map[string]any {
	var answer struct{ Error json.RawMessage }
	_ = json.Unmarshal(said, &answer) // or it has no type
	var name string
	if json.Unmarshal(answer.Error, &name) == nil && errorTypes.MatchString(name) {
		return map[string]any{"error": name}
	}
	var typed struct{ Type string }
	_ = json.Unmarshal(answer.Error, &typed)
	if !errorTypes.MatchString(typed.Type) {
		typed.Type = ""
	}
	return map[string]any{"error": map[string]any{
		"message": fmt.Sprintf("the server answered with status %d %s", status, http.StatusText(status)), "type": typed.Type, "code": status,
	}}
}
