package imednet_test

import (
	stdjson "encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestMisfitsOfAStructWithFieldsOfItsOwn(t *testing.T) {
	rec, err := imednet.Decode[imednet.Record]([]byte(`{"recordId":1,"visitId":"x"}`))
	require.NoError(t, err)
	type row struct {
		note    string
		VisitID imednet.Opt[int64] `json:"visitId"`
	}
	require.Equal(t, []string{"visitId"}, imednet.Misfits(row{"mine", rec.VisitID}))
	require.Empty(t, imednet.Misfits(time.Time{}))
}

func TestDecodeKeepsEverything(t *testing.T) {
	raw := `{"recordId":"7","formId":null,"formKey":"","siteId":1.0,"deleted":"true","dateModified":"2024-01-02 03:04:05","visitId":"abc","zzz":[1,{"a":2}],` +
		`"y\u0079":null,"keywords":[{"keywordId":1,"extra":true}],"recordData":{"A":1.50,"a":"x","A":2,"é":"\ud800"}}`
	rec, err := imednet.Decode[imednet.Record]([]byte(raw))
	require.NoError(t, err)
	require.EqualValues(t, 7, rec.RecordID)
	require.Equal(t, imednet.Null, rec.FormID.Presence())
	require.Equal(t, imednet.Blank, rec.FormKey.Presence())
	require.Equal(t, imednet.Absent, rec.SubjectKey.Presence())
	require.Equal(t, imednet.Misfit, rec.VisitID.Presence())
	require.Equal(t, `"abc"`, string(rec.VisitID.Raw()))
	require.Equal(t, []string{"visitId"}, imednet.Misfits(rec))
	require.Equal(t, []string{"visitId"}, imednet.Misfits(&rec))
	require.EqualValues(t, 1, rec.SiteID.Or(0))
	require.True(t, rec.IsDeleted())
	require.Equal(t, `{"zzz":[1,{"a":2}],"y\u0079":null}`, string(rec.Unknown))
	require.Equal(t, raw, string(rec.Raw))

	rec.Raw = nil
	enc, err := imednet.Encode(rec)
	require.NoError(t, err)
	again, err := imednet.Decode[imednet.Record](enc)
	require.NoError(t, err)
	again.Raw, rec.Raw = nil, nil
	require.Equal(t, rec, again, "fields survive without the raw row")
	require.Contains(t, string(enc), `"A":1.50,"a":"x","A":2`)
}

func TestDecodeIntoLeavesNothingOfTheRowBefore(t *testing.T) {
	raw := []byte(`{"recordId":7,"formKey":"AE","keywords":[{"keywordId":1}],"zzz":1,"recordData":{"A":1}}`)
	var rec imednet.Record
	require.NoError(t, imednet.DecodeInto(raw, &rec))
	whole, err := imednet.Decode[imednet.Record](raw)
	require.NoError(t, err)
	require.Equal(t, whole, rec)
	require.Same(t, &raw[0], &rec.Raw[0], "the row keeps the bytes that it was given")
	require.NotSame(t, &raw[0], &whole.Raw[0])
	next := []byte(`{"recordId":8,"keywords":[]}`)
	require.NoError(t, imednet.DecodeInto(next, &rec))
	want := imednet.Record{RecordID: 8, Keywords: []imednet.Keyword{}}
	want.Raw = next
	require.Equal(t, want, rec)
	require.Error(t, imednet.DecodeInto([]byte(`{"recordId":9,"formKey":"AE","keywords":{}}`), &rec))
	require.Zero(t, rec)
}

