package tables

import "github.com/imednetgo/imednet"

// MapOptions are the settings of one run. The zero value maps every active record of the study,
// under a plan made from its variables, with variable names as titles.
type MapOptions struct {
	// Plan fixes the schema; nil has one made from the study's variables.
	Plan *Plan
	// VisitKey keeps the records of one visit (its visitId). Text that is no whole number is an
	// error.
	VisitKey string
	// Forms keeps the records of these forms, by form key; empty keeps all. It finds the records
	// that picking the forms out of all would find, also those that carry only the form's id. A key
	// that the plan does not know is an error.
	Forms []string
	// Variables keeps these columns, by variable name or "FORM.VARIABLE" in any case; empty
	// keeps all. It never leaves out rows. A name that the plan does not know is an error.
	Variables []string
	// Filter has the source select records, beside VisitKey and Forms.
	Filter imednet.Filter
	// IncludeDeleted maps soft-deleted records too; otherwise they are left out and counted.
	IncludeDeleted bool
	// Titles chooses variable names (default) or labels as column titles.
	Titles Titles
	// AllMetadata has the wide table of [RecordMapper.Map] hold every metadata column, as the
	// tables of a form do, and not only the six of the Python package.
	AllMetadata bool
	// OneSchema has [RecordMapper.MapForms] give every form the schema of the wide table with all
	// metadata columns, so that the tables of all forms can be read as one.
	OneSchema bool
	// Strict makes the first reject an error, a *RejectError inside an *imednet.Error.
	Strict bool
	// OnReject receives every value that does not fit, in order of record; an error from it ends
	// the run. nil only counts them.
	OnReject func(Reject) error
}
