package structure_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/structure"
)

// silentMembers say when a row was written and to which study it belongs, and nothing about the
// design.
var silentMembers = []string{"studyKey", "dateCreated", "dateModified"}

// TestCompareReportsEveryMember changes each member of each row of a written design, one at a
// time, in every way that a member can change.
func TestCompareReportsEveryMember(t *testing.T) {
	s := structureOf(t, studytest.Generated(imednettest.GenerateOptions{Records: 60}).Client(), "DEMO")
	s.Intervals, s.Forms = s.Intervals[:2], s.Forms[:2]
	s.Forms[0].Variables, s.Forms[1].Variables = s.Forms[0].Variables[:3], s.Forms[1].Variables[:1]
	text, err := json.Marshal(s)
	require.NoError(t, err)
	before, err := structure.Read(bytes.NewReader(text))
	require.NoError(t, err)
	mutated := 0
	for path := range designPaths(t, text) {
		for _, value := range []any{nil, "other", float64(987654), true} {
			after, changed := mutate(t, text, path, value)
			if !changed {
				continue
			}
			mutated++
			assert.NotEmpty(t, changesOf(t, before, after), "%s = %v", path, value)
			assert.NotEmpty(t, changesOf(t, after, before), "%s = %v, the other way", path, value)
		}
	}
	assert.Greater(t, mutated, 200)
}

// designPaths yields the place of every member of the rows of a design, each a list of steps.
func designPaths(t *testing.T, text []byte) map[string]bool {
	var design any
	require.NoError(t, json.Unmarshal(text, &design))
	paths := map[string]bool{}
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				if !slices.Contains(silentMembers, name) {
					walk(prefix+"/"+name, member)
				}
			}
		case []any:
			for i, element := range v {
				walk(fmt.Sprintf("%s/%d", prefix, i), element)
			}
		default:
			paths[prefix] = true
		}
	}
	root := design.(map[string]any)
	walk("/intervals", root["intervals"])
	walk("/forms", root["forms"])
	return paths
}

// mutate sets one member of a design; a member that has the value already is not changed.
func mutate(t *testing.T, text []byte, path string, value any) (*structure.Design, bool) {
	var design any
	require.NoError(t, json.Unmarshal(text, &design))
	steps := strings.Split(path[1:], "/")
	at := design
	for _, step := range steps[:len(steps)-1] {
		at = child(at, step)
	}
	last := steps[len(steps)-1]
	row := at.(map[string]any)
	if row[last] == value || value == nil && (row[last] == "" || row[last] == nil) {
		return nil, false
	}
	row[last] = value
	written, err := json.Marshal(design)
	require.NoError(t, err)
	after, err := structure.Read(bytes.NewReader(written))
	if err != nil {
		return nil, false // a row without its own id is no design
	}
	return after, true
}

func child(v any, step string) any {
	if list, ok := v.([]any); ok {
		var i int
		_, _ = fmt.Sscan(step, &i)
		return list[i]
	}
	return v.(map[string]any)[step]
}

func lines(changes []structure.Change) []string {
	all := []string{}
	for _, c := range changes {
		all = append(all, c.String())
	}
	return all
}

func interval(id int64, name string, forms ...imednet.IntervalForm) imednet.Interval {
	return imednet.Interval{IntervalID: id, IntervalName: imednet.Some(name), Forms: forms}
}

func named(id int64, key string) imednet.IntervalForm {
	return imednet.IntervalForm{FormID: imednet.Some(id), FormKey: imednet.Some(key), FormName: imednet.Some("Form " + key)}
}

