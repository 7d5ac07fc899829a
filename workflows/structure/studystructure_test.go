package structure_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/structure"
)

func structureOf(t *testing.T, client structure.Client, study string) *structure.Design {
	t.Helper()
	s, err := structure.NewStudyStructure(client)
	require.NoError(t, err)
	structure, err := s.Structure(t.Context(), study)
	require.NoError(t, err)
	return structure
}

func TestPilotStructureListsEverythingOnce(t *testing.T) {
	s := structureOf(t, studytest.PilotServer(t).Client(), studytest.PilotKey)
	type raw struct {
		FormID     int64  `json:"formId"`
		FormKey    string `json:"formKey"`
		VariableID int64  `json:"variableId"`
		IntervalID int64  `json:"intervalId"`
		Forms      []struct{ FormKey string }
	}
	forms, variables := map[string]int{}, map[int64]string{}
	for _, f := range s.Forms {
		forms[f.Form.FormKey.Or("")]++
		for _, v := range f.Variables {
			assert.NotContains(t, variables, v.VariableID, "a variable stands once")
			variables[v.VariableID] = f.Form.FormKey.Or("")
		}
	}
	for _, want := range studytest.NDJSON[raw](t, "forms.ndjson") {
		assert.Equal(t, 1, forms[want.FormKey], want.FormKey)
	}
	assert.Len(t, forms, 21)
	want := studytest.NDJSON[raw](t, "variables.ndjson")
	assert.Len(t, variables, len(want))
	for _, v := range want {
		assert.Equal(t, v.FormKey, variables[v.VariableID])
	}
	require.Len(t, s.Intervals, 37)
	byID := map[int64][]string{}
	last := int64(0)
	for _, i := range s.Intervals {
		for _, f := range i.Forms {
			byID[i.Interval.IntervalID] = append(byID[i.Interval.IntervalID], f.Form.FormKey.Or(""))
		}
		assert.GreaterOrEqual(t, i.Interval.IntervalSequence.Or(0), last)
		last = i.Interval.IntervalSequence.Or(0)
		assert.Empty(t, i.Missing)
	}
	for _, i := range studytest.NDJSON[raw](t, "intervals.ndjson") {
		var keys []string
		for _, f := range i.Forms {
			keys = append(keys, f.FormKey)
		}
		assert.Equal(t, keys, byID[i.IntervalID])
	}
	var unscheduled []string
	for _, f := range s.Unscheduled.Forms {
		unscheduled = append(unscheduled, f.Form.FormKey.Or(""))
	}
	assert.Equal(t, []string{"AE", "CO", "SITE"}, unscheduled)
	assert.Empty(t, s.Unscheduled.Variables)
}

func joined(t *testing.T, d studytest.Design) *structure.Design {
	return structureOf(t, studytest.DesignClient{Design: d}, "ODD")
}

func TestStructureJoinsWhatDoesNotFit(t *testing.T) {
	byKey := imednet.IntervalForm{FormID: imednet.NullOf[int64](), FormKey: imednet.Some("AE")}
	lost := imednet.IntervalForm{FormID: imednet.Some(int64(99)), FormKey: imednet.Some("GONE")}
	retired := studytest.Variable(4, "OLD", "TEXT", "AE", imednet.Some(int64(1)))
	retired.Deleted = imednet.Some(true)
	disabled := studytest.Form(2, "VS")
	disabled.Disabled = imednet.Some(true)
	d := studytest.Design{
		Intervals: []imednet.Interval{
			{IntervalID: 1, IntervalName: imednet.Some("Last"), IntervalSequence: imednet.Opt[int64]{}},
			{IntervalID: 2, IntervalName: imednet.Some("Second"), IntervalSequence: imednet.Some(int64(20)), Forms: []imednet.IntervalForm{byKey, byKey, lost}},
			{IntervalID: 3, IntervalName: imednet.Some("First"), IntervalSequence: imednet.Some(int64(10)), Disabled: imednet.Some(true)},
		},
		Forms: []imednet.Form{studytest.Form(1, "AE"), disabled},
		Variables: []imednet.Variable{
			studytest.Variable(1, "AETERM", "TEXT", "AE", imednet.Some(int64(1))), studytest.Variable(2, "BY KEY", "TEXT", "AE", imednet.Opt[int64]{}),
			studytest.Variable(3, "ORPHAN", "NUMBER", "GONE", imednet.Some(int64(99))), retired,
		},
	}
	s := joined(t, d)
	var tree strings.Builder
	require.NoError(t, s.WriteTree(&tree))
	assert.Equal(t, `ODD
├── intervals (3)
│   ├── First [disabled]
│   ├── Second
│   │   ├── AE Form AE
│   │   └── GONE [not listed among the forms]
│   └── Last
├── forms (2)
│   ├── AE Form AE, revision 1, 3 variables
│   │   ├── AETERM TEXT "The AETERM"
│   │   ├── BY KEY TEXT "The BY KEY"
│   │   └── OLD TEXT "The OLD" [deleted]
│   └── VS Form VS [disabled], revision 1, 0 variables
└── unscheduled (1 forms, 1 variables)
    ├── VS Form VS [disabled]
    └── ORPHAN NUMBER "The ORPHAN"
`, tree.String())
}

