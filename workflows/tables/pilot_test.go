package tables_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// expectedValue is one populated answer as an independent reading of the files has it.
type expectedValue struct {
	key    string
	text   string // of a string; the literal of anything else
	number bool   // a JSON number
}

// expectedRecord holds the populated answers of a record in the order of the file.
type expectedRecord struct {
	deleted bool
	values  []expectedValue
}

var (
	readPilotValues sync.Once
	allPilotValues  map[int64]expectedRecord
)

// pilotValues reads the records with the standard library's tokens, so that it shares nothing
// with the code under test.
func pilotValues(t *testing.T, includeDeleted bool) (records map[int64]expectedRecord, total int) {
	t.Helper()
	readPilotValues.Do(func() {
		allPilotValues = map[int64]expectedRecord{}
		path := filepath.Join(os.Getenv("IMEDNET_PILOT"), "records.ndjson.gz")
		for line := range studytest.LinesOfFile(t, path) {
			var row struct {
				RecordID   int64           `json:"recordId"`
				Deleted    bool            `json:"deleted"`
				RecordData json.RawMessage `json:"recordData"`
			}
			require.NoError(t, json.Unmarshal(line, &row))
			allPilotValues[row.RecordID] = expectedRecord{row.Deleted, membersOf(t, row.RecordData)}
		}
	})
	records = map[int64]expectedRecord{}
	for id, r := range allPilotValues {
		if includeDeleted || !r.deleted {
			records[id] = r
			total += len(r.values)
		}
	}
	return records, total
}

func membersOf(t *testing.T, data json.RawMessage) []expectedValue {
	t.Helper()
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	_, err := dec.Token()
	require.NoError(t, err)
	var values []expectedValue
	for dec.More() {
		key, keyErr := dec.Token()
		value, valueErr := dec.Token()
		if keyErr != nil || valueErr != nil {
			t.Fatal("recordData is no flat object")
		}
		v := expectedValue{key: key.(string)}
		switch value := value.(type) {
		case string:
			v.text = value
		case json.Number:
			v.text, v.number = value.String(), true
		case bool:
			v.text = strconv.FormatBool(value)
		case nil:
			continue
		}
		if v.text != "" {
			values = append(values, v)
		}
	}
	return values
}

// place is where a value was found: a field of the record's table, or a reject.
type place struct {
	name  string
	field *arrow.Field
	array arrow.Array
	row   int
	raw   string
}

// pilotProof is one way to map the pilot study, and what must come of it.
type pilotProof struct {
	name           string
	includeDeleted bool
	infer          tables.InferOptions
	total, extra   int
}

func TestEveryPilotValueIsInExactlyOnePlace(t *testing.T) {
	src := pilotSource(t)
	for _, proof := range []pilotProof{
		{"declared types, with deleted", true, tables.InferOptions{ExtraColumns: true, KeepTypes: true}, 718_606, 3_576},
		{"narrowed types, with deleted", true, tables.InferOptions{ExtraColumns: true}, 718_606, 3_576},
		{"declared types, active only", false, tables.InferOptions{ExtraColumns: true, KeepTypes: true}, 711_407, 3_540},
	} {
		t.Run(proof.name, func(t *testing.T) { proof.check(t, src) })
	}
}

func (proof pilotProof) check(t *testing.T, src tables.Source) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	m, err := tables.NewRecordMapper(src, tables.WithAllocator(mem), tables.WithBatchRows(700))
	require.NoError(t, err)
	plan, _, err := m.InferPlan(t.Context(), "CDISCPILOT01", proof.infer)
	require.NoError(t, err)

	expected, total := pilotValues(t, proof.includeDeleted)
	require.Equal(t, proof.total, total)
	var rejects tables.RejectList
	places := map[int64][]place{}
	cells := 0
	run := m.MapForms(t.Context(), "CDISCPILOT01", tables.MapOptions{
		Plan: plan, IncludeDeleted: proof.includeDeleted, OnReject: rejects.Add,
	})
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		batch.Record.Retain()
		defer batch.Record.Release()
		cells += notePlaces(places, batch.Record)
	}
	for r := range rejects.All() {
		places[r.RecordID] = append(places[r.RecordID], place{name: r.Variable, raw: string(r.Raw)})
	}
	require.Equal(t, total, cells+rejects.Len(), "nothing invented")
	for id, record := range expected {
		for _, v := range record.values {
			requireFoundOnce(t, id, v, places[id])
		}
	}
	report := run.Report()
	require.EqualValues(t, total, report.Values)
	require.EqualValues(t, proof.extra, report.Extra)
	requireReconciled(t, &report)
	undeclared := int64(0)
	for _, f := range report.Forms {
		for key, n := range f.Undeclared {
			if key != "coval" { // fits COVAL, which the same record has
				undeclared += n
			}
		}
	}
	require.EqualValues(t, proof.extra-1, undeclared)
}

