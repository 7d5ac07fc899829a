package wire

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/inplace"
	"github.com/imednetgo/imednet/internal/jsonscan"
)

// rowsOfRecords are rows as servers send them, and as they do not.
var rowsOfRecords = []string{
	`{"studyKey":"S","intervalId":41,"formId":3001,"formKey":"DM","siteId":701,"recordId":1,"recordOid":null,"recordType":"SUBJECT","recordStatus":"Reviewed","deleted":false,` +
		`"dateCreated":"2024-01-01 00:00:00","dateModified":"2024-02-29 23:59:58","subjectId":24001,"subjectOid":"","subjectKey":"01-001","visitId":54001,"parentRecordId":null,` +
		`"keywords":[],"recordData":{"AGE":"40","NOTE":"a\nb","é":"ü"}}`,
	`{"recordData":{"A":[1,{"b":null}]},"recordId":2,"zzz":{"y":1},"deleted":"true"}`,
	`{"recordId":3,"formKey":7,"siteId":"701","visitId":"abc","dateModified":"2024-02-30 00:00:00","keywords":[{"keywordId":1}],"recordData":null,"recordData":{"B":2}}`,
	` { "recordId" : 4 , "formKey" : "\u00e9" , "dateCreated" : "2024-02-29T01:02:03Z", "recordData" : 5 , "form\u004bey" : "" }`,
	`{"recordId":-0,"formKey":"a","recordData":{}}`, `{"recordId":1e1,"recordOid":"` + "\xff" + `","deleted":true}`,
	`{}`, `[]`, `null`, `"x"`, `{"recordId":8,"keywords":{}}`, `{"recordId":9`, `{"recordId":9,"formKey":"` + "\t" + `"}`, `{"recordId":{}}`,
}

// The rows of a page are those that are read one by one, whether the page can be read or not, and in whatever memory.
func TestRowsAreReadInTheirPageAsOneByOne(t *testing.T) {
	memory := new(Memory[imednet.Record])
	for i := range rowsOfRecords {
		for j := range rowsOfRecords {
			sameInPlace(t, [][]byte{[]byte(rowsOfRecords[i]), []byte(rowsOfRecords[j])}, memory)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 30_000 {
		sameInPlace(t, [][]byte{mutated(r), mutated(r)}, memory)
	}
}

// mutated spoils a row a little.
func mutated(r *rand.Rand) []byte {
	const alphabet = "\"\\{}[],:0123456789.eE+-truefalsn \t\n\x00\x1f\x7f\x80\xffuU/"
	row := []byte(rowsOfRecords[r.IntN(len(rowsOfRecords))])
	for range r.IntN(3) {
		at := r.IntN(len(row) + 1)
		switch c := alphabet[r.IntN(len(alphabet))]; {
		case at == len(row) || r.IntN(3) == 0:
			row = append(row[:at:at], append([]byte{c}, row[at:]...)...)
		case r.IntN(2) == 0:
			row = append(row[:at:at], row[at+1:]...)
		default:
			row[at] = c
		}
	}
	return row
}

func FuzzRowsInTheirPage(f *testing.F) {
	for _, row := range rowsOfRecords {
		f.Add([]byte(row))
	}
	memory := new(Memory[imednet.Record])
	f.Fuzz(func(t *testing.T, row []byte) { sameInPlace(t, [][]byte{[]byte(rowsOfRecords[0]), row}, memory) })
}

func sameInPlace(t *testing.T, rows [][]byte, memory *Memory[imednet.Record]) {
	t.Helper()
	body := fmt.Appendf(nil, ` {"pagination":{"totalElements":%d}, "data" : [ %s ] } `, len(rows), bytes.Join(rows, []byte{',', ' '}))
	oneByOne := Records
	oneByOne.Read = func(*jsonscan.Array, *imednet.Record) inplace.Row { return inplace.Row{} }
	ask := Ask{Size: 3, Study: "S", Filter: imednet.Where("siteId", imednet.Equal, 701)}
	want, wrong := ParsePage(oneByOne, ask, nil, bytes.Clone(body), nil)
	got, err := ParsePage(Records, ask, nil, body, memory)
	for i := range body {
		body[i] = 'x'
	}
	require.Equal(t, wrong, err, "%.500q", rows)
	require.Equal(t, len(want.Rows), len(got.Rows))
	misfits := false
	for i := range want.Rows {
		misfits = misfits || len(imednet.Misfits(&want.Rows[i])) > 0
		require.Equal(t, want.Rows[i], got.Rows[i], "%.500q", rows[i])
	}
	require.Equal(t, want.IDs, got.IDs)
	require.False(t, err == nil && misfits && !got.Misfits, "%.500q", rows)
	memory.Keep(got)
}

func TestPagesWithoutMisfitsHaveNoneToLookFor(t *testing.T) {
	for row, misfits := range map[string]bool{rowsOfRecords[0]: false, rowsOfRecords[1]: false, rowsOfRecords[2]: true, rowsOfRecords[3]: true} {
		page, err := ParsePage(Records, Ask{Size: 1}, nil, []byte(`{"pagination":{"totalElements":1},"data":[`+row+`]}`), nil)
		require.NoError(t, err)
		require.Equal(t, misfits, page.Misfits, row)
	}
}

// A page that has no memory to give leaves none.
func TestMemoryIsTakenOnce(t *testing.T) {
	var none *Memory[imednet.Site]
	none.Keep(Page[imednet.Site]{Rows: make([]imednet.Site, 1)})
	require.Equal(t, 5, cap(none.take(5).rows))
	memory := new(Memory[imednet.Site])
	memory.Keep(Page[imednet.Site]{})
	rows := []imednet.Site{{SiteID: 1}, {SiteID: 2}}
	memory.Keep(Page[imednet.Site]{Rows: rows, IDs: []RowID{{Number: 1}, {Number: 2}}})
	require.Zero(t, rows[0], "nothing of the rows is kept")
	require.Zero(t, rows[1])
	require.GreaterOrEqual(t, cap(memory.take(3).rows), 3, "pages may become larger")
}
