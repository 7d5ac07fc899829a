package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/whose"
)

// recordsListOptions select records of one form and the columns to show.
type recordsListOptions struct {
	source         sourceOptions
	shown          listOptions
	form           string
	of             ofWhom
	where          []string
	text, labels   bool
	includeDeleted bool
}

// newRecordsList shows answers in columns.
func newRecordsList(a *app) *cobra.Command {
	var o recordsListOptions
	cmd := &cobra.Command{
		Use:   "list STUDY",
		Short: "List the records of a form with their answers in columns",
		Long: `List the records of a form with their answers in columns: first those of the record
itself, then the form's variables in order; a variable that is called as one of those
has its form before it. --where selects by answers, spelled as in
the export; a number is compared as a number, other values as text. How many deleted
records were left out stands below the table, and on standard error beside other forms.`,
		Example: "  imednet records list CARDIO --form AE --where AESER==Yes --site 'Site 01'\n" +
			"  imednet records list CARDIO --form AE --columns subject,AETERM --format csv",
		Args: cobra.ExactArgs(1), Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSource(cmd.Context(), o.source, func(s studySource) error {
				return a.listRecords(cmd.Context(), s, args[0], o)
			})
		},
	}
	o.source.flags(cmd)
	o.shown.flags(cmd)
	cmd.Flags().StringVar(&o.form, "form", "", "the form, by its `key`")
	_ = cmd.MarkFlagRequired("form")
	o.of.flags(cmd)
	cmd.Flags().StringArrayVar(&o.where, "where", nil, "only records with `VARIABLE==value`; also !=, <, <=, >, >=, =~, and 'VARIABLE is blank' or 'is not blank'; repeatable")
	cmd.Flags().BoolVar(&o.text, "text", false, "treat every value of --where as text, so that 007 stays 007")
	cmd.Flags().BoolVar(&o.labels, "labels", false, "use the variables' labels as titles")
	cmd.Flags().BoolVar(&o.includeDeleted, "include-deleted", false, "include soft-deleted records, marked")
	return cmd
}

func (a *app) listRecords(ctx context.Context, source studySource, study string, o recordsListOptions) error {
	where, err := parseDataFilter(o.where, o.text)
	if err != nil {
		return err
	}
	index, err := readFormIndex(ctx, source, study)
	if err != nil {
		return err
	}
	form, _ := index.Of(0, o.form)
	if form == nil {
		return unknownName("form", o.form, formKeys(index))
	}
	if err := where.ValidateAnswersOf([]*imednet.IndexedForm{form}); err != nil {
		return err
	}
	finder, err := o.of.read(ctx, source, study)
	if err != nil {
		return err
	}
	selection, err := index.Select(form.Key())
	if err != nil {
		return err
	}
	var deleted, doubtful, unclear int64
	rows := wanted(selection.Records(ctx, source, study, imednet.ListOptions{}), func(r *imednet.Record) bool {
		switch {
		case !finder.Selects(r, o.of.site, o.of.subject):
		case r.IsDeleted() && !o.includeDeleted:
			if form.MatchAnswers(where, r.RecordData) {
				deleted++
				if r.DoubtfulDeletion() {
					doubtful++
				}
			}
		case form.MatchAnswers(where, r.RecordData):
			return true
		case form.UnclearAnswers(where, r.RecordData):
			unclear++
		}
		return false
	})
	o.shown.titled = o.labels
	n, err := list(a, o.shown, recordColumns(form, finder, o.labels), rows)
	err = a.noteDoubtful(a.noteUnclear(err, unclear), doubtful)
	if !a.inTable(o.shown) {
		return a.noteLeftOut(err, deleted)
	}
	what := "records"
	if deleted > 0 {
		what = fmt.Sprintf("records; %d deleted ones left out", deleted)
	}
	return a.counted(err, o.shown, n, what)
}

