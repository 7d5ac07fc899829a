package extraction_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// wideSource makes up records of 50 subjects in the order of recordId, and looks at the heap when it has
// served them all.
type wideSource struct {
	records int
	served  *int64 // bytes
	held    *uint64
}

func (s wideSource) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		r := rand.New(rand.NewPCG(1, 2))
		for id := range s.records {
			subject := r.IntN(50) + 1
			var answers strings.Builder
			for v := range 100 {
				fmt.Fprintf(&answers, `"VARIABLE%d":"%d.%d",`, v, r.IntN(100), r.IntN(10))
			}
			raw := fmt.Sprintf(`{"recordId":%d,"formKey":"LB","subjectId":%d,"subjectKey":"%d","recordData":{%s"V":1}}`, id+1, subject, subject, answers.String())
			*s.served += int64(len(raw))
			record, err := imednet.Decode[imednet.Record]([]byte(raw))
			if !yield(record, err) {
				return
			}
		}
		*s.held = heap()
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestAListingIsHeldCompressed reads a listing that is not by subject: what is held of it at its end is a part
// of what was served.
func TestAListingIsHeldCompressed(t *testing.T) {
	engine, err := extraction.NewEngine(rules(t, "", "ADLB.A.AVAL LB VARIABLE7"))
	require.NoError(t, err)
	var served int64
	var held uint64
	before := heap()
	rows := 0
	for subject, err := range engine.Run(t.Context(), wideSource{3000, &served, &held}, extraction.Options{InMemory: true}).Subjects() {
		require.NoError(t, err)
		rows += len(subject.Rows)
	}
	require.Equal(t, 3000, rows)
	grown := int64(held) - int64(before)
	t.Logf("%d bytes served, %d held", served, grown)
	require.Less(t, grown, served*3/4, "as records they take more than was served")
}

// TestAListingIsHeldAsItIs: records whose JSON is not as documented give the same, held or not.
func TestAListingIsHeldAsItIs(t *testing.T) {
	var records extraction.RecordList
	for i, members := range []string{
		`"deleted":"Y"`, `"deleted":""`, `"deleted":null`, `"deleted":true`, `"formId":"x"`, `"visitId":"12"`, `"dateModified":"soon"`, `"dateModified":"2024-01-02 03:04:05"`,
		`"recordStatus":" "`, `"recordStatus":"\u2028"`, `"extra":{"a":1}`, `"keywords":[{"keywordName":"k"}]`, `"recordOid":"a\u0000b"`,
	} {
		for j, answers := range []string{`{"V":"a","V":"b","v":"c"}`, `{"V":"\ud800"}`, "{\"V\":\"\xff\"}", `{"V":9007199254740993.10}`, `{ "V" : [1, {"a":2.50}] }`, `[]`, `null`, `"x"`, `{}`} {
			raw := fmt.Sprintf(`{"recordId":%d,"formKey":"AE","subjectId":%d,"subjectKey":"10%d",%s,"recordData":%s}`, 100*(i+1)+j, 1+j%3, 1+j%3, members, answers)
			record, err := imednet.Decode[imednet.Record]([]byte(raw))
			require.NoError(t, err)
			records = append(records, record)
		}
	}
	cfg := rules(t, "", "ADAE.AETERM AE V", "ADAE.NOTE AE V", "ADAE.AESTATUS AE recordStatus", "ADAE.OID AE recordOid", "ADAE.MODDT AE dateModified", "ADAE.FORMID AE formId", "ADAE.VISIT AE visitId")
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	for _, deleted := range []bool{false, true} {
		want, err := engine.Extract(t.Context(), records, extraction.Options{IncludeDeleted: deleted})
		require.NoError(t, err)
		require.NotEmpty(t, want.ADAERecords)
		require.NotEmpty(t, want.ValidationErrors)
		held, err := engine.Extract(t.Context(), plainSource{records: records}, extraction.Options{IncludeDeleted: deleted, InMemory: true})
		require.NoError(t, err)
		require.Equal(t, digest(t, want), digest(t, held))
		require.Equal(t, want.Report, held.Report)
	}
}
