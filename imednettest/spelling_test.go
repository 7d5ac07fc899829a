package imednettest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// A submission changes the answer that the record shows, under whatever spelling of its key. It does
// not add a second answer to the same variable.
func TestSubmissionReplacesTheAnswerOfAnotherSpelling(t *testing.T) {
	for before, after := range map[string]string{
		`{"aeterm":"old","AESEV":"1"}`:        `{"aeterm":"new","AESEV":"1"}`,
		`{"AETERM":"old"}`:                    `{"AETERM":"new"}`,
		`{"aeterm":"older","AETERM":"old"}`:   `{"aeterm":"older","AETERM":"new"}`,
		`{"aeterm":"older","aeterm":"old"}`:   `{"aeterm":"older","aeterm":"new"}`,
		`{"aeterm":"old","AeTerm":"or this"}`: `{"aeterm":"old","AeTerm":"or this","AETERM":"new"}`,
		`{"AESEV":"1"}`:                       `{"AESEV":"1","AETERM":"new"}`,
		`{}`:                                  `{"AETERM":"new"}`,
		`null`:                                `{"AETERM":"new"}`,
	} {
		server, study, _ := serve(t, 400)
		rec := recordOf(t, study, "AE", 701)
		data, err := imednet.NewRecordData([]byte(before))
		require.NoError(t, err)
		rec.RecordData, rec.RecordOID = data, imednet.Opt[string]{} // a new record
		id := study.InsertRecord(rec)
		_, err = server.Client().SubmitRecords(t.Context(), study.Key(), []imednet.Submission{{
			FormKey: "AE", RecordID: id, Data: map[string]any{"AETERM": "new"},
		}}, imednet.SubmitOptions{})
		require.NoError(t, err)
		study.FinishJobs()
		got, ok := study.Record(id)
		require.True(t, ok)
		require.Equal(t, after, string(got.RecordData.Raw()), before)
	}
}

// A record without recordData answers nothing, like one whose recordData is null: only != holds.
func TestDataFilterOfAnAbsentRecordData(t *testing.T) {
	_, study, base := serve(t, 2000)
	absent, total := map[float64]bool{}, 0
	for _, id := range study.RecordIDs() {
		rec, ok := study.Record(id)
		require.True(t, ok)
		total++
		if rec.RecordData.IsZero() {
			absent[float64(id)] = true
		}
	}
	require.NotEmpty(t, absent)
	status, e := get(t, base+"/DEMO/records?size=500&recordDataFilter=NOPE%21%3Dx")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, total, e.Pagination.TotalElements)
	status, e = get(t, base+"/DEMO/records?size=500&recordDataFilter=NOPE%3D%3Dx")
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, e.Data)
}
