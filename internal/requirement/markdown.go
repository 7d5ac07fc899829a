package requirement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// GuaranteeTable is the README's table of guarantees.
func GuaranteeTable() (string, error) {
	all, err := All()
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(r Requirement) bool { return r.Guarantee == 0 })
	slices.SortFunc(all, func(a, b Requirement) int { return cmp.Compare(a.Guarantee, b.Guarantee) })
	var b strings.Builder
	b.WriteString("| | guarantee | verified by |\n| --- | --- | --- |\n")
	for _, r := range all {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.ID, r.Text, quoted(r.Tests))
	}
	return b.String(), nil
}

// ClauseTable is the crosswalk of docs/validation.md.
func ClauseTable() (string, error) {
	clauses, err := Clauses()
	if err != nil {
		return "", err
	}
	all, err := All()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| clause | requires | the library provides | requirements | your responsibility |\n| --- | --- | --- | --- | --- |\n")
	for _, c := range clauses {
		ids := cmp.Or(strings.Join(Of(all, c.Clause), ", "), "–")
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", c.Clause, c.Asks, belowDocs(c.Gives), ids, belowDocs(c.Yours))
	}
	return b.String(), nil
}

// Tables lists all requirements for docs/requirements.md, one table an area. Shown says by which scenarios of
// `imednet qualify` a requirement is shown.
func Tables(shown map[string][]string) (string, error) {
	all, err := Areas()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, area := range all {
		fmt.Fprintf(&b, "\n## %s\n\n| id | requirement | risk | source | tests | scenarios |\n| --- | --- | --- | --- | --- | --- |\n", area.Title)
		for _, r := range area.Requirements {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.ID, belowDocs(r.Text), r.Risk, sources(r.Source), quoted(r.Tests), cmp.Or(strings.Join(shown[r.ID], ", "), "–"))
		}
	}
	return strings.TrimPrefix(b.String(), "\n"), nil
}

// sources lists where a requirement comes from; pages are links.
func sources(all []string) string {
	shown := slices.Clone(all)
	for i, s := range shown {
		if path, is := strings.CutPrefix(s, "docs/"); is {
			shown[i] = "[" + strings.TrimSuffix(path, ".md") + "](" + path + ")"
		}
		if s == "README.md" {
			shown[i] = "[README](../README.md)"
		}
	}
	return strings.Join(shown, "; ")
}

func quoted(tests []string) string { return "`" + strings.Join(tests, "`, `") + "`" }

// belowDocs turns links that begin at the root into links of a page in docs.
func belowDocs(text string) string { return strings.ReplaceAll(text, "](docs/", "](") }
