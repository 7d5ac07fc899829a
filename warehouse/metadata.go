package warehouse

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/shortfall"
)

// MetadataSource lists the resources to which records refer. Every [imednet.Client] implements it.
type MetadataSource interface {
	imednet.FormReader
	imednet.VariableReader
	imednet.SubjectReader
	imednet.VisitReader
	imednet.QueryReader
	imednet.CodingReader
}

// MetadataOptions configures [DuckDBIngestion.IngestMetadata].
type MetadataOptions struct {
	// AllowMassDeletion accepts listings that lack many of the rows held (see [ErrMassDeletion]).
	AllowMassDeletion bool
}

// IngestMetadata makes bronze_forms, bronze_variables, bronze_subjects, bronze_visits,
// bronze_queries and bronze_codings equal to what the source lists for the study: new and changed
// rows are written, rows that are no longer listed are removed, and equal rows are unchanged. Each
// resource is one run. An error ends the call and leaves finished runs in place. A resource that the
// API keys are not permitted to read (403) is left out and its table unchanged (see [Run.LeftOut]); if
// this applies to all of them, the 403 is an error. The comments of a query are in its payload and in
// the view bronze_query_comments.
func (d *DuckDBIngestion) IngestMetadata(ctx context.Context, src MetadataSource, studyKey string, opts MetadataOptions) ([]Run, error) {
	if err := argument.Required("warehouse.DuckDBIngestion.IngestMetadata", "src", src); err != nil {
		return nil, err
	}
	var runs []Run
	var refused []error
	for _, s := range metadataSteps(src, opts) {
		s = leaveOut(s, nil, func(err error) { refused = append(refused, err) })
		run, err := d.run(ctx, studyKey, s.stream, s.mode, s.do)
		if err != nil {
			return runs, err
		}
		runs = append(runs, run)
	}
	if len(refused) == len(runs) {
		return nil, failure(ctx, "ingest", studyKey, "", refused[0], "nothing was changed")
	}
	return runs, nil
}

func metadataSteps(src MetadataSource, opts MetadataOptions) []step {
	return []step{
		mirrorTable(formTable, opts, src.Forms), mirrorTable(variableTable, opts, src.Variables), mirrorTable(subjectTable, opts, src.Subjects),
		mirrorTable(visitTable, opts, src.Visits), mirrorTable(queryTable, opts, src.Queries), mirrorTable(codingTable, opts, src.Codings),
	}
}

// metadataTable is one resource's table: the study key, the model's scalar members and the row's
// own JSON.
type metadataTable[T any] struct {
	resource imednet.Resource
	id       string // column
	idOf     func(*T) int64
	columns  []column[metadataRow[T]]
	encode   func(T) (jsontext.Value, error)
}

type metadataRow[T any] struct {
	model   T
	payload []byte
}

var (
	formTable     = newMetadataTable(imednet.Forms, "form_id", func(r *imednet.Form) int64 { return r.FormID }, imednet.Encode[imednet.Form])
	variableTable = newMetadataTable(imednet.Variables, "variable_id", func(r *imednet.Variable) int64 { return r.VariableID }, imednet.Encode[imednet.Variable])
	subjectTable  = newMetadataTable(imednet.Subjects, "subject_id", func(r *imednet.Subject) int64 { return r.SubjectID }, imednet.Encode[imednet.Subject])
	visitTable    = newMetadataTable(imednet.Visits, "visit_id", func(r *imednet.Visit) int64 { return r.VisitID }, imednet.Encode[imednet.Visit])
	queryTable    = newMetadataTable(imednet.Queries, "annotation_id", func(r *imednet.Query) int64 { return r.AnnotationID }, imednet.Encode[imednet.Query])
	codingTable   = newMetadataTable(imednet.Codings, "coding_id", func(r *imednet.Coding) int64 { return r.CodingID }, imednet.Encode[imednet.Coding])
)

func newMetadataTable[T any](resource imednet.Resource, id string, idOf func(*T) int64, encode func(T) (jsontext.Value, error)) metadataTable[T] {
	columns := embeddedColumns(modelColumns[T](nil), func(r *metadataRow[T]) *T { return &r.model })
	columns = append(columns, bytesColumn("payload", func(r *metadataRow[T]) []byte { return r.payload }))
	return metadataTable[T]{resource, id, idOf, columns, encode}
}

