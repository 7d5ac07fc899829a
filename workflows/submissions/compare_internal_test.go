package submissions

import (
	"cmp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/answers/examples"
)

// TestTheSharedExamplesAreReadBack runs the one table of what answers mean through the comparison of
// what was sent with what stands.
func TestTheSharedExamplesAreReadBack(t *testing.T) {
	for _, a := range examples.Answers() {
		stands := answers.Found{Raw: []byte(a.JSON), Spellings: 1}
		same := func(sent string) bool {
			return storedAs(imednet.VariableKindOf(a.Declared), jsontext.Value(sent), stands)
		}
		require.Equal(t, a.Missing, same(`null`), a.JSON)
		require.Equal(t, a.Missing, same(`""`), a.JSON)
		require.Equal(t, a.Flag == "Y", same(`true`), a.JSON)
		require.Equal(t, a.Flag == "N", same(`false`), a.JSON)
		if canonical := jsontext.Value(a.Number); a.Number != "" && canonical.IsValid() {
			require.True(t, same(a.Number), a.JSON)
			require.Equal(t, a.Number == "-987654321", same(`-987654321`), a.JSON)
		}
		if a.NotUnicode {
			require.False(t, storedAs(imednet.TextVariable, jsontext.Value(`"x"`), stands), a.JSON)
			continue
		}
		if !a.Missing {
			text, err := jsontext.AppendQuote(nil, a.Text)
			require.NoError(t, err)
			require.True(t, same(string(text)), a.JSON)
			require.False(t, same(`"another text"`), a.JSON)
		}
	}
	require.False(t, storedAs(imednet.TextVariable, jsontext.Value(`"x"`), answers.Found{Raw: []byte(`"x"`), Spellings: 2}), "ambiguous")
	require.True(t, storedAs(imednet.TextVariable, jsontext.Value(`" a\r\nb "`), answers.Found{Raw: []byte(`"a\nb"`), Spellings: 1}))
	require.False(t, storedAs(imednet.TextVariable, jsontext.Value(`5`), answers.Found{Raw: []byte(`"five"`), Spellings: 1}))
}

// TestTheSharedDatesAreReadBack: a date stands however it is spelled, if it is known to the same part. In a text
// the spelling counts.
func TestTheSharedDatesAreReadBack(t *testing.T) {
	dates := 0
	for _, a := range examples.Answers() {
		if a.Date == "" {
			continue
		}
		dates++
		sent, err := jsontext.AppendQuote(nil, a.Text)
		require.NoError(t, err)
		for _, b := range examples.Answers() {
			stands := answers.Found{Raw: []byte(b.JSON), Spellings: 1}
			require.Equal(t, a.Date == b.Date, storedAs(imednet.DateVariable, sent, stands), "%s %s", sent, b.JSON)
			require.Equal(t, answers.TrimSpace(a.Text) == answers.TrimSpace(b.Text), storedAs(imednet.TextVariable, sent, stands), "%s %s", sent, b.JSON)
		}
	}
	require.Greater(t, dates, 4)
}

