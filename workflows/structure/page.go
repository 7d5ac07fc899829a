package structure

import (
	"io"
	"strconv"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/changepage"
)

// WriteHTML writes changes as one HTML page without scripts or external requests. Those after which records
// no longer fit existing tables ([Change.ChangesShape]) are set apart.
func WriteHTML(w io.Writer, changes []Change) error {
	return writePage("structure.WriteHTML", w, []string{"Change", "Where"}, len(changes), func(i int) (Change, []string) {
		return changes[i], nil
	})
}

// WriteImpactHTML writes what [WriteHTML] writes, with the number of records that each change concerns.
func WriteImpactHTML(w io.Writer, impacts []Impact) error {
	return writePage("structure.WriteImpactHTML", w, []string{"Change", "Where", "Records"}, len(impacts), func(i int) (Change, []string) {
		return impacts[i].Change, []string{strconv.FormatInt(impacts[i].Records, 10)}
	})
}

func writePage(function string, w io.Writer, header []string, n int, row func(int) (Change, []string)) error {
	if err := argument.Required(function, "w", w); err != nil {
		return err
	}
	page := changepage.Page{Title: "Changes of the design", Header: header}
	for i := range n {
		c, more := row(i)
		page.Rows = append(page.Rows, changepage.Row{
			Breaking: c.ChangesShape(), Cells: append([]string{c.kindAndMember(), c.place()}, more...), Before: c.Before, After: c.After,
		})
	}
	return page.Write(w)
}

// kindAndMember names what changed of a part.
func (c Change) kindAndMember() string {
	if c.Kind == MemberChanged {
		return c.Member + " " + string(c.Kind)
	}
	return string(c.Kind)
}
