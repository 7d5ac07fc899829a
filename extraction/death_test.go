package extraction_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// deathOf are the flags of death that a mapping of each gives from one answer.
func deathOf(t *testing.T, answer, how string) (event, subject imednet.YesNo, result *extraction.ExtractionResult) {
	t.Helper()
	cfg := rules(t, "", strings.TrimSpace("ADAE.AESDTH AE S "+how), "ADAE.AETERM AE T", strings.TrimSpace("ADSL.DTHFL AE S "+how))
	result = extract(t, cfg, rec(t, 1, "AE", fmt.Sprintf(`{"T":"a","S":%s}`, answer)))
	require.Len(t, result.ADAERecords, 1, "%s of %s: %v", how, answer, result.ValidationErrors)
	require.Len(t, result.ADSLRecords, 1, "%s of %s: %v", how, answer, result.ValidationErrors)
	return result.ADAERecords[0].Flag("AESDTH"), result.ADSLRecords[0].Flag("DTHFL"), result
}

// TestNoRuleMakesNoDeathOfAnAnswerThatDoesNotSaySo: a death is not lost, and only a word of the living or a no makes a No.
func TestNoRuleMakesNoDeathOfAnAnswerThatDoesNotSaySo(t *testing.T) {
	yes := []string{`"Yes"`, `"1 - Yes"`, `"2 - yes"`, `"Fatal"`, `"5 - FATAL"`, `"Death"`, `"Subject died"`, `"Y"`, `1`, `true`, `"T"`, `["Death"]`}
	no := []string{`"N"`, `"No"`, `"2 - No"`, `"0"`, `0`, `false`, `"RECOVERED/RESOLVED"`, `"Not recovered/not resolved"`, `"not fatal"`, `"Alive"`, `"Death: No"`}
	silent := []string{`""`, `" "`, `null`, `"Unknown"`, `"UNK"`, `"9"`, `9`, `"2"`, `"F"`, `"No?"`, `"Completed"`, `"not alive"`, `[]`}
	for _, how := range []string{`"Y" if value == "never" else "N"`, `False`, `0`, `{"Y!": "Y"}.get("", "N")`, `"No" and "n"`} {
		for want, answers := range map[extraction.Severity][]string{extraction.SeverityError: yes, "": no, extraction.SeverityWarning: silent} {
			for _, answer := range answers {
				event, subject, result := deathOf(t, answer, how)
				if want == "" {
					require.Equal(t, []imednet.YesNo{imednet.No, imednet.No}, []imednet.YesNo{event, subject}, "%s of %s", how, answer)
					require.Empty(t, result.Findings)
					continue
				}
				require.Equal(t, []imednet.YesNo{imednet.Unknown, imednet.Unknown}, []imednet.YesNo{event, subject}, "%s of %s", how, answer)
				require.ElementsMatch(t, []string{"death-unknown AESDTH", "death-unknown DTHFL"}, codes(result), "%s of %s", how, answer)
				require.Equal(t, want, result.Findings[0].Severity, "%s of %s", how, answer)
				require.Equal(t, want == extraction.SeverityWarning, result.Report.Sound())
			}
		}
	}
}

// TestAFlagOfDeathIsReadAsItWasAnswered: the rule is about what rules make, not about answers.
func TestAFlagOfDeathIsReadAsItWasAnswered(t *testing.T) {
	for answer, want := range map[string]imednet.YesNo{`"Y"`: imednet.Yes, `"N"`: imednet.No, `""`: imednet.Unknown} {
		event, subject, result := deathOf(t, answer, "")
		require.Equal(t, []imednet.YesNo{want, want}, []imednet.YesNo{event, subject}, answer)
		require.Empty(t, result.Findings)
	}
	_, subject, result := deathOf(t, `"F"`, "")
	require.Equal(t, imednet.Unknown, subject, "F may be the code of Fatal")
	require.Contains(t, codes(result), "not-typed DTHFL")
}

// TestWordsForNoDeathAreANo, whichever a rule writes where the field holds any text.
func TestWordsForNoDeathAreANo(t *testing.T) {
	for _, word := range []string{"no death", "NOT FATAL", "1 - No", "No (0)", "alive", "F"} {
		event, _, result := deathOf(t, `"Fatal"`, fmt.Sprintf(`"Y" if value == "never" else %q`, word))
		require.Equal(t, imednet.Unknown, event)
		require.Equal(t, extraction.TextValue("Fatal"), result.Findings[0].Values[0], word)
		require.Empty(t, result.ADAERecords[0].Text("AESDTH"), word)
	}
}

