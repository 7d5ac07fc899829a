package extraction

import (
	"regexp"
	"slices"
	"strings"
)

// deathFields are the flags of death, by their names in SDTM and ADaM.
var deathFields = []string{"AESDTH", "DTHFL"}

// isDeath reports whether a rule gives a flag of death.
func (r *rule) isDeath() bool { return slices.Contains(deathFields, r.spec.name) }

// findDeathUnknown reports a flag of death that a rule set to No of an answer that says yes, an error, or nothing,
// and what the flag is now.
func (s *subjectRun) findDeathUnknown(r *rule, t trace, flag string) {
	f := Finding{Code: FindingDeathUnknown, Domain: r.domain, Field: r.target, Message: "the rule makes No without an answer that says so: the flag is " + flag}
	if !t.raw.Missing() {
		f.Values = s.shown(r, t.raw)
	}
	if slices.ContainsFunc(append(r.statements(t), t.answer()), r.saysYes) {
		f.Severity = SeverityError
		f.Message = "the rule makes No beside an answer that says Yes: the flag is " + flag + "; mend the rule, or say in terminologyLookups what the codes mean"
	}
	s.find(f, t.origin)
}

// findSubjectDeathUnknown reports the records of which a rule made No for a subject's flag without ground.
func (s *subjectRun) findSubjectDeathUnknown(list []given, chosen given) {
	flag := "what the other records say"
	if chosen.cell.value.Missing() {
		flag = "empty"
	}
	for _, g := range list {
		if t := g.cell.trace; t.unfounded && t.rule.isDeath() {
			s.findDeathUnknown(t.rule, t, flag)
		}
	}
}

// noDeathInWords is an answer that says that nobody died, behind a code or not: an outcome that is not death, such as
// the terms of CDISC codelist OUT, or a death that is denied. Whatever is not of this form says nothing.
var noDeathInWords = regexp.MustCompile(func() string {
	const (
		code  = `(?:\d+ ?[-:=.)] ?)?`
		state = `(?:(?:NOT[ -]?)?(?:RECOVERED|RESOLVED|RECOVERING|RESOLVING|IMPROVED|IMPROVING)|ALIVE|ONGOING|CONTINUING|UNCHANGED|STABLE)(?:,? ?WITH(?:OUT)? SEQUELAE?)?`
	)
	death := "(?:" + strings.Join(wordsOfDeath, "|") + ")"
	denied := `(?:(?:NO|NOT|NON)[ -]` + death + `|NONFATAL|(?:DID )?NOT (?:RESULT|LEAD|RESULTING|LEADING) (?:IN|TO) DEATH|(?:RESULT(?:S|ED)? IN )?` + death + ` ?[?:=-] ?(?:NO|N|FALSE))`
	return `^` + code + `(?:` + state + `(?: ?[/,;] ?` + state + `)*|` + denied + `)[.]?$`
}())

// saysNoDeath reports whether an answer says that nobody died.
func saysNoDeath(text string) bool { return noDeathInWords.MatchString(foldTerm(text)) }

// saysDeath looks for words of death that are neither negated, nor beside an empty box, nor a question that a no
// answers, as in "Fatal: No".
func saysDeath(text string) bool {
	words := wordsOf(inOneWord.Replace(emptyChoice.ReplaceAllString(foldTerm(text), "")))
	for i, word := range words {
		if slices.Contains(wordsOfDeath, word) && !negated(words[:i]) && !answeredNo(words[i+1:]) {
			return true
		}
	}
	return false
}

// emptyChoice is an empty box and the word that it stands before.
var emptyChoice = regexp.MustCompile(`(?:\[ *\]|\( *\)|[☐□○])[ ]*\pL+`)

// inOneWord writes phrases as the one word that the lists below have.
var inOneWord = strings.NewReplacer("PASSED AWAY", "DIED", "N'T ", " NOT ", "N\u2019T ", " NOT ")

// answeredNo reports whether what follows a word is a no and nothing else.
func answeredNo(after []string) bool {
	return slices.Contains([]string{"NO", "N", "FALSE", "NOT", "NONE", "N A", "NOT APPLICABLE"}, strings.Join(after, " "))
}

var wordsOfDeath = strings.Fields("FATAL FATALITY DEATH DIED DEAD DECEASED DEMISE EXITUS EXPIRED LETHAL")

// negated reports whether words before another negate it, as in "did not result in".
func negated(before []string) bool {
	for _, word := range slices.Backward(before) {
		if !slices.Contains(strings.Fields("A AN ANY THE YET CONSIDERED IMMEDIATELY IN TO RESULT RESULTED RESULTING LEAD LED LEADING"), word) {
			return slices.Contains(strings.Fields("NOT NON NO WITHOUT NEVER NEAR NEARLY ALMOST NEITHER UNLIKELY POTENTIALLY"), word)
		}
	}
	return false
}
