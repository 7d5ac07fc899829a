package extraction_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
)

// TestNoRuleMakesNotSeriousOfAnAnswerThatDoesNotSaySo tries the ways in which configurations decide
// seriousness on the ways in which it is answered: "not serious" comes only from a no.
func TestNoRuleMakesNotSeriousOfAnAnswerThatDoesNotSaySo(t *testing.T) {
	noes := []string{`"N"`, `"No"`, `"no"`, `"1 - No"`, `"NO (not serious)"`, `"Not serious"`, `"0"`, `0`, `false`, `"False"`, `" n "`,
		`"Serious: No"`, `"1-No"`, `"No - not serious"`, `"N, non-serious AE"`, `"0=No"`, `"No SAE"`, `"no."`}
	others := []string{
		`"Y"`, `"Yes"`, `"yes"`, `"2 - Yes"`, `" YES "`, `"1"`, `1`, `1.0`, `"1.0"`, `true`, `"True"`, `"Unknown"`, `"UNK"`, `"maybe"`, `"N/A"`, `"Not known"`, `""`, `"  "`,
		`null`, `["Y"]`, `[1]`, `["No"]`, `["Serious","No"]`, `{"v":"Yes"}`, `[]`, `{}`, `"serious"`, `"Yes, no doubt"`, `"SAE no. 2"`, `"Serious adverse event No 12"`, `"sae no: ３"`, `"SAE no ②"`, `"Not non-serious"`, `"not nonserious"`, `"No, not a non-serious AE"`,
		`"no, serious"`, `"No (SAE)"`, `"not no"`, `"non"`, `"this is not it"`, `"not false"`, `"2"`, `2`, `"9"`, `9`, `"99"`, `"-1"`, `-1`, `"3"`, `"00"`, `0.5`, `"0.5"`,
		`"No information"`, `"no answer"`, `"No, but in hospital"`, `"Not (yet) known, no data"`,
	}
	expressions := []string{
		`"Y" if value == "y" else "N"`, `{True: "Y"}.get(value == "never", "N")`, `value in ["Ja"]`, `value == "x" or False`, `"N"`, `False`, `0`, `not True`,
		`{"Y!": "Y"}.get(str(value) if value is None else "", "N")`, `"1 - No" and "no"`, `None or "N"`,
	}
	for _, expression := range expressions {
		cfg := rules(t, "", "AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE S "+expression, "ADAE.AESER AE S "+expression)
		for i, answer := range append(append([]string{}, noes...), others...) {
			result := extract(t, cfg, rec(t, 1, "AE", fmt.Sprintf(`{"T":"a","S":%s}`, answer)))
			require.Len(t, result.AdverseEvents, 1, "%s of %s", expression, answer)
			want, findings := imednet.No, []string{}
			if i >= len(noes) {
				want, findings = imednet.Unknown, []string{"serious-unknown aeSerious", "serious-unknown AESER"}
			}
			require.Equal(t, want, result.AdverseEvents[0].AESerious, "%s of %s", expression, answer)
			require.Equal(t, want, result.ADAERecords[0].Serious, "%s of %s", expression, answer)
			require.Equal(t, findings, codes(result), "%s of %s", expression, answer)
			require.Equal(t, i < len(noes), result.Report.Sound())
		}
	}
}