// TestMembersInAnyOrder reads the same from members that come as documented, backwards and twice.
func TestMembersInAnyOrder(t *testing.T) {
	members := []string{`"studyKey":"S"`, `"intervalId":3`, `"formId":4`, `"formKey":"AE"`, `"siteId":5`, `"recordId":7`, `"deleted":false`, `"recordData":{"A":1}`}
	want, err := imednet.Decode[imednet.Record]([]byte("{" + strings.Join(members, ",") + "}"))
	require.NoError(t, err)
	backwards := slices.Clone(members)
	slices.Reverse(backwards)
	escaped := append(slices.Clone(members[1:]), `"study\u004bey":"S"`)
	for _, list := range [][]string{backwards, escaped, append([]string{`"formKey":"DM"`, `"recordId":1`}, members...)} {
		raw := []byte("{" + strings.Join(list, " , ") + "}")
		got, err := imednet.Decode[imednet.Record](raw)
		require.NoError(t, err)
		require.Equal(t, string(raw), string(got.Raw))
		got.Raw = want.Raw
		require.Equal(t, want, got)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for raw, want := range map[string]string{
		``:                              "imednet: decode Record at /: the row is not a JSON object",
		`[]`:                            "imednet: decode Record at /: the row is not a JSON object",
		`null`:                          "imednet: decode Record at /: the row is not a JSON object",
		`{}`:                            "imednet: decode Record at /recordId: the row's own id is missing",
		`{"recordId":null}`:             "imednet: decode Record at /recordId: the row's own id is missing",
		`{"recordId":0}`:                "imednet: decode Record at /recordId: the row's own id is missing",
		`{"recordId":-1}`:               "imednet: decode Record at /recordId: the row's own id is missing",
		`{"recordId":"SECRET"}`:         "imednet: decode Record at /recordId: unexpected kind of JSON: text",
		`{"recordId":[1]}`:              "imednet: decode Record at /recordId: unexpected kind of JSON: a list",
		`{"recordId":1,"keywords":{}}`:  "imednet: decode Record at /keywords: unexpected kind of JSON: an object",
		`{"recordId":1,"keywords":[5]}`: "imednet: decode Record at /keywords/0: unexpected kind of JSON: a number",
		`{"recordId":1`:                 "imednet: decode Record at /: malformed JSON at byte 13",
		`{"recordId":1,"SECRET`:         "imednet: decode Record at /: malformed JSON at byte 21",
		`{"recordId":1} x`:              "imednet: decode Record at /: something follows the object",
		`{"recordId":1}{}`:              "imednet: decode Record at /: something follows the object",
		`{"recordId":SECRET}`:           "imednet: decode Record at /: malformed JSON at byte 12",
	} {
		got, err := imednet.Decode[imednet.Record]([]byte(raw))
		require.EqualError(t, err, want, raw)
		var decode *imednet.DecodeError
		require.ErrorAs(t, err, &decode)
		require.Zero(t, got)
	}
	_, err := imednet.Decode[imednet.User]([]byte(`{"userId":{}}`))
	require.EqualError(t, err, "imednet: decode User at /userId: unexpected kind of JSON: an object")
	user, err := imednet.Decode[imednet.User]([]byte(`{"userId":17}`))
	require.NoError(t, err)
	require.Equal(t, "17", user.UserID)
}

// An id below 1 is what the API's clients write where there is none.
func TestEveryRowHasItsOwnID(t *testing.T) {
	refuses := func(name string, decode func([]byte) error, good string, bad ...string) {
		require.NoError(t, decode([]byte(`{"`+name+`":`+good+`}`)), name)
		for _, id := range append(bad, `null`, `""`) {
			require.ErrorContains(t, decode([]byte(`{"`+name+`":`+id+`}`)), "decode", "%s %s", name, id)
		}
		require.ErrorContains(t, decode([]byte(`{}`)), "/"+name+": the row's own id is missing")
	}
	numbered := map[string]func([]byte) error{
		"siteId": decodes[imednet.Site], "formId": decodes[imednet.Form], "intervalId": decodes[imednet.Interval], "variableId": decodes[imednet.Variable],
		"subjectId": decodes[imednet.Subject], "visitId": decodes[imednet.Visit], "recordId": decodes[imednet.Record],
		"recordRevisionId": decodes[imednet.RecordRevision], "annotationId": decodes[imednet.Query], "codingId": decodes[imednet.Coding],
	}
	for name, decode := range numbered {
		refuses(name, decode, `1`, `0`, `-1`)
	}
	refuses("studyKey", decodes[imednet.Study], `"S"`)
	refuses("userId", decodes[imednet.User], `"u"`)
	require.NoError(t, decodes[imednet.Job]([]byte(`{}`)), "a job may have no id")
}

func decodes[T any, P interface {
	*T
	stdjson.Unmarshaler
}](raw []byte) error {
	return P(new(T)).UnmarshalJSON(raw)
}

func TestDecodeCopiesItsInput(t *testing.T) {
	raw := []byte(`{"recordId":1,"formKey":"AE","recordData":{"A":"x"}}`)
	rec, err := imednet.Decode[imednet.Record](raw)
	require.NoError(t, err)
	clear(raw)
	v, _ := rec.RecordData.Get("A")
	require.Equal(t, "x", v.Text())
	require.Equal(t, "AE", rec.FormKey.Or(""))
}

// decodeFile decodes every row of data and returns how many there were and their misfits.
func decodeFile[T any](t *testing.T, name string, decode func([]byte) (T, error)) []T {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	rows := listOf(t, file)
	var all []T
	for _, raw := range rows {
		row, err := decode(raw)
		require.NoError(t, err, "%s", raw)
		all = append(all, row)
	}
	return all
}

func listOf(t *testing.T, file []byte) (rows []jsontext.Value) {
	t.Helper()
	d, err := imednet.NewRecordData(file)
	require.NoError(t, err)
	for _, v := range d.All() {
		rows = append(rows, v.Raw())
	}
	return rows
}

// The files hold rows as the API documents them, with the nulls, blanks, short role dates and
// unknown members that its users met; each is one object from a label to a row.
func TestDecodeEveryResource(t *testing.T) {
	for _, s := range decodeFile(t, "studies", imednet.Decode[imednet.Study]) {
		require.NotEmpty(t, s.StudyKey)
		require.Empty(t, imednet.Misfits(s))
	}
	sites := decodeFile(t, "sites", imednet.Decode[imednet.Site])
	require.Equal(t, "North; Annex", sites[0].SiteName.Or(""))
	require.Equal(t, imednet.Null, sites[1].SiteEnrollmentStatus.Presence())
	forms := decodeFile(t, "forms", imednet.Decode[imednet.Form])
	require.True(t, forms[0].EproForm.Or(false))
	require.Equal(t, imednet.Null, forms[1].Disabled.Presence())
	intervals := decodeFile(t, "intervals", imednet.Decode[imednet.Interval])
	require.Len(t, intervals[0].Forms, 1)
	require.Equal(t, "VISDT", intervals[0].ActualDate.Or(""))
	require.Nil(t, intervals[1].Forms)
	require.EqualValues(t, -3, intervals[0].NegativeSlack.Or(0))
	variables := decodeFile(t, "variables", imednet.Decode[imednet.Variable])
	require.True(t, variables[1].Retired())
	require.False(t, variables[0].Retired())
	subjects := decodeFile(t, "subjects", imednet.Decode[imednet.Subject])
	require.Equal(t, "01-001", subjects[0].SubjectKey.Or(""))
	require.Len(t, subjects[0].Keywords, 1)
	visits := decodeFile(t, "visits", imednet.Decode[imednet.Visit])
	require.Equal(t, imednet.Date{Year: 2025, Month: time.March, Day: 3}, visits[0].StartDate.Or(imednet.Date{}))
	require.Equal(t, imednet.Null, visits[0].DueDate.Presence())
	require.Equal(t, imednet.Blank, visits[0].VisitDate.Presence())
	records := decodeFile(t, "records", imednet.Decode[imednet.Record])
	require.False(t, records[0].IsDeleted())
	require.True(t, records[1].IsDeleted())
	require.Equal(t, imednet.Null, records[1].RecordData.Presence())
	revisions := decodeFile(t, "recordRevisions", imednet.Decode[imednet.RecordRevision])
	require.True(t, revisions[0].Deleted.Or(false))
	queries := decodeFile(t, "queries", imednet.Decode[imednet.Query])
	require.Len(t, queries[0].QueryComments, 2)
	require.Equal(t, imednet.Null, queries[0].Type.Presence())
	codings := decodeFile(t, "codings", imednet.Decode[imednet.Coding])
	require.Equal(t, "27.0", codings[0].DictionaryVersion.Or(""))
	require.EqualValues(t, 9001, codings[0].CodingID, "an id given as text")
	jobs := decodeFile(t, "jobs", imednet.Decode[imednet.Job])
	require.True(t, jobs[0].Traceable() && !jobs[0].Terminal())
	require.True(t, jobs[1].Succeeded())
	require.EqualValues(t, 100, jobs[1].Progress.Or(0))
	require.True(t, jobs[2].Failed() && jobs[2].Terminal())
	require.False(t, jobs[3].Traceable() || jobs[3].Terminal())
}

func TestDecodeUsersAndTheirRoleDates(t *testing.T) {
	users := decodeFile(t, "users", imednet.Decode[imednet.User])
	require.Equal(t, "Ada Example", users[0].Name())
	require.Equal(t, "Solo", users[1].Name())
	var got []string
	for _, role := range users[0].Roles {
		got = append(got, role.DateCreated.Presence().String()+" "+role.DateCreated.Or(imednet.Time{}).String())
	}
	require.Equal(t, []string{
		"set 2025-02-01 10:00:05.625", "set 2025-02-01 10:00:05", "set 2025-02-01 10:00:00", "set 2025-02-01 00:00:00",
		"set 2025-02-01 10:00:05", "null 0001-01-01 00:00:00", "misfit 0001-01-01 00:00:00", "misfit 0001-01-01 00:00:00", "misfit 0001-01-01 00:00:00",
	}, got)
}

func TestModelsSurviveEncodingJSON(t *testing.T) {
	raw := `{"recordId":7,"formKey":"","siteId":null,"visitId":"abc","zzz":[1],"keywords":[{"keywordName":"k","keywordId":null}],"recordData":{"A":1.50,"a":"x","A":2}}`
	rec, err := imednet.Decode[imednet.Record]([]byte(raw))
	require.NoError(t, err)
	list, err := stdjson.Marshal([]imednet.Record{rec})
	require.NoError(t, err)
	require.Equal(t, "["+raw+"]", string(list))
	var back []imednet.Record
	require.NoError(t, stdjson.Unmarshal(list, &back))
	require.Equal(t, rec, back[0])

	keyword, err := stdjson.Marshal(rec.Keywords[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"keywordName":"k","keywordId":null}`, string(keyword))
	answers, err := stdjson.Marshal(rec.RecordData)
	require.NoError(t, err)
	require.Equal(t, `{"A":1.50,"a":"x","A":2}`, string(answers))
	var data imednet.RecordData
	require.NoError(t, stdjson.Unmarshal(answers, &data))
	require.Equal(t, rec.RecordData, data)

	require.ErrorContains(t, stdjson.Unmarshal([]byte(`[{"formKey":"AE"}]`), &back), "the row's own id is missing")
}

func TestEveryModelIsMarshaled(t *testing.T) {
	for _, model := range []any{imednet.Study{}, imednet.Site{}, imednet.Form{}, imednet.Interval{}, imednet.Variable{}, imednet.Subject{}, imednet.Visit{},
		imednet.User{}, imednet.Record{}, imednet.RecordRevision{}, imednet.Query{}, imednet.Coding{}, imednet.Job{}} {
		require.Implements(t, (*stdjson.Marshaler)(nil), model)
		require.Implements(t, (*stdjson.Unmarshaler)(nil), reflect.New(reflect.TypeOf(model)).Interface())
	}
}

func TestRowsMadeInCodeAreEncoded(t *testing.T) {
	for want, unknown := range map[string]string{`{"batchId":"b"}`: ``, `{"batchId":"b" }`: ` { } `, `{"batchId":"b","x":1}`: ` {"x":1} `} {
		job := imednet.Job{BatchID: imednet.Some("b"), Row: imednet.Row{Unknown: jsontext.Value(unknown)}}
		got, err := imednet.Encode(job)
		require.NoError(t, err)
		require.JSONEq(t, want, string(got))
	}
	empty, err := imednet.Encode(imednet.Job{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(empty))
	unknown, err := imednet.Encode(imednet.Job{Row: imednet.Row{Unknown: jsontext.Value(`{"x":1}`)}})
	require.NoError(t, err)
	require.Equal(t, `{"x":1}`, string(unknown))
	for _, spoilt := range []string{`1`, `{"x"}`, `[1]`, `{"x":1`} {
		_, err := imednet.Encode(imednet.Job{Row: imednet.Row{Unknown: jsontext.Value(spoilt)}})
		require.EqualError(t, err, "imednet: Row.Unknown is not a JSON object", spoilt)
	}
}
