package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// operators of a filter argument, longer ones before those that they begin with.
var operators = []struct {
	text string
	op   imednet.Operator
}{
	{"==", imednet.Equal}, {"!=", imednet.NotEqual}, {"<=", imednet.LessOrEqual}, {">=", imednet.GreaterOrEqual},
	{"=~", imednet.Contains}, {"=", imednet.Equal}, {"<", imednet.Less}, {">", imednet.Greater},
}

// parseFilter joins arguments such as "formKey=AE" and "form_key=AE" by AND. With asText every value
// is text; otherwise true and false are booleans, digits a number, and an RFC 3339 time an instant.
// Attributes that are text by the API's documentation are always text.
func parseFilter(args []string, asText bool) (imednet.Filter, error) {
	return joinFilter(args, asText, wireName, typedAttribute)
}

// parseDataFilter is parseFilter for answers, whose names are the study's own, and which can be any
// number.
func parseDataFilter(args []string, asText bool) (imednet.Filter, error) {
	return joinFilter(args, asText, func(name string) string { return name }, typedAnswer)
}

// typing reads the value of a condition on an attribute.
type typing func(key string, op imednet.Operator, value string) any

func joinFilter(args []string, asText bool, nameOf func(string) string, typed typing) (imednet.Filter, error) {
	var filter imednet.Filter
	for _, arg := range args {
		if key, op, ok := blankCondition(arg); ok {
			filter = filter.And(nameOf(key), op, imednet.NoValue{})
			continue
		}
		key, op, value, err := splitFilter(arg)
		if err != nil {
			return imednet.Filter{}, err
		}
		if meant := withoutQuotes(key, op, value); meant != "" && !asText {
			return imednet.Filter{}, usagef("Invalid filter format: '%s'. Did you mean '%s'? The quotes would be part of the value; with --text they are.", arg, meant)
		}
		key = nameOf(key)
		if asText || op == imednet.Contains {
			filter = filter.And(key, op, value)
		} else {
			filter = filter.And(key, op, typed(key, op, value))
		}
	}
	return filter, nil
}

// Conditions that ask for no value, and for any.
const (
	isBlank    = " is blank"
	isNotBlank = " is not blank"
)

var blankWords = regexp.MustCompile(`(?i)^\s*([^=!<>]*[^=!<>\s])\s+is(\s+not)?\s+blank\s*$`)

// blankCondition reads "AESER is blank" and "AESER is not blank", in any case.
func blankCondition(arg string) (key string, op imednet.Operator, ok bool) {
	found := blankWords.FindStringSubmatch(arg)
	switch {
	case found == nil:
		return "", "", false
	case found[2] == "":
		return found[1], imednet.Equal, true
	}
	return found[1], imednet.NotEqual, true
}

// withoutQuotes is what somebody meant who put a value in quotes, as SQL and the API's own examples have it; "" where
// there are none.
func withoutQuotes(key string, op imednet.Operator, value string) string {
	value = strings.TrimSpace(value)
	last := len(value) - 1
	if last < 1 || value[0] != value[last] || value[0] != '"' && value[0] != '\'' {
		return ""
	}
	switch inner := value[1:last]; {
	case strings.TrimSpace(inner) != "":
		return key + string(op) + inner
	case op == imednet.NotEqual:
		return key + isNotBlank
	}
	return key + isBlank
}

// splitFilter parts an argument at its first operator. The value keeps its blanks.
func splitFilter(arg string) (key string, op imednet.Operator, value string, err error) {
	at := strings.IndexAny(arg, "=!<>")
	for _, o := range operators {
		if at < 1 || !strings.HasPrefix(arg[at:], o.text) {
			continue
		}
		key, value = strings.TrimSpace(arg[:at]), arg[at+len(o.text):]
		if meant := meantOperator(o.text, value); meant != "" {
			return "", "", "", usagef("Invalid filter format: '%s'. Did you mean %s? A text that begins so is written after ==.", arg, meant)
		}
		switch {
		case value == "":
			return "", "", "", badFilter(arg)
		case key == "" || strings.TrimSpace(value) == "":
			return "", "", "", usagef("Invalid filter format: '%s'. Key and value cannot be empty.", arg)
		}
		return key, o.op, value, nil
	}
	return "", "", "", badFilter(arg)
}

// meantOperator is what somebody meant who wrote an operator that other languages have: <> and => would otherwise be
// comparisons with a text that begins with > .
func meantOperator(op, value string) string {
	if value == "" {
		return ""
	}
	return map[string]string{"<>": "!=", "=>": ">=", "=<": "<=", "=!": "!="}[op+value[:1]]
}

// wireName is an attribute by the API's name. The Python command's spelling works too: form_key is
// formKey.
func wireName(key string) string {
	words := strings.Split(key, "_")
	for i, word := range words[1:] {
		if word == "" || word != strings.ToLower(word) {
			return key // no spelling of Python's
		}
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	if words[0] != strings.ToLower(words[0]) {
		return key
	}
	return strings.Join(words, "")
}

func badFilter(arg string) error {
	return usagef("Invalid filter format: '%s'. Use 'key=value' with non-empty key and value; instead of = also ==, !=, <, <=, > or >=, and =~ for answers; for no value 'key is blank' or 'key is not blank'.", arg)
}

// typedAnswer reads every decimal number. A number in another form, such as 1e3, can also be a code, so
// it is a number only where something is to be greater or less.
func typedAnswer(_ string, op imednet.Operator, value string) any {
	typed := typedValue(value)
	if _, text := typed.(string); !text {
		return typed
	}
	number, ok := imednet.ParseNumber(value)
	plain := strings.Trim(strings.TrimPrefix(value, "-"), "0123456789.") == ""
	if ok && !number.Padded() && (plain || op != imednet.Equal && op != imednet.NotEqual) {
		return number
	}
	return typed
}

// typedAttribute leaves the values of attributes that are text as text, so that subject 007 is not subject 7.
func typedAttribute(key string, _ imednet.Operator, value string) any {
	if imednet.IsTextAttribute(key) {
		return value
	}
	return typedValue(value)
}

func typedValue(value string) any {
	if strings.EqualFold(value, "true") || strings.EqualFold(value, "false") {
		return strings.EqualFold(value, "true")
	}
	if strings.Trim(value, "0123456789") == "" {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return n
		}
	}
	if strings.Contains(value, ":") {
		if t, err := imednet.ParseTime(value); err == nil {
			return t
		}
	}
	return value
}
