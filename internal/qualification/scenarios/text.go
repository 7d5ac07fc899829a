package scenarios

import (
	"encoding/json"
	"strconv"
	"strings"
)

// list writes numbers with commas.
func list(numbers ...int64) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ", ")
}

// asJSON writes a value that JSON can hold.
func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