func requireReconciled(t *testing.T, r *tables.MapReport) {
	t.Helper()
	require.Equal(t, r.Records, r.Rows+r.RecordsRejected+r.Deleted+r.OtherForms+r.OtherVisits+r.NotSelected)
	require.Equal(t, r.Values, r.Cells+r.Extra+r.Missing+r.Rejected+r.Withheld+r.NotRequested)
}

// notePlaces enters the non-null cells of a batch under record and declared name or extra key.
func notePlaces(places map[int64][]place, batch arrow.Record) (cells int) {
	ids := batch.Column(0).(*array.Int64)
	for i, column := range batch.Columns() {
		field := batch.Schema().Field(i)
		name, answer := field.Metadata.GetValue("name")
		_, extra := field.Metadata.GetValue("extra")
		if part, ok := field.Metadata.GetValue("part"); !answer && !extra || ok && part != "entered" {
			continue
		}
		for row := range ids.Len() {
			if !column.IsNull(row) {
				id := ids.Value(row)
				places[id] = append(places[id], place{name: name, field: &field, array: column, row: row})
				cells++
			}
		}
	}
	return cells
}

// requireFoundOnce looks under every spelling of the key for the value.
func requireFoundOnce(t *testing.T, id int64, v expectedValue, places []place) {
	found := 0
	for _, p := range places {
		if strings.EqualFold(p.name, v.key) && p.holds(v) {
			found++
		}
	}
	if found != 1 {
		t.Fatalf("record %d, key %q: found %d times", id, v.key, found)
	}
}

func (p place) holds(v expectedValue) bool {
	if p.field == nil {
		var text string
		if json.Unmarshal([]byte(p.raw), &text) != nil {
			text = p.raw
		}
		return text == v.text
	}
	switch a := p.array.(type) {
	case *array.Float64:
		return equalNumbers(strconv.FormatFloat(a.Value(p.row), 'g', -1, 64), v.text)
	case *array.Int64:
		return equalNumbers(strconv.FormatInt(a.Value(p.row), 10), v.text)
	case *array.Timestamp:
		layout, _ := p.field.Metadata.GetValue("layout")
		return a.Value(p.row).ToTime(arrow.Microsecond).Format(layout) == v.text
	case *array.Dictionary:
		return a.Dictionary().(*array.String).Value(a.GetValueIndex(p.row)) == v.text
	default:
		return a.ValueStr(p.row) == v.text
	}
}

// equalNumbers compares exactly, by rational arithmetic.
func equalNumbers(a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) == 0
}

func TestPilotRowsPerForm(t *testing.T) {
	src := pilotSource(t)
	var facts struct {
		RecordsPerForm map[string]struct{ Total, Deleted, Active int64 }
	}
	raw, err := os.ReadFile(filepath.Join(os.Getenv("IMEDNET_PILOT"), "facts.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &facts))
	m, err := tables.NewRecordMapper(src)
	require.NoError(t, err)
	for _, includeDeleted := range []bool{true, false} {
		tables, err := m.MapForms(t.Context(), "CDISCPILOT01", tables.MapOptions{IncludeDeleted: includeDeleted}).Tables()
		require.NoError(t, err)
		require.Len(t, tables, len(facts.RecordsPerForm))
		for _, table := range tables {
			want := facts.RecordsPerForm[table.FormKey].Active
			if includeDeleted {
				want = facts.RecordsPerForm[table.FormKey].Total
			}
			require.Equal(t, want, table.Table.NumRows(), table.FormKey)
			table.Table.Release()
		}
	}
}

func TestPilotWideTable(t *testing.T) {
	src := pilotSource(t)
	m, err := tables.NewRecordMapper(src)
	require.NoError(t, err)
	rows := int64(0)
	run := m.Map(t.Context(), "CDISCPILOT01", tables.MapOptions{Titles: tables.ByLabel})
	for batch, err := range run.Batches() {
		require.NoError(t, err)
		require.LessOrEqual(t, batch.NumRows(), int64(tables.DefaultBatchRows))
		rows += batch.NumRows()
	}
	require.EqualValues(t, 28_800-282, rows)
	report := run.Report()
	require.EqualValues(t, 282, report.Deleted)
	require.EqualValues(t, 711_407, report.Values)
	requireReconciled(t, &report)
	schema, err := m.Map(t.Context(), "CDISCPILOT01", tables.MapOptions{Titles: tables.ByLabel}).Schema()
	require.NoError(t, err)
	titles := map[string]bool{}
	for _, f := range schema.Fields() {
		require.False(t, titles[strings.ToLower(f.Name)], f.Name)
		titles[strings.ToLower(f.Name)] = true
	}
	variables, dates := 0, 0
	for v, err := range src.Variables(t.Context(), "CDISCPILOT01", imednet.ListOptions{}) {
		require.NoError(t, err)
		variables++
		if v.VariableType.Or("") == "DATE" {
			dates++
		}
	}
	require.Len(t, titles, 6+variables+2*dates)
}
