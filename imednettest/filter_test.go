package imednettest

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
	"github.com/stretchr/testify/require"
)

// TestAttributesAgreeWithTheModels: this package lists the attributes by hand, the root package
// reads them off its models; a difference is a fault of one of them.
func TestAttributesAgreeWithTheModels(t *testing.T) {
	for resource, kinds := range attributeKinds {
		if resource == imednet.Users {
			continue
		}
		for name, k := range kinds {
			if name == "deleted" {
				require.NotContains(t, filterable(resource, Settings{}), name)
				require.Contains(t, filterable(resource, Settings{DeletedInFilter: true}), name)
				continue
			}
			if name == "studyKey" && resource != imednet.Studies {
				require.NotContains(t, filterable(resource, Settings{}), name)
				continue
			}
			lenient := Settings{BooleansInFilter: true}
			if k == boolKind {
				require.NotContains(t, filterable(resource, Settings{}), name)
			} else {
				lenient = Settings{}
			}
			value := map[kind]any{textKind: "x", intKind: 1, boolKind: true, timeKind: time.Unix(1, 0), dateKind: imednet.Date{Year: 2024, Month: 1, Day: 1}}[k]
			text, err := imednet.Where(name, imednet.Equal, value).Encode(resource)
			require.NoError(t, err, "%s.%s", resource, name)
			_, err = parseFilter(text, filterable(resource, lenient), lenient)
			require.NoError(t, err, "%s %s", resource, text)
		}
	}
	for resource, model := range map[imednet.Resource]any{imednet.Records: imednet.Record{}, imednet.Forms: imednet.Form{}, imednet.Intervals: imednet.Interval{},
		imednet.Variables: imednet.Variable{}, imednet.Subjects: imednet.Subject{}, imednet.Visits: imednet.Visit{}, imednet.Codings: imednet.Coding{},
		imednet.Queries: imednet.Query{}, imednet.RecordRevisions: imednet.RecordRevision{}, imednet.Sites: imednet.Site{}, imednet.Studies: imednet.Study{}} {
		for _, name := range scalarMembers(model) {
			require.Contains(t, attributeKinds[resource], name, resource)
		}
	}
}

func TestParseFilter(t *testing.T) {
	kinds := attributeKinds[imednet.Records]
	f, err := parseFilter(`formKey=="A;B,C=D";recordId>=5;dateModified<2024-01-02T03:04:05-06:00`, kinds, Settings{})
	require.NoError(t, err)
	require.False(t, f.or)
	require.Equal(t, "A;B,C=D", f.terms[0].text)
	require.EqualValues(t, 5, f.terms[1].number)
	require.Equal(t, time.Date(2024, 1, 2, 9, 4, 5, 0, time.UTC).Unix(), f.terms[2].number)
	f, err = parseFilter("recordId==5,siteId==7", kinds, Settings{})
	require.NoError(t, err)
	require.True(t, f.or)
	for _, bad := range []string{";", "recordId", "recordId==", "==5", "recordId==5;", "recordId==5;;siteId==1", `formKey=="A`, `formKey==""`, `formKey=="A"B`,
		`formKey=="A\"B"`, "recordId==5 ", " recordId==5", "recordId==5and siteId==1", "recordId==5 AND siteId==1", "formKey=='A'", "recordId==0x5", "recordId==5.0",
		"recordId==99999999999999999999", "deleted>true", "dateModified>=2024-01-02T03:04:05", "dateModified>=2024-01-02T03:04:05.5Z", "dateModified>=2024-13-02T03:04:05Z", "formKey=!A", "keywords==x", "recordData==x"} {
		_, err := parseFilter(bad, kinds, Settings{})
		require.Error(t, err, bad)
		var refused *filterError
		require.ErrorAs(t, err, &refused)
	}
}

func TestDataFilters(t *testing.T) {
	raw := []byte(`{"recordData":{"AESEV":"Severe","AGE":"70","dose":7.5,"B":"","N":null,"dup":"1","DUP":"2"}}`)
	v := &view{t: newTable(imednet.Records, list{newRow(1, raw)})}
	v.move(v.t, 0)
	for text, want := range map[string]bool{
		"AESEV==Severe": true, "aesev==Severe": true, "AESEV==severe": false, "AESEV=~sev": true, "AESEV=~^ver": false, `AESEV=~"e.e"`: true,
		"AGE>65": true, "AGE>9": true, "AGE<9": false, "AGE==70": true, "AGE==70.0": false, "DOSE<=7.50": true, "B!=x": true, "B==x": false, "N!=x": true, "none!=x": true, "none==x": false,
		"Dup==1": false, "dup==1": true, "AGE>65;AESEV==Mild": false, "AGE>65,AESEV==Mild": true, "AGE>65 and AESEV=~sev": true, "AGE>99 or AESEV=~sev": true,
	} {
		f, err := parseDataFilter(text, Settings{ConnectorWords: true})
		require.NoError(t, err, text)
		require.Equal(t, want, v.matches(filter{}, f), text)
	}
	for _, bad := range []string{"A==1;B==2,C==3", `A=~"("`, "A==b c", "A=1", "A~=x"} {
		_, err := parseDataFilter(bad, Settings{})
		require.Error(t, err, bad)
	}
}