// TestALetterOfTruthIsAFlagOfSeriousnessWhereTheConfigurationSaysSo, and nowhere else: what F stands for on
// a form nobody can know. Other flags take it as they always did.
func TestALetterOfTruthIsAFlagOfSeriousnessWhereTheConfigurationSaysSo(t *testing.T) {
	mappings := []string{"AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE S", "DD.ddTerm AE T", "DD.ddCategory AE T", "DD.ddDate AE D", "DD.ddSerious AE S", "ADAE.AESER AE S value", "ADAE.XFL AE S"}
	flags := func(r *extraction.ExtractionResult) []imednet.YesNo {
		return []imednet.YesNo{r.AdverseEvents[0].AESerious, r.DeviceDeficiencies[0].DDSerious, r.ADAERecords[0].Serious, r.ADAERecords[0].Flag("XFL")}
	}
	for answer, other := range map[string]imednet.YesNo{"F": imednet.No, " f ": imednet.No, "T": imednet.Yes, "t": imednet.Yes} {
		event := rec(t, 1, "AE", fmt.Sprintf(`{"T":"a","D":"2024-01-01","S":%q}`, answer))
		cfg := rules(t, "", mappings...)
		result := extract(t, cfg, event)
		want := []imednet.YesNo{imednet.Unknown, imednet.Unknown, imednet.Unknown, other}
		require.Equal(t, want, flags(result), answer)
		require.False(t, result.Report.Sound())
		for _, f := range []string{"serious-unknown aeSerious", "serious-unknown ddSerious", "serious-unknown AESER"} {
			require.Contains(t, codes(result), f, answer)
		}
		text, _ := result.AdverseEvents[0].AsCollected("aeSerious")
		require.Equal(t, answer, text)

		cfg.TerminologyLookups = map[string]map[string]string{}
		for _, field := range []string{"aeSerious", "ddSerious", "AESER"} {
			cfg.TerminologyLookups[field] = map[string]string{"F": "N", "T": "Y"}
		}
		result = extract(t, cfg, event)
		require.Equal(t, []imednet.YesNo{other, other, other, other}, flags(result), answer)
		require.True(t, result.Report.Sound())
	}
}

// TestAFallbackIsNoAnswerToSeriousness: nobody said that the event is not serious.
func TestAFallbackIsNoAnswerToSeriousness(t *testing.T) {
	cfg := rules(t, "", "AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE S", "DD.ddTerm AE T", "DD.ddCategory AE T", "DD.ddDate AE D", "DD.ddSerious AE S value")
	no, yes := "No", "Yes"
	cfg.Mappings[2].FallbackValue, cfg.Mappings[6].FallbackValue = &no, &no
	event := rec(t, 1, "AE", `{"T":"a","D":"2024-01-01"}`)
	result := extract(t, cfg, event, rec(t, 2, "AE", `{"T":"b","D":"2024-01-01","S":"N"}`))
	require.Equal(t, []string{"serious-unknown aeSerious", "serious-unknown ddSerious"}, codes(result))
	require.Equal(t, imednet.Unknown, result.AdverseEvents[0].AESerious)
	require.Equal(t, imednet.No, result.AdverseEvents[1].AESerious)

	cfg.Mappings[2].FallbackValue, cfg.Mappings[6].FallbackValue = &yes, &yes
	require.Equal(t, imednet.Yes, extract(t, cfg, event).AdverseEvents[0].AESerious, "to err on the safe side is allowed")
}

// TestNotSeriousMayRestOnOtherAnswers where the expression reads them, and on what terminology says.
func TestNotSeriousMayRestOnOtherAnswers(t *testing.T) {
	cfg := rules(t, "", "ADAE.AESER AE S \"Y\" if record.record_data.get(\"HOSP\") == \"Y\" else \"N\"", "ADAE.SER2 AE S", "ADAE.AETERM AE T")
	result := extract(t, cfg, rec(t, 1, "AE", `{"T":"a","HOSP":"N"}`), rec(t, 2, "AE", `{"T":"a","HOSP":"Y"}`))
	require.Equal(t, []imednet.YesNo{imednet.No, imednet.Yes}, []imednet.YesNo{result.ADAERecords[0].Serious, result.ADAERecords[1].Serious})

	cfg = rules(t, "", "ADAE.AESER AE S")
	cfg.TerminologyLookups = map[string]map[string]string{"AESER": {"Nein": "N", "Ja": "Y"}}
	result = extract(t, cfg, rec(t, 1, "AE", `{"S":"nein"}`), rec(t, 2, "AE", `{"S":"JA"}`))
	require.Equal(t, []imednet.YesNo{imednet.No, imednet.Yes}, []imednet.YesNo{result.ADAERecords[0].Serious, result.ADAERecords[1].Serious})
	require.True(t, result.Report.Sound())
}