// TestADateStandsByItsMeaning: the same parts are known, and equal. What is no date is compared as text.
func TestADateStandsByItsMeaning(t *testing.T) {
	for _, c := range []struct {
		declared, sent, stands string
		want                   bool
	}{
		{"DATE", "2014-02-03", "20140203", true},
		{"DATE", "20140203", "2014-02-03", true},
		{"DATE", "2014-02-03 10:00", "2014-02-03T10:00", true},
		{"DateTime", "2014-02-03T10:00Z", "20140203T1000+0000", true},
		{"Date/Time Precision", "2014-02-03T24:00", "2014-02-04T00:00", true},
		{"Date/Time Precision", "2014-02-03T10:00:00.5", "2014-02-03T10:00:00,5", true},
		{"DATE", "2014-02-03", "2014-02-04", false},
		{"DATE", "2014-02-03", "2014-02", false},
		{"DATE", "2014-02", "2014-02-01", false},
		{"DATE", "2014-02-03", "2014-02-03T00:00", false},
		{"DATE", "2014-02-03T10:00", "2014-02-03T10:00Z", false},
		{"DATE", "2014-02-03T10:00:00.5", "2014-02-03T10:00:00.50", false},
		{"DATE", "2014-02-03", "03-FEB-2014", false},
		{"DATE", "UN-UNK-2024", " UN-UNK-2024", true},
		{"DATE", "UN-UNK-2024", "UN-UNK-2025", false},
		{"TIME", "14:05:59.5", " 14:05:59,5", true},
		{"TIME", "14:05", "14:05 ", true},
		{"TIME", "14:05", "14:05:00", false},
		{"TIME", "24:00", "00:00", false},
		{"TEXT", "2014-02-03", "20140203", false},
		{"RADIO", "20140203", "2014-02-03", false},
		{"", "2014-02-03", "20140203", false},
		{"TEXT", "14:05:59.5", "14:05:59,5", false},
	} {
		sent, err := jsontext.AppendQuote(nil, c.sent)
		require.NoError(t, err)
		stands, err := jsontext.AppendQuote(nil, c.stands)
		require.NoError(t, err)
		require.Equal(t, c.want, storedAs(imednet.VariableKindOf(c.declared), sent, answers.Found{Raw: stands, Spellings: 1}), "%v", c)
	}
}

// TestTheSharedKeysAreReadBack: what was sent stands only where the name is not ambiguous.
func TestTheSharedKeysAreReadBack(t *testing.T) {
	for _, k := range examples.Keys() {
		found := answers.Lookup([]byte(k.Object), "AETERM")
		for _, sent := range []string{`"a"`, `"b"`, `"c"`} {
			require.Equal(t, k.Raw == sent, storedAs(imednet.TextVariable, jsontext.Value(sent), found), "%s %s", k.Object, sent)
		}
	}
}

// TestTheSharedTwinsAreReadBack: of variables that differ only in case each stands by its own answer, and that
// of the other is one that was not sent.
func TestTheSharedTwinsAreReadBack(t *testing.T) {
	variables := []imednet.Variable{
		{VariableID: 1, FormID: imednet.Some(int64(1)), VariableName: imednet.Some("AESER")},
		{VariableID: 2, FormID: imednet.Some(int64(1)), VariableName: imednet.Some("aeser")},
	}
	schema := &StudySchema{index: imednet.NewFormIndex([]imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}}, variables)}
	for _, twin := range examples.Twins() {
		r := imednet.Record{RecordID: 9, FormID: imednet.Some(int64(1))}
		require.NoError(t, r.RecordData.UnmarshalJSON([]byte(twin.Object)))
		e := &evidence{schema: schema, bySubject: map[string][]*candidate{}}
		e.add(r, []revision{{id: 1, first: true}})
		for name, own := range map[string]struct {
			raw     string
			unclear bool
			other   string
		}{"AESER": {twin.Upper, twin.UpperUnclear, twin.Lower}, "aeser": {twin.Lower, twin.LowerUnclear, twin.Upper}} {
			for _, sent := range []string{`"Y"`, `"N"`} {
				asked := imednet.Submission{FormID: 1, Data: map[string]any{name: jsontext.Value(sent)}}
				like := e.compare(imednet.NewRecord, &asked, e.records[0])
				require.Equal(t, own.raw == sent, like >= contains, "%s=%s in %s", name, sent, twin.Object)
				if like >= contains {
					stray := strings.Contains(twin.Object, `"Aeser"`) || !answers.Missing([]byte(own.other))
					require.Equal(t, !stray, like == equals, "%s=%s in %s", name, sent, twin.Object)
				}
			}
			empty := imednet.Submission{FormID: 1, Data: map[string]any{name: jsontext.Value(`null`)}}
			require.Equal(t, !own.unclear && answers.Missing([]byte(own.raw)), e.compare(imednet.NewRecord, &empty, e.records[0]) >= contains, "%s=null in %s", name, twin.Object)
		}
	}
}

