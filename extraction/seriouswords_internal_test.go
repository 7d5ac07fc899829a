package extraction

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestANoInDoubtIsNoNo: whoever writes a question mark behind a no does not know it.
func TestANoInDoubtIsNoNo(t *testing.T) {
	for _, text := range []string{"No?", "no ?", "No (?)", "1 - No?", "Not serious??", "non-serious？", "No⁉", "no? no", "☐ No", "≠ No", "~No", "¬ No", "✗ no", "No ⚠", "Not serious? No",
		"[ ] No", "[] no", "( ) No", "() 1 - No", "{  } No", "__ No", "[\t] not serious", "No [ ]", "No*", "No†"} {
		require.False(t, saysNo(TextValue(text)), text)
	}
	for _, text := range []string{"No", "No!", "1 - No", "1 = No", "2) No", "Serious? No", "Is the event serious? - no", "not serious", "0 [No]", "No.",
		"[0] No", "(No)", "\u201cNo\u201d", "N - No", "N/No", "no/false", "SAE: No", "sae no", "Event not serious", "this was not a serious adverse event", "No: not serious", "No\u00a0-\u2009not serious",
		"non-serious; not a SAE", "Not a SAE", "no serious adverse event", "Was the event serious: no", "FALSE - not serious", "non\u2010serious", "Serious \u2013 No",
		"No (0)", "NO [0]", "No = 0", "False (0)", "2 - No (0)", "Serious: No (0)", "N (No)", "N (not serious)", "Serious: N", "SAE? n", "Serious AE = N", "SAE=No", "Serious?No", "Adverse event not serious", "The adverse event is not serious"} {
		require.True(t, saysNo(TextValue(text)), text)
	}
}

// TestANoThatMayMeanTheOppositeIsNoNo: the words of a form's question, of both its choices, or of what comes
// after a no are not the answer.
func TestANoThatMayMeanTheOppositeIsNoNo(t *testing.T) {
	for _, text := range []string{
		"Not serious: No", "Nonserious: no", "non-serious = N", "Not a SAE: No", "Not serious - false", "Non-SAE (no)", // the answer No to the question whether it is not
		"Serious/No", "SAE / No", "Serious / Not serious", "Serious/Non-serious", "SAE / non-SAE", "Serious or not serious", "serious not serious", "Serious, no serious", "AE/SAE no", // both choices
		"No it was serious", "no the event is serious", "No this was an SAE", "no is serious", "No, it is", "No! It was!", "No: the event is", "no- serious", "No serious", // what takes it back
		"No event", "no AE", "No adverse event", "no, event", "not the event", "is no", "an ae no", "the no", "no a", // a no to something else
		"No\u203d", "No\ufe56", "No\u055e", "no\u2e2e", "No\ufe16", "No\u037e", "n\u0336o\u0336", "No\u0336", "No\u0338", "no\u0301", "No...", "No\u2026", "/No", "No/", "no&", "#no", "(x) No", "(\u2022) No", "n serious", "n sae", "Serious n", "N A",
		"No (1)", "No = 1", "No (0) Yes (1)", "No 0", "SAE no 0", "SAE No: 0", "Not serious (0)", "Not serious: N", "Non-serious? n", "N (Yes)", "N (serious)", "SAE n", "SAE - n", "No (0)?", "Serious?N?", "Serious: Nx", "Adverse event no", "Adverse event: n",
	} {
		require.False(t, saysNo(TextValue(text)), text)
	}
}

// TestALetterOfTruthIsNoAnswerToSeriousness: F is false on one form and a code, such as that of Fatal, on another.
func TestALetterOfTruthIsNoAnswerToSeriousness(t *testing.T) {
	for _, text := range []string{"F", "f", " F\t", "T", "t"} {
		require.False(t, saysNo(TextValue(text)), text)
	}
	require.True(t, saysYes(TextValue("T")), "where one answer may say yes, a no beside it is none")
}

func TestAYesInOtherWordsIsAYes(t *testing.T) {
	for _, text := range []string{"1 - Y", "True (1)", "Serious", "SAE", "serious, life-threatening", "No?, serious", "2 - Yes"} {
		require.True(t, saysYes(TextValue(text)), text)
	}
	for _, text := range []string{"", "No", "Not serious", "non-serious AE", "Mild", "1 - No", "N"} {
		require.False(t, saysYes(TextValue(text)), text)
	}
}

