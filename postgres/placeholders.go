package postgres

import (
	"strconv"
	"strings"
	"sync"
)

// numbered holds the statements that were translated before; a program has a few hundred.
var numbered sync.Map

// numberPlaceholders turns the placeholders of a statement, ? and ?3, into PostgreSQL's $1 and $3. The
// stores share their SQL with SQLite, whose rule it is that ? is one more than the greatest before it.
func numberPlaceholders(statement string) string {
	if known, ok := numbered.Load(statement); ok {
		return known.(string)
	}
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
	numbered.Store(statement, b.String())
	return b.String()
}
