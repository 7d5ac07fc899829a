package imednet_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestAnErrorNamesWhatItConcerns(t *testing.T) {
	cause := errors.New("disk full")
	for want, err := range map[string]*imednet.Error{
		"cache: open: disk full":                                {Package: "cache", Op: "open", Err: cause},
		"cache: sync: study S: disk full":                       {Package: "cache", Op: "sync", StudyKey: "S", Err: cause},
		"cache: sync: study S, record 5: disk full (make room)": {Package: "cache", Op: "sync", StudyKey: "S", RecordID: 5, Err: cause, Hint: "make room"},
		"ledger: load: file a.json: disk full":                  {Package: "ledger", Op: "load", Place: "file a.json", Err: cause},
	} {
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, cause)
	}
}

func TestAnErrorWithoutACauseStillHasAText(t *testing.T) {
	require.EqualError(t, &imednet.Error{Package: "cache", Op: "open"}, "cache: open: failed")
	require.EqualError(t, &imednet.Error{Package: "cache", Op: "open", Hint: "make room"}, "cache: open: failed (make room)")
	require.NoError(t, (&imednet.Error{}).Unwrap())
}
