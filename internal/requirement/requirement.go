// Package requirement reads the requirements of docs/requirements: what the library promises, where the
// promise stands, and the tests that show it. The tables of the pages are made from them, and `imednet qualify` traces its
// scenarios to them.
package requirement

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet/docs/requirements"
)

// Requirement is one promise.
type Requirement struct {
	ID   string `yaml:"id"`   // such as MIR-01, never given to another promise
	Text string `yaml:"text"` // one sentence; may hold Markdown links that begin at the root of the repository
	Risk string `yaml:"risk"` // what follows if it does not hold: high, medium, low
	// Source lists where it comes from: a page, a section of the API contract, a standard or the clause of
	// a regulation.
	Source []string `yaml:"source"`
	Tests  []string `yaml:"tests"` // package.TestName
	// Guarantee is its place in the README's table, from 1; 0 is none.
	Guarantee int `yaml:"guarantee"`
}

// Area is one file of requirements.
type Area struct {
	Title        string        `yaml:"title"`
	Requirements []Requirement `yaml:"requirements"`
}

// Clause is a clause of a regulation: what it asks for, what the library gives, and what remains with
// the user.
type Clause struct {
	Clause string `yaml:"clause"`
	Asks   string `yaml:"asks"`
	Gives  string `yaml:"gives"`
	Yours  string `yaml:"yours"`
}

// areas are the files in the order in which they are read.
var areas = []string{"rest", "mirror", "tables", "warehouse", "safety", "submissions", "queries", "stores", "formats", "dictionary", "command"}

// Areas reads all requirements.
func Areas() ([]Area, error) {
	all := make([]Area, len(areas))
	for i, name := range areas {
		if err := read(name, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// All lists the requirements of all areas.
func All() ([]Requirement, error) {
	var all []Requirement
	areas, err := Areas()
	for _, area := range areas {
		all = append(all, area.Requirements...)
	}
	return all, err
}

// Clauses reads the clauses of the regulations.
func Clauses() (all []Clause, err error) {
	err = read("clauses", &all)
	return all, err
}

func read(name string, into any) error {
	text, err := fs.ReadFile(requirements.Files, name+".yaml")
	if err != nil {
		return err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("requirements: %s.yaml: %w", name, err)
	}
	return nil
}

// Of lists the ids of the requirements that name a source.
func Of(all []Requirement, source string) []string {
	var ids []string
	for _, r := range all {
		if slices.Contains(r.Source, source) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Plain is a text without its Markdown: links are their words.
func Plain(text string) string {
	text = strings.ReplaceAll(text, "`", "")
	for {
		open := strings.Index(text, "[")
		middle := strings.Index(text, "](")
		if open < 0 || middle < open {
			return text
		}
		end := strings.Index(text[middle:], ")")
		if end < 0 {
			return text
		}
		text = text[:open] + text[open+1:middle] + text[middle+end+1:]
	}
}
