package imednet

import (
	"bytes"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// rowTexts are rows with everything that a record's members can be.
var rowTexts = []string{
	`{"studyKey":"S","intervalId":99,"formId":10202,"formKey":"AE","siteId":128,"recordId":1,"recordOid":"REC-1","recordType":"SUBJECT","recordStatus":"Record Incomplete","deleted":false,"dateCreated":"2024-11-04 16:03:19","dateModified":"2024-11-04 16:03:20","subjectId":326,"subjectOid":"OID-1","subjectKey":"123-456","visitId":1,"parentRecordId":34,"keywords":[{"keywordName":"n","keywordKey":"K","keywordId":5362,"dateAdded":"2024-11-04 16:03:19"}],"recordData":{"A":"x","B":[1,{"c":null}],"A":"y"}}`,
	` { "recordId" : "17" , "formId" : "5.0" , "siteId" : 5.9 , "deleted" : "TRUE" , "dateCreated" : [2024,1,2] , "dateModified" : "2024-11-04T16:03:20Z" , "visitId" : "" , "keywords" : [] , "more" : {"a":[]} , "recordData" : null } `,
	`{"recordId":2,"record\u0049d":3,"studyKey":null,"formKey":7,"recordOid":["a"],"recordType":{"a":1},"subjectKey":"\ud800","subjectOid":"é\n\u00e9","recordStatus":true,"unknown":1,"unknown":2,"\u0075nknown":3,"recordData":"text"}`,
	"{\"recordId\":4,\"subjectKey\":\"\xff\",\"\xfe\":\"\xfd\",\"deleted\":\"Y\",\"dateModified\":\"2024-02-30 00:00:00\",\"recordData\":[]}",
	`{"recordId":0}`, `{"recordId":null}`, `{"recordId":""}`, `{"recordId":"x"}`, `{"recordId":[]}`, `{"recordId":1,"keywords":{}}`, `{"recordId":1,"keywords":[1]}`,
	`{"recordId":1,"keywords":null}`, `{"recordId":1}x`, `{"recordId":1,}`, `{}`, `[]`, `null`, ``, ` `, `"x"`, `{"recordId":1`, `{"recordId"`, `{"recordData":{"a":tru},"recordId":1}`,
}

func TestRowsAreDecodedAsByTheGeneralCodec(t *testing.T) {
	for _, text := range rowTexts {
		requireDecodedAsSlowly(t, []byte(text))
	}
	r := rand.New(rand.NewPCG(5, 6))
	pieces := [][]byte{[]byte(`"`), []byte(`\`), []byte(`{`), []byte(`}`), []byte(`,`), []byte(`null`), []byte(`1e3`), []byte("\x00"), []byte("\xff"), []byte(`\u0041`),
		[]byte(`"recordId":5,`), []byte(`"formKey":"AE",`), []byte(` `), []byte(`[`), []byte(`]`), []byte(`0`), []byte(`-`)}
	for range 20_000 {
		text := []byte(rowTexts[r.IntN(4)])
		for range 1 + r.IntN(3) {
			at := r.IntN(len(text) + 1)
			end := min(len(text), at+r.IntN(3))
			text = bytes.Join([][]byte{text[:at], text[end:]}, pieces[r.IntN(len(pieces))])
		}
		requireDecodedAsSlowly(t, text)
	}
}

func FuzzRowsAreDecodedAsByTheGeneralCodec(f *testing.F) {
	for _, text := range rowTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(requireDecodedAsSlowly)
}

func requireDecodedAsSlowly(t *testing.T, text []byte) {
	want, valid := slowRecord(text)
	got, err := Decode[Record](text)
	require.Equal(t, valid, err == nil, "%q: %v", text, err)
	require.Equal(t, want, got, "%q", text)
	if valid {
		misfits := Misfits(&got)
		for name, i := range scalarFields(reflect.TypeFor[Record]()) {
			field, scalar := reflect.ValueOf(&got).Elem().Field(i).Addr().Interface().(present)
			require.Equal(t, scalar && field.Presence() == Misfit, slices.Contains(misfits, name), "%q: %s", text, name)
		}
	}
}

// slowRecord decodes a record member by member with the general codec.
func slowRecord(text []byte) (rec Record, valid bool) {
	if !jsontext.Value(text).IsValid(lenient) || jsontext.Value(text).Kind() != '{' {
		return Record{}, false
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(bytes.Clone(text)), lenient)
	_, _ = dec.ReadToken()
	shape := shapeOf(reflect.TypeFor[Record]())
	for dec.PeekKind() != '}' {
		quoted, _ := dec.ReadValue()
		quoted = quoted.Clone()
		value, _ := dec.ReadValue()
		value = value.Clone()
		name, _ := jsontext.AppendUnquote(nil, quoted)
		i, known := shape.index[string(name)]
		switch {
		case !known:
			rec.Unknown = appendMember(rec.Unknown, quoted, value)
		case string(name) == "recordId":
			if decodeID(value, &rec.RecordID, nil) != nil {
				return Record{}, false
			}
		default:
			if json.Unmarshal(value, reflect.ValueOf(&rec).Elem().Field(i).Addr().Interface(), lenient) != nil {
				return Record{}, false
			}
		}
	}
	if _, err := dec.ReadToken(); err != nil && err != io.EOF {
		return Record{}, false
	}
	if rec.Unknown != nil {
		rec.Unknown = append(rec.Unknown, '}')
	}
	rec.Raw = text
	if rec.RecordID <= 0 {
		return Record{}, false
	}
	return rec, true
}
