package postgres

import (
	"database/sql/driver"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// translated holds the statements that were translated before; a program has a few hundred.
var translated sync.Map

// translation is a statement in PostgreSQL's SQL. args are the arguments that it takes, by their places from
// 0: SQLite lets a statement leave out numbers, PostgreSQL does not.
type translation struct {
	text string
	args []int
}

// take returns the arguments in the order of their use.
func (t translation) take(args []driver.NamedValue) []driver.NamedValue {
	taken := make([]driver.NamedValue, 0, len(t.args))
	for i, place := range t.args {
		if place < len(args) {
			taken = append(taken, driver.NamedValue{Ordinal: i + 1, Value: args[place].Value})
		}
	}
	return taken
}

// values is take for a batch.
func (t translation) values(args []driver.NamedValue) []any {
	taken := t.take(args)
	values := make([]any, len(taken))
	for i, arg := range taken {
		values[i] = arg.Value
	}
	return values
}

// plannerHints are SQLite's, and mean nothing here.
var plannerHints = regexp.MustCompile(` (NOT INDEXED|INDEXED BY \w+)`)

// idLists are lists of ids in JSON, which SQLite takes apart by a function of its own.
var idLists = regexp.MustCompile(`(\w*\brow_id )?IN \(SELECT value FROM json_each\((\?\d*)\)\)`)

// translate turns a statement that the stores share with SQLite into PostgreSQL's: its placeholders, ? and
// ?3, into $1 and $2 in the order of their first use, where ? is one more than the greatest before it; lists of ids in JSON into arrays, of
// texts for the column row_id and of numbers for the others; and it leaves hints out.
func translate(statement string) translation {
	if known, ok := translated.Load(statement); ok {
		return known.(translation)
	}
	text := plannerHints.ReplaceAllString(statement, "")
	text = idLists.ReplaceAllStringFunc(text, translateIDList)
	t := numberPlaceholders(text)
	translated.Store(statement, t)
	return t
}

// translateIDList has the server take the list apart once, not for each row.
func translateIDList(list string) string {
	part := idLists.FindStringSubmatch(list)
	kind := "bigint"
	if part[1] != "" {
		kind = "text"
	}
	return part[1] + `= ANY (ARRAY(SELECT jsonb_array_elements_text(` + part[2] + `::jsonb)::` + kind + `))`
}

func numberPlaceholders(statement string) translation {
	var b strings.Builder
	var quote byte
	greatest := 0
	var used []int
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
			place := slices.Index(used, n-1)
			if place < 0 {
				place = len(used)
				used = append(used, n-1)
			}
			b.WriteString("$" + strconv.Itoa(place+1))
			i += digits
			continue
		}
		b.WriteByte(c)
	}
	return translation{b.String(), used}
}
