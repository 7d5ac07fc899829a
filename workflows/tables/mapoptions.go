package tables

import "github.com/imednetgo/imednet"

// MapOptions configures one run. The zero value maps every active record of the study, with a plan
// made from its variables and with variable names as column titles.
type MapOptions struct {
	// Plan fixes the schema; nil means a plan made from the study's variables.
	Plan *Plan
	// VisitKey selects the records of one visit by its visitId. Text that is not a whole number is
	// an error.
	VisitKey string
	// Forms selects the records of these forms by form key; empty selects all. It selects the same
	// records as mapping everything and picking these forms, including records that carry only the
	// form's id. A key that is not in the plan is an error.
	Forms []string
	// Variables selects columns, with those of their codes, by variable name or "FORM.VARIABLE", ignoring case where a form has
	// none with this spelling; empty selects all. It never leaves out rows. A name that is not in the plan is an error.
	Variables []string
	// Filter selects records at the source, in addition to VisitKey and Forms.
	Filter imednet.Filter
	// Answers selects records by their answers, with conditions on variable names that the mapper
	// checks itself (see [imednet.Filter.MatchAnswers]). A variable that no selected form has is an
	// error.
	Answers imednet.Filter
	// Select selects records by what only the caller can decide. It must not change or keep them.
	Select func(*imednet.Record) bool
	// Translate, if set, shows each record that is selected as it is to be mapped, such as with the texts of choices for
	// their codes (dictionary.Translator.Record). Filter, Answers and Select see it as it was received.
	Translate func(imednet.Record) imednet.Record
	// IncludeDeleted also maps soft-deleted records. By default they are left out and counted. Records
	// of soft-deleted subjects are mapped in either case (see [imednet.Record.IsDeletedWith]).
	IncludeDeleted bool
	// Titles chooses variable names (default) or labels as column titles.
	Titles Titles
	// AllMetadata gives the wide table of [RecordMapper.Map] every metadata column, as form tables
	// have, instead of only the six of the Python package.
	AllMetadata bool
	// OneSchema makes [RecordMapper.MapForms] give every form the schema of the wide table with all
	// metadata columns, so that the tables of all forms can be read as one.
	OneSchema bool
	// InOrder makes [RecordMapper.MapForms] yield the batches of all forms in rounds: the rows of a
	// round are consecutive among all rows (see [FormBatch]), so that they can be put back in order.
	InOrder bool
	// Strict turns the first reject into an error: a *[RejectError] wrapped in an *[imednet.Error].
	Strict bool
	// OnReject receives every reject, in the order of the records. An error from it ends the run.
	// If it is nil, rejects are only counted.
	OnReject func(Reject) error
}