func TestThatNobodyDiedIsReadInItsWords(t *testing.T) {
	for text, want := range map[string]bool{
		"RECOVERED/RESOLVED": true, "Not recovered/not resolved": true, "RECOVERING/RESOLVING": true, "Recovered/Resolved with sequelae": true, "1 - Recovered": true, "Alive": true, "Ongoing": true,
		"Resolved, with sequelae": true, "not fatal": true, "Non-fatal": true, "No death": true, "Did not result in death": true, "Fatal: No": true, "Death? No": true, "Results in death = N": true, "3 = not fatal": true,
		"FATAL": false, "Unknown": false, "": false, "not alive": false, "Recovered?": false, "Recovered: no": false, "Resolved by death": false, "not known": false, "Not fatal: No": false, "No death?": false,
		"[ ] Recovered": false, "Recovered; died": false, "Alive/dead": false, "no longer alive": false, "Completed": false, "Lost to follow-up": false, "2": false, "9 - Unknown": false, "Serious": false, "not not fatal": false,
		"Death: Yes": false, "Death no. 2": false, "no": false, "near fatal": false, "Unknown/ongoing": false,
	} {
		require.Equal(t, want, saysNoDeath(text), text)
	}
}

func TestADeathIsReadInItsWords(t *testing.T) {
	read := func(text string, check func(CanonicalRow) bool) bool {
		return check(NewCanonicalRow(ADAE, "1", 1, []string{"AEOUT", "AETOXGR"}, map[string]CanonicalValue{"AEOUT": TextValue(text), "AETOXGR": TextValue(text)}))
	}
	for text, want := range map[string]bool{
		"FATAL": true, "5 - Fatal": true, "Death": true, "Subject died": true, "Deceased": true, "Lethal": true, "Resulted in death": true,
		"Not recovered, death": true, "NOT RECOVERED/NOT RESOLVED; DIED": true, "Death, not related": true, "No recovery: death": true,
		"Non-fatal": false, "not fatal": false, "No death": false, "Did not result in death": false, "not resulting in death": false,
		"Without leading to death": false, "not yet dead": false, "Recovered": false, "": false, "Deadline": false,
		"Fatal: No": false, "Death? No": false, "died: n": false, "FATAL (NO)": false, "Death = false": false, "[ ] Fatal": false, "\u2610 Death \u2611 Recovered": false, "( ) Death (x) Recovered": false,
		"Near-fatal": false, "never fatal": false, "unlikely fatal": false, "potentially fatal": false, "\u2611 Fatal \u2610 Recovered": true, "[x] Death": true, "Death; no recovery": true, "Fatal, no autopsy": true,
		"Fatality": true, "Passed away": true, "Subject expired": true, "Exitus": true, "Demise": true, "Death, unknown": true, "Didn't recover, died": true,
		"Fatal: N/A": false, "Death: not applicable": false, "Death: none": false, "Wasn't fatal": false, "Didn\u2019t result in death": false, "Not considered fatal": false, "Almost died": false,
	} {
		require.Equal(t, want, read(text, isFatal), text)
	}
	for text, want := range map[string]bool{
		"5": true, "5.0": true, "Grade 5": true, "G5": true, "CTCAE Grade 5": true, "CTC grade 5": true, "Toxicity Grade: 5": true, "Grade 5 (death)": true, "5 - Death": true,
		"Gr. 5": true, "GR5": true, "Grade V": true, "V": true, "CTCAE v5.0 Grade 5": true, "NCI CTCAE v4.03, grade 5": true, "Death": true, "FATAL": true, "Death related to AE": true,
		"V4": false, "IV": false, "Grade IV": false, "<5": false, "-5": false, "not 5": false, "Grade 4 - fatal if untreated": false, "Non-fatal": false, "Severe": false, "CTCAE v5.0": false, "Virus": false,
		"4": false, "15": false, "Grade 45": false, "CTCAE 5.0 Grade 3": false, "CTCAE v5.0 grade 3": false, "3-5": false, "Grade 3/5": false, "": false,
	} {
		require.Equal(t, want, read(text, func(r CanonicalRow) bool { return isGrade5(r, "AETOXGR") }), text)
	}
}
