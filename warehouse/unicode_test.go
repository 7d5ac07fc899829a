package warehouse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

// TestTextThatIsNotUnicodeIsNamed has answers and keys that no VARCHAR can hold, next to such as only look like them.
func TestTextThatIsNotUnicodeIsNamed(t *testing.T) {
	d := open(t)
	src := &chronicle{versions: []imednet.RecordVersion{
		version(1, imednet.RecordActive, record(t, 10, 1, `{"A":"x\ud800","B":"x`+"\ufffd"+`","C":"`+"\xff"+`","D":"\ud83d\ude00","E":["\ud800"],"K\ud800":"1","K\ud801":"2","L`+"\xfe"+`":"3"}`)),
		version(2, imednet.RecordActive, record(t, 10, 2, `{"A":"x\ud801","B":"x\ufffd","C":"`+"\xff"+`","D":"`+"\U0001f600"+`","E":["\ud801"],"K\ud800":"1","K\ud801":"4","L`+"\xfe"+`":"3"}`)),
		version(3, imednet.RecordActive, record(t, 10, 3, `{"A":"x`+"\ufffd"+`","B":"x\udfff","C":"c","D":"\ud83d\ude00","E":["\ud801"],"K\ud800":"1","K\ud801":"4","L`+"\xfd"+`":"3"}`)),
	}}
	_, err := d.IngestRecords(t.Context(), src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{
		`10|A|0|first seen|∅|∅|not Unicode|∅`,
		"10|B|0|first seen|∅|∅|string|x\ufffd",
		`10|C|0|first seen|∅|∅|not Unicode|∅`,
		"10|D|0|first seen|∅|∅|string|\U0001f600",
		`10|E|0|first seen|∅|∅|array|["\ud800"]`,
		`10|K\ud800|0|first seen|∅|∅|string|1`,
		`10|K\ud801|0|first seen|∅|∅|string|2`,
		`10|L\xfe|0|first seen|∅|∅|string|3`,
		`10|A|0|changed|not Unicode|∅|not Unicode|∅`,
		`10|E|0|changed|array|["\ud800"]|array|["\ud801"]`,
		`10|K\ud801|0|changed|string|2|string|4`,
		"10|A|0|changed|not Unicode|∅|string|x\ufffd",
		"10|B|0|changed|string|x\ufffd|not Unicode|∅",
		`10|C|0|changed|not Unicode|∅|string|c`,
		`10|L\xfd|0|added|∅|∅|string|3`,
		`10|L\xfe|0|removed|string|3|∅|∅`,
	}, table(t, d, cells))
}

func TestARevisionWhoseUnknownMembersAreNotUnicodeIsRejected(t *testing.T) {
	d := open(t)
	rows := []imednet.RecordRevision{revision(1, 10, 1, "ann", 1), revision(2, 10, 2, "bob", 2), revision(3, 10, 3, "eve", 3)}
	rows[0].Unknown = []byte(`{"new":"\ud800"}`)
	rows[1].Unknown = []byte("{\"new\":\"\xff\"}")
	run, err := d.IngestRevisions(t.Context(), &trail{rows: rows}, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, run.Inserted)
	require.Equal(t, []string{`1|{"new":"\ud800"}`, `3|∅`}, table(t, d, `SELECT record_revision_id, unknown FROM bronze_revisions ORDER BY 1`))
	require.Equal(t, []string{`2|members that the library does not know are not valid Unicode`}, table(t, d, `SELECT row_id, reason FROM bronze_rejects`))
}
