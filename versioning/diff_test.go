package versioning_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

func compare(t *testing.T, a, b *imednet.StudyConfiguration) versioning.Diff {
	t.Helper()
	d, err := versioning.CompareConfigs(a, b)
	require.NoError(t, err)
	return d
}

// Every patch turns the first body into the second, and its inverse the second into the first.
func TestPatchesApplyAndInvert(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 400 {
		a := randomConfiguration(r, "S")
		b := randomConfiguration(r, "S")
		if r.IntN(2) == 0 { // near relatives: a rule inserted, one removed, one changed
			b = mutated(r, a)
		}
		before, _, err := versioning.Canonical(a)
		require.NoError(t, err)
		after, _, err := versioning.Canonical(b)
		require.NoError(t, err)
		d := compare(t, a, b)
		require.Equal(t, string(before) == string(after), len(d.Patch) == 0)
		require.Equal(t, string(before) == string(after), len(d.Changes) == 0, d.Text())
		require.Equal(t, string(before) == string(after), len(d.Added)+len(d.Removed)+len(d.Changed) == 0)

		got, err := d.Patch.Apply(before)
		require.NoError(t, err)
		require.Equal(t, string(after), string(got))
		inverse, err := d.Patch.Invert()
		require.NoError(t, err)
		got, err = inverse.Apply(after)
		require.NoError(t, err)
		require.Equal(t, string(before), string(got))
		twice, err := inverse.Invert()
		require.NoError(t, err)
		got, err = twice.Apply(before)
		require.NoError(t, err)
		require.Equal(t, string(after), string(got))
	}
}

func mutated(r *rand.Rand, c *imednet.StudyConfiguration) *imednet.StudyConfiguration {
	b := *c
	b.Mappings = append([]imednet.MappingRule{rule("aeTerm", randomText(r)+"v")}, c.Mappings...)
	if len(b.Mappings) > 2 {
		b.Mappings = append(b.Mappings[:1:1], b.Mappings[2:]...)
		b.Mappings[1].IsBaseline = !b.Mappings[1].IsBaseline
	}
	return &b
}

// The Python package's map: lists by position, empty containers as values, names escaped.
func TestDiffMap(t *testing.T) {
	a := config("S", rule("aeTerm", "A"))
	a.TerminologyLookups = map[string]map[string]string{"AE.aeTerm": {"mild": "MILD"}, "gone": {}}
	b := config("S", rule("aeTerm", "B"))
	b.PHIFields = []string{"INIT"}
	b.TerminologyLookups = map[string]map[string]string{"AE.aeTerm": {"mild": "Mild", "a[0]": "x"}}
	d := compare(t, a, b)
	require.Equal(t, map[string]jsontext.Value{
		"phiFields[0]":                         jsontext.Value(`"INIT"`),
		`terminologyLookups.AE\.aeTerm.a\[0\]`: jsontext.Value(`"x"`),
	}, d.Added)
	require.Equal(t, map[string]jsontext.Value{"phiFields": jsontext.Value(`[]`), "terminologyLookups.gone": jsontext.Value(`{}`)}, d.Removed)
	require.Equal(t, map[string]versioning.Replacement{
		"mappings[0].sourceVariableName":     {Before: jsontext.Value(`"A"`), After: jsontext.Value(`"B"`)},
		`terminologyLookups.AE\.aeTerm.mild`: {Before: jsontext.Value(`"MILD"`), After: jsontext.Value(`"Mild"`)},
	}, d.Changed)
	text, err := json.Marshal(d.Removed)
	require.NoError(t, err)
	require.JSONEq(t, `{"phiFields": [], "terminologyLookups.gone": {}}`, string(text))
}

// An inserted rule is one addition, wherever it stands.
func TestInsertionIsOneChange(t *testing.T) {
	a := config("S", rule("aeTerm", "A"), rule("aeDecod", "B"), rule("aeSeverity", "C"))
	b := config("S", rule("aeOutcome", "NEW"), rule("aeTerm", "A"), rule("aeDecod", "B"), rule("aeSeverity", "C"))
	d := compare(t, a, b)
	require.Len(t, d.Changes, 1)
	require.Len(t, d.Patch, 1)
	require.Equal(t, "add", d.Patch[0].Op)
	require.Equal(t, "/mappings/0", d.Patch[0].Path)
	require.Equal(t, "added mapping AE.aeOutcome from form AE: sourceVariableName \"NEW\"\n", d.Text())
}

