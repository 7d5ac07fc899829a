package cachetest

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// oddRecords are what servers have sent or may send: texts with a NUL or bytes that are no UTF-8, ids that are no
// whole numbers or great ones, members twice.
var oddRecords = []string{
	`{"recordId":1,"formKey":"AE","siteId":1,"subjectKey":"a","recordData":{}}`,
	`{"recordId":2,"formKey":"A\u0000E","siteId":1.5,"subjectKey":"a\u0000b","dateModified":"x\u0000y"}`,
	`{"recordId":3,"formKey":"A\u0001E","siteId":9007199254740993,"subjectKey":"a\u0001b"}`,
	"{\"recordId\":4,\"formKey\":\"\xff\",\"subjectKey\":\"\xff\xfe\",\"recordData\":{\"A\":\"\xc3\"}}",
	`{"recordId":5,"formKey":"","subjectKey":"","siteId":null,"recordData":{"A":1,"A":2}}`,
	`{"recordId":6,"formKey":"ÄÖ","subjectKey":"01-001 ","siteId":1e3,"deleted":"perhaps"}`,
	`{"recordId":7,"formKey":"Z'\"\\","subjectKey":"%_","siteId":"1","deleted":true}`,
	`{"recordId":9223372036854775806,"formKey":"{}","subjectKey":"NULL","siteId":-1}`,
}

// listed is a server that lists some records.
type listed struct{ records []imednet.Record }

func decodeAll(t *testing.T, texts []string) (all []imednet.Record) {
	for _, text := range texts {
		rec, err := imednet.Decode[imednet.Record]([]byte(text))
		require.NoError(t, err, text)
		all = append(all, rec)
	}
	return all
}

// Records is part of cache.Client.
func (c *listed) Records(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for _, rec := range c.records {
			if opts.Filter.MatchRecord(&rec) && !yield(rec, nil) {
				return
			}
		}
	}
}

// RecordRevisions is part of cache.Client.
func (c *listed) RecordRevisions(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(func(imednet.RecordRevision, error) bool) {}
}

// oddTextsAndNumbersSurvive lists odd rows byte for byte, and finds by every condition what the filter itself
// finds.
func (s suite) oddTextsAndNumbersSurvive(t *testing.T) {
	client := &listed{decodeAll(t, oddRecords)}
	l := s.open(t, client)
	for round := range 2 {
		sync(t, l, "S")
		for _, opts := range oddFilters() {
			var want, got []string
			for rec, err := range client.Records(t.Context(), "S", opts) {
				require.NoError(t, err)
				want = append(want, string(rec.Raw))
			}
			for rec, err := range l.Records(t.Context(), "S", opts) {
				require.NoError(t, err)
				got = append(got, string(rec.Raw))
			}
			require.Equal(t, want, got, "round %d: %v", round, opts.Filter)
		}
		bySubject := 0
		for _, err := range l.RecordsBySubject(t.Context(), "S", imednet.ListOptions{}) {
			require.NoError(t, err)
			bySubject++
		}
		require.Len(t, client.records, bySubject)
		client.records = append(decodeAll(t, []string{`{"recordId":1,"formKey":"\u0000","siteId":0.1,"subjectKey":"\u0001"}`}), client.records[1:]...)
	}
	var states []string
	for v, err := range l.RecordHistory(t.Context(), "S", 1) {
		require.NoError(t, err)
		states = append(states, string(v.Record.Raw))
	}
	require.Equal(t, []string{oddRecords[0], string(client.records[0].Raw)}, states)
}

func oddFilters() (all []imednet.ListOptions) {
	operators := []imednet.Operator{imednet.Equal, imednet.NotEqual, imednet.Less, imednet.LessOrEqual, imednet.Greater, imednet.GreaterOrEqual}
	for _, o := range operators {
		for _, text := range []string{"a", "AE", "AF", "ÄÖ", "NULL"} {
			all = append(all, imednet.ListOptions{Filter: imednet.Where("subjectKey", o, text)}, imednet.ListOptions{Filter: imednet.Where("formKey", o, text)})
		}
		for _, id := range []int64{0, 1, 2, 1000, 9007199254740992, 9007199254740993, -1} {
			all = append(all, imednet.ListOptions{Filter: imednet.Where("siteId", o, id)}, imednet.ListOptions{Filter: imednet.Where("recordId", o, id)})
		}
	}
	return append(all, imednet.ListOptions{})
}

// purgedStudiesAreGone purges one study of two: nothing of it is left in any table, and nothing of the other is
// missing.
func (s suite) purgedStudiesAreGone(t *testing.T) {
	client := &listed{decodeAll(t, oddRecords)}
	l := s.open(t, client)
	for _, key := range []string{"KEPT", "PURGED"} {
		sync(t, l, key)
	}
	r, err := l.Purge(t.Context(), "PURGED", cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(status(t, l, "KEPT").Records.Active), fmt.Sprint(r.Records))
	keys, err := l.StudyKeys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"KEPT"}, keys)
	for _, err := range l.Records(t.Context(), "PURGED", imednet.ListOptions{}) {
		require.ErrorIs(t, err, cache.ErrNotSynced)
	}
	n := 0
	for _, err := range l.Records(t.Context(), "KEPT", imednet.ListOptions{}) {
		require.NoError(t, err)
		n++
	}
	require.Len(t, client.records, n)
}
