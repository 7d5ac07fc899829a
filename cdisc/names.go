package cdisc

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Names gives new names and labels to datasets and variables, by their names in the source
// ([Dataset.Source] and [Variable.Source], or else their names). An entry that is not in the source
// is a problem, because it may be misspelt.
type Names map[string]DatasetNames

// DatasetNames holds new names for a dataset; "" means unchanged.
type DatasetNames struct {
	Name      string                   `json:"name,omitempty"`
	Label     string                   `json:"label,omitempty"`
	Variables map[string]VariableNames `json:"variables,omitempty"`
}

// VariableNames holds new names for a variable; "" means unchanged.
type VariableNames struct {
	Name  string `json:"name,omitempty"`
	Label string `json:"label,omitempty"`
}

func (d *Dataset) source() string  { return orElse(d.Source, d.Name) }
func (v *Variable) source() string { return orElse(v.Source, v.Name) }

// apply returns the dataset under other names.
func (n Names) apply(d Dataset) Dataset {
	given, ok := n[d.source()]
	if !ok {
		return d
	}
	d.Source = d.source()
	d.Name, d.Label = orElse(given.Name, d.Name), orElse(given.Label, d.Label)
	d.Variables = slices.Clone(d.Variables)
	for i := range d.Variables {
		v := &d.Variables[i]
		if other, ok := given.Variables[v.source()]; ok {
			v.Source = v.source()
			v.Name, v.Label = orElse(other.Name, v.Name), orElse(other.Label, v.Label)
		}
	}
	return d
}

// unknown lists what the names have and the datasets do not.
func (n Names) unknown(datasets []Dataset) []Problem {
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(n)) {
		at := slices.IndexFunc(datasets, func(d Dataset) bool { return d.source() == name })
		if at < 0 {
			problems = append(problems, Problem{name, "", RuleNames, 1, "the name map has a dataset that does not exist"})
			continue
		}
		for _, column := range slices.Sorted(maps.Keys(n[name].Variables)) {
			if !slices.ContainsFunc(datasets[at].Variables, func(v Variable) bool { return v.source() == column }) {
				problems = append(problems, Problem{name, column, RuleNames, 1, "the name map has a column that does not exist"})
			}
		}
	}
	return problems
}

// renamed is a source under other names.
type renamed struct {
	Source
	dataset Dataset
}

func (r renamed) Dataset() Dataset { return r.dataset }

// ProposeNames proposes names and labels to replace those that a format cannot hold. Names lose
// characters that are not letters or digits, then vowels, and are then truncated and made unique by
// a number; labels are truncated between words. A person should review the proposal. Names and
// labels that fit are not in it.
func ProposeNames(datasets []Dataset, f Format) Names {
	proposal := Names{}
	taken := map[string]bool{}
	for _, d := range datasets {
		taken[strings.ToUpper(d.Name)] = taken[strings.ToUpper(d.Name)] || isDatasetName(d.Name, f)
	}
	seen := map[string]bool{}
	for _, d := range datasets {
		var given DatasetNames
		if !isDatasetName(d.Name, f) || seen[strings.ToUpper(d.Name)] {
			given.Name = datasetName(d.Name, f, taken)
			taken[given.Name] = true
		}
		seen[strings.ToUpper(d.Name)] = true
		given.Label = proposeLabel(d.Label, f, f.limits().datasetLabel)
		given.Variables = proposeVariables(d, f)
		if given.Name != "" || given.Label != "" || len(given.Variables) > 0 {
			proposal[d.source()] = given
		}
	}
	return proposal
}

// isDatasetName reports whether SAS takes a name and every system takes its file.
func isDatasetName(name string, f Format) bool { return isSASName(name, f) && fileName(name) != "" }

// datasetName makes a name of a dataset that fits and is not taken.
func datasetName(name string, f Format, taken map[string]bool) string {
	short := shortName(name, f, taken)
	if isDatasetName(short, f) {
		return short
	}
	return shortName("DS"+short, f, taken)
}

func proposeVariables(d Dataset, f Format) map[string]VariableNames {
	// The first variable that has a name keeps it.
	keeps, taken := map[string]int{}, map[string]bool{}
	for i, v := range d.Variables {
		name := strings.ToUpper(v.Name)
		if _, found := keeps[name]; !found && isSASName(v.Name, f) {
			keeps[name], taken[name] = i, true
		}
	}
	proposal := map[string]VariableNames{}
	for i, v := range d.Variables {
		var given VariableNames
		if keeper, ok := keeps[strings.ToUpper(v.Name)]; !ok || keeper != i {
			given.Name = shortName(v.Name, f, taken)
			taken[given.Name] = true
		}
		given.Label = proposeLabel(v.Label, f, f.limits().label)
		if given != (VariableNames{}) {
			proposal[v.source()] = given
		}
	}
	return proposal
}

// shortName makes a name that fits and is not taken.
func shortName(name string, f Format, taken map[string]bool) string {
	limit := f.limits().name
	letters := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(name))
	if letters == "" || letters[0] <= '9' {
		letters = "V" + letters
	}
	for i := len(letters) - 1; i > 0 && len(letters) > limit; i-- {
		if strings.IndexByte("AEIOU", letters[i]) >= 0 {
			letters = letters[:i] + letters[i+1:]
		}
	}
	short := letters[:min(limit, len(letters))]
	for n := 2; taken[short]; n++ {
		number := strconv.Itoa(n)
		short = letters[:min(limit-len(number), len(letters))] + number
	}
	return short
}

// proposeLabel is "" for a label that fits.
func proposeLabel(label string, f Format, size int) string {
	plain := label
	if f == XPT5 {
		plain = asciiText(label)
	}
	if len(plain) <= size && plain == label {
		return ""
	}
	if len(plain) <= size {
		return plain
	}
	cut := cutText(plain, size)
	if space := strings.LastIndexByte(cut, ' '); space > size/2 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:(")
}

var asciiFor = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", "\u00a0", " ", "µ", "u", "μ", "u", "°", "deg", "≤", "<=", "≥", ">=", "²", "2", "³", "3", "×", "x", "ß", "ss")

// asciiText writes a label in ASCII. What has no usual spelling becomes a question mark, for the
// person who reads the proposal.
func asciiText(label string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, asciiFor.Replace(label))
}

// Rows yields the rows, which have no names.
func (r renamed) Rows(ctx context.Context) iter.Seq2[Row, error] { return r.Source.Rows(ctx) }
