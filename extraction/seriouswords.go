package extraction

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet"
)

// noInWords is an answer that says no in words: "No", behind a code as in "2 - No" or behind the form's question
// as in "Serious? No", or a sentence such as "not serious". Either may be said again in other words, but a plain
// no may not follow a sentence: "Not serious: No" can mean the opposite. Whatever is not of this form says nothing.
var noInWords = regexp.MustCompile(func() string {
	const (
		dash      = `[-\x{2010}-\x{2014}\x{2212}]`
		code      = `(?:\d+ ?(?:(?:` + dash + `|[:=.)\]]) ?)?[(\[]?|n ?` + dash + ` ?|n ?[:=./,(\[] ?)?`
		event     = `(?:serious(?: adverse)?(?: event| ae)?|sae)`
		what      = `(?:(?:is|was) )?(?:(?:this|the|it)(?: event| ae)? )?(?:(?:adverse )?event |ae )?(?:an? )?`
		asked     = what + event + `(?: ?[?:=])+ ?`
		question  = `(?:` + asked + `|` + what + event + `(?: ?(?:[?:=]|` + dash + `))* )?`
		zero      = `(?: ?(?:[(\[{<] ?0 ?[)\]}>]|= ?0))?`
		plain     = `(?:no|false)` + zero
		negated   = `(?:(?:not|non)(?: |` + dash + `)(?:an? |the )?` + event + `|nonserious(?: adverse)?(?: event| ae)?|no (?:serious (?:adverse event|event|ae)|sae))`
		statement = `(?:(?:(?:this|the|it)(?: (?:adverse )?event| ae)? |(?:adverse )?event |ae )?(?:(?:is|was) )?` + negated + `)`
		then      = ` ?(?:[,.;:/(\[]|` + dash + `)+ ?`
	)
	return `^["'\x{201c}(\[{<]*` + code + `(?:(?:` + asked + `n|` + question + plain + `)(?:` + then + `(?:n|false|` + statement + `))*|` + statement + `(?:` + then + statement + `)*)["'\x{201d})\]}>]*[.!]?$`
}())

// saysNo reports whether an answer can be read as no: as a flag, or in words. Number codes other than 0 and the
// letter F say nothing by themselves: 2 is No in one study and Yes in another.
func saysNo(answer CanonicalValue) bool {
	if flag, _ := answer.Flag(); flag != imednet.Unknown {
		return flag == imednet.No && !isLetterOfTruth(answer)
	}
	return answer.kind == KindText && noInWords.MatchString(strings.Join(strings.Fields(strings.ToLower(answer.text)), " "))
}

// isLetterOfTruth reports whether an answer is the letter T or F, which may be a code of something else.
func isLetterOfTruth(answer CanonicalValue) bool {
	return answer.kind == KindText && slices.Contains([]string{"t", "f"}, strings.ToLower(strings.TrimSpace(answer.text)))
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// wordsOfYes are words of an answer that says yes, unless it says no besides.
var wordsOfYes = strings.Fields("yes y true serious sae")

// saysYes reports whether an answer can be read as yes: as a flag, or in words such as "2 - Yes".
func saysYes(answer CanonicalValue) bool {
	if flag, _ := answer.Flag(); flag != imednet.Unknown {
		return flag == imednet.Yes
	}
	isYes := func(word string) bool { return slices.Contains(wordsOfYes, word) }
	return !saysNo(answer) && slices.ContainsFunc(wordsOf(strings.ToLower(answer.String())), isYes)
}
