package extraction_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestPHIFieldsAreFoundHoweverTheyAreWritten masks a rule's value whatever way configuration and
// rule name the variable: the forms of names that exports and profiles take too.
func TestPHIFieldsAreFoundHoweverTheyAreWritten(t *testing.T) {
	variable := func(name string) imednet.Variable {
		return imednet.Variable{VariableID: int64(len(name)), FormKey: imednet.Some("DM"), VariableName: imednet.Some(name)}
	}
	for _, field := range []string{"BIRTH_DATE", "birthdate", "Birth Date", "DM.BIRTH_DATE", "recordData.BIRTH_DATE", "record_data.birthDate", "DM.recordData.BIRTH_DATE"} {
		for _, source := range []string{"BIRTH_DATE", "birth_date", "recordData.BIRTH_DATE", "record_data.BIRTH_DATE"} {
			document := fmt.Sprintf(`{"studyKey":"S","phiFields":[%q],"mappings":[
				{"domain":"ADSL","targetField":"SEX","sourceFormKey":"DM","sourceVariableName":"SEX","businessLogic":"1 // 0"},
				{"domain":"ADSL","targetField":"BRTHDT","sourceFormKey":"DM","sourceVariableName":%q}]}`, field, source)
			cfg, err := imednet.ParseStudyConfiguration([]byte(document), imednet.ConfigurationOptions{})
			require.NoError(t, err)
			structure := extraction.Structure{
				Forms:     []imednet.Form{{FormID: 1, FormKey: imednet.Some("DM")}},
				Variables: []imednet.Variable{variable("BIRTH_DATE"), variable("SEX")},
			}
			engine, err := extraction.NewEngine(cfg, extraction.WithStructure(structure))
			require.NoError(t, err, "%s", field)
			record := imednet.Record{RecordID: 1, FormKey: imednet.Some("DM"), SubjectKey: imednet.Some("01-001")}
			record.RecordData, err = imednet.NewRecordData([]byte(`{"SEX":"F","BIRTH_DATE":"1961-07-04"}`))
			require.NoError(t, err)
			result, err := engine.Extract(t.Context(), extraction.RecordList{record}, extraction.Options{InMemory: true})
			require.NoError(t, err)
			require.Len(t, result.ValidationErrors, 1)
			text, err := json.Marshal(result.ValidationErrors)
			require.NoError(t, err)
			require.NotContains(t, string(text), "1961", "%s %s", field, source)
			require.Contains(t, string(text), "[masked]", "%s %s", field, source)
		}
	}
}

// TestAKeyInSnakeCaseIsMaskedToo: payload is read by either spelling of a field.
func TestAKeyInSnakeCaseIsMaskedToo(t *testing.T) {
	for _, expression := range []string{`state["AE.aeTerm"]`, `payload["ae_term"]`, `payload.get("aeTerm")`} {
		cfg := rules(t, "", "AE.aeTerm AE T", "AE.aeSeverity AE S", "AE.aeOutcome AE - "+expression)
		cfg.PHIFields = []string{"T"}
		result := extract(t, cfg, rec(t, 1, "AE", `{"T":"secret","S":""}`))
		require.Len(t, result.ValidationErrors, 1, expression)
		text, err := json.Marshal(result.ValidationErrors)
		require.NoError(t, err)
		require.NotContains(t, string(text), "secret", expression)
		require.Contains(t, string(text), `"aeOutcome":"[masked]"`, expression)
	}
}

// TestAConflictShowsNoValueOfAPerson, whichever of the mappings reads it.
func TestAConflictShowsNoValueOfAPerson(t *testing.T) {
	for _, forms := range [][2]string{{"DM", "DS"}, {"DS", "DM"}} {
		for _, how := range []string{"T", `- record.record_data["T"]`, `A record.record_data["T"]`} {
			cfg := rules(t, "", "ADSL.X DM A", "ADSL.X DS "+how)
			cfg.PHIFields = []string{"T"}
			if forms[0] == "DS" {
				cfg.Mappings[0], cfg.Mappings[1] = cfg.Mappings[1], cfg.Mappings[0]
			}
			result := extract(t, cfg, rec(t, 1, "DM", `{"A":"plain"}`), rec(t, 2, "DS", `{"T":"secret","A":"a"}`))
			require.Equal(t, []string{"conflict X"}, codes(result))
			require.ElementsMatch(t, []extraction.CanonicalValue{extraction.TextValue("plain"), extraction.TextValue("[masked]")}, result.Findings[0].Values, "%s %s", forms, how)
			l, _ := result.ADSLRecords[0].Lineage("X")
			require.NotContains(t, l.Tree(), "secret")
		}
	}
}

// TestAWholeRecordIsMaskedWhereItHasAPerson: an expression that can read any answer, or asks something of all of them,
// may say what the secret one is.
func TestAWholeRecordIsMaskedWhereItHasAPerson(t *testing.T) {
	structure := extraction.Structure{Forms: []imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}}}
	for i, name := range []string{"T", "V"} {
		structure.Variables = append(structure.Variables, imednet.Variable{VariableID: int64(i + 1), FormKey: imednet.Some("AE"), VariableName: imednet.Some(name)})
	}
	for _, how := range []string{
		`" ".join(record.record_data.values())`, `max(record.record_data.values())`, `len(record.record_data)`, `"a" if record.record_data == {"T": "public"} else "b"`,
		`"a" if "T" + "" in record.record_data else "b"`, `record.record_data["" + "T"]`, `record.record_data.get(value)`, `"a" if record == 1 else "b"`, `"a" if record.record_data else "b"`,
		`" ".join(payload.values())`, `len(payload)`, `"a" if payload == {} else "b"`, `payload["AE" + "TERM"]`, `"a" if payload else "b"`, `"a" if "AETERM" in payload else "b"`,
		`len(state)`, `state["ADAE." + "AETERM"]`, `len(context.state)`, `"a" if context == 1 else "b"`, `"a" if state else "b"`,
	} {
		for _, phi := range []string{"T", "siteId", "subjectKey"} {
			// AEBAD fails, so that the row is rejected with what AEX and ASTDT hold
			cfg := rules(t, "", "ADAE.AETERM AE T", "ADAE.AEX AE V "+how, "ADAE.ASTDT AE V "+how, "ADAE.AEBAD AE - 1 // 0")
			cfg.PHIFields = []string{phi}
			engine, err := extraction.NewEngine(cfg, extraction.WithStructure(structure))
			require.NoError(t, err, how)
			result, err := engine.Extract(t.Context(), extraction.RecordList{rec(t, 1, "AE", `{"T":"secret","V":"public"}`)}, extraction.Options{InMemory: true})
			require.NoError(t, err)
			require.Len(t, result.ValidationErrors, 1, how)
			secret := phi == "T" || strings.Contains(how, "record == 1") || phi == "subjectKey" && strings.Contains(how, "context == 1")
			x, _ := result.ValidationErrors[0].Payload.Get("AEX")
			l, _ := result.ValidationErrors[0].Payload.Lineage("AEX")
			require.Equal(t, secret, l.Masked, "%s %s", phi, how)
			if !secret {
				continue
			}
			require.Contains(t, []string{"", "[masked]"}, x.String(), how)
			text, err := json.Marshal([]any{result.ValidationErrors, result.Findings, l})
			require.NoError(t, err)
			require.Equal(t, phi != "T", strings.Contains(string(text), "secret"), how) // which is what AETERM holds
			for _, f := range result.Findings {                                         // ASTDT cannot hold what the expression gave
				require.Equal(t, []extraction.CanonicalValue{extraction.TextValue("[masked]")}, f.Values, how)
			}
		}
	}
}
