package cache

import (
	"iter"

	"github.com/imednetgo/imednet"
)

// pull turns a listing into a function that returns its next record, nil after the last.
func pull(records iter.Seq2[imednet.Record, error]) (next func() (*imednet.Record, error), stop func()) {
	pulled, stop := iter.Pull2(records)
	return func() (*imednet.Record, error) {
		rec, err, more := pulled()
		if err != nil || !more {
			return nil, err
		}
		return &rec, nil
	}, stop
}
