package tables

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// Titles selects the titles of columns.
type Titles int

const (
	// ByName uses the name of the variable, which is short, stable and suited to programs.
	ByName Titles = iota
	// ByLabel uses the caption of the variable, or its name if it has no caption.
	ByLabel
)

func (t Titles) check() error {
	if t != ByName && t != ByLabel {
		return refused("Titles", "the titles are neither ByName nor ByLabel")
	}
	return nil
}

// titled is a column on its way to a title. Titles are compared without case, because most
// readers of the tables do so.
//
// A title that nobody else wants stays as it is. Columns that want the same title, or one that a
// metadata column has, are all qualified, so that no order decides who keeps it: in a table by
// name to FORM.VARIABLE, in one by label to "Label (FORM.VARIABLE)"; where that is not enough,
// "#" and the variable's id is added, and at last the place in the plan. Extra columns give way to
// declared ones.
type titled struct {
	column  *Column
	ordinal int
	level   int // 0 plain, 1 qualified, 2 with the id, 3 and more with the place in the plan
}

// assignTitles returns one title for each column. The result depends on the columns alone.
func assignTitles(columns []*Column, by Titles) []string {
	all := make([]titled, len(columns))
	for i, c := range columns {
		all[i] = titled{column: c, ordinal: i}
	}
	taken := map[string]bool{}
	for _, name := range reservedTitles {
		taken[answers.Fold(name)] = true
	}
	settleTitles(all, by, taken, func(c *Column) bool { return !c.Extra })
	settleTitles(all, by, taken, func(c *Column) bool { return c.Extra })
	titles := make([]string, len(all))
	for i, t := range all {
		titles[i] = t.title(by)
	}
	return titles
}

// settleTitles raises the level of every column of the group that collides, until none does, and
// adds their titles to those taken.
func settleTitles(all []titled, by Titles, taken map[string]bool, group func(*Column) bool) {
	for {
		wanted := map[string][]int{}
		for i, t := range all {
			if !group(t.column) {
				continue
			}
			for _, name := range t.fieldNames(by) {
				key := answers.Fold(name)
				wanted[key] = append(wanted[key], i)
			}
		}
		raise := map[int]bool{}
		for key, claimants := range wanted {
			if len(claimants) > 1 || taken[key] {
				for _, i := range claimants {
					raise[i] = true
				}
			}
		}
		if len(raise) == 0 {
			for key := range wanted {
				taken[key] = true
			}
			return
		}
		for i := range raise {
			all[i].level++
		}
	}
}

func (t titled) title(by Titles) string {
	c := t.column
	base := c.Name
	if by == ByLabel && !imednet.IsMissing(c.Label) {
		base = strings.Join(strings.Fields(c.Label), " ")
	}
	if imednet.IsMissing(base) {
		base = "(blank)"
	}
	if t.level == 0 {
		return base
	}
	qualified := c.Form + "." + c.Name
	if by == ByLabel {
		qualified = fmt.Sprintf("%s (%s)", base, qualified)
	}
	switch t.level {
	case 1:
		return qualified
	case 2:
		return fmt.Sprintf("%s#%d", qualified, c.VariableID)
	}
	return fmt.Sprintf("%s#%d%s%d", qualified, c.VariableID, strings.Repeat("#", t.level-2), t.ordinal)
}

// fieldNames returns the names of the fields that the column has under its title.
func (t titled) fieldNames(by Titles) []string { return fieldNames(t.title(by), t.column.Type, by) }

func fieldNames(title string, typ ColumnType, by Titles) []string {
	if typ != TypeDate {
		return []string{title}
	}
	if by == ByLabel {
		return []string{title, title + " (date)", title + " (precision)"}
	}
	return []string{title, title + "_date", title + "_precision"}
}

// validText replaces what is no Unicode, so that a text may stand in an Arrow string.
func validText(s string) string { return strings.ToValidUTF8(s, string(unicode.ReplacementChar)) }
