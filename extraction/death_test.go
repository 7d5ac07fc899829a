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
	yes := []string{`"Yes"`, `"1 - Yes"`, `"2 - yes"`, `"Fatal"`, `"5 - FATAL"`, `"Death"`, `"Subject died"`, `"Y"`, `1`, `true`, `"T"`, `["Death"]`, `"not alive"`, `"Did not survive"`, `"Possibly fatal"`, `"Fatal: unknown"`}
	no := []string{`"N"`, `"No"`, `"2 - No"`, `"0"`, `0`, `false`, `"RECOVERED/RESOLVED"`, `"Not recovered/not resolved"`, `"not fatal"`, `"Alive"`, `"Death: No"`}
	silent := []string{`""`, `" "`, `null`, `"Unknown"`, `"UNK"`, `"9"`, `9`, `"2"`, `"F"`, `"No?"`, `"Completed"`, `"Fatal: 0"`, `[]`}
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
	cfg := rules(t, "", "ADSL.DTHFL DM S", "ADSL.DTHFL DS S", `ADAE.DEAD AE - state.get("ADSL.DTHFL")`)
	cfg.Mappings[0].Choose, cfg.Mappings[1].Choose = imednet.ChooseFirst, imednet.ChooseFirst
	for _, answer := range []string{"Death", "UNKNOWN", "F"} {
		result := extract(t, cfg, rec(t, 1, "DM", `{"S":"No"}`), rec(t, 2, "DS", fmt.Sprintf(`{"S":%q}`, answer)), rec(t, 3, "AE", `{}`))
		require.Equal(t, imednet.Unknown, result.ADSLRecords[0].Flag("DTHFL"), answer)
		text, _ := result.ADSLRecords[0].AsCollected("DTHFL")
		require.Equal(t, answer, text)
		require.Empty(t, result.ADAERecords[0].Text("DEAD"))
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

// TestNobodyIsAliveByOneRecordWhenARuleMakesNothingOfAnother that does not say no: None of "Death, car accident"
// hides it no better than a No does.
func TestNobodyIsAliveByOneRecordWhenARuleMakesNothingOfAnother(t *testing.T) {
	for answer, want := range map[string]extraction.Severity{
		"Death, car accident": extraction.SeverityError, "1 - Yes": extraction.SeverityError, "Possibly fatal": extraction.SeverityError, "COMPLETED": extraction.SeverityWarning, "UNKNOWN": extraction.SeverityWarning,
		"": "", "No": "", "RECOVERED/RESOLVED": "", "Alive": "",
	} {
		for _, how := range []string{`S "Y" if value == "DEATH" else None`, "S None", `- "Y" if record.record_data.get("S") == "DEATH" else None`, "S ''"} {
			for _, choose := range []string{"", imednet.ChooseFirst, imednet.ChooseLast} {
				for _, first := range []string{"DM", "DS"} {
					cfg := rules(t, "", "ADSL.DTHFL DM S", "ADSL.DTHFL DS "+how, `ADAE.DEAD AE - state.get("ADSL.DTHFL")`, "ADAE.AETERM AE S")
					cfg.Mappings[0].Choose, cfg.Mappings[1].Choose = choose, choose
					answers := map[string]string{"DM": "No", "DS": answer}
					second := map[string]string{"DM": "DS", "DS": "DM"}[first]
					result := extract(t, cfg, rec(t, 1, first, fmt.Sprintf(`{"S":%q}`, answers[first])), rec(t, 2, second, fmt.Sprintf(`{"S":%q}`, answers[second])), rec(t, 3, "AE", `{"S":"a"}`))
					at := fmt.Sprint(answer, how, choose, first)
					if want == "" {
						require.Equal(t, imednet.No, result.ADSLRecords[0].Flag("DTHFL"), at)
						require.Empty(t, result.Findings, at)
						continue
					}
					require.Equal(t, imednet.Unknown, result.ADSLRecords[0].Flag("DTHFL"), at)
					require.Empty(t, result.ADAERecords[0].Text("DEAD"), "expressions read what will stand: "+at)
					require.Equal(t, []string{"death-unknown DTHFL"}, codes(result), at)
					require.Equal(t, want, result.Findings[0].Severity, at)
					require.Contains(t, result.Findings[0].Message, "makes nothing of an answer that does not say No", at)
					why, err := extraction.Explain(result.ADSLRecords[0].CanonicalRow, "DTHFL")
					require.NoError(t, err)
					require.Contains(t, why, "a record does not say No while another does; from record 1 of form "+first+", 2 of form "+second, at)
				}
			}
		}
	}
}

// TestAFindingSaysOfWhatARuleMadeItsNo: the No of the subject is an answer, and none to this event.
func TestAFindingSaysOfWhatARuleMadeItsNo(t *testing.T) {
	for how, want := range map[string]string{
		`- state.get("ADSL.DTHFL")`: "of a value of the subject or of another record, which is no answer to this",
		`- state.get("ADSL.DTHFL") if record.record_data.get("NONE") is None else "Y"`: "of a value of the subject or of another record, which is no answer to this",
		`- "N" if state.get("ADAE.AEOUT") else "Y"`:                                    "of answers that do not say so",
		`- "Y" if record.record_data.get("T") == "Yes" else state.get("ADSL.DTHFL")`:   "of answers that do not say so",
		`U "Y" if value == "Ja" else "N"`:                                              "of an answer that does not say so",
		`Y "Y" if value == "Ja" else "N"`:                                              "beside an answer that says Yes, or may say so",
		`- "Y" if record.record_data.get("Y") == "Ja" else "N"`:                        "beside an answer that says Yes, or may say so",
		`NONE "Y" if value == "Ja" else "N"`:                                           "without an answer that says so",
		`- "N"`:                                                                        "without an answer that says so",
	} {
		cfg := rules(t, "", "ADSL.DTHFL DM S", "ADAE.AETERM AE T", "ADAE.AEOUT AE O", "ADAE.AESDTH AE "+how, "ADAE.AESER AE "+how)
		result := extract(t, cfg, rec(t, 1, "DM", `{"S":"No"}`), rec(t, 2, "AE", `{"T":"b","U":"Unknown","Y":"Yes","O":"gone"}`))
		require.Equal(t, []string{"death-unknown AESDTH", "serious-unknown AESER"}, codes(result), how)
		for _, f := range result.Findings {
			require.Contains(t, f.Message, "the rule makes No "+want+": the flag is empty", how)
			why, err := extraction.Explain(result.ADAERecords[0].CanonicalRow, f.Field)
			require.NoError(t, err)
			require.Contains(t, why, f.Field+" is no value", how)
			require.Contains(t, why, "; its No was refused: the rule makes it "+want+"; ", how)
			require.NotContains(t, why, "cannot hold", "a flag can hold Yes")
			l, _ := result.ADAERecords[0].Lineage(f.Field)
			require.Equal(t, want, l.Refused)
		}
	}
	no := "N"
	cfg := rules(t, "", "ADAE.AETERM AE T", "ADAE.AESER AE S")
	cfg.Mappings[1].FallbackValue = &no
	result := extract(t, cfg, rec(t, 1, "AE", `{"T":"b"}`))
	require.Equal(t, "the rule makes No of its fallback, without an answer that says so: the flag is empty", result.Findings[0].Message)
	for _, answer := range []string{"No", "Yes", "maybe"} { // what stands, or cannot be held, was not refused
		result = extract(t, rules(t, "", "ADAE.AETERM AE T", "ADAE.AESER AE S value"), rec(t, 1, "AE", fmt.Sprintf(`{"T":"b","S":%q}`, answer)))
		why, err := extraction.Explain(result.ADAERecords[0].CanonicalRow, "AESER")
		require.NoError(t, err)
		require.NotContains(t, why, "refused")
		require.Equal(t, answer == "maybe", strings.Contains(why, `; the field cannot hold "maybe"`))
	}
}
