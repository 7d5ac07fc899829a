package extraction_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

func TestParseTri(t *testing.T) {
	for text, want := range map[string]extraction.Tri{
		"true": extraction.Yes, "1": extraction.Yes, " YES\t": extraction.Yes, "y": extraction.Yes, "T": extraction.Yes,
		"false": extraction.No, "0": extraction.No, "no": extraction.No, "N": extraction.No, "f": extraction.No, "": extraction.Unanswered, "\u00a0": extraction.Unanswered,
	} {
		got, known := extraction.ParseTri(text)
		require.True(t, known, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"maybe", "on", "off", "1.0", "1_0", "nan", "-1", "2", "unknown", "١"} {
		got, known := extraction.ParseTri(text)
		require.False(t, known, text)
		require.Equal(t, extraction.Unanswered, got, text)
	}
	value, answered := extraction.Unanswered.Bool()
	require.False(t, value || answered)
	require.Equal(t, "", extraction.Unanswered.String())
	written, err := json.Marshal([]extraction.Tri{extraction.Yes, extraction.No, extraction.Unanswered})
	require.NoError(t, err)
	require.Equal(t, "[true,false,null]", string(written))
}

func TestParsePartialDate(t *testing.T) {
	for text, want := range map[string]extraction.Precision{
		"": extraction.NoDate, " \t": extraction.NoDate, "2013": extraction.YearOnly, "2013-05": extraction.YearMonth, " 2013-05-09 ": extraction.FullDate,
		"20130509": extraction.FullDate, "2012-02-29": extraction.FullDate, "2013-05-09T14": extraction.DateTime, "2013-05-09T14:45": extraction.DateTime,
		"2013-05-09 14:45:59": extraction.DateTime, "2013-05-09T14:45:59.123456789Z": extraction.DateTime, "2013-05-09T14:45+01:00": extraction.DateTime, "2013-05-09T14:45-0530": extraction.DateTime,
	} {
		d, err := extraction.ParsePartialDate(text)
		require.NoError(t, err, text)
		require.Equal(t, want, d.Precision(), text)
	}
	for _, text := range []string{
		"13", "0000", "2013-5", "2013-13", "2013-00", "2013-05-32", "2013-02-29", "2013-05-00", "09/05/2013", "09-MAY-2013", "2013-UN-UN", "2013-05-09T", "2013-05-09T24:00",
		"2013-05-09T14:60", "2013-05-09T14:45:60", "2013-05-09T1445", "2013-05T10:00", "2013-05-09T14:45z", "2013-05-09T14:45+25:00", "2013-129", "1367971200", "2013--09", "-2013", "2013-05-09T14:45.5",
		"2013-05-09  14:45", "２０１３",
	} {
		_, err := extraction.ParsePartialDate(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), text, "the error must not repeat the text")
	}
}

func date(tb testing.TB, text string) extraction.PartialDate {
	tb.Helper()
	d, err := extraction.ParsePartialDate(text)
	require.NoError(tb, err)
	return d
}

func TestComparePartialDates(t *testing.T) {
	for _, c := range []struct {
		a, b    string
		order   int
		decided bool
	}{
		{"2013", "2014", -1, true}, {"2013-12", "2014", -1, true}, {"2013-05", "2013-05-10", 0, false}, {"2013", "2013", 0, false},
		{"2013-05-10", "2013-05-10", 0, true}, {"2013-05-11", "2013-05-10", 1, true}, {"2013-05-31", "2013-06", -1, true}, {"", "2013", 0, false},
		{"2013-05-10T10:00", "2013-05-10T11:00", -1, true}, {"2013-05-10T10:00", "2013-05-10", 0, true}, {"2013-05-10T10:00Z", "2013-05-10T10:00", 0, true},
		{"2013-05-10T23:00-05:00", "2013-05-11T01:00Z", 1, true}, {"2013-05-10T23:00+02:00", "2013-05-11", -1, true},
	} {
		order, decided := date(t, c.a).Compare(date(t, c.b))
		require.Equal(t, c.decided, decided, "%s %s", c.a, c.b)
		if decided {
			require.Equal(t, c.order, order, "%s %s", c.a, c.b)
		}
		back, _ := date(t, c.b).Compare(date(t, c.a))
		require.Equal(t, -order, back)
	}
}

func TestImputationIsOnlyOnRequest(t *testing.T) {
	for _, c := range []struct {
		text string
		how  extraction.Impute
		want string
		flag extraction.ImputationFlag
	}{
		{"2012", extraction.ImputeFirst, "2012-01-01", extraction.MonthImputed}, {"2012", extraction.ImputeLast, "2012-12-31", extraction.MonthImputed},
		{"2012-02", extraction.ImputeFirst, "2012-02-01", extraction.DayImputed}, {"2012-02", extraction.ImputeLast, "2012-02-29", extraction.DayImputed},
		{"2012-02-10", extraction.ImputeLast, "2012-02-10", extraction.NotImputed}, {"2012-02-10T10:00", extraction.ImputeFirst, "2012-02-10", extraction.NotImputed},
	} {
		d, flag, ok := date(t, c.text).Imputed(c.how)
		require.True(t, ok)
		require.Equal(t, c.want+string(c.flag), d.String()+string(flag))
	}
	_, _, ok := date(t, "2012").Imputed(0)
	require.False(t, ok, "there is no default way")
	_, _, ok = date(t, "").Imputed(extraction.ImputeFirst)
	require.False(t, ok)
	_, known := date(t, "2012-02").Day()
	require.False(t, known)
}

