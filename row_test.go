package imednet

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecodeKeepsEverything(t *testing.T) {
	raw := `{"recordId":"7","formId":null,"formKey":"","siteId":1.0,"deleted":"true","dateModified":"2024-01-02 03:04:05","visitId":"abc","zzz":[1,{"a":2}],"keywords":[{"keywordId":1,"extra":true}],"recordData":{"A":1.50,"a":"x","A":2,"é":"\ud800"}}`
	rec, err := Decode[Record]([]byte(raw))
	require.NoError(t, err)
	require.EqualValues(t, 7, rec.RecordID)
	require.Equal(t, Null, rec.FormID.State())
	require.Equal(t, Blank, rec.FormKey.State())
	require.Equal(t, Absent, rec.SubjectKey.State())
	require.Equal(t, Misfit, rec.VisitID.State())
	require.Equal(t, []string{"visitId"}, Misfits(rec))
	require.EqualValues(t, 1, rec.SiteID.Or(0))
	require.True(t, rec.IsDeleted())
	require.Equal(t, `{"zzz":[1,{"a":2}]}`, string(rec.Unknown))
	require.Equal(t, raw, string(rec.Raw))
	rec.Raw = nil
	enc, err := Encode(rec)
	require.NoError(t, err)
	require.Contains(t, string(enc), `"A":1.50,"a":"x","A":2`)
	require.Contains(t, string(enc), `"zzz":[1,{"a":2}]`)
	t.Log(string(enc))
	v, n := rec.RecordData.Lookup("A")
	require.Equal(t, 1, n)
	require.Equal(t, "2", v.Text())
	if os.Getenv("X") != "" {
		t.Log(enc)
	}
}
