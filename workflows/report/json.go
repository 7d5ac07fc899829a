package report

import (
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// WriteJSON writes the report, with the rows behind its numbers, as indented JSON. The same report
// always gives the same bytes.
func (r *Report) WriteJSON(w io.Writer) error {
	if err := errors.Join(argument.Required("report.WriteJSON", "r", r), argument.Required("report.WriteJSON", "w", w)); err != nil {
		return err
	}
	if err := json.MarshalWrite(w, r, jsontext.WithIndent(" "), jsontext.AllowInvalidUTF8(true)); err != nil {
		return failed("write a report", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return failed("write a report", err)
	}
	return nil
}

func failed(op string, err error) error {
	return &imednet.Error{Package: "report", Op: op, Err: err}
}
