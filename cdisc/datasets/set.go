package datasets

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/internal/argument"
)

// Set is a finished data set.
type Set struct {
	// Manifest is the manifest of the data set.
	Manifest Manifest
	// Digest is the SHA-256 of the manifest, which identifies this state of the data.
	Digest string
	// NumericDates adds the day of each date of a form as a number after its text. Set it before
	// calling [Set.Sources].
	NumericDates bool
	// Codelists gives the choices of variables, by "FORM.VARIABLE" or, in canonical data, by the
	// table and the name of CDISC, such as "AE.AESEV". They go before those that the data set or its
	// configuration has. Set it before calling [Set.Sources].
	Codelists map[string]*cdisc.Codelist

	rules    map[string][]imednet.MappingRule // by domain and field, as ruleKey
	terms    map[string]map[string]string
	lookedUp map[string]bool // every value of the field is one of its terms
	tables   []*table
}

// table is one table with its columns.
type table struct {
	dir, name string
	rows      int64
	files     []TableFile
	schema    *arrow.Schema
}

// Open reads the manifest of the data set with this prefix in a directory ("" means the only data
// set there) and compares every file with it.
func Open(dir, prefix string) (*Set, error) {
	if err := argument.Named("datasets.Open", "dir", dir); err != nil {
		return nil, err
	}
	m, digest, err := readManifest(dir, prefix)
	if err != nil {
		return nil, fail("open", dir, err)
	}
	s := &Set{Manifest: m, Digest: digest}
	for _, t := range m.Tables {
		for _, f := range t.Files {
			if err := f.verify(dir); err != nil {
				return nil, fail("open", dir, err)
			}
		}
		if len(t.Files) == 0 {
			return nil, fail("open", dir, fmt.Errorf("table %s has no file", t.Name))
		}
		schema, err := schemaOf(filepath.Join(dir, filepath.FromSlash(t.Files[0].Path)))
		if err != nil {
			return nil, fail("open", dir, err)
		}
		s.tables = append(s.tables, &table{dir, t.Name, t.Rows, t.Files, schema})
	}
	return s, nil
}

// Sources returns one source per table, in the order of the manifest.
func (s *Set) Sources() []cdisc.Source {
	var list []cdisc.Source
	for _, t := range s.tables {
		list = append(list, s.source(t))
	}
	return list
}

func (s *Set) source(t *table) *source {
	if s.Manifest.Layout == "tables" {
		return s.canonical(t)
	}
	return s.form(t)
}

// Problems lists the values that the data set left out of its tables and that an export would
// otherwise lose silently.
func (s *Set) Problems() []cdisc.Problem {
	var list []cdisc.Problem
	r := s.Manifest.Report
	if r == nil {
		if n := s.Manifest.Rejects.Rows; n > 0 {
			list = append(list, rejected("(all)", n, "rows that the extraction rejected, listed in "+s.Manifest.Rejects.Path))
		}
		return list
	}
	for _, f := range r.Forms {
		for _, reason := range slices.Sorted(maps.Keys(f.Reasons)) {
			list = append(list, rejected(f.FormKey, f.Reasons[reason], "answers that are in no table ("+reason+"), listed in "+s.Manifest.Rejects.Path))
		}
		if len(f.Reasons) == 0 && f.Rejected > 0 {
			list = append(list, rejected(f.FormKey, f.Rejected, "answers that are in no table, listed in "+s.Manifest.Rejects.Path))
		}
	}
	if r.RecordsRejected > 0 {
		list = append(list, rejected("(all)", r.RecordsRejected, "records that are in no table, listed in "+s.Manifest.Rejects.Path))
	}
	return list
}

func rejected(dataset string, n int64, message string) cdisc.Problem {
	return cdisc.Problem{Dataset: dataset, Rule: cdisc.RuleRejected, Count: n, Message: message}
}
