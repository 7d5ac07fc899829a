package warehouse_test

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

// tokenStudy is a study in which every value, key, name and date is found nowhere else.
type tokenStudy struct {
	*design
	subjects []imednet.Subject
	tokens   map[string]string // where each is
}

func (s *tokenStudy) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return func(yield func(imednet.Subject, error) bool) {
		for _, subject := range s.subjects {
			if !yield(subject, nil) {
				return
			}
		}
	}
}

// token makes one.
func (s *tokenStudy) token(where string) string {
	token := fmt.Sprintf("zq%07dqz", len(s.tokens))
	s.tokens[token] = where
	return token
}

// date makes one, of a year in which no date that is shifted by a year or less can fall on another's, nor on one of today.
func (s *tokenStudy) date(subject int, where string) string {
	date := fmt.Sprintf("%d-%02d-%02d", 1852+3*subject, 1+len(s.tokens)%12, 1+len(s.tokens)%28)
	s.tokens[date] = where
	return date
}

// datedRecords have a date of their own, from 1852 to 1996.
const datedRecords = 49

var tokenKinds = []string{"TEXT", "MEMO", "NUMBER", "INTEGER", "DATE", "DATETIME", "RADIO", "DROPDOWN", "CHECKBOX", "YESNO", "FILE"}

func newTokenStudy(t testing.TB, records int) *tokenStudy {
	s := &tokenStudy{design: &design{formKey: "AE"}, tokens: map[string]string{}}
	for i, kind := range tokenKinds {
		s.variables = append(s.variables, variable(int64(i+1), "AE", "V"+kind, kind))
	}
	s.variables = append(s.variables, variable(90, "AE", "START", "DATE"))
	for i := range records {
		where := fmt.Sprint("record ", i)
		var members []string
		for _, kind := range tokenKinds {
			members = append(members, fmt.Sprintf(`%q:%q`, "V"+kind, s.token(where+", a "+kind)))
		}
		members = append(members, fmt.Sprintf(`%q:%q,%q:[%q]`, s.token(where+", a key"), s.token(where+", under a key"), s.token(where+", a key"), s.token(where+", in a list")))
		if i < datedRecords {
			members = append(members, fmt.Sprintf(`"START":%q`, s.date(i, where+", a date")))
		}
		r := record(t, int64(i+1), 1, "{"+strings.Join(members, ",")+"}")
		key, oid := s.token(where+", its subject's key"), s.token(where+", its subject's OID")
		r.SubjectID, r.SubjectKey, r.SubjectOID = imednet.Some(int64(i+1)), imednet.Some(key), imednet.Some(oid)
		r.RecordOID, r.RecordStatus = imednet.Some(s.token(where+", its OID")), imednet.Some("Complete")
		r.Raw = nil
		if i%7 == 0 {
			r.SubjectID, r.SubjectKey, r.SubjectOID = imednet.Opt[int64]{}, imednet.Opt[string]{}, imednet.Opt[string]{}
		}
		s.listing = append(s.listing, r)
		s.subjects = append(s.subjects, imednet.Subject{SubjectID: int64(i + 1), SubjectKey: imednet.Some(key), SubjectOID: imednet.Some(oid)})
	}
	return s
}

var tokenShape = regexp.MustCompile(`zq\d{7}qz`)

// in lists the places of the tokens that a text holds.
func (s *tokenStudy) in(text string) []string {
	var found []string
	for _, token := range tokenShape.FindAllString(text, 3) {
		found = append(found, s.tokens[token])
	}
	for token, where := range s.tokens {
		if !tokenShape.MatchString(token) && strings.Contains(text, token) {
			found = append(found, where)
		}
	}
	return found
}

// filesIn is all that the files of a directory hold.
func filesIn(t testing.TB, dir string) string {
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	}))
	return all.String()
}

// cellsIn is every cell of every table of a database, as text.
func cellsIn(t testing.TB, d *warehouse.DuckDBIngestion) string {
	var all strings.Builder
	for _, name := range table(t, d, `SELECT '"' || schema_name || '"."' || table_name || '"' FROM duckdb_tables() WHERE NOT internal`) {
		for _, row := range table(t, d, `SELECT COLUMNS(*)::VARCHAR FROM `+name) {
			all.WriteString(row + "\n")
		}
		for _, column := range table(t, d, `DESCRIBE `+name) {
			all.WriteString(column + "\n")
		}
	}
	return all.String()
}

// TestNoTokenLeavesADeidentifiedWarehouse builds the typed tables of such a study and looks for its tokens in the DuckDB file, in
// its log while the file is open, in what it spills, in every cell, and in what the run says. A build that is not
// de-identified shows that they would be found.
func TestNoTokenLeavesADeidentifiedWarehouse(t *testing.T) {
	records := 150
	if os.Getenv("IMEDNET_LONG") != "" {
		records = 20_000
	}
	study := newTokenStudy(t, records)
	build := func(deidentified bool) (dir, spilled, cells, said string) {
		dir = t.TempDir()
		temp := filepath.Join(dir, "spilled")
		var log strings.Builder
		d, err := warehouse.NewDuckDBIngestion(t.Context(), filepath.Join(dir, "study.duckdb"), warehouse.WithMemoryLimit("60MB"), warehouse.WithThreads(1), warehouse.WithTempDirectory(temp),
			warehouse.WithProgress(func(p imednet.Progress) {
				fmt.Fprintf(&log, "%+v\n", p)
				if _, err := os.Stat(temp); err == nil {
					spilled += filesIn(t, temp)
				}
			}))
		require.NoError(t, err)
		var opts []tables.Option
		if deidentified {
			opts = append(opts, tables.WithDeidentification(tables.Deidentification{Key: []byte("0123456789abcdef")}))
		}
		m, err := tables.NewRecordMapper(study, opts...)
		require.NoError(t, err)
		for _, strict := range []bool{true, false} {
			run, err := d.BuildSilverTables(t.Context(), m, "S1", warehouse.SilverOptions{Map: tables.MapOptions{Strict: strict, IncludeDeleted: true}})
			fmt.Fprintf(&log, "%v %+v %+v\n", err, run, err)
			require.Equal(t, strict, err != nil)
		}
		files := filesIn(t, dir) // with the log, before it goes into the file
		cells = cellsIn(t, d)
		require.NoError(t, d.Close())
		return files + filesIn(t, dir), spilled, cells, log.String()
	}
	files, spilled, cells, said := build(true)
	require.Empty(t, study.in(files), "the files")
	require.Empty(t, study.in(spilled), "what was spilled")
	require.Empty(t, study.in(cells), "the cells")
	require.Empty(t, study.in(said), "what the run says")
	require.Contains(t, cells, "***MASKED***")

	files, _, cells, said = build(false)
	require.NotEmpty(t, study.in(files), "they would be found in the files")
	require.NotEmpty(t, study.in(cells))
	require.Contains(t, study.in(cells), "record 1, a date")
	require.Empty(t, study.in(said), "what a run says never holds any")
	require.Greater(t, len(study.tokens), 17*records)
}