// TestNoFallbackSaysThatNobodyDied, terms of the configuration do.
func TestNoFallbackSaysThatNobodyDied(t *testing.T) {
	cfg := rules(t, "", "ADSL.DTHFL DM S")
	no := "N"
	cfg.Mappings[0].FallbackValue = &no
	result := extract(t, cfg, rec(t, 1, "DM", `{"S":""}`))
	require.Equal(t, imednet.Unknown, result.ADSLRecords[0].Flag("DTHFL"))
	require.Equal(t, []string{"death-unknown DTHFL"}, codes(result))

	cfg = rules(t, "", `ADSL.DTHFL DS S "Y" if value == "Y" else "N"`)
	cfg.TerminologyLookups = map[string]map[string]string{"DTHFL": {"1": "N", "2": "Y", "COMPLETED": "N"}}
	for answer, want := range map[string]imednet.YesNo{"1": imednet.No, "2": imednet.Yes, "COMPLETED": imednet.No, "9": imednet.Unknown} {
		result = extract(t, cfg, rec(t, 1, "DS", fmt.Sprintf(`{"S":%q}`, answer)))
		require.Equal(t, want, result.ADSLRecords[0].Flag("DTHFL"), answer)
	}
}

// TestADeathThatOneRecordTellsIsNotLostBesideOneThatTellsNothing, in either order.
func TestADeathThatOneRecordTellsIsNotLostBesideOneThatTellsNothing(t *testing.T) {
	cfg := rules(t, "", `ADSL.DTHFL DS S "Y" if value == "DEATH" else "N"`, `ADAE.AESDTH AE - "Y" if record.record_data.get("A") == "Ja" or record.record_data.get("B") == "Ja" else "N"`, `ADAE.DEAD AE - state.get("ADSL.DTHFL")`)
	for _, others := range [][2]string{{"DEATH", "UNK"}, {"UNK", "DEATH"}, {"COMPLETED", "DEATH"}, {"DEATH", ""}} {
		result := extract(t, cfg, rec(t, 1, "DS", fmt.Sprintf(`{"S":%q}`, others[0])), rec(t, 2, "DS", fmt.Sprintf(`{"S":%q}`, others[1])), rec(t, 3, "AE", `{"A":"No","B":"Fatal"}`))
		require.Equal(t, imednet.Yes, result.ADSLRecords[0].Flag("DTHFL"), others)
		require.Equal(t, imednet.Unknown, result.ADAERecords[0].Flag("AESDTH"), "one of several answers tells of a death")
		require.Equal(t, "Y", result.ADAERecords[0].Text("DEAD"))
	}
}

// TestNobodyIsAliveByOneRecordWhenAnotherDoesNotSayNo: the No of one record stands only if every record that
// answers says no, in either order and whatever choose says; a Yes stands beside anything.
func TestNobodyIsAliveByOneRecordWhenAnotherDoesNotSayNo(t *testing.T) {
	const emptied, stands = "the flag is empty", "the flag is what the other records say"
	byRule := `"Y" if value == "DEATH" else "N"`
	for _, c := range []struct {
		first, second string // answers of DM and DS
		want          imednet.YesNo
		message       string // of the finding; "" for none
		severity      extraction.Severity
	}{
		{"No", "Death, car accident", imednet.Unknown, emptied, extraction.SeverityError},
		{"RECOVERED/RESOLVED", "5 - Fatal", imednet.Unknown, emptied, extraction.SeverityError},
		{"No", "1 - Yes", imednet.Unknown, emptied, extraction.SeverityError},
		{"RECOVERED/RESOLVED", "UNKNOWN", imednet.Unknown, emptied, extraction.SeverityWarning},
		{"No", "COMPLETED", imednet.Unknown, emptied, extraction.SeverityWarning},
		{"No", "", imednet.No, stands, extraction.SeverityWarning},
		{"No", "RECOVERED/RESOLVED", imednet.No, "", ""},
		{"DEATH", "UNKNOWN", imednet.Yes, stands, extraction.SeverityWarning},
		{"DEATH", "5 - Fatal", imednet.Yes, stands, extraction.SeverityError},
		{"DEATH", "", imednet.Yes, stands, extraction.SeverityWarning},
	} {
		for _, choose := range []string{"", imednet.ChooseFirst, imednet.ChooseLast} {
			for _, forms := range [][2]string{{"DM", "DS"}, {"DS", "DM"}, {"DM", "DM"}} {
				for _, how := range []string{"S " + byRule, `- "Y" if record.record_data.get("S") == "DEATH" else "N"`} {
					cfg := rules(t, "", "ADSL.DTHFL DM "+how, "ADSL.DTHFL DS "+how, `ADAE.DEAD AE - state.get("ADSL.DTHFL")`, "ADAE.AETERM AE S")
					cfg.Mappings[0].Choose, cfg.Mappings[1].Choose = choose, choose
					for _, answers := range [][2]string{{c.first, c.second}, {c.second, c.first}} {
						result := extract(t, cfg, rec(t, 1, forms[0], fmt.Sprintf(`{"S":%q}`, answers[0])), rec(t, 2, forms[1], fmt.Sprintf(`{"S":%q}`, answers[1])), rec(t, 3, "AE", `{"S":"a"}`))
						at := fmt.Sprint(answers, choose, forms, how)
						require.Equal(t, c.want, result.ADSLRecords[0].Flag("DTHFL"), at)
						require.Equal(t, c.want, result.ADAERecords[0].Flag("DEAD"), "expressions read what will stand: "+at)
						if c.message == "" {
							require.Empty(t, result.Findings, at)
							continue
						}
						require.Equal(t, []string{"death-unknown DTHFL"}, codes(result), at)
						require.Contains(t, result.Findings[0].Message, c.message, at)
						require.Equal(t, c.severity, result.Findings[0].Severity, at)
					}
				}
			}
		}
	}
}

