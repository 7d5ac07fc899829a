package extraction

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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

// TestADeathInDoubtIsNeitherADeathNorNone: it does not count as one in the checks, and is an answer beside which
// a rule's No is an error.
func TestADeathInDoubtIsNeitherADeathNorNone(t *testing.T) {
	for _, text := range []string{
		"Fatal: unknown", "Fatal: UNK", "Death? Unknown", "Died: not known", "Fatal (unknown)", "Death - unknown", "Fatal: U", "Fatal: pending", "Fatal: possibly", "Death unconfirmed", "Death not confirmed", "Fatal = not reported",
		"Possibly fatal", "Possible death", "probably died", "Potentially fatal", "may be fatal", "might have been fatal", "could be lethal", "suspected death", "Presumed dead", "likely to be fatal", "risk of death", "at risk of a death", "Imminent death", "expected to be fatal", "fatal if untreated",
		"Fatal?", "fatal ??", "?Fatal", "5 - ?death", "Outcome: ? fatal", "\u2260 fatal", "Fatal: F", "Fatal = T", "Fatal: 2", "Fatal? 9", "Death=5", "Fatal (0)", "[0]", "No, fatal", "No: died",
		"Alive/dead", "Dead or alive", "Fatal / not fatal", "Fatal or non-fatal", "No death/death", "Unknown whether dead", "Death: no autopsy", "Fatal: not yet", "Death did not occur", "Death was ruled out",
		"may not survive", "not expected to survive", "unlikely to survive", "Not alive?", "Possibly not alive", "Not alive: unknown",
	} {
		require.False(t, saysDeath(text), text)
		require.False(t, saysNoDeath(text), text)
		require.Equal(t, text != "[0]", mayMeanDeath(text), text)
	}
	for _, text := range []string{
		"Fatal: 0", "Death = 0", "Fatal - 0", "Fatal? 0.", "Fatal: no", "Not fatal", "Non-fatal", "Fatal: No, recovered", "Fatal: N (recovered)", "No evidence of death", "Neither ill nor dead", "unlikely fatal", "Near-death experience", "Not alive: No", "Alive", "Survived", "Alive: unknown", "Recovered", "",
	} {
		require.False(t, mayMeanDeath(text), text)
	}
}

// TestADeathIsReadWhereItsWordsAreThoseOfLife that are denied, and where another word is denied or in doubt.
func TestADeathIsReadWhereItsWordsAreThoseOfLife(t *testing.T) {
	for _, text := range []string{
		"Did not survive", "did NOT  survive the event", "Didn't survive", "Didn\u2019t survive", "Not alive", "NOT-ALIVE", "no longer alive", "No longer living", "Has not survived", "Non-survivor", "Nonsurvivor", "2 - Not alive", "Wasn't alive", "Alive: No", "Alive? N", "Alive (no)", "Survived = false", "Survival: no",
		"Recovered: No, died", "Not recovered: fatal", "No recovery; death", "Fatal: 1", "Fatal: Yes", "Death = Y", "Fatal (5)", "Fatal [1]", "Death: cause unknown", "Death, cause unknown", "Death, unknown", "Death, possibly related", "Died of a possible infection", "Death: 2024-01-02",
		"Fatal: unknown. Patient died", "Not fatal at first, then died", "Possibly related, fatal", "Death; no autopsy", "Unknown cause of death", "5FATAL", "Death not related",
	} {
		require.True(t, saysDeath(text), text)
		require.True(t, mayMeanDeath(text), text)
		require.False(t, saysNoDeath(text), text)
	}
}
