package main

import (
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
func parseFilter(args []string, asText bool) (imednet.Filter, error) {
	return joinFilter(args, asText, wireName, typedValue)
}

// parseDataFilter is parseFilter for answers, whose names are the study's own, and which can be any
// number.
func parseDataFilter(args []string, asText bool) (imednet.Filter, error) {
	return joinFilter(args, asText, func(name string) string { return name }, typedAnswer)
}

func joinFilter(args []string, asText bool, nameOf func(string) string, typed func(imednet.Operator, string) any) (imednet.Filter, error) {
	var filter imednet.Filter
	for _, arg := range args {
		key, op, value, err := splitFilter(arg)
		if err != nil {
			return imednet.Filter{}, err
		}
		key = nameOf(key)
		if asText || op == imednet.Contains {
			filter = filter.And(key, op, value)
		} else {
			filter = filter.And(key, op, typed(op, value))
		}
	}
	return filter, nil
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
	return usagef("Invalid filter format: '%s'. Use 'key=value' with non-empty key and value; instead of = also ==, !=, <, <=, > or >=, and =~ for answers.", arg)
}

// typedAnswer reads every decimal number. A number in another form, such as 1e3, can also be a code, so
// it is a number only where something is to be greater or less.
func typedAnswer(op imednet.Operator, value string) any {
	typed := typedValue(op, value)
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

func typedValue(_ imednet.Operator, value string) any {
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
