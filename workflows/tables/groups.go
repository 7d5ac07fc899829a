package tables

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
)

// DefaultGroupSize is the default of [GroupOptions.Size]: groups of fewer subjects are small.
const DefaultGroupSize = 11

// GroupOptions configures [CountGroups].
type GroupOptions struct {
	// Columns are facts that someone might know about a person: variables (NAME or FORM.NAME) such
	// as age and sex, and the metadata columns siteId and visitId.
	Columns []string
	// Size is the number of subjects below which a group is small; the default is
	// [DefaultGroupSize].
	Size int
	// Map selects and maps the records.
	Map MapOptions
}

func (o GroupOptions) check() error {
	switch {
	case len(o.Columns) == 0:
		return argument.Invalid("tables.CountGroups", "Columns", "names no column")
	case o.Size < 0:
		return argument.Invalid("tables.CountGroups", "Size", "must not be negative")
	}
	return nil
}

// Group is a set of subjects that share the same values in the columns.
type Group struct {
	// Values holds one text per column. Several different texts of a subject are joined by " | ".
	// Values are subject data unless the mapper de-identifies.
	Values   []string
	Subjects int
}

// GroupReport reports how many subjects share the same known facts, in the sense of k-anonymity.
type GroupReport struct {
	Columns  []string
	Subjects int // with records
	Groups   int
	// Smallest is the number of subjects in the smallest group: the k of k-anonymity.
	Smallest int
	// Small holds the groups with fewer subjects than Size, from the smallest to the largest.
	// SmallSubjects is the number of subjects in them.
	Small         []Group
	SmallSubjects int
	Size          int
}

// String returns counts and no values.
func (r GroupReport) String() string {
	return fmt.Sprintf("%d subjects in %d groups by %s; the smallest has %d; %d subjects are in %d groups of fewer than %d",
		r.Subjects, r.Groups, strings.Join(r.Columns, ", "), r.Smallest, r.SmallSubjects, len(r.Small), r.Size)
}

// CountGroups counts the subjects that share the same values in the given columns of a run of the
// mapper. If the mapper de-identifies, the values are those that would be released. A subject who
// is alone in a group can be recognised by anyone who knows these values. Records of no subject are
// not counted. A subject is one whatever ids and keys its records carry, if the mapper de-identifies or
// its source is an [imednet.SubjectReader]. A date counts as it was entered. CountGroups holds the
// values of the columns for each subject in memory.
func CountGroups(ctx context.Context, m *RecordMapper, studyKey string, opts GroupOptions) (GroupReport, error) {
	opts.Size = cmp.Or(opts.Size, DefaultGroupSize)
	if err := errors.Join(argument.Required("tables.CountGroups", "m", m), opts.check()); err != nil {
		return GroupReport{}, err
	}
	subjects, err := m.namesOfSubjects(ctx, studyKey)
	if err != nil {
		return GroupReport{}, err
	}
	variables := slices.DeleteFunc(slices.Clone(opts.Columns), isGroupedMetadata)
	opts.Map.Variables, opts.Map.Titles = variables, ByName
	g := &grouping{columns: opts.Columns, index: subjects, subjects: map[string][][]string{}}
	for batch, err := range m.MapForms(ctx, studyKey, opts.Map).Batches() {
		if err != nil {
			return GroupReport{}, err
		}
		g.add(batch.FormKey, batch.Record)
	}
	return g.report(opts.Size), nil
}

// namesOfSubjects lists the study's subjects, unless pseudonyms tell them apart.
func (m *RecordMapper) namesOfSubjects(ctx context.Context, studyKey string) (*imednet.SubjectIndex, error) {
	if m.deid != nil {
		return imednet.NewSubjectIndex(nil), nil
	}
	subjects, err := m.subjects(ctx, studyKey)
	if err != nil {
		return nil, &imednet.Error{Package: "tables", Op: "count groups", StudyKey: studyKey, Err: err}
	}
	return subjects, nil
}

func isGroupedMetadata(name string) bool { return name == "siteId" || name == "visitId" }

// grouping gathers the values of each subject.
type grouping struct {
	columns  []string
	index    *imednet.SubjectIndex
	subjects map[string][][]string // by what names them: the different values of each column
}

func (g *grouping) add(form string, rows arrow.Record) {
	places := g.places(form, rows.Schema())
	for row := range int(rows.NumRows()) {
		name := g.subjectOf(rows, row)
		if name == "" {
			continue
		}
		values := g.subjects[name]
		if values == nil {
			values = make([][]string, len(g.columns))
			g.subjects[name] = values
		}
		for i, at := range places {
			if at < 0 || rows.Column(at).IsNull(row) {
				continue
			}
			if text := rows.Column(at).ValueStr(row); !slices.Contains(values[i], text) {
				values[i] = append(values[i], text)
			}
		}
	}
}

// subjectOf names the subject of a row; "" if it is of none.
func (g *grouping) subjectOf(rows arrow.Record, row int) string {
	var r imednet.Record
	if ids := rows.Column(slices.Index(metadataNames(), "subjectId")).(*array.Int64); ids.IsValid(row) {
		r.SubjectID = imednet.Some(ids.Value(row))
	}
	if keys := rows.Column(slices.Index(metadataNames(), "subjectKey")); keys.IsValid(row) {
		r.SubjectKey = imednet.Some(keys.ValueStr(row))
	}
	return subjectName(g.index, &r)
}

// places finds the columns in a form's table, -1 for those that it does not have.
func (g *grouping) places(form string, schema *arrow.Schema) []int {
	places := make([]int, len(g.columns))
	for i, name := range g.columns {
		places[i] = placeOfGrouped(name, form, schema)
	}
	return places
}

// placeOfGrouped finds a metadata column or the first field of a variable, which holds what was entered.
// A variable of another case will do if there is none of this.
func placeOfGrouped(name, form string, schema *arrow.Schema) int {
	place := -1
	for at, f := range schema.Fields() {
		variable, answer := f.Metadata.GetValue("name")
		switch {
		case isGroupedMetadata(name):
			if f.Name == name {
				return at
			}
		case !answer:
		case name == variable || name == form+"."+variable:
			return at
		case place < 0 && (answers.Same(variable, name) || answers.Same(form+"."+variable, name)):
			place = at
		}
	}
	return place
}

func (g *grouping) report(size int) GroupReport {
	groups := map[string]*Group{}
	for _, values := range g.subjects {
		group := Group{Values: make([]string, len(values))}
		for i, v := range values {
			slices.Sort(v)
			group.Values[i] = strings.Join(v, " | ")
		}
		key := fmt.Sprintf("%q", values)
		if groups[key] == nil {
			groups[key] = &group
		}
		groups[key].Subjects++
	}
	r := GroupReport{Columns: g.columns, Subjects: len(g.subjects), Groups: len(groups), Size: size}
	for _, group := range groups {
		if r.Smallest == 0 || group.Subjects < r.Smallest {
			r.Smallest = group.Subjects
		}
		if group.Subjects < size {
			r.Small = append(r.Small, *group)
			r.SmallSubjects += group.Subjects
		}
	}
	slices.SortFunc(r.Small, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Subjects, b.Subjects), slices.Compare(a.Values, b.Values))
	})
	return r
}
