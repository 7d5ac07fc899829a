package warehouse

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// The columns of revisions and records are listed, so that no member is found by reflection for each row. They are those
// that reflection finds, and have the same values.
func TestListedColumnsAreThoseOfTheModel(t *testing.T) {
	equalColumns(t, imednet.Decode[imednet.RecordRevision], revisionColumns, modelColumns[imednet.RecordRevision](map[string]string{
		"recordRevision": "revision_number", "dateCreated": "date_modified", "user": "modified_by",
	}), func(r *imednet.RecordRevision) *imednet.RecordRevision { return r }, []string{"unknown"})
	equalColumns(t, imednet.Decode[imednet.Record], recordColumns, modelColumns[imednet.Record](nil),
		func(r *imednet.Record) *recordRow { return &recordRow{Record: *r} }, []string{"version", "state", "seen_at", "payload"})
}

func equalColumns[R, M any](t *testing.T, decode func([]byte) (M, error), listed []column[R], found []column[M], row func(*M) *R, others []string) {
	byName := map[string]column[R]{}
	for _, c := range listed {
		byName[c.name] = c
	}
	require.Len(t, byName, len(listed))
	require.Len(t, listed, len(found)+len(others))
	for _, name := range others {
		require.Contains(t, byName, name)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		model, err := decode(drawnRow[M](r))
		require.NoError(t, err)
		for _, want := range found {
			got, there := byName[want.name]
			require.True(t, there, want.name)
			require.Equal(t, want.typ, got.typ, want.name)
			require.Equal(t, want.misfit == nil, got.misfit == nil, want.name)
			if want.misfit != nil {
				require.Equal(t, want.misfit(&model), got.misfit(row(&model)), want.name)
			}
			expected, actual := want.of(), got.of()
			want.add(expected, &model)
			got.add(actual, row(&model))
			require.Equal(t, expected, actual, want.name)
		}
	}
}

// drawnRow is a row whose members are absent, null, blank, something or what does not fit, each other than those beside it.
func drawnRow[M any](r *rand.Rand) []byte {
	var out bytes.Buffer
	out.WriteString(`{"":0`)
	model := reflect.TypeFor[M]()
	for i := range model.NumField() {
		wire, _, _ := strings.Cut(model.Field(i).Tag.Get("json"), ",")
		if wire == "" || wire == "recordData" || wire == "keywords" || r.IntN(5) == 0 && model.Field(i).Type.Kind() != reflect.Int64 {
			continue
		}
		out.WriteString(`,"` + wire + `":`)
		value, _ := json.Marshal(r.IntN(1_000_000))
		switch kind := model.Field(i).Type; {
		case kind.Kind() == reflect.Int64:
		case r.IntN(4) == 0:
			value = []byte([]string{`null`, `""`, `[1]`}[r.IntN(3)])
		case kind == reflect.TypeFor[imednet.Opt[string]](), kind.Kind() == reflect.String:
			value = []byte(`"text ` + string(value) + []string{``, "\xff", `\ud800`, ` ä`}[r.IntN(4)] + `"`)
		case kind == reflect.TypeFor[imednet.Opt[bool]]():
			value = []byte([]string{"true", "false"}[r.IntN(2)])
		case kind == reflect.TypeFor[imednet.Opt[imednet.Time]]():
			value, _ = json.Marshal("2023-11-14 10:20:" + string(rune('0'+r.IntN(6))) + "7")
		}
		out.Write(value)
	}
	out.WriteString(`}`)
	return out.Bytes()
}