// TestAnExpressionThatReadsTheAnswerItselfMakesNoNotSerious of one that does not say so, whether the rule
// names its source, reads it in the expression only, or by way of another rule.
func TestAnExpressionThatReadsTheAnswerItselfMakesNoNotSerious(t *testing.T) {
	for _, mapping := range []string{
		`ADAE.AESER AE - "Y" if record.record_data.get("S") == "Ja" else "N"`,
		`ADAE.AESER AE S "Y" if record.record_data.get("S") == "Ja" else "N"`,
		`ADAE.AESER AE S "Y" if subject_key and value == "Ja" else "N"`,
		`ADAE.AESER AE S "Y" if value == "Ja" or record.record_data.get("GRADE") > 3 else "N"`,
		`ADAE.AESER AE - "Y" if "Ja" in [record.record_data.get("S"), record.record_data.get("T")] else "N"`,
		`ADAE.AESER AE - "Y" if state.get("ADSL.DTHFL") == "Y" or record.record_data.get("S") == "Ja" else "N"`,
		`ADAE.AESER AE - payload["FIRST"]`,
	} {
		cfg := rules(t, "", `ADAE.FIRST AE S "Y" if value == "Ja" else "N"`, "ADSL.DTHFL DM D", mapping)
		for answer, want := range map[string]imednet.YesNo{
			`"N"`: imednet.No, `"1 - No"`: imednet.No, `"Ja"`: imednet.Yes,
			`"Unknown"`: imednet.Unknown, `"2 - Yes"`: imednet.Unknown, `""`: imednet.Unknown, `null`: imednet.Unknown, `absent`: imednet.Unknown,
		} {
			event := rec(t, 2, "AE", strings.Replace(fmt.Sprintf(`{"S":%s,"GRADE":2}`, answer), `"S":absent,`, "", 1))
			result := extract(t, cfg, rec(t, 1, "DM", `{"D":"N"}`), event)
			require.Equal(t, want, result.ADAERecords[0].Serious, "%s of %s", mapping, answer)
			require.Equal(t, want != imednet.Unknown, result.Report.Sound(), "%s of %s", mapping, answer)
		}
	}
	cfg := rules(t, "", `ADAE.AESER NSAE - "Y" if record.form_key == "SAE" else "N"`)
	require.Equal(t, imednet.No, extract(t, cfg, rec(t, 1, "NSAE", `{}`)).ADAERecords[0].Serious, "the form itself can say so")
}

// TestAYesAmongNoesIsNoNo: of several answers that an expression reads, one says yes in words that it does not look for.
func TestAYesAmongNoesIsNoNo(t *testing.T) {
	for answers, want := range map[string]imednet.YesNo{
		`{"DTH":"N","HOSP":"N"}`: imednet.No, `{"DTH":"N","HOSP":""}`: imednet.No, `{"DTH":"Y","HOSP":"N"}`: imednet.Yes, `{"DTH":"1 - Yes","HOSP":"N"}`: imednet.Unknown,
		`{"DTH":"yes","HOSP":"No"}`: imednet.Unknown, `{"DTH":1,"HOSP":0}`: imednet.Unknown, `{"DTH":true,"HOSP":false}`: imednet.Unknown,
	} {
		cfg := rules(t, "", `ADAE.AESER AE - "Y" if record.record_data.get("DTH") == "Y" or record.record_data.get("HOSP") == "Y" else "N"`)
		result := extract(t, cfg, rec(t, 1, "AE", answers))
		require.Equal(t, want, result.ADAERecords[0].Serious, answers)
		require.Equal(t, want != imednet.Unknown, result.Report.Sound(), answers)
	}
}

// TestAnAnswerThatContradictsItselfIsFound once for a record and variable, whoever reads it: the last one
// counts, and a person should know that there was another.
func TestAnAnswerThatContradictsItselfIsFound(t *testing.T) {
	for _, mapping := range []string{"ADAE.AESER AE S", "ADAE.AESER AE s", `ADAE.AESER AE - record.record_data.get("S")`, "ADAE.AESER AE recordData.S"} {
		cfg := rules(t, "", "AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE S", mapping)
		for answers, want := range map[string][]string{
			`"S":"Yes","S":"No"`: {"repeated S"}, `"S":"","S":"No"`: {"repeated S"}, `"S":"No","S":"No"`: {}, `"S":"No","X":1,"X":2`: {},
		} {
			result := extract(t, cfg, rec(t, 7, "AE", `{"T":"a",`+answers+`}`))
			require.Equal(t, want, codes(result), "%s of %s", mapping, answers)
			require.Equal(t, imednet.No, result.ADAERecords[0].Serious)
			require.Equal(t, len(want) == 0, result.Report.Sound())
			if len(want) > 0 {
				require.EqualValues(t, 7, result.Findings[0].RecordID)
				require.Empty(t, result.Findings[0].Values)
			}
		}
	}
}

