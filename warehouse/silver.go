package warehouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/workflows/tables"
)

// BuildSilverView creates the view silver_current_state anew: the Python package's columns and, for
// every active record of every study, the newest value of each variable. Its form for one study
// is the table macro silver_current_state_of('KEY'). Both exist from the start and follow the
// data by themselves; building them again mends a database in which somebody changed them.
func (d *DuckDBIngestion) BuildSilverView(ctx context.Context) error {
	for _, statement := range []string{silverCurrentStateView, silverOfStudyMacro} {
		if _, err := d.db.ExecContext(ctx, statement); err != nil {
			return failure(ctx, "build the view", "", "", err, "")
		}
	}
	return nil
}

// Evolution says what happens when the forms of a study have changed since its silver tables were
// built.
type Evolution string

const (
	// Evolve makes the tables what the forms now are and notes each change in
	// imednet_schema_changes. It is the default. A form that is gone or renamed takes its table with
	// it, a variable that is gone its column; answers that remain under its name are rejects, or an
	// extra column when the plan has one.
	Evolve Evolution = "evolve"
	// Freeze refuses any change, also a form that is new, gone or renamed, with a *SchemaError
	// before anything is written.
	Freeze Evolution = "freeze"
)

// SilverOptions are the settings of BuildSilverTables.
type SilverOptions struct {
	Evolution Evolution
	// Map chooses the plan, the forms and whether deleted records are in the tables. With Map.Forms
	// the tables of these forms are built anew and all others stay. Its OnReject and Report are the
	// warehouse's own.
	Map tables.MapOptions
}

// SilverRun reports a run of BuildSilverTables.
type SilverRun struct {
	Run
	Map     tables.MapReport
	Tables  []SilverTable // in the order of the forms
	Changes []SchemaChange
}

// String is one line of counts, such as "8 tables: 500 records = 497 rows + 0 rejected + 3 deleted;
// 12 values did not fit".
func (r SilverRun) String() string {
	return fmt.Sprintf("%d tables: %d records = %d rows + %d rejected + %d deleted; %d values did not fit",
		len(r.Tables), r.Map.Records, r.Map.Rows, r.Map.RecordsRejected, r.Map.Deleted, r.Map.Rejected)
}

// SilverTable says where a form's records are. Schema and Name are SilverSchema and the form's key,
// unless DuckDB, which ignores the case of letters in names, would take them for another study's or
// form's; then a hash of the key is added. The table imednet_tables lists them all.
type SilverTable struct {
	FormKey string `json:"formKey"`
	Schema  string `json:"schema"`
	Name    string `json:"name"`
}

// Identifier is the table's name for a statement, as in "silver_S1"."AE".
func (t SilverTable) Identifier() string { return quote(t.Schema) + "." + quote(t.Name) }

// SchemaChange is one difference between a table and the study's form, or a form that came or went.
type SchemaChange struct {
	FormKey string `json:"formKey"`
	Column  string `json:"column"` // "" for the table as a whole
	// Old and New are DuckDB types, or "table"; Old is empty for what is new, New for what is gone.
	Old string `json:"old"`
	New string `json:"new"`
}

// String is one line, such as "AE.GRADE: DOUBLE → VARCHAR" or "AE: new table".
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

// SchemaError lists what changed when the caller asked for Freeze. It is ErrSchemaChanged.
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

// BuildSilverTables makes one typed table per form, with the columns of the mapper's schema: one
// pass over the mapper's records, and one transaction that replaces the study's tables as a whole.
// They are in the schema SilverSchema(studyKey) as a rule; see SilverTable. A value that does not fit its column is NULL there and stands, as it
// arrived, in silver_rejects with record, form, variable and reason.
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
	run, err := d.run(ctx, studyKey, "silver", Replace, func(ctx context.Context, w *work) error {
		b := silverBuild{work: w, opts: opts, out: &out}
		return b.build(ctx, mapper)
	})
	out.Run = run
	return out, err
}

// SilverSchema returns the usual name of the DuckDB schema that holds a study's silver tables, one
// per form key. Quote both: "silver_S1"."AE".
func SilverSchema(studyKey string) string { return "silver_" + studyKey }
