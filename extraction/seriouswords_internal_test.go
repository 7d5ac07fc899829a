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
	for _, text := range []string{"No", "No!", "1 - No", "1 = No", "2) No", "Serious? No", "Is the event serious? - no", "not serious", "0 [No]", "No."} {
		require.True(t, saysNo(TextValue(text)), text)
	}
}

func TestAYesInOtherWordsIsAYes(t *testing.T) {
	for _, text := range []string{"1 - Y", "True (1)", "Serious", "SAE", "serious, life-threatening", "No?, serious", "2 - Yes"} {
		require.True(t, saysYes(TextValue(text)), text)
	}
	for _, text := range []string{"", "No", "Not serious", "non-serious AE", "Mild", "1 - No", "N"} {
		require.False(t, saysYes(TextValue(text)), text)
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
