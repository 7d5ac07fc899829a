package extraction

import (
	"regexp"
	"slices"
	"strings"
)

// wordsOfDeath are the words that say that somebody died, of which each mention is read with what stands around it.
var wordsOfDeath = strings.Fields("FATAL FATALITY DEATH DIED DEAD DECEASED DEMISE EXITUS EXPIRED LETHAL")

// noDeathInWords is an answer that says that nobody died, behind a code or not: an outcome that is not death, such as
// the terms of CDISC codelist OUT, or a death that is denied. Whatever is not of this form says nothing.
var noDeathInWords = regexp.MustCompile(func() string {
	const (
		code  = `(?:\d+ ?[-:=.)] ?)?`
		state = `(?:(?:NOT[ -]?)?(?:RECOVERED|RESOLVED|RECOVERING|RESOLVING|IMPROVED|IMPROVING)|ALIVE|ONGOING|CONTINUING|UNCHANGED|STABLE)(?:,? ?WITH(?:OUT)? SEQUELAE?)?`
	)
	denied := `(?:(?:NO|NOT|NON)[ -]` + aWordOfDeath + `|NONFATAL|(?:DID )?NOT (?:RESULT|LEAD|RESULTING|LEADING) (?:IN|TO) DEATH|(?:RESULT(?:S|ED)? IN )?` + aWordOfDeath + ` ?[?:=-] ?(?:NO|N|FALSE))`
	return `^` + code + `(?:` + state + `(?: ?[/,;] ?` + state + `)*|` + denied + `)[.]?$`
}())

var aWordOfDeath = "(?:" + strings.Join(wordsOfDeath, "|") + ")"

// saysNoDeath reports whether an answer says that nobody died.
func saysNoDeath(text string) bool { return noDeathInWords.MatchString(foldTerm(text)) }

// saysDeath reports whether a text says for certain that somebody died: "5 - Fatal" and "did not survive", but not
// "Fatal: No", "not fatal", "possibly fatal" or "Fatal: unknown".
func saysDeath(text string) bool { return readDeath(text) == deathCertain }

// mayMeanDeath reports whether a text says that somebody died, or leaves it open.
func mayMeanDeath(text string) bool { return readDeath(text) != deathUnsaid }

// deathReading is what a text says about a death.
type deathReading uint8

const (
	deathUnsaid  deathReading = iota // nothing, or that there was none
	deathInDoubt                     // possibly, unknown, or both choices of a form
	deathCertain
)

// readDeath reads every mention of a death; the one that says most counts.
func readDeath(text string) deathReading {
	text = plainDeath(text)
	said := deathUnsaid
	for _, at := range letters.FindAllStringIndex(text, -1) {
		if slices.Contains(wordsOfDeath, text[at[0]:at[1]]) {
			said = max(said, min(readBefore(text[:at[0]]), readAfter(text[at[1]:])))
		}
	}
	if said == deathCertain && bothChoices.MatchString(text) {
		return deathInDoubt
	}
	return said
}

var letters = regexp.MustCompile(`\pL+`)

// plainDeath writes a text in capitals, without empty boxes and the words that they stand before, and with one word
// for the phrases that mean one.
func plainDeath(text string) string {
	text = strings.Join(strings.Fields(emptyChoice.ReplaceAllString(foldTerm(text), "")), " ")
	text = contracted.ReplaceAllString(text, " NOT")
	text = strings.ReplaceAll(text, "PASSED AWAY", "DIED")
	text = noSurvival.ReplaceAllString(text, "EXPECTED DEAD")
	return notAlive.ReplaceAllString(text, "DEAD")
}

var (
	emptyChoice = regexp.MustCompile(`(?:\[ *\]|\( *\)|[☐□○])[ ]*\pL+`)
	contracted  = regexp.MustCompile(`N['’]T\b`)
	noSurvival  = regexp.MustCompile(`\b(?:NOT (?:EXPECTED|LIKELY)|UNLIKELY) TO SURVIVE\b`)
	notAlive    = regexp.MustCompile(`\b(?:(?:NOT|NO LONGER|NON|NEVER)[ -](?:ALIVE|LIVING|SURVIV\pL+)|NONSURVIV\pL+|(?:ALIVE|LIVING|SURVIV\pL+) ?[:?=(\[-]+ ?(?:NO|N|FALSE)\b)`)
	// bothChoices are those of a form, neither of which is chosen.
	bothChoices = regexp.MustCompile(aWordOfDeath + `(?: ?/ ?| OR )(?:ALIVE|LIVING|SURVIVED|NONFATAL|(?:NOT|NON|NO)\b)|(?:ALIVE|LIVING|SURVIVED|NONFATAL|(?:NOT|NON|NO)[ -]` + aWordOfDeath + `)(?: ?/ ?| OR )` + aWordOfDeath)
)