// TestAnAnswerInTwoSpellingsIsFound as one in the same spelling is: the exact spelling counts, and the other
// must not be lost in silence.
func TestAnAnswerInTwoSpellingsIsFound(t *testing.T) {
	for _, mapping := range []string{
		"ADAE.AESER AE S", "ADAE.AESER AE recordData.S", `ADAE.AESER AE - record.record_data.get("S")`, `ADAE.AESER AE - record.record_data["S"]`,
	} {
		cfg := rules(t, "", "AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE S", mapping)
		for answers, want := range map[string][]string{
			`"S":"No","s":"Yes"`: {"repeated S"}, `"s":"Yes","S":"No"`: {"repeated S"}, `"S":"No","s":"Yes","s":"No"`: {"repeated S"}, `"S":"No","s":"No"`: {},
			`"S":"No","s":""`: {}, `"S":"No","s":" "`: {}, `"S":"No","s":null`: {}, `"S":"No","x":1,"X":2`: {},
		} {
			result := extract(t, cfg, rec(t, 7, "AE", `{"T":"a",`+answers+`}`))
			require.Equal(t, want, codes(result), "%s of %s", mapping, answers)
			require.Equal(t, imednet.No, result.ADAERecords[0].Serious)
			require.Equal(t, len(want) == 0, result.Report.Sound())
		}
		result := extract(t, cfg, rec(t, 7, "AE", `{"T":"a","S":"","s":"Yes"}`))
		require.Contains(t, codes(result), "repeated S", "an answer beside a blank one is not lost either")
	}
}

// TestAnAnswerRepeatedInsideAnotherIsFound where a rule's path leads through it.
func TestAnAnswerRepeatedInsideAnotherIsFound(t *testing.T) {
	for answers, want := range map[string][]string{
		`{"G":{"S":"Yes","S":"No"}}`: {"repeated G.S"}, `{"G":{"S":"No","s":"Yes"}}`: {"repeated G.S"}, `{"G":{"S":"No","s":"No"}}`: {}, `{"G":{"S":"No","T":1,"t":2}}`: {},
	} {
		result := extract(t, rules(t, "", "ADAE.AESER AE recordData.G.S", "ADAE.AGAIN AE record_data.G.S"), rec(t, 7, "AE", answers))
		require.Equal(t, want, codes(result), answers)
		require.Equal(t, imednet.No, result.ADAERecords[0].Serious)
	}
}

// TestTheAnswerStaysBesideAnEmptyFlag, in rows, in lineage, and masked where it is one of a person.
func TestTheAnswerStaysBesideAnEmptyFlag(t *testing.T) {
	cfg := rules(t, "", `ADAE.AESER AE S "Y" if value == "Yes" else "N"`)
	records := []imednet.Record{rec(t, 1, "AE", `{"S":"2 - Yes"}`)}
	result := extract(t, cfg, records...)
	text, ok := result.ADAERecords[0].AsCollected("AESER")
	require.True(t, ok)
	require.Equal(t, "2 - Yes", text)
	require.Equal(t, []extraction.CanonicalValue{extraction.TextValue("2 - Yes")}, result.Findings[0].Values)
	require.Contains(t, result.Findings[0].Message, "beside an answer that says Yes")

	_, ok = extract(t, cfg, rec(t, 1, "AE", `{"S":"  "}`)).ADAERecords[0].AsCollected("AESER")
	require.False(t, ok, "white space is no answer")
	require.Contains(t, extract(t, cfg, rec(t, 1, "AE", `{}`)).Findings[0].Message, "without an answer that says so", "no terminology can help")

	cfg.PHIFields = []string{"S"}
	require.Equal(t, []extraction.CanonicalValue{extraction.TextValue("[masked]")}, extract(t, cfg, records...).Findings[0].Values)
}