func TestStudyDay(t *testing.T) {
	for _, c := range []struct {
		d, ref string
		want   int
		ok     bool
	}{{"2014-01-10", "2014-01-10", 1, true}, {"2014-01-09", "2014-01-10", -1, true}, {"2014-01-11T05:00", "2014-01-10", 2, true}, {"2014-01", "2014-01-10", 0, false}, {"", "2014-01-10", 0, false}, {"2014-01-10", "", 0, false}} {
		day, ok := extraction.StudyDay(date(t, c.d), date(t, c.ref))
		require.Equal(t, c.ok, ok)
		if ok {
			require.Equal(t, c.want, day)
		}
	}
}

func TestTreatmentEmergent(t *testing.T) {
	days := 30
	for _, c := range []struct {
		start, from, to string
		within          *int
		want            extraction.Tri
	}{
		{"2014-01-10", "2014-01-10", "", nil, extraction.Yes}, {"2014-01-09", "2014-01-10", "", nil, extraction.No}, {"2014-01-10T23:00", "2014-01-10", "", nil, extraction.Yes},
		{"2014-01", "2014-01-10", "", nil, extraction.Unanswered}, {"2014-02", "2014-01-10", "", nil, extraction.Yes}, {"2013", "2014-01-10", "", nil, extraction.No}, {"", "2014-01-10", "", nil, extraction.Unanswered},
		{"2014-01-10", "", "", nil, extraction.Unanswered}, {"2014-01-10", "2014-01", "", nil, extraction.Unanswered}, {"2014-01-31", "2014-01", "", nil, extraction.Yes},
		{"2014-03-02", "2014-01-10", "2014-01-31", &days, extraction.Yes}, {"2014-03-03", "2014-01-10", "2014-01-31", &days, extraction.No}, {"2014-03", "2014-01-10", "2014-01-31", &days, extraction.Unanswered},
		{"2014-03-02", "2014-01-10", "", &days, extraction.Unanswered}, {"2014-01-09", "2014-01-10", "", &days, extraction.No}, {"2014-02-20", "2014-01-10", "2014-01", &days, extraction.Unanswered},
	} {
		got := extraction.TreatmentEmergent(date(t, c.start), extraction.Treatment{Start: date(t, c.from), End: date(t, c.to), WithinDays: c.within})
		require.Equal(t, c.want, got, "%+v", c)
	}
}

func TestNumbersAreExact(t *testing.T) {
	for _, c := range [][3]string{{"4.1", "4.30", "-0.20"}, {"0.1", "0.2", "-0.1"}, {"12345678901234567890.5", "0.5", "12345678901234567890.0"}, {"1e2", "1", "99"}, {"1", "1e-3", "0.999"}, {"5", "5", "0"}} {
		a, okA := extraction.ParseNumber(c[0])
		b, okB := extraction.ParseNumber(c[1])
		require.True(t, okA && okB)
		require.Equal(t, c[2], a.Minus(b).String())
	}
	three, _ := extraction.ParseNumber("1")
	base, _ := extraction.ParseNumber("3")
	percent, ok := three.PercentOf(base)
	require.True(t, ok)
	require.Equal(t, "33.333333333333336", percent.String())
	_, ok = three.PercentOf("0.00")
	require.False(t, ok)
	for _, text := range []string{"", "x", "0x10", "1_000", "nan", "inf", "<0.2", "1/2", "1e999999999", "--1", ".", "1 2", "12,5"} {
		_, ok := extraction.ParseNumber(text)
		require.False(t, ok, text)
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

func FuzzPartialDate(f *testing.F) {
	for _, s := range []string{"2013", "2013-05", "2013-05-09", "20130509", "2013-05-09T14:45:59.5+01:00", "2013-02-29", "x", "9999-12-31", "0001", "2013-05-09 14"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := extraction.ParsePartialDate(text)
		if err != nil || d.IsZero() {
			require.True(t, d.IsZero())
			return
		}
		again, err := extraction.ParsePartialDate(d.String())
		require.NoError(t, err, "the text reads back")
		require.Equal(t, d, again)
		first, _, ok := d.Imputed(extraction.ImputeFirst)
		require.True(t, ok)
		last, flag, _ := d.Imputed(extraction.ImputeLast)
		require.False(t, last.Time().Before(first.Time()))
		require.Equal(t, d.Complete(), first == last && flag == extraction.NotImputed)
		_, err = imednet.ParseDate(first.String())
		require.NoError(t, err, "the day is in the calendar")
		order, decided := d.Compare(d)
		require.Zero(t, order)
		require.Equal(t, d.Complete(), decided)
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"1", "-0.50", "1e3", "1e-400", ".5", "5.", "+7", "1e401", "00012"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := extraction.ParseNumber(text)
		if !ok {
			return
		}
		exact, ok := new(big.Rat).SetString(n.String())
		require.True(t, ok)
		zero, ok := new(big.Rat).SetString(n.Minus(n).String())
		require.True(t, ok)
		require.Zero(t, zero.Sign())
		same, ok := new(big.Rat).SetString(n.Minus("0").String())
		require.True(t, ok)
		require.Zero(t, exact.Cmp(same))
	})
}

// TestTextThatIsNoUnicodeRejectsItsRow rather than standing there as another text.
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