func TestStructureSurvivesJSON(t *testing.T) {
	s := structureOf(t, studytest.Generated(imednettest.GenerateOptions{}).Client(), "DEMO")
	text, err := json.Marshal(s)
	require.NoError(t, err)
	again, err := structure.Read(bytes.NewReader(text))
	require.NoError(t, err)
	assert.Empty(t, changesOf(t, s, again))
	second, err := json.Marshal(again)
	require.NoError(t, err)
	assert.JSONEq(t, string(text), string(second))
	require.NotEmpty(t, s.Forms)
	found, ok := again.Form(s.Forms[0].Form.FormKey.Or(""))
	require.True(t, ok)
	assert.Len(t, found.Variables, len(s.Forms[0].Variables))
	_, ok = again.Form("no such form")
	assert.False(t, ok)
}

// TestWhatIsNoDesignIsRefused: taken for an empty design, it would read as if everything had been removed.
func TestWhatIsNoDesignIsRefused(t *testing.T) {
	for _, text := range []string{
		`[`, `[]`, `null`, `""`, `{}`, `{"studyKey":"S"}`, `{"studyKey":"S","forms":[]}`, `{"studyKey":"S","intervals":[]}`, `{"forms":[{"form":{}}]}`,
		`{"studyKey":"","intervals":[],"forms":[]}`, `{"studyKey":"S","intervals":null,"forms":[]}`, `{"studyKey":"S","intervals":{},"forms":[]}`,
		`{"studyKey":"S","version":"1.0.0"}`, `{"studyKey":"S","intervals":[],"forms":[{}]}`, `{"studyKey":"S","intervals":[],"forms":[]} {}`,
	} {
		_, err := structure.Read(strings.NewReader(text))
		assert.Error(t, err, text)
	}
	empty, err := structure.Read(strings.NewReader(`{"studyKey":"S","intervals":[],"forms":[]}`))
	require.NoError(t, err)
	require.Empty(t, empty.Forms)
}

func TestCompareStructures(t *testing.T) {
	id := imednet.Some(int64(1))
	before := studytest.Design{
		Forms: []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS"), studytest.Form(3, "LB")},
		Variables: []imednet.Variable{studytest.Variable(1, "AETERM", "TEXT", "AE", id), studytest.Variable(2, "AESEV", "RADIO", "AE", id),
			studytest.Variable(3, "AEGONE", "TEXT", "AE", id), studytest.Variable(4, "AEOLD", "TEXT", "AE", id), studytest.Variable(5, "AENAME", "TEXT", "AE", id)},
	}
	changed := studytest.Variable(2, "AESEV", "TEXT", "AE", id)
	changed.Revision = imednet.Some(int64(2))
	retired := studytest.Variable(4, "AEOLD", "TEXT", "AE", id)
	retired.Disabled = imednet.Some(true)
	renamedForm := studytest.Form(3, "LAB")
	after := studytest.Design{
		Forms: []imednet.Form{studytest.Form(1, "AE"), renamedForm, studytest.Form(4, "EX")},
		Variables: []imednet.Variable{studytest.Variable(1, "AETERM", "TEXT", "AE", id), changed, retired,
			studytest.Variable(5, "AENEWNAME", "TEXT", "AE", id), studytest.Variable(6, "AENEW", "DATE", "AE", id)},
	}
	var lines []string
	breaking := 0
	for _, c := range changesOf(t, joined(t, before), joined(t, after)) {
		lines = append(lines, c.String())
		if c.ChangesShape() {
			breaking++
		}
	}
	assert.Equal(t, []string{
		"AE.AEGONE removed", "AE.AENEW added", "AE.AENEWNAME renamed: AE.AENAME → AE.AENEWNAME", "AE.AENEWNAME label changed: The AENAME → The AENEWNAME", "AE.AEOLD retired",
		"AE.AESEV type changed: RADIO → TEXT", "AE.AESEV revision changed: 1 → 2", "EX added", "LAB renamed: LB → LAB",
		"LAB formName changed: Form LB → Form LAB", "VS removed",
	}, lines)
	assert.Equal(t, 7, breaking)
	back := changesOf(t, joined(t, after), joined(t, before))
	assert.Len(t, back, len(lines))
	assert.Contains(t, back, structure.Change{Kind: structure.PartRestored, Part: structure.VariablePart, FormKey: "AE", Variable: "AEOLD", Member: "disabled"})
}

func TestNamesakesAreNoChange(t *testing.T) {
	id := imednet.Some(int64(1))
	old := studytest.Variable(1, "AETERM", "TEXT", "AE", id)
	old.Deleted = imednet.Some(true)
	d := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "AE")}, Variables: []imednet.Variable{old, studytest.Variable(2, "AETERM", "RADIO", "AE", id)}}
	assert.Empty(t, changesOf(t, joined(t, d), joined(t, d)))
}

func TestStructureKeepsTheErrorOfTheServer(t *testing.T) {
	for _, path := range []string{"/forms", "/intervals", "/variables"} {
		server := studytest.Generated(imednettest.GenerateOptions{})
		server.Inject(imednettest.Fault{Path: path, Status: 403, Times: -1})
		s, err := structure.NewStudyStructure(server.Client())
		require.NoError(t, err)
		_, err = s.Structure(t.Context(), "DEMO")
		require.ErrorIs(t, err, imednet.ErrForbidden, path)
		var failure *imednet.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, "DEMO", failure.StudyKey)
	}
	_, err := structure.NewStudyStructure(nil)
	assert.Error(t, err)
}
