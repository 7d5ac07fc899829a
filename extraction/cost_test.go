package extraction_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestRulesAllocateLittle: what rules read of a record is found, decoded and kept once, and their traces and
// inputs come in one piece each.
func TestRulesAllocateLittle(t *testing.T) {
	for name, c := range map[string]struct {
		target, expression string
		most               float64 // allocations of one more rule and record
	}{
		"mapping":                      {target: "M%d", most: 0.1},
		"expression":                   {target: "X%d", expression: `"HIGH" if float(value) > 50 and record.record_data["AESER"] == "N" else "LOW"`, most: 0.2},
		"expression of another answer": {target: "Y%d", expression: `record.record_data["AESER"]`, most: 0.2},
	} {
		few, many := 4, 24
		perRule := (allocationsPerRecord(t, c.target, c.expression, many) - allocationsPerRecord(t, c.target, c.expression, few)) / float64(many-few)
		require.LessOrEqual(t, perRule, c.most, name)
	}
	require.LessOrEqual(t, allocationsPerRecord(t, "M%d", "", 4), 9.0, "a record")
}

// allocationsPerRecord are those of one more record, with so many rules.
func allocationsPerRecord(t *testing.T, target, expression string, rules int) float64 {
	t.Helper()
	cfg := imednet.StudyConfiguration{StudyKey: "S"}
	for i := range rules {
		rule := imednet.MappingRule{Domain: "ADAE", TargetField: fmt.Sprintf(target, i), SourceFormKey: "AE", SourceVariableName: "V1"}
		if expression != "" {
			rule.BusinessLogic = &expression
		}
		cfg.Mappings = append(cfg.Mappings, rule)
	}
	engine, err := extraction.NewEngine(cfg)
	require.NoError(t, err)
	run := func(records int) float64 {
		list := make(extraction.RecordList, records)
		data, err := imednet.NewRecordData([]byte(`{"AETERM":"TERM","AESER":"N","AESTDTC":"2013-02-03","V1":"60.5","V2":"x"}`))
		require.NoError(t, err)
		for i := range list {
			list[i] = imednet.Record{RecordID: int64(i + 1), FormKey: imednet.Some("AE"), SubjectID: imednet.Some(int64(i/20 + 1)), SubjectKey: imednet.Some("K"), RecordData: data}
		}
		return testing.AllocsPerRun(3, func() {
			for _, err := range engine.Run(context.Background(), list, extraction.Options{}).Subjects() {
				require.NoError(t, err)
			}
		})
	}
	return (run(800) - run(400)) / 400
}
