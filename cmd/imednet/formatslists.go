package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/workflows/tables"
)

// codelistOptions say where the code lists of an export come from.
type codelistOptions struct {
	dictionaryOptions
	path string
}

func (o *codelistOptions) flags(cmd *cobra.Command) {
	o.optionFlags(cmd, &o.path, "take code lists from the study's design export")
}

// apply gives the data set the code lists of the dictionary, and over them those of the metadata.
func (o codelistOptions) apply(ctx context.Context, a *app, set *datasets.Set, given map[string]*cdisc.Codelist) error {
	set.Codelists = given
	if err := checkLists(set.Sources(), given); err != nil {
		return err
	}
	if o.path == "" {
		return nil
	}
	o.study = set.Manifest.StudyKey
	d, err := o.dictionary(ctx, a, o.path)
	if err != nil {
		return err
	}
	joined, err := o.joinDataSet(a, d, set)
	if err != nil {
		return err
	}
	lists, err := a.dictionaryLists(ctx, joined, set.Sources())
	if err != nil {
		return err
	}
	maps.Copy(lists, given)
	set.Codelists = lists
	return nil
}

// checkLists refuses a list that no variable has, whose name may be misspelt, and a place without a list.
func checkLists(sources []cdisc.Source, given map[string]*cdisc.Codelist) error {
	taken := map[*cdisc.Codelist]bool{}
	for _, src := range sources {
		for _, v := range src.Dataset().Variables {
			taken[v.Codelist] = true
		}
	}
	for _, place := range slices.Sorted(maps.Keys(given)) {
		if given[place] == nil {
			return usagef("--metadata: %s has no code list, but null", place)
		}
		if !taken[given[place]] {
			return usagef("--metadata has a code list for %s, which is no variable of the data set that can have one", place)
		}
	}
	return nil
}

// joinDataSet joins a dictionary with the forms and variables that a data set is of.
func (o codelistOptions) joinDataSet(a *app, d *dictionary.Dictionary, set *datasets.Set) (*dictionary.Joined, error) {
	if set.Manifest.Layout != "forms" {
		return nil, usagef("--dictionary goes with the data set of an export; canonical data have the code lists of their --configuration")
	}
	plan, err := tables.ParsePlan(set.Manifest.Plan)
	if err != nil {
		return nil, err
	}
	forms, variables := plan.Design()
	return o.joinRows(a, d, forms, variables)
}

// dictionaryLists reads tables of forms and makes code lists of the choices of their questions. The
// codes are what the answers are: the texts of the choices, or their codes where every answer is one.
func (a *app) dictionaryLists(ctx context.Context, joined *dictionary.Joined, sources []cdisc.Source) (map[string]*cdisc.Codelist, error) {
	lists := map[string]*cdisc.Codelist{}
	for _, src := range sources {
		asked := questionsOf(joined, src.Dataset())
		for row, err := range src.Rows(ctx) {
			if err != nil {
				return nil, err
			}
			for _, v := range asked {
				v.see(row[v.at])
			}
		}
		for _, v := range asked {
			list, several := v.list()
			if several {
				if _, err := fmt.Fprintf(a.errOut, "Warning: %s has no code list, because a code is that of several choices, or the text of another\n", printable(v.place)); err != nil {
					return nil, err
				}
			}
			if list != nil {
				lists[v.place] = list
			}
		}
	}
	return lists, nil
}

// askedVariable is a variable whose question has choices.
type askedVariable struct {
	place        string // FORM.VARIABLE
	at           int
	typ          cdisc.Type
	question     *dictionary.Question
	texts, codes map[string]bool
	offTexts     bool // an answer is no text of a choice
	offCodes     bool
}

func questionsOf(joined *dictionary.Joined, table cdisc.Dataset) (list []*askedVariable) {
	for i, v := range table.Variables {
		q, known := joined.Question(table.Source, v.Source)
		if !known || len(q.Choices) == 0 || q.Kind() == imednet.FlagVariable || v.Type != cdisc.Character && v.Type != cdisc.WholeNumber {
			continue
		}
		a := &askedVariable{place: table.Source + "." + v.Source, at: i, typ: v.Type, question: q, texts: map[string]bool{}, codes: map[string]bool{}}
		for _, c := range q.Choices {
			a.texts[c.Text], a.codes[a.codeOf(c)] = true, true
		}
		list = append(list, a)
	}
	return list
}

func (a *askedVariable) see(v cdisc.Value) {
	text, ok := v.Text()
	if n, whole := v.Integer(); whole {
		text, ok = strconv.FormatInt(n, 10), true
	}
	if !ok || text == "" {
		return
	}
	a.offTexts = a.offTexts || !a.texts[text]
	a.offCodes = a.offCodes || !a.codes[text]
}

// list is the code list; nil for a number whose choices are no numbers, and where a code denotes several choices.
func (a *askedVariable) list() (list *cdisc.Codelist, several bool) {
	list = &cdisc.Codelist{OID: "CL." + a.place, Name: a.place}
	coded := !a.offCodes && (a.offTexts || a.typ == cdisc.WholeNumber)
	if a.typ == cdisc.WholeNumber && !coded {
		return nil, false
	}
	seen := map[string]bool{"": true}
	for _, c := range a.question.Ordered() {
		item := cdisc.CodelistItem{Code: c.Text}
		if coded {
			item = cdisc.CodelistItem{Code: strings.TrimSpace(a.codeOf(c)), Decode: c.Text}
			if item.Code != "" && !a.denotes(item.Code, c) {
				return nil, true
			}
		}
		if !seen[item.Code] {
			seen[item.Code] = true
			list.Items = append(list.Items, item)
		}
	}
	if len(list.Items) == 0 {
		return nil, false
	}
	return list, false
}

// codeOf is the code of a choice. One without is shown by its text among codes, if that is a value of the variable.
func (a *askedVariable) codeOf(c *dictionary.Choice) string {
	if strings.TrimSpace(c.Code) == "" && a.typ != cdisc.WholeNumber {
		return c.Text
	}
	return c.Code
}

// denotes reports whether an answer is a choice, and no other.
func (a *askedVariable) denotes(answer string, choice *dictionary.Choice) bool {
	raw, err := json.Marshal(answer)
	if err != nil {
		return false
	}
	found, _, ambiguous := a.question.Choice(imednet.NewValue(raw))
	return found == choice && !ambiguous
}