func TestChangesForPeople(t *testing.T) {
	logic := "value.strip()"
	a := config("S", rule("aeTerm", "A"), rule("aeTerm", "A2"), rule("aeDecod", "B"), rule("aeSeverity", "C"))
	a.Widgets = []imednet.WidgetConfig{{WidgetID: "w1", Type: "bar", Title: "Événements", Domain: "AE"}, {WidgetID: "w2", Type: "line", Title: "", Domain: "AE"}}
	a.TerminologyLookups = map[string]map[string]string{"AE.aeSeverity": {"1": "MILD", "2": "MODERATE"}, "old": {"x": "y"}}
	a.PHIFields = []string{"INIT"}
	b := config("S", rule("aeSeverity", "C"), rule("aeTerm", "A"), rule("aeTerm", "A3"))
	b.Version, b.ReportingProfile = "1.1.0", "drug"
	b.Mappings[0].BusinessLogic = &logic
	b.Widgets = []imednet.WidgetConfig{{WidgetID: "w1", Type: "bar", Title: "Verläufe", Domain: "AE", LayoutCols: 6}}
	b.TerminologyLookups = map[string]map[string]string{"AE.aeSeverity": {"1": "Mild", "3": "SEVERE"}}
	b.PHIFields = []string{"DOB"}
	b.Unknown = jsontext.Value(`{"note": {"by": "anna"}}`)
	d := compare(t, a, b)
	require.Equal(t, `added setting note: {"by": "anna"}
changed setting reportingProfile: "general" → "drug"
changed setting version: "1.0.0" → "1.1.0"
removed mapping AE.aeDecod from form AE: sourceVariableName "B"
changed mapping AE.aeSeverity from form AE: businessLogic null → "value.strip()"
changed mapping AE.aeTerm from form AE #2: sourceVariableName "A2" → "A3"
reordered mappings
changed term AE.aeSeverity: 1: "MILD" → "Mild"
removed term AE.aeSeverity: 2: "MODERATE"
added term AE.aeSeverity: 3: "SEVERE"
removed lookup old
removed term old: x: "y"
removed widget w2: domain "AE", layoutCols 12, title "", type "line"
changed widget w1: layoutCols 12 → 6, title "Événements" → "Verläufe"
removed PHI field INIT
added PHI field DOB
`, d.Text())
	same := compare(t, a, a)
	require.Equal(t, "no change\n", same.Text())
}