// What stands before a mention and decides it, and the words between the two.
var (
	deniers   = strings.Fields("NOT NON NO WITHOUT NEVER NEAR NEARLY ALMOST NEITHER NOR UNLIKELY")
	doubters  = strings.Fields("POSSIBLY POSSIBLE PROBABLY PROBABLE POTENTIALLY POTENTIAL LIKELY MAYBE PERHAPS MAY MIGHT COULD WOULD CAN SUSPECTED PRESUMED PRESUMABLY ASSUMED EXPECTED IMMINENT IMPENDING RISK THREAT FEAR DANGER IF WHETHER UNKNOWN UNCONFIRMED")
	inBetween = strings.Fields("A AN ANY THE YET CONSIDERED IMMEDIATELY IN TO OF IS WAS BE BEEN HAVE HAS HAD RESULT RESULTED RESULTING LEAD LED LEADING EVIDENCE SIGN SIGNS REPORT REPORTS")
)

// readBefore reads what stands before a mention, back to the end of another clause: "did not result in" denies it, and
// "not recovered, " does not. A no in front of everything is one to what follows, or to a question that is not there.
func readBefore(before string) deathReading {
	words := letters.FindAllStringIndex(before, -1)
	end := len(before)
	for i, at := range slices.Backward(words) {
		word, gap := before[at[0]:at[1]], before[at[1]:end]
		switch {
		case strings.ContainsAny(gap, "≠¬✗✘") || strings.Contains(gap, " ?"):
			return deathInDoubt
		case strings.ContainsAny(gap, ",;.:!?/"):
			return doubtIf(i == 0 && slices.Contains(deniers, word))
		case slices.Contains(deniers, word):
			return deathUnsaid
		case slices.Contains(doubters, word):
			return deathInDoubt
		case !slices.Contains(inBetween, word):
			return deathCertain
		}
		end = at[0]
	}
	return doubtIf(strings.ContainsAny(before[:end], "≠¬✗✘?"))
}

func doubtIf(doubt bool) deathReading {
	if doubt {
		return deathInDoubt
	}
	return deathCertain
}

// readAfter reads what stands after a mention: a no to it and nothing else denies it, and so does a no to it as a
// question; "unknown" and codes that may mean either leave it open.
func readAfter(after string) deathReading {
	switch {
	case answeredNo.MatchString(after):
		return deathUnsaid
	case leftOpen.MatchString(after):
		return deathInDoubt
	}
	return deathCertain
}

var (
	answeredNo = regexp.MustCompile(`^[^\pL\d]*(?:NO|N|FALSE|NOT|NONE|N/A|NOT APPLICABLE)[^\pL\d]*$|^ ?[:?=]+ ?(?:NO|N|FALSE|0)(?: ?[,;.(/]|$)|^[^\pL\d(\[{]*0+(?:\.0*)?[^\pL\d]*$`)
	leftOpen   = regexp.MustCompile(`^[^\pL\d,;.]*(?:UNKNOWN|UNK|UN|UK|NK|U|UNCONFIRMED|UNCERTAIN|UNSURE|UNCLEAR|PENDING|MISSING|TBD|POSSIBL[EY]|PROBABL[EY]|MAYBE|PERHAPS|SUSPECTED|LIKELY|F|T|0)[^\pL\d]*$` +
		`|^[^\pL\d,;.]*(?:(?:HAS|HAVE|HAD|DID|WAS|IS) )?NOT (?:BEEN )?(?:OCCUR|OCCURRED|HAPPEN|HAPPENED|CONFIRMED|REPORTED|RECORDED|KNOWN|OBSERVED|DOCUMENTED|VERIFIED|ASSESSED|DONE|EXPECTED)\b` +
		`|^ (?:(?:HAS|HAVE|HAD|WAS|IS) )?(?:BEEN )?(?:RULED OUT|EXCLUDED|UNLIKELY|DENIED|AVERTED|PREVENTED)\b` +
		`|^ ?\?+[^\pL\d]*$|^ ?[:?=]+ ?(?:NO|NOT|N)\b|^ ?[:?=]+ ?(?:[02-9]|\d\d+)[^\pL\d]*$|^ (?:IF|UNLESS)\b`)
)
