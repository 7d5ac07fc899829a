package extraction_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

func date(tb testing.TB, text string) imednet.PartialDate {
	tb.Helper()
	d, err := imednet.ParsePartialDate(text)
	require.NoError(tb, err)
	return d
}

func TestTreatmentEmergent(t *testing.T) {
	days := 30
	for _, c := range []struct {
		start, from, to string
		within          *int
		want            imednet.YesNo
	}{
		{"2014-01-10", "2014-01-10", "", nil, imednet.Yes}, {"2014-01-09", "2014-01-10", "", nil, imednet.No}, {"2014-01-10T23:00", "2014-01-10", "", nil, imednet.Yes},
		{"2014-01", "2014-01-10", "", nil, imednet.Unknown}, {"2014-02", "2014-01-10", "", nil, imednet.Yes}, {"2013", "2014-01-10", "", nil, imednet.No}, {"", "2014-01-10", "", nil, imednet.Unknown},
		{"2014-01-10", "", "", nil, imednet.Unknown}, {"2014-01-10", "2014-01", "", nil, imednet.Unknown}, {"2014-01-31", "2014-01", "", nil, imednet.Yes},
		{"2014-03-02", "2014-01-10", "2014-01-31", &days, imednet.Yes}, {"2014-03-03", "2014-01-10", "2014-01-31", &days, imednet.No}, {"2014-03", "2014-01-10", "2014-01-31", &days, imednet.Unknown},
		{"2014-03-02", "2014-01-10", "", &days, imednet.Unknown}, {"2014-01-09", "2014-01-10", "", &days, imednet.No}, {"2014-02-20", "2014-01-10", "2014-01", &days, imednet.Unknown},
	} {
		got := extraction.TreatmentEmergent(date(t, c.start), extraction.Treatment{Start: date(t, c.from), End: date(t, c.to), WithinDays: c.within})
		require.Equal(t, c.want, got, "%+v", c)
	}
}

func TestValuesSurviveJSON(t *testing.T) {
	for text, want := range map[string]string{`"a\u2028\"b"`: "", `9007199254740993`: "", `-0.0`: "", `1.50`: "", `true`: "", `null`: "", `[1,{"a":2.50}]`: "", `""`: ""} {
		record, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":1,"formKey":"F","subjectId":1,"subjectKey":"1","recordData":{"X":` + text + `}}`))
		require.NoError(t, err)
		cfg := imednet.StudyConfiguration{StudyKey: "S", Mappings: []imednet.MappingRule{{Domain: "ADSL", TargetField: "anything", SourceFormKey: "F", SourceVariableName: "X"}}}
		result, err := extraction.ExtractCanonicalRecords(t.Context(), extraction.RecordList{record}, cfg, extraction.Options{})
		require.NoError(t, err)
		value, ok := result.ADSLRecords[0].Get("anything")
		require.True(t, ok)
		written, err := value.MarshalJSON()
		require.NoError(t, err)
		if want == "" && text[0] != '"' {
			require.Equal(t, text, string(written))
		}
		require.JSONEq(t, text, string(written))
	}
}

func TestTextThatIsNoUnicodeRejectsItsRow(t *testing.T) {
	cfg, err := imednet.ParseStudyConfiguration([]byte(`{"studyKey":"S","mappings":[
		{"domain":"ADSL","targetField":"NOTE","sourceFormKey":"DM","sourceVariableName":"N"},
		{"domain":"ADSL","targetField":"LENGTH","sourceFormKey":"DM","businessLogic":"len(record.record_data['N'])"}]}`), imednet.ConfigurationOptions{})
	require.NoError(t, err)
	for raw, rejected := range map[string]bool{`"\ud800"`: true, "\"\xff\"": true, `"\ufffd"`: false, "\"\ufffd\"": false, `"\ud83d\ude00"`: false, `"x"`: false} {
		record := imednet.Record{RecordID: 1, FormKey: imednet.Some("DM"), SubjectKey: imednet.Some("01-001")}
		record.RecordData, err = imednet.NewRecordData([]byte(`{"N":` + raw + `}`))
		require.NoError(t, err)
		result, err := extraction.ExtractCanonicalRecords(t.Context(), extraction.RecordList{record}, cfg, extraction.Options{})
		require.NoError(t, err)
		if !rejected {
			require.Len(t, result.ADSLRecords, 1, "%q", raw)
			continue
		}
		require.Len(t, result.ValidationErrors, 1, "%q", raw)
		require.Len(t, result.ValidationErrors[0].Findings, 2)
		require.Contains(t, result.ValidationErrors[0].Findings[0].Message, "not valid Unicode")
		require.Contains(t, result.ValidationErrors[0].Findings[1].Message, "not valid Unicode")
	}
}
