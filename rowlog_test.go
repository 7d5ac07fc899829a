package imednet_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestRowsInALogTellNothingAboutAnybody prints whole rows in every usual way.
func TestRowsInALogTellNothingAboutAnybody(t *testing.T) {
	rec, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":7,"subjectKey":"SECRET","recordData":{"A":"SECRET"},"more":"SECRET"}`))
	require.NoError(t, err)
	value, _ := rec.RecordData.Get("A")
	for _, row := range []any{
		rec, &rec, []imednet.Record{rec}, rec.RecordData, struct{ Row imednet.Record }{rec}, value,
		imednet.RecordRevision{RecordRevisionID: 7, User: imednet.Some("SECRET")},
		imednet.Query{AnnotationID: 7, Description: imednet.Some("SECRET")},
		imednet.QueryComment{Sequence: imednet.Some(int64(7)), Comment: imednet.Some("SECRET"), User: imednet.Some("SECRET")},
		[]imednet.QueryComment{{AnnotationStatus: imednet.Some("SECRET"), Comment: imednet.Some("SECRET")}},
		imednet.Query{AnnotationID: 7, QueryComments: []imednet.QueryComment{{Comment: imednet.Some("SECRET")}}},
		imednet.Coding{CodingID: 7, Value: imednet.Some("SECRET")},
		imednet.Subject{SubjectID: 7, SubjectKey: imednet.Some("SECRET")},
		imednet.Visit{VisitID: 7, SubjectKey: imednet.Some("SECRET")},
		imednet.User{UserID: "7", Login: imednet.Some("SECRET")},
	} {
		var log bytes.Buffer
		fmt.Fprintf(&log, "%v %+v %s %#v %d\n", row, row, row, row, row)
		slog.New(slog.NewTextHandler(&log, nil)).Info("row", "row", row)
		require.NotContains(t, log.String(), "SECRET", "%T", row)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("row", "row", rec, "data", rec.RecordData, "value", value)
	require.NotContains(t, log.String(), "SECRET")
	require.Contains(t, log.String(), `"row":"Record recordId=7","data":"recordData of 14 bytes","value":"text of 8 bytes"`)
	require.Equal(t, "no value", imednet.Value{}.String())
}
