package warehouse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

const cells = `SELECT record_id, variable_name, occurrence, change, old_kind, old_value, value_kind, value FROM bronze_cells ORDER BY record_id, version, variable_name, occurrence`

func TestCellsAreTheDifferencesBetweenStates(t *testing.T) {
	d := open(t)
	src := &chronicle{versions: []imednet.RecordVersion{
		version(1, imednet.RecordActive, record(t, 10, 1, `{"A":"x","B":1.50,"C":null,"D":"","a":true,"A":"again"}`)),
		version(2, imednet.RecordActive, record(t, 10, 2, `{"A":"\u0078","B":1.5,"C":"","E":[1],"a":true,"A":"again"}`)),
		version(3, imednet.RecordDeleted, record(t, 10, 2, `{"A":"x","B":1.5,"C":"","E":[1],"a":true,"A":"again"}`)),
	}}
	run, err := d.IngestRecords(t.Context(), src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	reconciles(t, run)
	require.Equal(t, []string{
		"10|A|0|first seen|∅|∅|string|x",
		"10|A|1|first seen|∅|∅|string|again",
		"10|B|0|first seen|∅|∅|number|1.50",
		"10|C|0|first seen|∅|∅|null|∅",
		"10|D|0|first seen|∅|∅|string|",
		"10|a|0|first seen|∅|∅|boolean|true",
		"10|B|0|changed|number|1.50|number|1.5",
		"10|C|0|changed|null|∅|string|",
		"10|D|0|removed|string||∅|∅",
		"10|E|0|added|∅|∅|array|[1]",
	}, table(t, d, cells))
	require.Equal(t, []string{"0"}, table(t, d, `SELECT count(*) FROM silver_current_state`), "a deleted record has no current state")

	again, err := d.IngestRecords(t.Context(), src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.Zero(t, again.Read)
	require.Equal(t, []string{"3"}, table(t, d, `SELECT count(*) FROM bronze_records`))
}

func TestTheAuthorOfAChangeIsNamedOnlyWhereItIsCertain(t *testing.T) {
	d := open(t)
	src := &chronicle{versions: []imednet.RecordVersion{
		version(1, imednet.RecordActive, record(t, 10, 1, `{"A":"1"}`)),
		version(2, imednet.RecordActive, record(t, 10, 2, `{"A":"2"}`)),
		version(3, imednet.RecordActive, record(t, 10, 5, `{"A":"5"}`)),
		version(4, imednet.RecordActive, record(t, 10, 6, `{"A":"6"}`)),
	}}
	_, err := d.IngestRecords(t.Context(), src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	status := revision(6, 10, 6, "status", 5)
	status.DataRevision = imednet.Some(int64(5)) // a change of status that left the data alone
	audit := &trail{rows: []imednet.RecordRevision{
		revision(1, 10, 1, "ann", 1), revision(2, 10, 2, "bob", 2), revision(3, 10, 3, "eve", 3), revision(4, 10, 4, "eve", 4), revision(5, 10, 5, "zoe", 5), status,
	}}
	_, err = d.IngestRevisions(t.Context(), audit, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{
		"∅|1|revision|1|1|ann|reason ann|2024-01-02",
		"1|2|revision|2|2|bob|reason bob|2024-01-03",
		"2|5|several|3|5|∅|∅|2024-01-06",
		"5|6|none|∅|∅|∅|∅|2024-01-07",
	}, table(t, d, `SELECT old_value, value, attribution, first_revision_id, last_revision_id, modified_by, reason_for_change, date_modified FROM bronze_cells ORDER BY version`))
}

func TestAListingIsComparedWithWhatIsHeld(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	full := listing{record(t, 1, 1, `{"A":"1"}`), record(t, 2, 1, `{"A":"2"}`), record(t, 3, 1, `{"A":"3"}`)}
	_, err := d.IngestRecords(ctx, full, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)

	same, err := d.IngestRecords(ctx, full, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 3, same.Unchanged)
	require.Zero(t, same.CellsChanged)

	less, err := d.IngestRecords(ctx, full[1:], "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, less.Removed)
	require.Equal(t, []string{"2|2", "3|3"}, table(t, d, `SELECT record_id, value FROM silver_current_state ORDER BY ALL`))

	back, err := d.IngestRecords(ctx, full, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, back.Inserted, "a record that comes back is a new state")
	require.Equal(t, []string{"3"}, table(t, d, `SELECT count(*) FROM silver_current_state`))

	_, err = d.IngestRecords(ctx, listing{}, "S1", warehouse.RecordOptions{})
	require.ErrorIs(t, err, warehouse.ErrMassDeletion)
	require.Equal(t, []string{"3"}, table(t, d, `SELECT count(*) FROM silver_current_state`))
	_, err = d.IngestRecords(ctx, listing{}, "S1", warehouse.RecordOptions{AllowMassDeletion: true})
	require.NoError(t, err)
	require.Equal(t, []string{"0"}, table(t, d, `SELECT count(*) FROM silver_current_state`))
}

func TestPositionsOfDifferentSourcesAreNotMixed(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	src := &chronicle{versions: []imednet.RecordVersion{version(9, imednet.RecordActive, record(t, 1, 1, `{"A":"1"}`))}}
	_, err := d.IngestRecords(ctx, src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	_, err = d.IngestRecords(ctx, listing{record(t, 1, 1, `{}`)}, "S1", warehouse.RecordOptions{})
	require.ErrorIs(t, err, warehouse.ErrSourceReset)
	rebuilt := &chronicle{versions: []imednet.RecordVersion{version(1, imednet.RecordActive, record(t, 1, 1, `{"A":"1"}`))}}
	_, err = d.IngestRecords(ctx, rebuilt, "S1", warehouse.RecordOptions{})
	require.ErrorIs(t, err, warehouse.ErrSourceReset)
	_, err = d.IngestRecords(ctx, rebuilt, "S1", warehouse.RecordOptions{Mode: warehouse.Replace})
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, table(t, d, `SELECT version FROM bronze_records`))
}

// TestAMirrorThatWasBuiltAnewIsNoticed has one that has already come further than the one before.
func TestAMirrorThatWasBuiltAnewIsNoticed(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	first := version(1, imednet.RecordActive, record(t, 1, 1, `{"A":"1"}`))
	src := &chronicle{versions: []imednet.RecordVersion{first, version(2, imednet.RecordActive, record(t, 2, 1, `{"A":"1"}`))}}
	_, err := d.IngestRecords(ctx, src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	again, err := d.IngestRecords(ctx, src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.Zero(t, again.Read)

	changed := version(2, imednet.RecordActive, record(t, 1, 2, `{"A":"2"}`))
	changed.SeenAt = changed.SeenAt.AddDate(0, 0, 7)
	rebuilt := &chronicle{versions: []imednet.RecordVersion{first, changed, version(3, imednet.RecordActive, record(t, 3, 1, `{}`))}}
	_, err = d.IngestRecords(ctx, rebuilt, "S1", warehouse.RecordOptions{})
	require.ErrorIs(t, err, warehouse.ErrSourceReset, "the change of version 2 would never have arrived")
	run, err := d.IngestRecords(ctx, rebuilt, "S1", warehouse.RecordOptions{Mode: warehouse.Replace})
	require.NoError(t, err)
	require.EqualValues(t, 3, run.Inserted)

	purged := &chronicle{versions: []imednet.RecordVersion{version(4, imednet.RecordActive, record(t, 4, 1, `{}`))}}
	run, err = d.IngestRecords(ctx, purged, "S1", warehouse.RecordOptions{})
	require.NoError(t, err, "a history of which older states were purged goes on")
	require.EqualValues(t, 1, run.Inserted)
}

// TestOfARepeatedKeyTheLastIsCurrent: the current state has one answer a variable, as every other reader
// of the record; the cells keep them all.
func TestOfARepeatedKeyTheLastIsCurrent(t *testing.T) {
	d := open(t)
	src := &chronicle{versions: []imednet.RecordVersion{version(1, imednet.RecordActive, record(t, 1, 1, `{"A":"1","B":"x","A":"2","A":null,"a":"other"}`))}}
	ingest := func() {
		_, err := d.IngestRecords(t.Context(), src, "S1", warehouse.RecordOptions{})
		require.NoError(t, err)
	}
	const current = `SELECT variable_name, coalesce(value, 'NULL') FROM silver_current_state ORDER BY ALL`
	ingest()
	require.Equal(t, []string{"A|NULL", "B|x", "a|other"}, table(t, d, current))
	src.versions = append(src.versions, version(2, imednet.RecordActive, record(t, 1, 2, `{"A":"1","B":"x","A":"3","a":"other"}`)))
	ingest()
	require.Equal(t, []string{"A|3", "B|x", "a|other"}, table(t, d, current))
	src.versions = append(src.versions, version(3, imednet.RecordActive, record(t, 1, 3, `{"A":"1","B":"x"}`)))
	ingest()
	require.Equal(t, []string{"A|1", "B|x"}, table(t, d, current))
	require.Equal(t, []string{"0|1|first seen", "1|2|first seen", "2|NULL|first seen", "1|3|changed", "2|NULL|removed", "1|NULL|removed"},
		table(t, d, `SELECT occurrence, coalesce(value, 'NULL'), change FROM bronze_cells WHERE variable_name = 'A' ORDER BY version, occurrence`))
}

func TestAwkwardTextSurvives(t *testing.T) {
	d := open(t)
	const awkward = `{"":"empty name","N":"a\u0000b","L":"\u2028","F":"=1+1","big":12345678901234567890123,"neg":-0.0}`
	_, err := d.IngestRecords(t.Context(), listing{record(t, 1, 1, awkward)}, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"|empty name", "F|=1+1", "L|\u2028", "N|a\x00b", "big|12345678901234567890123", "neg|-0.0"},
		table(t, d, `SELECT variable_name, value FROM silver_current_state ORDER BY variable_name`))
	require.Equal(t, []string{"1"}, table(t, d, `SELECT count(*) FROM bronze_records WHERE decode(payload) LIKE '%12345678901234567890123%'`))
}

func TestNamesCannotBreakTheSQL(t *testing.T) {
	d := open(t)
	for _, study := range []string{`it's`, `a"; DROP TABLE bronze_records; --`, `Étude ✓`, `%s %d`} {
		_, err := d.IngestRecords(t.Context(), listing{record(t, 1, 1, `{"'; --":"1","x\"y;":"2","变量":"3"}`)}, study, warehouse.RecordOptions{})
		require.NoError(t, err)
		_, err = d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(1, 1, 1, study, 1)}}, study, warehouse.RevisionOptions{})
		require.NoError(t, err)
		require.Equal(t, []string{`'; --|1`, `x"y;|2`, `变量|3`},
			table(t, d, `SELECT variable_name, value FROM silver_current_state_of(?) ORDER BY value`, study))
	}
}
