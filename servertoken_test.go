package imednet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestErrorsRepeatNoTextOfTheServer lets a server put what it likes where words are expected.
func TestErrorsRepeatNoTextOfTheServer(t *testing.T) {
	for _, text := range []string{"John Smith", "born 1950-03-04", "\x1b[31mred", "a\nb", "Müller", string(make([]byte, 65))} {
		status := imednet.JobStatus{Job: imednet.Job{State: imednet.Some(text)}}
		for _, err := range []error{
			&imednet.APIError{Method: "GET", Path: "/x", StatusCode: 400, Code: text, Attribute: text},
			&imednet.JobFailedError{BatchID: text, Status: status},
			&imednet.JobTimeoutError{BatchID: text, Last: status},
		} {
			require.NotContains(t, err.Error(), text)
			require.Contains(t, err.Error(), "(not shown)")
		}
	}
	failed := &imednet.JobFailedError{BatchID: "6c0bcf37-eeb8-4aa3-bdcd-300d6df2b92e"}
	require.Equal(t, "imednet: job 6c0bcf37-eeb8-4aa3-bdcd-300d6df2b92e ended in state (none)", failed.Error())
}
