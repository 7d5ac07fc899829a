package wire

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// tolerant reads what servers really send.
var tolerant = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// maxDescription bounds what is kept of a body that is no envelope.
const maxDescription = 500

// ParseErrorBody reads the body of an error whatever it is: the API's envelope, a gateway's other
// JSON, plain text, an HTML page or nothing (API contract, section 8).
func ParseErrorBody(status int, body []byte) *imednet.APIError {
	e := &imednet.APIError{StatusCode: status}
	body = bytes.TrimSpace(body)
	members := objectOf(body)
	switch metadata := objectOf(members["metadata"]); {
	case metadata != nil:
		detail, field := objectOf(metadata["error"]), objectOf(objectOf(metadata["error"])["field"])
		e.Status = textOf(metadata["status"])
		e.Code = textOf(detail["code"])
		e.Envelope = e.Status != "" && e.Code != ""
		e.Description = textOf(detail["description"])
		e.Attribute = textOf(field["attribute"])
		e.Value = textOf(field["value"])
	case members != nil:
		nested := objectOf(members["error"])
		e.Status = textOf(members["status"])
		e.Code = firstText(members["code"], nested["code"])
		e.Description = firstText(members["message"], members["description"], nested["message"], nested["description"], members["error"])
	case len(body) > 0 && body[0] != '<':
		e.Description = string(body)
	case len(body) > 0:
		e.Description = titleOf(body)
	}
	if e.Description == "" {
		e.Description = http.StatusText(status)
	}
	e.Description = shorten(e.Description)
	return e
}

// objectOf returns the members of a JSON object, nil of anything else. Of a repeated name the
// last one counts.
func objectOf(raw []byte) map[string]jsontext.Value {
	if jsontext.Value(raw).Kind() != '{' {
		return nil
	}
	members := map[string]jsontext.Value{}
	if json.Unmarshal(raw, &members, tolerant) != nil {
		return nil
	}
	return members
}

// textOf returns the text of a string, and the JSON of any other value but null.
func textOf(raw jsontext.Value) string {
	if raw.Kind() == 'n' {
		return ""
	}
	return imednet.NewValue(raw).Text()
}

func firstText(values ...jsontext.Value) string {
	for _, v := range values {
		if s := textOf(v); s != "" && v.Kind() != '{' && v.Kind() != '[' {
			return s
		}
	}
	return ""
}

// titleOf returns the title of an HTML page.
func titleOf(page []byte) string {
	lower := bytes.ToLower(page)
	start := bytes.Index(lower, []byte("<title>"))
	end := bytes.Index(lower, []byte("</title>"))
	if start < 0 || end < start || len(lower) != len(page) {
		return ""
	}
	return string(bytes.TrimSpace(page[start+len("<title>") : end]))
}

func shorten(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxDescription {
		return s
	}
	s = s[:maxDescription]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// bodyKind says what a body is without quoting it.
func bodyKind(body []byte) string {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return "no body"
	case body[0] == '<':
		return "an HTML or XML page"
	case objectOf(objectOf(body)["metadata"]) != nil:
		return "the document of a listing or an error"
	case objectOf(body) != nil:
		return "another JSON object"
	case jsontext.Value(body).IsValid():
		return "JSON that is not an object"
	case body[0] == '{' || body[0] == '[':
		return "damaged JSON"
	}
	return "text that is not JSON"
}
