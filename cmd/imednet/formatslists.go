package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
	"github.com/imednetgo/imednet/dictionary"
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
	lists, err := dictionaryLists(ctx, d, set.Sources())
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

// dictionaryLists reads tables of forms and makes code lists of the choices of their questions. The
// codes are what the answers are: the texts of the choices, or their codes where every answer is one.
func dictionaryLists(ctx context.Context, d *dictionary.Dictionary, sources []cdisc.Source) (map[string]*cdisc.Codelist, error) {
	lists := map[string]*cdisc.Codelist{}
	for _, src := range sources {
		asked := questionsOf(d, src.Dataset())
		for row, err := range src.Rows(ctx) {
			if err != nil {
				return nil, err
			}
			for _, a := range asked {
				a.see(row[a.at])
			}
		}
		for _, a := range asked {
			if list := a.list(); list != nil {
				lists[a.place] = list
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
	choices      []*dictionary.Choice
	texts, codes map[string]bool
	offTexts     bool // an answer is no text of a choice
	offCodes     bool
}

func questionsOf(d *dictionary.Dictionary, table cdisc.Dataset) (list []*askedVariable) {
	questions := map[string]*dictionary.Question{}
	for _, form := range d.Forms {
		if form.Key != table.Source {
			continue
		}
		for _, q := range form.Questions {
			questions[q.Name] = q
		}
	}
	for i, v := range table.Variables {
		q := questions[v.Source]
		if q == nil || len(q.Choices) == 0 || q.Kind() == imednet.FlagVariable || v.Type != cdisc.Character && v.Type != cdisc.WholeNumber {
			continue
		}
		a := &askedVariable{place: table.Source + "." + v.Source, at: i, typ: v.Type, choices: q.Ordered(), texts: map[string]bool{}, codes: map[string]bool{}}
		for _, c := range q.Choices {
			a.texts[c.Text], a.codes[c.Code] = true, true
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

// list is the code list; nil for a number whose choices are no numbers.
func (a *askedVariable) list() *cdisc.Codelist {
	list := &cdisc.Codelist{OID: "CL." + a.place, Name: a.place}
	coded := !a.offCodes && (a.offTexts || a.typ == cdisc.WholeNumber)
	if a.typ == cdisc.WholeNumber && !coded {
		return nil
	}
	seen := map[string]bool{"": true}
	for _, c := range a.choices {
		item := cdisc.CodelistItem{Code: c.Text}
		if coded {
			item = cdisc.CodelistItem{Code: strings.TrimSpace(c.Code), Decode: c.Text}
		}
		if !seen[item.Code] {
			seen[item.Code] = true
			list.Items = append(list.Items, item)
		}
	}
	if len(list.Items) == 0 {
		return nil
	}
	return list
}