// FuzzParseFilter: no text makes the parser panic, and what it accepts is what its parts say.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{`formKey=="A B";recordId>5`, "recordId==1,siteId==2", "deleted==true and recordId<5", "dateModified>=2024-01-02T03:04:05Z", `A=~"x`, "a==b==c"} {
		f.Add(seed)
	}
	kinds := attributeKinds[imednet.Records]
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseFilter(text, kinds, Settings{})
		if err != nil {
			return
		}
		length := 0
		for _, c := range parsed.terms {
			require.Contains(t, kinds, c.attribute)
			require.Contains(t, operators, c.op)
			require.Contains(t, text, c.attribute+c.op)
			require.NotContains(t, c.text, `"`)
			length += len(c.attribute) + len(c.op) + len(c.text)
		}
		require.LessOrEqual(t, length, len(text))
	})
}

// FuzzFilterRoundTrip: what imednet.Filter writes is what this parser reads.
func FuzzFilterRoundTrip(f *testing.F) {
	f.Add("AE", int64(5), true)
	f.Add(`a;b,c and "d`, int64(-1), false)
	f.Fuzz(func(t *testing.T, text string, number int64, or bool) {
		filter := imednet.Where("formKey", imednet.Equal, text)
		if filter = filter.And("recordId", imednet.Less, number); or {
			filter = imednet.Where("formKey", imednet.Equal, text).Or("recordId", imednet.Less, number)
		}
		encoded, err := filter.Encode(imednet.Records)
		if err != nil {
			return
		}
		parsed, err := parseFilter(encoded, attributeKinds[imednet.Records], Settings{})
		require.NoError(t, err, encoded)
		require.Len(t, parsed.terms, 2)
		require.Equal(t, text, parsed.terms[0].text)
		require.Equal(t, number, parsed.terms[1].number)
		require.Equal(t, or, parsed.or)
	})
}

func TestRawJSON(t *testing.T) {
	raw := []byte(" { \"a\" : 1.50 , \"b\\u0041\":{\"x\":[\"}\",{}]},\n\"c\":\"q\\\"\\\\\" , \"a\":null } ")
	require.Equal(t, "null", string(valueOf(raw, "a")), "the last of a repeated name")
	require.Equal(t, `{"x":["}",{}]}`, string(valueOf(raw, "bA")))
	require.Equal(t, `"q\"\\"`, string(valueOf(raw, "c")))
	require.Nil(t, valueOf(raw, "d"))
	changed := withMember(raw, "c", []byte("7"))
	require.Equal(t, strings.Replace(string(raw), `"q\"\\"`, "7", 1), string(changed))
	require.Equal(t, `{"x":1,"y \" z":2}`, string(withMember([]byte(`{"x":1}`), `y " z`, []byte("2"))))
	for _, nothing := range []string{"", "null", "{}", "[1]"} {
		require.Equal(t, `{"x":1}`, string(withMember([]byte(nothing), "x", []byte("1"))))
	}
}

// scalarMembers lists the members of a model that are neither lists nor objects.
func scalarMembers(model any) []string {
	var names []string
	t := reflect.TypeOf(model)
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "recordData" && t.Field(i).Type.Kind() != reflect.Slice {
			names = append(names, name)
		}
	}
	return names
}

// FuzzMembers: on valid JSON the members are those that another reader finds, and setting one
// changes nothing else.
func FuzzMembers(f *testing.F) {
	for _, seed := range append(awkward[:], `{"a":[{"b":"}"}],"c\"d":{},"e":-1.5e+9 , "f":true}`, ` { } `) {
		f.Add(seed, "NOTE")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		raw := jsontext.Value(text)
		if !raw.IsValid() || raw.Kind() != '{' {
			return
		}
		data, err := imednet.NewRecordData(raw)
		require.NoError(t, err)
		var want, have []string
		for key, v := range data.All() {
			want = append(want, key, string(v.Raw()))
		}
		for m := range members(raw) {
			have = append(have, m.text(), text[m.start:m.end])
		}
		require.Equal(t, want, have)
		if !utf8.ValidString(name) {
			return
		}
		changed := withMember(raw, name, []byte(`[7]`))
		require.True(t, jsontext.Value(changed).IsValid(), "%s", changed)
		require.Equal(t, "[7]", string(valueOf(changed, name)))
		for m := range members(raw) {
			if m.text() != name {
				require.Equal(t, text[m.start:m.end], string(valueOf(changed, m.text())))
			}
		}
	})
}

func TestUnixOf(t *testing.T) {
	for text, want := range map[string]string{
		`"2024-02-29 23:59:59"`: "2024-02-29 23:59:59", `"2024-02-30 00:00:00"`: "", `"2024-13-01 00:00:00"`: "", `"2024-01-02 03:04:05"`: "2024-01-02 03:04:05",
		`"2024-01-02T03:04:05"`: "2024-01-02 03:04:05", `"2024-01-02 24:00:00"`: "", `""`: "", `null`: "", `5`: "", `"2024-01-31 01:02:03"`: "2024-01-31 01:02:03",
	} {
		have := ""
		if unix := unixOf([]byte(text)); unix != 0 {
			have = time.Unix(unix, 0).UTC().Format(wireLayout)
		}
		require.Equal(t, want, have, text)
	}
}
