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
