package extraction_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestLineageTellsTheCodeThatARecordHoldsAndTheChoiceThatWasRead: who compares with the EDC system finds the code.
func TestLineageTellsTheCodeThatARecordHoldsAndTheChoiceThatWasRead(t *testing.T) {
	choices := strings.NewReplacer(`"V":"2"`, `"V":"Mild"`, `"S":2`, `"S":"No"`, `"X":"9"`, `"X":"secret"`)
	translate := func(r imednet.Record) imednet.Record {
		data, err := imednet.NewRecordData([]byte(choices.Replace(string(r.RecordData.Raw()))))
		require.NoError(t, err)
		r.RecordData = data
		return r
	}
	cfg := rules(t, "", "ADAE.AETERM AE T", "ADAE.AESEV AE V", `ADAE.AESER AE S "Y" if value == "Ja" else "N"`, `ADAE.NOTE AE - record.record_data["V"] + "!"`, "ADAE.AEOTH AE X", "ADAE.AESEV2 AE v", "ADAE.NONE AE Z")
	cfg.PHIFields = []string{"X"}
	cfg.TerminologyLookups = map[string]map[string]string{"AESEV2": {"Mild": "MILD"}}
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	run := func(translate func(imednet.Record) imednet.Record) extraction.CanonicalRow {
		records := extraction.RecordList{rec(t, 1, "AE", `{"T":"2","V":"2","S":2,"X":"9"}`)}
		result, err := engine.Extract(t.Context(), records, extraction.Options{InMemory: true, Translate: translate})
		require.NoError(t, err)
		return result.ADAERecords[0].CanonicalRow
	}
	row := run(translate)
	require.Equal(t, imednet.No, row.Flag("AESER"), "rules read the choice")
	for field, want := range map[string]string{
		"AETERM": `AETERM is "2" from variable T, which held "2"; record 1 of form AE; mapping 0 of configuration 1.0.0.` + "\n",
		"AESEV":  `AESEV is "Mild" from variable V, which held "2" (choice "Mild"); record 1 of form AE; mapping 1 of configuration 1.0.0.` + "\n",
		"AESER":  `AESER is false from variable S, which held 2 (choice "No"), computed by the expression "Y" if value == "Ja" else "N"; record 1 of form AE; mapping 2 of configuration 1.0.0.` + "\n",
		"NOTE": `NOTE is "Mild!" from no source variable, computed by the expression record.record_data["V"] + "!"; record 1 of form AE; mapping 3 of configuration 1.0.0.` + "\n" +
			`  V is "Mild" from variable V, which held "2" (choice "Mild"); record 1 of form AE; configuration 1.0.0.` + "\n",
		"AEOTH":  `AEOTH is [masked] from variable X, which held [masked] (choice [masked]); record 1 of form AE; mapping 4 of configuration 1.0.0.` + "\n",
		"AESEV2": `AESEV2 is "MILD" from variable V, which held "2" (choice "Mild"), changed by a terminology lookup; record 1 of form AE; mapping 5 of configuration 1.0.0.` + "\n",
		"NONE":   `NONE is no value from variable Z, which held no value; record 1 of form AE; mapping 6 of configuration 1.0.0.` + "\n",
	} {
		l, ok := row.Lineage(field)
		require.True(t, ok)
		require.Equal(t, want, l.Tree())
	}
	l, _ := row.Lineage("AESEV")
	require.Equal(t, []extraction.CanonicalValue{extraction.TextValue("2"), extraction.TextValue("Mild")}, []extraction.CanonicalValue{l.Source, l.Choice})
	document, err := json.Marshal(l)
	require.NoError(t, err)
	require.Contains(t, string(document), `"source":"2","choice":"Mild"`)
	l, _ = row.Lineage("AEOTH")
	document, err = json.Marshal(l)
	require.NoError(t, err)
	require.Contains(t, string(document), `"source":"[masked]","choice":"[masked]"`)

	l, _ = run(nil).Lineage("AESEV")
	require.Equal(t, `AESEV is "2" from variable V, which held "2"; record 1 of form AE; mapping 1 of configuration 1.0.0.`, l.String())
	require.True(t, l.Choice.IsNull())
}
