package extraction_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// formStructure is a study with one form and its variables.
func formStructure(form string, names ...string) extraction.Structure {
	s := extraction.Structure{Forms: []imednet.Form{{FormID: 1, FormKey: imednet.Some(form)}}}
	for i, name := range names {
		s.Variables = append(s.Variables, imednet.Variable{VariableID: int64(i + 1), FormID: imednet.Some(int64(1)), FormKey: imednet.Some(form), VariableName: imednet.Some(name)})
	}
	return s
}

// TestLineageNamesVariablesAsTheFormSpellsThem, or, where the study is not known, as the record does.
func TestLineageNamesVariablesAsTheFormSpellsThem(t *testing.T) {
	cfg := rules(t, "", `ADAE.X AE - record.record_data["p1"] + record.record_data.get("P1") + record.record_data["p_1"]`, "ADAE.Y AE p1", "ADAE.Z AE recordData.p1", "ADAE.W AE record_data.Obj.a")
	for name, c := range map[string]struct {
		opts    []extraction.EngineOption
		answers string
		want    []string
	}{
		"the form":   {[]extraction.EngineOption{extraction.WithStructure(formStructure("AE", "P1", "p_1", "OBJ"))}, `{"p1":"a","P_1":"b","obj":{"a":1}}`, []string{"P1", "p_1", "P1", "recordData.P1", "record_data.OBJ.a"}},
		"the record": {nil, `{"P1":"a","P_1":"b","obj":{"a":1}}`, []string{"P1", "P_1", "P1", "recordData.P1", "record_data.obj.a"}},
	} {
		engine, err := extraction.NewEngine(cfg, c.opts...)
		require.NoError(t, err, name)
		result, err := engine.Extract(t.Context(), extraction.RecordList{rec(t, 1, "AE", c.answers)}, extraction.Options{})
		require.NoError(t, err, name)
		var got []string
		for _, field := range []string{"X", "Y", "Z", "W"} {
			l, _ := result.ADAERecords[0].Lineage(field)
			for _, from := range l.From {
				got = append(got, from.Variable)
			}
			if l.Variable != "" {
				got = append(got, l.Variable)
			}
		}
		require.Equal(t, c.want, got, name)
	}
}

// TestAnAnswerBelongsToOneVariable where the names of two differ only in case: it is not that to the other, whether a
// rule or an expression asks.
func TestAnAnswerBelongsToOneVariable(t *testing.T) {
	structure := formStructure("AE", "TERM", "SEV", "SER", "Ser")
	for answers, want := range map[string]string{
		`{"SER":"N","Ser":"Y"}`: "No No", `{"Ser":"N"}`: "Unknown Unknown", `{"SER":"N"}`: "No No", `{"Ser":"Y","SER":""}`: "Unknown Unknown", `{"Ser":"N","SER":null}`: "Unknown Unknown",
	} {
		engine, err := extraction.NewEngine(rules(t, "", "ADAE.AESER AE SER", `ADAE.OTHERFL AE - record.record_data.get("SER")`), extraction.WithStructure(structure))
		require.NoError(t, err)
		result, err := engine.Extract(t.Context(), extraction.RecordList{rec(t, 1, "AE", answers)}, extraction.Options{})
		require.NoError(t, err)
		row := result.ADAERecords[0]
		name := map[imednet.YesNo]string{imednet.Yes: "Yes", imednet.No: "No", imednet.Unknown: "Unknown"}
		require.Equal(t, want, name[row.Serious]+" "+name[row.Flag("OTHERFL")], answers)
		require.NotContains(t, codes(result), "repeated SER", answers)
		require.Equal(t, row.Serious == imednet.Unknown, slices.Contains(codes(result), "serious-unknown AESER"), answers)
	}
	engine, err := extraction.NewEngine(rules(t, "", "ADAE.AESER AE SER"), extraction.WithStructure(structure))
	require.NoError(t, err)
	result, err := engine.Extract(t.Context(), extraction.RecordList{rec(t, 1, "AE", `{"ser":"N"}`)}, extraction.Options{})
	require.NoError(t, err)
	require.Len(t, result.ValidationErrors, 1, "a third spelling may be either's")
}

// TestACodingBelongsToOneVariable as its answer does.
func TestACodingBelongsToOneVariable(t *testing.T) {
	engine, err := extraction.NewEngine(rules(t, "", "ADAE.AEDECOD AE coding.TERM.code"), extraction.WithStructure(formStructure("AE", "TERM", "Term")))
	require.NoError(t, err)
	coding := imednet.Coding{CodingID: 1, RecordID: imednet.Some(int64(1)), Variable: imednet.Some("Term"), Value: imednet.Some("ache"), Code: imednet.Some("Pain")}
	src := codedSource{RecordList: extraction.RecordList{rec(t, 1, "AE", `{"TERM":"ache","Term":"ache"}`)}, codings: []imednet.Coding{coding}}
	result, err := engine.Extract(t.Context(), src, extraction.Options{})
	require.NoError(t, err)
	require.Empty(t, result.ADAERecords[0].DecodedTerm)
}