// The examples of RFC 6902, appendix A, and what it demands to be refused.
func TestApply(t *testing.T) {
	for name, c := range map[string]struct{ doc, patch, want string }{
		"add member":        {`{"foo": "bar"}`, `[{"op": "add", "path": "/baz", "value": "qux"}]`, `{"baz": "qux", "foo": "bar"}`},
		"add element":       {`{"foo": ["bar", "baz"]}`, `[{"op": "add", "path": "/foo/1", "value": "qux"}]`, `{"foo": ["bar", "qux", "baz"]}`},
		"remove member":     {`{"baz": "qux", "foo": "bar"}`, `[{"op": "remove", "path": "/baz"}]`, `{"foo": "bar"}`},
		"remove element":    {`{"foo": ["bar", "qux", "baz"]}`, `[{"op": "remove", "path": "/foo/1"}]`, `{"foo": ["bar", "baz"]}`},
		"replace":           {`{"baz": "qux", "foo": "bar"}`, `[{"op": "replace", "path": "/baz", "value": "boo"}]`, `{"baz": "boo", "foo": "bar"}`},
		"move member":       {`{"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}}`, `[{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}]`, `{"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}`},
		"move element":      {`{"foo": ["all", "grass", "cows", "eat"]}`, `[{"op": "move", "from": "/foo/1", "path": "/foo/3"}]`, `{"foo": ["all", "cows", "eat", "grass"]}`},
		"copy":              {`{"a": [1], "b": {}}`, `[{"op": "copy", "from": "/a", "path": "/b/c"}, {"op": "add", "path": "/a/-", "value": 2}]`, `{"a": [1, 2], "b": {"c": [1]}}`},
		"test":              {`{"baz": "qux", "foo": ["a", 2, "c"]}`, `[{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}]`, `{"baz": "qux", "foo": ["a", 2, "c"]}`},
		"test fails":        {`{"baz": "qux"}`, `[{"op": "test", "path": "/baz", "value": "bar"}]`, ""},
		"nested member":     {`{"foo": "bar"}`, `[{"op": "add", "path": "/child", "value": {"grandchild": {}}}]`, `{"child": {"grandchild": {}}, "foo": "bar"}`},
		"ignored elements":  {`{"foo": "bar"}`, `[{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}]`, `{"baz": "qux", "foo": "bar"}`},
		"no target":         {`{"foo": "bar"}`, `[{"op": "add", "path": "/baz/bat", "value": "qux"}]`, ""},
		"escapes":           {`{"/": 9, "~1": 10}`, `[{"op": "test", "path": "/~01", "value": 10}]`, `{"/": 9, "~1": 10}`},
		"text is no number": {`{"/": 9, "~1": 10}`, `[{"op": "test", "path": "/~01", "value": "10"}]`, ""},
		"array value":       {`{"foo": ["bar"]}`, `[{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}]`, `{"foo": ["bar", ["abc", "def"]]}`},
		"whole document":    {`{"foo": 1}`, `[{"op": "replace", "path": "", "value": [1]}]`, `[1]`},
		"leading zero":      {`{"foo": [1, 2]}`, `[{"op": "remove", "path": "/foo/01"}]`, ""},
		"minus zero":        {`{"foo": [1, 2]}`, `[{"op": "remove", "path": "/foo/-0"}]`, ""},
		"out of bounds":     {`{"foo": [1, 2]}`, `[{"op": "add", "path": "/foo/3", "value": 1}]`, ""},
		"empty index":       {`{"foo": [1, 2]}`, `[{"op": "remove", "path": "/foo/"}]`, ""},
		"into itself":       {`{"a": {"b": {}}}`, `[{"op": "move", "from": "/a", "path": "/a/b/c"}]`, ""},
		"unknown operation": {`{}`, `[{"op": "spam", "path": "/a", "value": 1}]`, ""},
		"bad pointer":       {`{}`, `[{"op": "add", "path": "a", "value": 1}]`, ""},
		"no value":          {`{}`, `[{"op": "add", "path": "/a"}]`, ""},
		"name twice":        {`{"a": 1, "a": 2}`, `[]`, ""},
	} {
		var p versioning.Patch
		require.NoError(t, json.Unmarshal([]byte(c.patch), &p), name)
		got, err := p.Apply([]byte(c.doc))
		if c.want == "" {
			var e *imednet.Error
			require.True(t, errors.As(err, &e), "%s: %s", name, got)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, c.want, string(got), name)
	}
}

func TestInvertRefuses(t *testing.T) {
	for _, p := range []versioning.Patch{
		{{Op: "remove", Path: "/a"}},
		{{Op: "test", Path: "/b", Value: jsontext.Value("1")}, {Op: "replace", Path: "/a", Value: jsontext.Value("2")}},
		{{Op: "move", From: "/a", Path: "/b"}},
	} {
		_, err := p.Invert()
		require.Error(t, err)
	}
}

// FuzzApply demands that a patch and a document of any kind end in a result or an error.
// TestALoneTestIsInvertedWithWhatComesBeforeIt: it is no part of the operation before it.
func TestALoneTestIsInvertedWithWhatComesBeforeIt(t *testing.T) {
	patch := versioning.Patch{{Op: "add", Path: "/a", Value: []byte(`1`)}, {Op: "test", Path: "/b", Value: []byte(`2`)}}
	inverse, err := patch.Invert()
	require.NoError(t, err)
	after, err := patch.Apply([]byte(`{"b":2}`))
	require.NoError(t, err)
	before, err := inverse.Apply(after)
	require.NoError(t, err)
	require.JSONEq(t, `{"b":2}`, string(before))
}

func FuzzApply(f *testing.F) {
	f.Add(`{"a": [1, {"b": null}]}`, `[{"op": "move", "from": "/a/1", "path": "/c"}]`)
	f.Fuzz(func(t *testing.T, doc, patch string) {
		var p versioning.Patch
		if json.Unmarshal([]byte(patch), &p) != nil {
			return
		}
		if out, err := p.Apply([]byte(doc)); err == nil {
			require.True(t, jsontext.Value(out).IsValid(jsontext.AllowInvalidUTF8(true)))
		}
	})
}
