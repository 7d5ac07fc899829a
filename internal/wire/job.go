package wire

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// EncodeSubmission checks a batch and renders it as the body of a POST, variables in ascending name.
func EncodeSubmission(items []imednet.Submission, opts imednet.SubmitOptions) ([]byte, error) {
	var problems []imednet.Problem
	if len(items) == 0 {
		problems = append(problems, imednet.Problem{Message: "there is no item"})
	}
	for i, item := range items {
		if item.FormKey == "" && item.FormID == 0 {
			problems = append(problems, imednet.Problem{Path: fmt.Sprintf("/%d", i), Message: "needs formKey or formId"})
		}
	}
	if problem := EmailProblem(opts.EmailNotify); problem != "" {
		problems = append(problems, imednet.Problem{Path: "emailNotify", Message: problem})
	}
	body, err := imednet.EncodeSubmissions(items)
	if err != nil {
		problems = append(problems, imednet.Problem{Path: pointerOf(err), Message: "holds a value that JSON cannot represent"})
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "submission", Problems: problems}
	}
	return body, nil
}

// itemAndMember are the parts of a pointer such as /0/data.
const itemAndMember = 2

// pointerOf says in which item of a batch, and in which member of it, an error of the codec lies:
// without its text, and without the name of a variable.
func pointerOf(err error) string {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	var at jsontext.Pointer
	switch {
	case errors.As(err, &semantic):
		at = semantic.JSONPointer
	case errors.As(err, &syntactic):
		at = syntactic.JSONPointer
	}
	for strings.Count(string(at), "/") > itemAndMember {
		at = at.Parent()
	}
	return string(at)
}

// EmailProblem says why a text cannot be sent as x-email-notify, which takes one e-mail address (API
// contract, section 1); "" means that it can, or that there is nothing to send.
func EmailProblem(text string) string {
	if text == "" {
		return ""
	}
	if address, err := mail.ParseAddress(text); err != nil || address.Address != text || !IsHeaderText(text) {
		return "must be one e-mail address, in printable ASCII and without a name or line breaks"
	}
	return ""
}

// IsHeaderText reports whether s can be the value of a header: printable ASCII, and something.
func IsHeaderText(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// ParseJob reads the reply with a 2xx status to a poll. An empty body and an empty object are
// imednet.ErrNotFound: a new job can take a moment to appear. Anything else that is no job, or is
// the job of another batch, is an *imednet.ReplyError.
func ParseJob(path, batchID string, status int, body []byte) (imednet.Job, error) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || string(body) == "null" || string(body) == "{}" || string(body) == "[]" {
		return imednet.Job{}, fmt.Errorf("empty reply: %w", imednet.ErrNotFound)
	}
	wrong := &imednet.ReplyError{Method: http.MethodGet, Path: path, StatusCode: status, Body: bodyKind(body)}
	job, err := imednet.Decode[imednet.Job](body)
	switch {
	case err != nil, !job.BatchID.IsSet() && !job.JobID.IsSet() && !job.State.IsSet():
		return imednet.Job{}, wrong
	case job.BatchID.Or(batchID) != batchID:
		wrong.Body = "the job of another batch"
		return imednet.Job{}, wrong
	}
	return job, nil
}
