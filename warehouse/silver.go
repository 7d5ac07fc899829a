package warehouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/workflows/tables"
)

// BuildSilverView recreates the view silver_current_state, which has the columns of the Python
// package and, for every active record of every study, the newest value of each variable. The table
// macro silver_current_state_of('KEY') gives the same for one study. Both exist from the start and
// always reflect the data; recreate them only if someone has changed them.
func (d *DuckDBIngestion) BuildSilverView(ctx context.Context) error {
	for _, statement := range []string{silverCurrentStateView, silverOfStudyMacro} {
		if _, err := d.db.ExecContext(ctx, statement); err != nil {
			return failure(ctx, "build the view", "", "", err, "")
		}
	}
	return nil
}

// Evolution determines what happens if the forms of a study have changed since its silver tables
// were built.
type Evolution string

const (
	// Evolve adapts the tables to the current forms and records each change in
	// imednet_schema_changes. It is the default. The table of a form that was removed or renamed is
	// dropped, as is the column of a variable that was removed; remaining answers under its name
	// are rejects, or go to an extra column if the plan has one.
	Evolve Evolution = "evolve"
	// Freeze returns a *[SchemaError] for any change, including new, removed and renamed forms,
	// before anything is written.
	Freeze Evolution = "freeze"
)

// SilverOptions configures [DuckDBIngestion.BuildSilverTables].
type SilverOptions struct {
	Evolution Evolution
	// Map selects the plan, the forms, and whether deleted records are in the tables. With
	// Map.Forms only the tables of these forms are rebuilt. The warehouse sets its OnReject.
	Map tables.MapOptions
	// AllowMassDeletion accepts that the source lists far fewer records, forms or variables than the
	// tables have (see [ErrMassDeletion]). A plan, variables, a filter or a visit in Map are the caller's
	// own choice and no loss.
	AllowMassDeletion bool
}

// SilverRun is the report of a run of [DuckDBIngestion.BuildSilverTables].
type SilverRun struct {
	Run
	Map     tables.MapReport
	Tables  []SilverTable // in the order of the forms
	Changes []SchemaChange
}

// String returns one line of counts, such as "8 tables: 500 records = 497 rows + 0 rejected + 3
// deleted; 12 values did not fit".
func (r SilverRun) String() string {
	return fmt.Sprintf("%d tables: %d records = %d rows + %d rejected + %d deleted; %d values did not fit",
		len(r.Tables), r.Map.Records, r.Map.Rows, r.Map.RecordsRejected, r.Map.Deleted, r.Map.Rejected)
}

// SilverTable identifies the table with a form's records. Schema and Name are SilverSchema and the
// form's key. If they would clash with those of another study or form, because DuckDB ignores the
// case of names, a hash of the key is appended. NUL, which DuckDB has in no name, stands as \u0000, in
// names of columns too. The table imednet_tables lists all of them.
type SilverTable struct {
	FormKey string `json:"formKey"`
	Schema  string `json:"schema"`
	Name    string `json:"name"`
}

// Identifier returns the quoted name of the table for use in a statement, as in "silver_S1"."AE".
func (t SilverTable) Identifier() string { return quote(t.Schema) + "." + quote(t.Name) }

// SchemaChange is one difference between a table and the study's form, or a form that was added or
// removed.
type SchemaChange struct {
	FormKey string `json:"formKey"`
	Column  string `json:"column"` // "" for the table itself
	// Old and New are DuckDB types, or "table". Old is empty for an addition and New for a removal.
	Old string `json:"old"`
	New string `json:"new"`
}

// String returns one line, such as "AE.GRADE: DOUBLE → VARCHAR" or "AE: new table".
func (c SchemaChange) String() string {
	name := strings.TrimSuffix(c.FormKey+"."+c.Column, ".")
	switch {
	case c.Column == "" && c.Old == "":
		return name + ": new table"
	case c.Column == "":
		return name + ": table is gone"
	case c.Old == "":
		return name + ": new, " + c.New
	case c.New == "":
		return name + ": gone, was " + c.Old
	}
	return name + ": " + c.Old + " → " + c.New
}

// SchemaError lists the changes if the caller chose [Freeze]. It wraps [ErrSchemaChanged].
type SchemaError struct{ Changes []SchemaChange }

// Error lists the changes by form, column and type.
func (e *SchemaError) Error() string {
	text := ErrSchemaChanged.Error()
	for _, c := range e.Changes {
		text += "; " + c.String()
	}
	return text
}

// Unwrap returns ErrSchemaChanged.
func (e *SchemaError) Unwrap() error { return ErrSchemaChanged }

// BuildSilverTables creates one typed table per form, with the columns of the mapper's schema, in
// one pass over the mapper's records and one transaction that replaces all tables of the study.
// They are usually in the schema SilverSchema(studyKey); see [SilverTable]. A value that does not
// fit its column is NULL there and is stored as it arrived in silver_rejects, with record, form,
// variable and reason.
func (d *DuckDBIngestion) BuildSilverTables(ctx context.Context, mapper *tables.RecordMapper, studyKey string, opts SilverOptions) (SilverRun, error) {
	var out SilverRun
	if err := argument.Required("warehouse.DuckDBIngestion.BuildSilverTables", "mapper", mapper); err != nil {
		return out, err
	}
	if opts.Evolution == "" {
		opts.Evolution = Evolve
	}
	if opts.Evolution != Evolve && opts.Evolution != Freeze {
		return out, argument.Invalid("warehouse.DuckDBIngestion.BuildSilverTables", "Evolution", "must be one of: 'evolve', 'freeze'")
	}
	run, err := d.run(ctx, studyKey, silverStream, Replace, func(ctx context.Context, w *work) error {
		b := silverBuild{work: w, opts: opts, out: &out}
		return b.build(ctx, mapper)
	})
	out.Run = run
	return out, err
}

// SilverSchema returns the usual name of the DuckDB schema with a study's silver tables, one per
// form key. Quote both names: "silver_S1"."AE". See [SilverTable] for exceptions.
func SilverSchema(studyKey string) string { return "silver_" + studyKey }