// wanted yields the records that a test keeps.
func wanted(records iter.Seq2[imednet.Record, error], keep func(*imednet.Record) bool) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for r, err := range records {
			if err == nil && !keep(&r) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func formKeys(index *imednet.FormIndex) []string {
	var keys []string
	for _, f := range index.Forms() {
		keys = append(keys, f.Key())
	}
	return keys
}

func recordColumns(form *imednet.IndexedForm, finder *whose.Finder, labels bool) []column[imednet.Record] {
	columns := []column[imednet.Record]{
		{"record", "RECORD", func(r imednet.Record) any { return r.RecordID }},
		{"subject", "SUBJECT", func(r imednet.Record) any { return finder.SubjectKey(&r) }},
		{"site", "SITE", func(r imednet.Record) any { return finder.Site(&r) }},
		{"visitId", "VISIT", func(r imednet.Record) any { return orNothing(r.VisitID.Or(0)) }},
		{"status", "STATUS", func(r imednet.Record) any { return r.RecordStatus.Or("") }},
		{"deleted", "DELETED", func(r imednet.Record) any { return deletionCell(&r) }},
	}
	own := len(columns)
	for _, v := range form.Variables {
		name := v.VariableName.Or("")
		of := answerColumn(form, name, names(columns[:own]))
		if name == "" || slices.Contains(names(columns), of) {
			continue
		}
		title := of
		if labels && !imednet.IsBlank(v.Label.Or("")) {
			title = strings.Join(strings.Fields(v.Label.Or("")), " ")
		}
		columns = append(columns, column[imednet.Record]{of, title, func(r imednet.Record) any { return answerOf(form, &r, name) }})
	}
	distinctTitles(columns, own, form.Key(), labels)
	return columns
}

// deletionCell is whether a record is deleted, or that its flag does not say so.
func deletionCell(r *imednet.Record) any {
	if word := unreadable(r); word != "" {
		return word
	}
	return r.IsDeleted()
}

// unreadable is the word for a record whose deletion flag cannot be read, and nothing for others.
func unreadable(r *imednet.Record) string {
	if r.DoubtfulDeletion() {
		return "unreadable"
	}
	return ""
}

// distinctTitles qualifies the titles of variables, which follow the record's own columns, as an export does: one that is
// called as a column of the record, in any case, has its form before it. A label that several have is followed by the
// names.
func distinctTitles(columns []column[imednet.Record], own int, form string, labels bool) {
	alike, taken := map[string]int{}, map[string]bool{}
	for i, c := range columns {
		if i < own || labels {
			alike[answers.Fold(c.title)]++
		}
		taken[c.title] = true
	}
	for i := own; i < len(columns); i++ {
		c := &columns[i]
		switch n := alike[answers.Fold(c.title)]; {
		case labels && n > 1:
			for again := true; again; again = taken[c.title] {
				c.title += " (" + c.name + ")"
			}
		case !labels && n > 0:
			for again := true; again; again = taken[c.title] {
				c.title = form + "." + c.title
			}
		}
		taken[c.title] = true
	}
}

// answerColumn is the name of a variable's column. One that is called as a column of the record itself has its form
// before it, as in an export, and again where another variable is called so.
func answerColumn(form *imednet.IndexedForm, name string, own []string) string {
	if !slices.Contains(own, name) {
		return name
	}
	for of := form.Key() + "." + name; ; of = form.Key() + "." + of {
		if _, n := form.Variable(of); n == 0 {
			return of
		}
	}
}

// ambiguous stands where two spellings of a variable's name have answers, and none is the exact one.
const ambiguous = "(ambiguous)"

// answerOf is an answer as it was entered; nothing where there is none.
func answerOf(form *imednet.IndexedForm, r *imednet.Record, name string) any {
	v, n := form.Answer(r.RecordData, name)
	switch {
	case n > 1:
		return ambiguous
	case n == 0:
		return nil
	}
	return shownValue(v)
}

// shownValue is an answer as text, nothing where there is none.
func shownValue(v imednet.Value) any {
	switch {
	case len(v.Raw()) == 0 || v.Kind() == 'n':
		return nil
	case !v.IsUnicode():
		return shown.NotUnicode
	}
	return v.Text()
}
