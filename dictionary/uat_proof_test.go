package dictionary_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// TestBuildsThatDifferWithinNarrowRangesAreFound has builds that differ only where several calculated numbers, dates or texts lie closely
// together.
func TestBuildsThatDifferWithinNarrowRangesAreFound(t *testing.T) {
	q := func(name string) *node { return leaf("question", name) }
	v := func(text string) *node { return leaf("value", text) }
	is := branch
	less := is("sub", is("mul", q("N"), v("3")), is("mul", q("M"), v("2")))
	sum := func(limit string) *node {
		return is("and", is("gt", less, v("100")), is("lt", less, v("100.5")), is("gt", is("add", q("N"), q("M")), v(limit)))
	}
	product := func(limit string) *node {
		p := is("mul", q("N"), q("M"))
		return is("and", is("gt", p, v("1000")), is("lt", p, v("1000.2")), is("gt", is("sub", q("N"), q("M")), v(limit)))
	}
	index := func(limit string) *node {
		i := is("div", q("N"), is("mul", q("P"), q("P")))
		return is("and", is("gt", i, v("25")), is("lt", i, v("25.05")), is("gt", q("N"), v(limit)))
	}
	negative := func(factor string) *node {
		return is("and", is("equals", q("R"), v("Mild")), is("lt", q("W"), is("floor", q("N"))), is("lte", is("add", q("V"), is("mul", q("W"), v(factor))), v("118")))
	}
	days := func(end string) *node {
		return is("and", is("gte", q("X"), v("2024-05-01")), is("gt", q("D"), is("trunc_date", q("E"))), is("gt", is("trunc_date", q("E")), q("X")), is("lt", q("D"), v(end)))
	}
	choice := func(factor, other string) *node {
		c := is("case", is("when", is("equals", q("R"), v("Mild"))), is("then", is("mul", q("N"), v(factor))), is("when", is("checked", q("C"))), is("then", v(other)), is("when", is("true")), is("then", is("add", q("N"), q("M"))))
		return is("and", is("gt", c, is("mul", q("M"), v("7"))), is("lt", q("N"), v("0.75")), is("gt", q("M"), v("0.15")))
	}
	either := func(last *node) *node {
		c := is("case", is("when", is("gt", q("N"), v("3"))), is("then", q("V")), is("when", is("true")), is("then", last))
		return is("not", is("or", is("gt", c, q("N")), is("equals", q("T"), v("Other"))))
	}
	for name, c := range map[string]struct{ meant, built *node }{
		"a limit of a sum":                {sum("77"), sum("77.1")},
		"a limit of a product":            {product("12.3"), product("12.4")},
		"a limit beside an index":         {index("81.2"), index("81.3")},
		"a factor of a negative number":   {negative("16"), negative("15.9")},
		"a day between three":             {days("2024-05-04"), days("2024-05-03")},
		"a factor in a case":              {choice("1.5", "3"), choice("1.6", "3")},
		"rounding in a case":              {either(q("P")), either(is("floor", q("P")))},
		"a constant in a case":            {choice("1.5", "3"), choice("1.5", "3.1")},
		"the results of a case exchanged": {choice("1.5", "3"), exchangedResults(choice("1.5", "3"))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := acceptanceOf(t, c.meant)
			require.Empty(t, result.Uncovered)
			shows := func(one dictionary.CaseResult) bool { return showsApart(c.meant, c.built, answersOf(one.Data)) }
			require.True(t, slices.ContainsFunc(result.Cases, shows), "%s\n%s", c.meant, c.built)
		})
	}
}

// exchangedResults has the results of the first two conditions of the one case exchanged.
func exchangedResults(n *node) *node {
	n.all(func(n *node) {
		if n.name == "case" {
			n.children[1], n.children[3] = n.children[3], n.children[1]
		}
	})
	return n
}

// TestBuildsThatAreTheSameAreProvedToBe: other builds that do what the rule does on every record are counted as the same, so that no rule
// is said to be open for their sake.
func TestBuildsThatAreTheSameAreProvedToBe(t *testing.T) {
	q := func(name string) *node { return leaf("question", name) }
	v := func(text string) *node { return leaf("value", text) }
	is := branch
	band := is("case", is("when", is("lt", q("N"), v("10"))), is("then", v("1")), is("when", is("lt", q("N"), v("20"))), is("then", v("2")), is("when", is("true")), is("then", v("3")))
	for name, c := range map[string]*node{
		"a limit that another hides":         is("and", is("gt", is("add", q("N"), q("M")), v("50")), is("gt", is("add", q("M"), q("N")), v("40"))),
		"rounding beside a whole limit":      is("gte", is("floor", is("div", q("N"), v("2"))), v("4")),
		"whole numbers between two":          is("and", is("gt", q("W"), v("12")), is("lt", q("W"), v("14")), is("gt", q("V"), q("W"))),
		"a chain of comparisons":             is("and", is("gt", q("N"), q("M")), is("gt", q("M"), q("P")), is("gt", q("N"), q("P"))),
		"a case with its conditions in turn": is("gte", band, v("2")),
		"a pattern within another":           is("and", is("like", q("T"), v(`^[A-Z]\d{3}$`)), is("like", q("T"), v(`^\w+$`))),
		"days in turn":                       is("and", is("lt", q("X"), v("2024-05-01")), is("lt", q("X"), v("2024-06-01")), is("not", is("blank", q("X")))),
		"choices in turn":                    is("or", is("equals", q("R"), v("Mild")), is("and", is("equals", q("R"), v("Mild")), is("equals", q("S"), v("Severe")))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := acceptanceOf(t, c)
			require.Empty(t, result.Uncovered)
			require.Empty(t, result.Untold)
			require.Equal(t, dictionary.RuleTested, result.Rules[0].Status)
			require.Positive(t, result.Rules[0].Same)
			require.Positive(t, result.Rules[0].Told)
			require.Len(t, result.Cases, result.Rules[0].Records)
		})
	}
}

// TestWhatIsNotProvedIsSaid: a rule whose other builds can be neither shown by records nor proved to be the same is open, not tested.
func TestWhatIsNotProvedIsSaid(t *testing.T) {
	q := func(name string) *node { return leaf("question", name) }
	v := func(text string) *node { return leaf("value", text) }
	is := branch
	for name, c := range map[string]*node{
		"products that limit each other": is("and", is("gt", q("N"), v("1")), is("gt", q("M"), v("1")), is("gt", is("mul", q("N"), q("M"), q("M")), q("N"))),
		"an order of texts":              is("or", is("gt", q("T"), v("M")), is("checked", q("C"))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := acceptanceOf(t, c)
			require.Empty(t, result.Uncovered)
			require.NotEmpty(t, result.Untold)
			require.False(t, result.Tested())
			require.Equal(t, dictionary.RuleOpen, result.Rules[0].Status)
			require.Equal(t, result.Untold[0].Number, result.Rules[0].Open)
		})
	}
}
