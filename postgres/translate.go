package postgres

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// translated holds the statements that were translated before; a program has a few hundred.
var translated sync.Map

// plannerHints are SQLite's, and mean nothing here.
var plannerHints = regexp.MustCompile(` (NOT INDEXED|INDEXED BY \w+)`)

// translate turns a statement that the stores share with SQLite into PostgreSQL's: its placeholders, ? and
// ?3, into $1 and $3, where ? is one more than the greatest before it; and it leaves hints out.
func translate(statement string) string {
	if known, ok := translated.Load(statement); ok {
		return known.(string)
	}
	text := numberPlaceholders(plannerHints.ReplaceAllString(statement, ""))
	translated.Store(statement, text)
	return text
}

func numberPlaceholders(statement string) string {
	var b strings.Builder
	var quote byte
	greatest := 0
	for i := 0; i < len(statement); i++ {
		c := statement[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?':
			digits := len(statement[i+1:]) - len(strings.TrimLeft(statement[i+1:], "0123456789"))
			n, err := strconv.Atoi(statement[i+1 : i+1+digits])
			if err != nil {
				n = greatest + 1
			}
			greatest = max(greatest, n)
			b.WriteString("$" + strconv.Itoa(n))
			i += digits
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
