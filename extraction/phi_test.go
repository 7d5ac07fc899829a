package extraction_test

import (
	"encoding/json"
	"fmt"
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
