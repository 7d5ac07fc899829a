package datasets

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/imednetgo/imednet/cdisc"
)

// State identifies the record of which a row is a state, and how the state arose. A data set of
// states holds it as JSON in the column recordOid, and the number of the state in the column
// recordId.
type State struct {
	Record      int64  `json:"record"`
	OID         string `json:"oid,omitempty"`
	Transaction string `json:"transaction"` // Update or Remove; the first of a record is its insertion
	Micros      int64  `json:"micros"`      // time, in microseconds since 1970-01-01 UTC; 0 means unknown
	User        string `json:"user,omitempty"`
	Reason      string `json:"reason,omitempty"`
	Revision    int64  `json:"revision,omitempty"` // 0 if the state is not in the audit trail
}

// Variables of a state, behind those of the row.
var stateVariables = []cdisc.Variable{
	{Name: "@transaction", Type: cdisc.Character}, {Name: "@time", Type: cdisc.Datetime, UTC: true}, {Name: "@user", Type: cdisc.Character},
	{Name: "@reason", Type: cdisc.Character}, {Name: "@source", Type: cdisc.Character},
}

// Audit returns the tables of a data set of record states as forms of a transactional ODM file.
func (s *Set) Audit() ([]cdisc.ODMForm, error) {
	forms, err := s.ODM()
	if err != nil {
		return nil, err
	}
	for i := range forms {
		src := &stateSource{Source: forms[i].Source, dataset: forms[i].Dataset()}
		for at, v := range src.dataset.Variables {
			switch v.Source {
			case "recordId":
				src.record = at
			case "recordOid":
				src.oid = at
			}
		}
		src.dataset.Variables = append(slices.Clone(src.dataset.Variables), stateVariables...)
		forms[i].Source = src
		p := &forms[i].Place
		p.Transaction, p.Time, p.User, p.Reason, p.SourceID = "@transaction", "@time", "@user", "@reason", "@source"
	}
	return forms, nil
}

// stateSource reads what the column recordOid says.
type stateSource struct {
	cdisc.Source
	dataset     cdisc.Dataset
	record, oid int
}

// Dataset describes the rows with the variables of a state.
func (s *stateSource) Dataset() cdisc.Dataset { return s.dataset }

// Rows yields the rows with the number of the record and what brought it into this state.
func (s *stateSource) Rows(ctx context.Context) iter.Seq2[cdisc.Row, error] {
	return func(yield func(cdisc.Row, error) bool) {
		out := make(cdisc.Row, len(s.dataset.Variables))
		for row, err := range s.Source.Rows(ctx) {
			if err == nil {
				err = s.fill(out, row)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

func (s *stateSource) fill(out, row cdisc.Row) error {
	clear(out)
	copy(out, row)
	text, _ := row[s.oid].Text()
	var state State
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		return fail("read", s.dataset.Name, fmt.Errorf("a row is not a state of a record"))
	}
	out[s.record], out[s.oid] = cdisc.Integer(state.Record), optional(state.OID)
	at := len(row)
	out[at] = cdisc.Text(state.Transaction)
	if state.Micros != 0 {
		out[at+1] = cdisc.Integer(state.Micros)
	}
	out[at+2], out[at+3] = optional(state.User), optional(state.Reason)
	if state.Revision != 0 {
		out[at+4] = cdisc.Text(fmt.Sprintf("recordRevision %d", state.Revision))
	}
	return nil
}

func optional(text string) cdisc.Value {
	if text == "" {
		return cdisc.Value{}
	}
	return cdisc.Text(text)
}