// embeddedColumns lets a row that holds a model use the model's columns.
func embeddedColumns[R, T any](columns []column[T], inner func(*R) *T) []column[R] {
	outer := make([]column[R], len(columns))
	for i, c := range columns {
		outer[i] = column[R]{name: c.name, typ: c.typ, of: c.of, add: func(to vector, row *R) { c.add(to, inner(row)) }}
		if c.misfit != nil {
			outer[i].misfit = func(v *R) bool { return c.misfit(inner(v)) }
		}
	}
	return outer
}

func (t metadataTable[T]) name() string { return "bronze_" + string(t.resource) }

func (t metadataTable[T]) ddl() string {
	types := map[duckdb.Type]string{
		duckdb.TYPE_VARCHAR: "VARCHAR", duckdb.TYPE_BIGINT: "BIGINT", duckdb.TYPE_BOOLEAN: "BOOLEAN",
		duckdb.TYPE_TIMESTAMP: "TIMESTAMP", duckdb.TYPE_DATE: "DATE", duckdb.TYPE_BLOB: "BLOB",
	}
	columns := []string{"study_key VARCHAR NOT NULL"}
	for _, c := range t.columns {
		column := c.name + " " + types[c.typ]
		if c.name == t.id || c.name == "payload" {
			column += " NOT NULL"
		}
		columns = append(columns, column)
	}
	return `CREATE TABLE IF NOT EXISTS ` + t.name() + ` (` + strings.Join(columns, ", ") + `)`
}

// mirrorTable makes one table equal to one listing.
func mirrorTable[T any](table metadataTable[T], opts MetadataOptions, list func(context.Context, string, imednet.ListOptions) iter.Seq2[T, error]) step {
	return step{string(table.resource), Append, func(ctx context.Context, w *work) error {
		rows, stop, err := begun(list(ctx, w.StudyKey, imednet.ListOptions{}))
		if err != nil {
			return err
		}
		defer stop()
		_, err = load(ctx, w.feeds, w.conn, `CREATE OR REPLACE TEMP TABLE imednet_stage AS SELECT * FROM %s`, table.columns, func(_ context.Context, emit func(*metadataRow[T]) error) error {
			for row, err := range rows {
				if err != nil {
					return err
				}
				if err := takeMetadata(w, table, row, emit); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := w.applyStage(ctx, table.name(), table.id, names(table.columns), opts); err != nil {
			return err
		}
		return w.forgetRejects(ctx)
	}}
}

func takeMetadata[T any](w *work, table metadataTable[T], row T, emit func(*metadataRow[T]) error) error {
	w.count()
	payload, err := table.encode(row)
	if err != nil {
		return err
	}
	staged := metadataRow[T]{row, payload}
	if !fits(table.columns, &staged) {
		return w.rejectMisfit(table.idOf(&row), row, payload)
	}
	return emit(&staged)
}

// applyStage removes the rows that are gone or changed and inserts those that are new or changed.
func (w *work) applyStage(ctx context.Context, table, id, columns string, opts MetadataOptions) error {
	var held, missing int64
	err := w.conn.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*), count(*) FILTER (%[2]s NOT IN (SELECT %[2]s FROM imednet_stage)) FROM %[1]s WHERE study_key = ?`, table, id), w.StudyKey).Scan(&held, &missing)
	if err != nil {
		return err
	}
	if shortfall.Suspicious(held, missing) && !opts.AllowMassDeletion {
		return fmt.Errorf("%d of %d rows: %w", missing, held, ErrMassDeletion)
	}
	w.Removed = missing
	same := fmt.Sprintf(`s.%[1]s = t.%[1]s AND s.payload = t.payload`, id)
	if _, err := w.conn.ExecContext(ctx, fmt.Sprintf(`DELETE FROM %s t WHERE study_key = ? AND NOT EXISTS (FROM imednet_stage s WHERE %s)`, table, same), w.StudyKey); err != nil {
		return err
	}
	result, err := w.conn.ExecContext(ctx, fmt.Sprintf(`INSERT INTO %[1]s (study_key, %[2]s) SELECT ?1, %[2]s FROM imednet_stage s
		WHERE NOT EXISTS (FROM %[1]s t WHERE t.study_key = ?1 AND %[3]s)`, table, columns, same), w.StudyKey)
	if err != nil {
		return err
	}
	w.Inserted, err = result.RowsAffected()
	return err
}
