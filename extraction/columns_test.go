package extraction_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestTwoFieldsShareNoColumn: batches have the text of a value beside it, and most readers take names in any case.
func TestTwoFieldsShareNoColumn(t *testing.T) {
	for name, c := range map[string]struct {
		settings string
		lines    []string
		at       []string
	}{
		"the text of a date":      {"", []string{"ADAE.ASTDT AE D", "ADAE.ASTDT_text AE D"}, []string{"/mappings/1/targetField"}},
		"in the other order":      {"", []string{"ADAE.ASTDT_text AE D", "ADAE.ASTDT AE D"}, []string{"/mappings/0/targetField"}},
		"the day of a date":       {"", []string{"ADSL.DTHDT DM D", "ADSL.DTHDT_date DM D"}, []string{"/mappings/1/targetField"}},
		"the digits of a number":  {"", []string{"ADLB.AVAL LB V", "ADLB.ADT LB D", "ADLB.ALT.AVAL_text LB V"}, []string{"/mappings/2/targetField"}},
		"the word of a flag":      {`{"yesNoColumns":true}`, []string{"ADAE.AESER AE S", "ADAE.AESER_yn AE S"}, []string{"/mappings/1/targetField"}},
		"no words of flags":       {"", []string{"ADAE.AESER AE S", "ADAE.AESER_yn AE S"}, nil},
		"only case":               {"", []string{"ADAE.AETERM AE T", "ADAE.aeterm AE T"}, []string{"/mappings/1/targetField"}},
		"only case, of two forms": {"", []string{"ADAE.XTERM AE T", "ADAE.XTerm AE2 T"}, []string{"/mappings/1/targetField"}},
		"another domain":          {"", []string{"ADAE.XDT AE T", "ADSL.XDT_text DM T"}, nil},
		"a column of every row":   {"", []string{"ADAE.STUDYKEY AE T", "ADAE.SubjectKey AE T", "ADAE.subjectKey AE T"}, []string{"/mappings/0/targetField", "/mappings/1/targetField"}},
		"the flag of an imputation": {`{"analysis":{"imputation":[{"domain":"ADAE","field":"ASTDT","day":"first"}]}}`,
			[]string{"ADSL.TRTSDT DM D", "ADAE.ASTDT AE D", "ADAE.astdtf AE D"}, []string{"/mappings/2/targetField"}},
	} {
		_, err := extraction.NewEngine(rules(t, c.settings, c.lines...))
		require.Equal(t, c.at, problemPaths(err), name)
	}
}

func TestATargetIsANameThatCanBeSeen(t *testing.T) {
	for _, target := range []string{"X\nY", "X\tY", "X\x00", "X\u2028Y", "X\u200bY", "\u202eX", "X\u00a0Y", "X\x7f", "X\u0085Y", "X\xff"} {
		cfg := imednet.StudyConfiguration{StudyKey: "S", Mappings: []imednet.MappingRule{{Domain: "ADAE", TargetField: target, SourceFormKey: "AE", SourceVariableName: "T"}}}
		_, err := extraction.NewEngine(cfg)
		require.Equal(t, []string{"/mappings/0/targetField"}, problemPaths(err), "%q", target)
	}
	for _, target := range []string{"X Y", "Größe", "日付"} {
		_, err := extraction.NewEngine(imednet.StudyConfiguration{StudyKey: "S", Mappings: []imednet.MappingRule{{Domain: "ADAE", TargetField: target, SourceFormKey: "AE", SourceVariableName: "T"}}})
		require.NoError(t, err, "%q", target)
	}
	for _, target := range []string{"A\nT.AVAL", "ALT.AV\nAL", ".AVAL", "ALT.", "ALT. ", " .AVAL"} {
		_, err := extraction.NewEngine(imednet.StudyConfiguration{StudyKey: "S", Mappings: []imednet.MappingRule{{Domain: "ADLB", TargetField: target, SourceFormKey: "LB", SourceVariableName: "T"}}})
		require.Equal(t, []string{"/mappings/0/targetField"}, problemPaths(err), "%q", target)
	}
}

func problemPaths(err error) []string {
	invalid, _ := err.(*imednet.ValidationError)
	if invalid == nil {
		return nil
	}
	var list []string
	for _, p := range invalid.Problems {
		list = append(list, p.Path)
	}
	return list
}
