package criteria

import (
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Client is the part of an [imednet.Client] that a [DataExtraction] reads.
type Client interface {
	imednet.SubjectReader
	imednet.VisitReader
	imednet.RecordSource
	imednet.RevisionReader
	imednet.FormReader
	imednet.VariableReader
}

// DataExtraction selects records by conditions on records, subjects and visits, and reads the audit
// trail of a period. It is safe for concurrent use; its runs are not.
type DataExtraction struct {
	client Client
	fanOut int
}

// Option configures [NewDataExtraction].
type Option func(*DataExtraction) error

// maxFanOut keeps the number of listings that one extraction reads at once within reason.
const maxFanOut = 32

// WithSubjectFanOut sets the maximum number of subjects whose records [DataExtraction.Extract]
// requests one subject at a time instead of reading all records of the study and filtering them
// locally: 0 to 32; the default is 8. Each subject costs two listings, by its id and by its key; a
// study costs one request per 500 records.
func WithSubjectFanOut(n int) Option {
	return func(d *DataExtraction) error {
		if n < 0 || n > maxFanOut {
			return argument.Invalid("criteria.WithSubjectFanOut", "n", fmt.Sprintf("must be from 0 to %d", maxFanOut))
		}
		d.fanOut = n
		return nil
	}
}

// NewDataExtraction returns the workflow for a client. The error is an *[imednet.ValidationError].
func NewDataExtraction(client Client, opts ...Option) (*DataExtraction, error) {
	if err := argument.Required("criteria.NewDataExtraction", "client", client); err != nil {
		return nil, err
	}
	d := &DataExtraction{client: client, fanOut: 8}
	if err := argument.Options("criteria.NewDataExtraction", d, opts); err != nil {
		return nil, err
	}
	return d, nil
}
