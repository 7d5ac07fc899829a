package expression

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// isSpace is Python's white space: Unicode's and the four separators of ASCII.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// strip is x.strip() and x.strip(characters), likewise lstrip and rstrip. No characters strip nothing.
func strip(s, name string, args starlark.Tuple) (starlark.Value, error) {
	if len(args) > 1 {
		return nil, fmt.Errorf("%s takes the characters to strip, or nothing", name)
	}
	strips := isSpace
	if len(args) == 1 && args[0] != starlark.None {
		characters, ok := args[0].(starlark.String)
		if !ok {
			return nil, fmt.Errorf("%s takes text, not %s", name, typeOf(args[0]))
		}
		strips = func(r rune) bool { return strings.ContainsRune(string(characters), r) }
	}
	if name != "rstrip" {
		s = strings.TrimLeftFunc(s, strips)
	}
	if name != "lstrip" {
		s = strings.TrimRightFunc(s, strips)
	}
	return starlark.String(s), nil
}

// textTests are the questions about a whole text. That of no characters is always No.
var textTests = map[string]func(s string) bool{
	"isspace": func(s string) bool { return all(s, isSpace) },
	"isalpha": func(s string) bool { return all(s, unicode.IsLetter) },
	"isalnum": func(s string) bool {
		return all(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
	},
	"isdigit": func(s string) bool {
		return all(s, func(r rune) bool { return unicode.Is(unicode.Nd, r) || unicode.Is(otherDigits, r) })
	},
	"islower": func(s string) bool { return allCased(s, isLower) },
	"isupper": func(s string) bool { return allCased(s, isUpper) },
	"istitle": isTitle,
}

func all(s string, holds func(rune) bool) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !holds(r) })
}

// otherDigits are digits that are not decimal: superscripts, and digits in circles, brackets and the
// like. Package unicode does not tell them from other numbers.
var otherDigits = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xb2, 0xb3, 1}, {0xb9, 0xb9, 1}, {0x1369, 0x1371, 1}, {0x19da, 0x19da, 1}, {0x2070, 0x2070, 1}, {0x2074, 0x2079, 1},
		{0x2080, 0x2089, 1}, {0x2460, 0x2468, 1}, {0x2474, 0x247c, 1}, {0x2488, 0x2490, 1}, {0x24ea, 0x24ea, 1}, {0x24f5, 0x24fd, 1},
		{0x24ff, 0x24ff, 1}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1}, {0x278a, 0x2792, 1},
	},
	R32: []unicode.Range32{{0x10a40, 0x10a43, 1}, {0x10e60, 0x10e68, 1}, {0x11052, 0x1105a, 1}, {0x1f100, 0x1f10a, 1}},
}

func isLower(r rune) bool { return unicode.In(r, unicode.Ll, unicode.Other_Lowercase) }
func isUpper(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Other_Uppercase) }
func isCased(r rune) bool { return isLower(r) || isUpper(r) || unicode.IsTitle(r) }

// allCased reports whether the text has a cased character and all of them are of the kind.
func allCased(s string, of func(rune) bool) bool {
	found := false
	for _, r := range s {
		if isCased(r) && !of(r) {
			return false
		}
		found = found || isCased(r)
	}
	return found
}

func isTitle(s string) bool {
	found, within := false, false
	for _, r := range s {
		switch {
		case isUpper(r) || unicode.IsTitle(r):
			if within {
				return false
			}
			found, within = true, true
		case isLower(r):
			if !within {
				return false
			}
		default:
			within = false
		}
	}
	return found
}

// titled is x.title(), and x.capitalize() where only the first character is in title case.
func titled(s string, everyWord bool) string {
	var b strings.Builder
	title := true
	for i, r := range s {
		if title {
			b.WriteString(cases.Title(language.Und, cases.NoLower).String(string(r)))
		} else {
			b.WriteString(lowered(s, i, r))
		}
		title = everyWord && !isCased(r)
	}
	return b.String()
}

func lowerCase(s string) string {
	var b strings.Builder
	for i, r := range s {
		b.WriteString(lowered(s, i, r))
	}
	return b.String()
}

// lowered is one character of a text in lower case, of which a sigma depends on what stands around it.
func lowered(s string, at int, r rune) string {
	if r != 'Σ' {
		return cases.Lower(language.Und).String(string(r))
	}
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s[:at], isIgnored))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s[at+utf8.RuneLen(r):], isIgnored))
	if isCased(before) && !isCased(after) {
		return "ς"
	}
	return "σ"
}

// isIgnored reports whether a character does not count when one asks whether a sigma ends a word.
func isIgnored(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("':.·՟״‘’․‧︓﹒﹕＇．：\u0387", r)
}