// TestASubmissionReadsTheSharedVariableTypes: what each kind takes, and nothing else.
func TestASubmissionReadsTheSharedVariableTypes(t *testing.T) {
	takes := map[string][]any{
		"text": {"5"}, "choice": {"5"}, "flag": {true}, "number": {5, 5.5}, "whole": {5}, "date": {"2024-02"}, "time": {"14:05"}, "upload": {},
		"": {"5", true, 5, 5.5, "2024-02", "14:05"},
	}
	for declared, kind := range examples.VariableTypes() {
		for _, value := range takes[kind] {
			require.Empty(t, checkSubmittedValue(declared, value), "%q %v", declared, value)
		}
		_, known := takes[kind]
		require.True(t, known, kind)
		require.Equal(t, kind == "", checkSubmittedValue(declared, "x") == "" && checkSubmittedValue(declared, 5.5) == "", "%q", declared)
	}
}

// TestTheSharedFormsAreReadBack: a record stands in the place of an item only if it is of the item's form,
// and an item means the same form whether it names its key or its id.
func TestTheSharedFormsAreReadBack(t *testing.T) {
	schema := &StudySchema{index: imednet.NewFormIndex([]imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("VS")}}, nil)}
	for _, f := range examples.Forms() {
		r := imednet.Record{RecordID: 9, FormKey: imednet.Some(f.Key)}
		if f.ID != 0 {
			r.FormID = imednet.Some(f.ID)
		}
		require.NoError(t, json.Unmarshal([]byte(`{}`), &r.RecordData))
		e := &evidence{schema: schema, bySubject: map[string][]*candidate{}}
		e.add(r, []revision{{id: 1, first: true}})
		for key, id := range map[string]int64{"AE": 1, "VS": 2} {
			for _, asked := range []imednet.Submission{{FormKey: key}, {FormID: id}} {
				want := elsewhere
				if key == f.Form {
					want = equals
				}
				require.Equal(t, want, e.compare(imednet.NewRecord, &asked, e.records[0]), "%+v of %+v", f, asked)
			}
		}
	}
}

