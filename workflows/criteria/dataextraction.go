package criteria

import (
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Client is the part of an [imednet.Client] that [DataExtraction] reads.
type Client interface {
	imednet.SubjectReader
	imednet.VisitReader
	imednet.RecordSource
	imednet.RevisionReader
}

// DataExtraction selects records by conditions on their subjects and visits, and reads the audit
// trail between two moments. It is safe for concurrent use; each run is not.
type DataExtraction struct {
	client Client
	fanOut int
}

// Option is a setting of [NewDataExtraction].
type Option func(*DataExtraction) error

// maxFanOut keeps the number of listings that one extraction reads at once within reason.
const maxFanOut = 32

// WithSubjectFanOut sets how many subjects, at most, [DataExtraction.Extract] asks for one by one
// instead of reading the study's records and sorting them out: 0 to 32, default 8. Each subject
// costs a listing of its own; a study costs a request for every 500 records.
func WithSubjectFanOut(n int) Option {
	return func(d *DataExtraction) error {
		if n < 0 || n > maxFanOut {
			return argument.Invalid("criteria.WithSubjectFanOut", "n", fmt.Sprintf("must be from 0 to %d", maxFanOut))
		}
		d.fanOut = n
		return nil
	}
}

// NewDataExtraction returns the workflow over a client. A nil client and an option out of its range
// are errors.
func NewDataExtraction(client Client, opts ...Option) (*DataExtraction, error) {
	if err := argument.Required("criteria.NewDataExtraction", "client", client); err != nil {
		return nil, err
	}
	d := &DataExtraction{client: client, fanOut: 8}
	for _, opt := range opts {
		if err := opt(d); err != nil {
			return nil, err
		}
	}
	return d, nil
}
