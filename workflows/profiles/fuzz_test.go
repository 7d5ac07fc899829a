package profiles_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/structure"
)

// FuzzProfile profiles whatever JSON a record can hold: figures reconcile, and a profile can be
// written, read and shown.
func FuzzProfile(f *testing.F) {
	for _, seed := range []string{
		`{"V":"1","v":"2"}`, `{"v":1,"V":1}`, `{"V":"2024-01-02T03","W":null}`, `{"":"","V":" ","X":[{"a":1}]}`, `null`, `[]`,
		`{"V":"\ud800"}`, `{"V":1e999,"W":-0.0}`, `{"V":true,"V":false}`, `{"V":"` + "\xff" + `"}`, `{"w":"a","W ":"b","W":"c"}`,
	} {
		f.Add([]byte(seed), []byte(`{"V":"x"}`))
	}
	id := imednet.Some(int64(1))
	design := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "F")}, Variables: []imednet.Variable{studytest.Variable(1, "V", "NUMBER", "F", id), studytest.Variable(2, "W", "RADIO", "F", id)}}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var records []imednet.Record
		for i, raw := range [][]byte{first, second, first} {
			data, err := imednet.NewRecordData(raw)
			if err != nil {
				t.Skip()
			}
			records = append(records, imednet.Record{RecordID: int64(i + 1), FormKey: imednet.Some("F"), RecordData: data})
		}
		profile := profileOf(t, studytest.EmptySource{DesignClient: studytest.DesignClient{Design: design}}, "S", profiles.Options{Records: studytest.RowsOf(records), ShowValues: true, ExactValues: 1})
		listed, ok := profile.Form("F")
		require.True(t, ok)
		require.EqualValues(t, 3, listed.Records)
		for _, field := range listed.Fields {
			require.Equal(t, listed.Records, field.Populated+field.Missing.Total(), "the reasons add up")
			require.GreaterOrEqual(t, field.Missing.Absent, int64(0))
			n := field.Types
			require.Equal(t, field.Populated, n.JSONNumbers+n.JSONBooleans+n.JSONTexts+n.JSONOthers)
		}
		var text, again, page bytes.Buffer
		require.NoError(t, profile.WriteJSON(&text))
		read, err := profiles.Read(bytes.NewReader(text.Bytes()))
		require.NoError(t, err)
		require.NoError(t, read.WriteJSON(&again))
		require.Equal(t, text.String(), again.String())
		require.NoError(t, profile.WriteHTML(&page, profiles.PageOptions{}))
	})
}

// FuzzReadStructure reads whatever somebody calls a saved structure.
func FuzzReadStructure(f *testing.F) {
	f.Add([]byte(`{"studyKey":"S","intervals":[{"intervalId":1,"forms":[{"formKey":"F"}]}],"forms":[{"form":{"formId":1,"formKey":"F"},"variables":[{"variableId":2}]}],"unscheduled":{"variables":[]}}`))
	f.Add([]byte(`{"forms":[{"form":null}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := structure.Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		require.Empty(t, changesOf(t, s, s))
		require.NoError(t, s.WriteTree(&bytes.Buffer{}))
		written, err := s.MarshalJSON()
		require.NoError(t, err)
		again, err := structure.Read(bytes.NewReader(written))
		require.NoError(t, err)
		require.Empty(t, changesOf(t, s, again))
	})
}

func changesOf(t *testing.T, before, after *structure.Design) []structure.Change {
	t.Helper()
	changes, err := structure.Compare(before, after)
	require.NoError(t, err)
	return changes
}
