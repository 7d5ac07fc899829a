package imednettest

import (
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// misfit says why a value cannot be stored in a variable of a declared type, and is empty when it
// can. The vendor shows text, memo, radio and dropdown as text, a date as "2020-01-20", a number as
// a JSON number and a checkbox as a JSON boolean (contract section 6); types that it does not show
// take any scalar. null and "" clear an answer of any type.
func misfit(declared string, value []byte, loose bool) string {
	text := textOf(value)
	isText := value[0] == '"'
	if text == "" {
		return ""
	}
	switch strings.ToLower(declared) {
	case "number", "integer", "float", "decimal":
		_, numeric := imednet.ParseNumber(text)
		if !numeric || value[0] == 't' || value[0] == 'f' || isText && !loose {
			return "Value must be numeric"
		}
	case "checkbox":
		if _, known := imednet.ParseBool(text); !known || (isText || value[0] != 't' && value[0] != 'f') && !loose {
			return "Value must be a boolean"
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); !isText || err != nil {
			return "Value must be a date of the form YYYY-MM-DD"
		}
	case "date/time precision":
		if _, err := imednet.ParsePartialDate(text); !isText || err != nil {
			return "Value must be a date, or the known part of one"
		}
	case "text", "textarea", "memo", "radio", "dropdown":
		if !isText && !loose {
			return "Value must be text"
		}
	}
	return ""
}