func TestCompareIntervals(t *testing.T) {
	forms := []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS"), studytest.Form(3, "LB")}
	before := studytest.Design{Forms: forms, Intervals: []imednet.Interval{
		interval(1, "Screening", named(1, "AE"), named(2, "VS")), interval(2, "Day 1", named(9, "GONE")), interval(3, "Day 8"), interval(5, "Day 30", named(1, "AE"), named(2, "VS"), named(3, "LB")),
	}}
	moved := interval(1, "Screening", named(2, "VS"), named(1, "AE"))
	moved.PositiveSlack = imednet.Some(int64(7))
	renamed := interval(3, "Week 2", named(3, "LB"))
	renamed.Disabled = imednet.Some(true)
	after := studytest.Design{Forms: forms, Intervals: []imednet.Interval{
		moved, interval(2, "Day 1"), renamed, interval(4, "Exit"), interval(5, "Day 30", named(3, "LB"), imednet.IntervalForm{FormID: imednet.Some(int64(1)), FormKey: imednet.Some("A E")}),
	}}
	assert.Equal(t, []string{
		"interval Day 1, form GONE unassigned",
		"interval Day 30 moved: AE, LB → LB, AE",
		"interval Day 30, form AE forms.formKey changed: AE → A E",
		"interval Day 30, form AE forms.formName changed: Form AE → (none)",
		"interval Day 30, form VS unassigned",
		"interval Exit added",
		"interval Screening positiveSlack changed: (none) → 7",
		"interval Screening moved: AE, VS → VS, AE",
		"interval Week 2 renamed: Day 8 → Week 2",
		"interval Week 2 retired",
		"interval Week 2, form LB assigned",
	}, lines(changesOf(t, joined(t, before), joined(t, after))))
	for _, c := range changesOf(t, joined(t, before), joined(t, after)) {
		assert.False(t, c.ChangesShape(), c)
	}
	assert.Contains(t, lines(changesOf(t, joined(t, after), joined(t, before))), "interval Exit removed")
}

// A form's new key or name is one change, although each of its variables and every interval
// repeats it.
func TestCompareReportsWhatFollowsAFormOnce(t *testing.T) {
	design := func(key string) studytest.Design {
		v := studytest.Variable(1, "TEMP", "NUMBER", key, imednet.Some(int64(2)))
		v.FormName = imednet.Some("Form " + key)
		return studytest.Design{Forms: []imednet.Form{studytest.Form(2, key)}, Variables: []imednet.Variable{v}, Intervals: []imednet.Interval{interval(1, "Day 1", named(2, key))}}
	}
	assert.Equal(t, []string{"VIT renamed: VS → VIT", "VIT formName changed: Form VS → Form VIT"}, lines(changesOf(t, joined(t, design("VS")), joined(t, design("VIT")))))
}

func TestCompareMovesAVariableToAnotherForm(t *testing.T) {
	design := func(id int64, key string) studytest.Design {
		return studytest.Design{Forms: []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS")}, Variables: []imednet.Variable{studytest.Variable(1, "TEMP", "NUMBER", key, imednet.Some(id))}}
	}
	changes := changesOf(t, joined(t, design(1, "AE")), joined(t, design(2, "VS")))
	assert.Equal(t, []string{"VS.TEMP renamed: AE.TEMP → VS.TEMP"}, lines(changes))
	assert.True(t, changes[0].ChangesShape())
	stray := changesOf(t, joined(t, design(1, "AE")), joined(t, design(7, "NONE")))
	assert.Equal(t, []string{"NONE.TEMP renamed: AE.TEMP → NONE.TEMP", "NONE.TEMP formId changed: 1 → 7", "NONE.TEMP formKey changed: AE → NONE"}, lines(stray))
}

// Designs of two environments have the same names under other ids, also ids that belong to
// something else there.
func TestCompareMatchesNamesBeforeIDs(t *testing.T) {
	before := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "AE"), studytest.Form(2, "VS")}}
	after := studytest.Design{Forms: []imednet.Form{studytest.Form(1, "VS"), studytest.Form(2, "AE")}}
	assert.Equal(t, []string{"AE formId changed: 1 → 2", "VS formId changed: 2 → 1"}, lines(changesOf(t, joined(t, before), joined(t, after))))
}

func TestCompareKnowsNamesakesByTheirID(t *testing.T) {
	id := imednet.Some(int64(1))
	old, fresh := studytest.Variable(1, "AETERM", "TEXT", "AE", id), studytest.Variable(2, "AETERM", "RADIO", "AE", id)
	old.Deleted = imednet.Some(true)
	design := func(v ...imednet.Variable) studytest.Design {
		return studytest.Design{Forms: []imednet.Form{studytest.Form(1, "AE")}, Variables: v}
	}
	fresh.Sequence, old.Sequence = imednet.Some(int64(1)), imednet.Some(int64(2))
	first := design(old, fresh)
	fresh.Sequence, old.Sequence = imednet.Some(int64(3)), imednet.Some(int64(2))
	assert.Equal(t, []string{"AE.AETERM moved: 1 → 3"}, lines(changesOf(t, joined(t, first), joined(t, design(fresh, old)))))
}