func TestAPlaceIsComparedWhole(t *testing.T) {
	schema := &StudySchema{index: imednet.NewFormIndex([]imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("VS")}}, nil)}
	e := &evidence{schema: schema, bySubject: map[string][]*candidate{}, places: places{map[string][]int64{"Site A": {5}}, map[string][]int64{"Day 1": {7, 8}}}}
	const data = `{"A":"x","b":"5","C":""}`
	record := func(change func(*imednet.Record)) *candidate {
		r := imednet.Record{RecordID: 9, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("AE"), SiteID: imednet.Some(int64(5)), IntervalID: imednet.Some(int64(7)), SubjectKey: imednet.Some("S"), SubjectID: imednet.Some(int64(3)), SubjectOID: imednet.Some("o3"), RecordOID: imednet.Some("r9")}
		require.NoError(t, json.Unmarshal([]byte(data), &r.RecordData))
		change(&r)
		e.add(r, []revision{{id: 1, first: true}})
		return e.records[len(e.records)-1]
	}
	asked := func(kind imednet.SubmissionKind, s imednet.Submission) *imednet.Submission {
		s.Kind, s.FormKey = kind, "AE"
		if kind == imednet.NewRecord && s.SubjectID == 0 && s.SubjectOID == "" {
			s.SubjectKey = cmp.Or(s.SubjectKey, "S")
		}
		if s.Data == nil {
			s.Data = map[string]any{"A": jsontext.Value(`"x"`), "B": jsontext.Value(`5`)}
		}
		return &s
	}
	same := func(*imednet.Record) {}
	no := func(r *imednet.Record) { r.IntervalID = imednet.NullOf[int64]() }
	for name, c := range map[string]struct {
		kind   imednet.SubmissionKind
		asked  imednet.Submission
		record func(*imednet.Record)
		want   likeness
	}{
		"site and interval by name": {imednet.ScheduledRecord, imednet.Submission{SiteName: " Site A", IntervalName: "Day 1"}, same, equals},
		"site and interval by id":   {imednet.ScheduledRecord, imednet.Submission{SiteID: 5, IntervalID: 7}, same, equals},
		"another site":              {imednet.RegisterSubject, imednet.Submission{SiteID: 6}, same, elsewhere},
		"another site by name":      {imednet.RegisterSubject, imednet.Submission{SiteName: "Site B"}, same, elsewhere},
		"another interval":          {imednet.ScheduledRecord, imednet.Submission{IntervalID: 8}, same, elsewhere},
		"another interval by name":  {imednet.ScheduledRecord, imednet.Submission{IntervalName: "Day 2"}, same, elsewhere},
		"a new record of no visit":  {imednet.NewRecord, imednet.Submission{}, no, equals},
		"a new record of a visit":   {imednet.NewRecord, imednet.Submission{}, same, elsewhere},
		"the subject by key":        {imednet.ScheduledRecord, imednet.Submission{SubjectKey: " S\u00a0"}, same, equals},
		"the subject by id":         {imednet.NewRecord, imednet.Submission{SubjectID: 3}, no, equals},
		"the subject by OID":        {imednet.NewRecord, imednet.Submission{SubjectOID: "o3"}, no, equals},
		"another subject":           {imednet.NewRecord, imednet.Submission{SubjectKey: "S2"}, no, elsewhere},
		"another subject by id":     {imednet.NewRecord, imednet.Submission{SubjectID: 4}, no, elsewhere},
		"another subject by OID":    {imednet.ScheduledRecord, imednet.Submission{SubjectOID: "S"}, same, elsewhere},
		"a subject without a key":   {imednet.ScheduledRecord, imednet.Submission{SubjectKey: "S"}, func(r *imednet.Record) { r.SubjectKey = imednet.Some(" ") }, elsewhere},
		"the record by id":          {imednet.ExistingRecord, imednet.Submission{RecordID: 9}, same, equals},
		"the record by OID":         {imednet.ExistingRecord, imednet.Submission{RecordOID: "r9"}, same, equals},
		"another record":            {imednet.ExistingRecord, imednet.Submission{RecordID: 3}, same, elsewhere},
		"another record by OID":     {imednet.ExistingRecord, imednet.Submission{RecordOID: "r8"}, same, elsewhere},
		"another form":              {imednet.ScheduledRecord, imednet.Submission{}, func(r *imednet.Record) { r.FormID, r.FormKey = imednet.Some(int64(2)), imednet.Some("VS") }, elsewhere},
		"the form by id alone":      {imednet.ScheduledRecord, imednet.Submission{}, func(r *imednet.Record) { r.FormKey = imednet.Opt[string]{} }, equals},
		"deleted":                   {imednet.ScheduledRecord, imednet.Submission{}, func(r *imednet.Record) { r.Deleted = imednet.Some(true) }, differs},
		"more answers":              {imednet.ScheduledRecord, imednet.Submission{Data: map[string]any{"A": jsontext.Value(`"x"`)}}, same, contains},
		"another answer":            {imednet.ScheduledRecord, imednet.Submission{Data: map[string]any{"A": jsontext.Value(`"y"`)}}, same, differs},
		"cleared":                   {imednet.ScheduledRecord, imednet.Submission{Data: map[string]any{"A": jsontext.Value(`"x"`), "B": jsontext.Value(`5`), "C": jsontext.Value(`null`)}}, same, equals},
	} {
		require.Equal(t, c.want, e.compare(c.kind, asked(c.kind, c.asked), record(c.record)), name)
	}
}