// TestWhatCannotBeReadAsAFlagOfDeathIsNoNo, where choose would take the No of another record.
func TestWhatCannotBeReadAsAFlagOfDeathIsNoNo(t *testing.T) {
	cfg := rules(t, "", "ADSL.DTHFL DM S", "ADSL.DTHFL DS S")
	cfg.Mappings[0].Choose, cfg.Mappings[1].Choose = imednet.ChooseFirst, imednet.ChooseFirst
	for _, answer := range []string{"Death", "UNKNOWN", "F"} {
		result := extract(t, cfg, rec(t, 1, "DM", `{"S":"No"}`), rec(t, 2, "DS", fmt.Sprintf(`{"S":%q}`, answer)))
		require.Equal(t, imednet.Unknown, result.ADSLRecords[0].Flag("DTHFL"), answer)
		require.Equal(t, []string{"not-typed DTHFL"}, codes(result), answer)
	}
}

// TestNoConfigurationAloneSaysNo of death or seriousness, by a fallback or by a word in a rule that reads nothing.
func TestNoConfigurationAloneSaysNo(t *testing.T) {
	targets := []string{"AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE -", "DD.ddTerm AE T", "DD.ddCategory AE T", "DD.ddDate AE D", "DD.ddSerious AE -", "ADAE.AESER AE -", "ADAE.AESDTH AE -", "ADSL.DTHFL AE -"}
	event := rec(t, 1, "AE", `{"T":"a","D":"2024-01-01"}`)
	flags := func(r *extraction.ExtractionResult) []imednet.YesNo {
		return []imednet.YesNo{r.AdverseEvents[0].AESerious, r.DeviceDeficiencies[0].DDSerious, r.ADAERecords[0].Serious, r.ADAERecords[0].Flag("AESDTH"), r.ADSLRecords[0].Flag("DTHFL")}
	}
	for _, how := range []struct{ fallback, expression string }{{"N", ""}, {"No", "value"}, {"", `"N"`}, {"", "False"}, {"Y", `"Y" if value == "never" else "N"`}, {"N", `value if record.form_key == "AE" else "Y"`}} {
		cfg := rules(t, "", targets...)
		for i := range cfg.Mappings {
			if cfg.Mappings[i].SourceVariableName != "" {
				continue
			}
			if how.fallback != "" {
				cfg.Mappings[i].FallbackValue = &how.fallback
			}
			if how.expression != "" {
				cfg.Mappings[i].BusinessLogic = &how.expression
			}
		}
		result := extract(t, cfg, event)
		require.Equal(t, make([]imednet.YesNo, 5), flags(result), how)
		require.ElementsMatch(t, []string{"serious-unknown aeSerious", "serious-unknown ddSerious", "serious-unknown AESER", "death-unknown AESDTH", "death-unknown DTHFL"}, codes(result), how)
	}
}