func TestCompareMembersThatThisLibraryDoesNotKnow(t *testing.T) {
	design := func(row string) *structure.Design {
		d, err := structure.Read(strings.NewReader(`{"studyKey":"S","intervals":[],"forms":[{"form":` + row + `,"variables":[]}]}`))
		require.NoError(t, err)
		return d
	}
	bare, full := design(`{"formId":1,"formKey":"AE"}`), design(`{"formId":1,"formKey":"AE","signed":{"b":1,"a":[2]},"extra":null}`)
	assert.Equal(t, []string{`AE signed changed: (none) → {"a":[2],"b":1}`}, lines(changesOf(t, bare, full)))
	assert.Equal(t, []string{`AE signed changed: {"a":[2],"b":1} → (none)`}, lines(changesOf(t, full, bare)))
	assert.Empty(t, changesOf(t, full, design(`{"formKey":"AE","formId":1,"signed":{"a":[2], "b":1.0}}`)), "order and spelling of JSON do not count")
	assert.Equal(t, []string{`AE revision changed: (none) → "two"`}, lines(changesOf(t, bare, design(`{"formId":1,"formKey":"AE","revision":"two"}`))))
}

func TestContradictionsOfADesignAreKept(t *testing.T) {
	id := imednet.Some(int64(1))
	again := studytest.Form(1, "AE")
	again.Revision = imednet.Some(int64(9))
	s := joined(t, studytest.Design{
		Forms:     []imednet.Form{studytest.Form(1, "AE"), again, studytest.Form(2, "VS")},
		Variables: []imednet.Variable{studytest.Variable(4, "TEMP", "NUMBER", "VS", id)},
		Intervals: []imednet.Interval{interval(1, "Day 1", named(7, "VS"))},
	})
	kinds := map[imednet.ContradictionKind]imednet.Resource{}
	for _, c := range s.Contradictions {
		kinds[c.Kind] = c.Row
	}
	assert.Equal(t, map[imednet.ContradictionKind]imednet.Resource{imednet.ListedTwice: imednet.Forms, imednet.IDAndKeyDisagree: imednet.Variables, imednet.IDUnknown: imednet.Intervals}, kinds)
	ae, _ := s.Form("AE")
	require.Len(t, ae.Variables, 1, "the id decides")
	assert.Equal(t, "9", ae.Form.Revision.String(), "the newest row counts")
	written, err := json.Marshal(s)
	require.NoError(t, err)
	read, err := structure.Read(bytes.NewReader(written))
	require.NoError(t, err)
	assert.ElementsMatch(t, s.Contradictions, read.Contradictions)
}

func TestCompareFormsThatTheStudyDoesNotList(t *testing.T) {
	design := func(missing ...imednet.IntervalForm) studytest.Design {
		return studytest.Design{Intervals: []imednet.Interval{interval(1, "Day 1", missing...)}}
	}
	assert.Empty(t, changesOf(t, joined(t, design(named(9, "GONE"))), joined(t, design(named(9, "GONE")))))
	assert.Equal(t, []string{"interval Day 1, form GONE unassigned", "interval Day 1, form LOST assigned"},
		lines(changesOf(t, joined(t, design(named(9, "GONE"))), joined(t, design(named(8, "LOST"))))))
}

func TestVariablesOfEveryUnlistedFormAreKept(t *testing.T) {
	s := joined(t, studytest.Design{Variables: []imednet.Variable{
		studytest.Variable(1, "A", "TEXT", "X", imednet.Some(int64(8))), studytest.Variable(2, "B", "TEXT", "Y", imednet.Some(int64(9))),
	}})
	require.Len(t, s.Unscheduled.Variables, 2)
	assert.Empty(t, s.Forms)
}

// changesOf compares two designs that are there.
func changesOf(t *testing.T, before, after *structure.Design) []structure.Change {
	t.Helper()
	changes, err := structure.Compare(before, after)
	require.NoError(t, err)
	return changes
}