// TestAConditionThatDatesLeaveOpenDropsNothingInSilence, be it None or what an expression makes of None.
func TestAConditionThatDatesLeaveOpenDropsNothingInSilence(t *testing.T) {
	records := []imednet.Record{
		rec(t, 1, "EX", `{"D":"2024-01-10"}`), rec(t, 2, "AE", `{"D":"2024-01"}`), rec(t, 3, "AE", `{}`), rec(t, 4, "AE", `{"D":"2024-01-09"}`), rec(t, 5, "AE", `{"D":"2024-01-11"}`),
	}
	emergent := `treatment_emergent(record.record_data.get("D"), state["ADSL.TRTSDT"])`
	run := func(condition string) *extraction.ExtractionResult {
		settings := fmt.Sprintf(`{"conditions":[{"domain":"ADAE","sourceFormKey":"AE","expression":%q}]}`, condition)
		return extract(t, rules(t, settings, "ADSL.TRTSDT EX D", "ADAE.ASTDT AE D"), records...)
	}
	result := run(emergent)
	require.Len(t, result.ADAERecords, 1)
	require.Len(t, result.ValidationErrors, 2)
	require.Contains(t, result.ValidationErrors[0].Findings[0].Message, "to decide the condition")
	require.Equal(t, map[string]int64{extraction.ExcludedCondition: 1}, result.Report.Domains[extraction.ADAE].Excluded)
	require.Empty(t, result.Findings)

	result = run("bool(" + emergent + ")")
	require.Len(t, result.ADAERecords, 1)
	require.Empty(t, result.ValidationErrors)
	require.Equal(t, []string{"not-derived ", "not-derived "}, codes(result))
	require.Equal(t, []int64{2, 3}, []int64{result.Findings[0].RecordID, result.Findings[1].RecordID})

	result = run(emergent + " != False")
	require.Len(t, result.ADAERecords, 3, "what is unknown can be kept")
	require.Empty(t, result.Findings)
}

// TestTheAnswerOfAnotherRecordSaysNothingOfThisOne: a value that an expression finds in state or baseline may have
// been left by another event, here because a condition keeps this one out of the domain that sets it.
func TestTheAnswerOfAnotherRecordSaysNothingOfThisOne(t *testing.T) {
	settings := `{"conditions":[{"domain":"AE","sourceFormKey":"AE","expression":"record.record_data.get(\"KEEP\") == \"Y\""}]}`
	for _, how := range []string{
		`state["AE.aeSerious"]`, `baseline["AE.aeSerious"]`, `"Y" if state["AE.aeSerious"] == "Y" else "N"`, `payload["BEFORE"]`,
	} {
		cfg := rules(t, settings, "AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE S", `ADAE.BEFORE AE - state["AE.aeSerious"]`, "ADAE.AESER AE - "+how, "ADAE.AESDTH AE - "+how)
		cfg.Mappings[2].IsBaseline = true
		result := extract(t, cfg, rec(t, 1, "AE", `{"T":"a","KEEP":"Y","S":"No"}`), rec(t, 2, "AE", `{"T":"b","S":"Yes"}`), rec(t, 3, "AE", `{"T":"c"}`))
		require.Len(t, result.ADAERecords, 3, how)
		for i, want := range []imednet.YesNo{imednet.No, imednet.Unknown, imednet.Unknown} {
			require.Equal(t, want, result.ADAERecords[i].Serious, "%s of record %d", how, i+1)
			require.Equal(t, want, result.ADAERecords[i].Flag("AESDTH"), "%s of record %d", how, i+1)
		}
		require.ElementsMatch(t, []string{"death-unknown AESDTH", "serious-unknown AESER", "death-unknown AESDTH", "serious-unknown AESER"}, codes(result), how)
	}
	cfg := rules(t, "", "AE.aeTerm AE T", "AE.aeSeverity AE T", "AE.aeSerious AE S", `ADAE.AESER AE R state["AE.aeSerious"] if value == "" else value`)
	result := extract(t, cfg, rec(t, 1, "AE", `{"T":"a","S":"No","R":""}`), rec(t, 2, "AE", `{"T":"b","S":"No","R":"No"}`))
	require.Equal(t, []imednet.YesNo{imednet.No, imednet.No}, []imednet.YesNo{result.ADAERecords[0].Serious, result.ADAERecords[1].Serious})
	require.Empty(t, result.Findings)
}
