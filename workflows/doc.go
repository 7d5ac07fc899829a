// Package workflows holds the jobs that data teams run on iMednet studies. Each workflow is a type
// with a constructor that takes the narrowest client interface it needs, so that a Client, the
// mirror of package cache, or a fake of three lines can serve it.
//
// # Records as tables
//
// RecordMapper turns records into Apache Arrow tables. FormBatches and FormTables give a typed
// table per form, which is the default for new users; Batches and Table give one wide table over
// all forms; Reader and FormReader are the same as an array.RecordReader; Hierarchy nests records
// by subject, visit and form.
//
// The columns are fixed before the first record by a Plan, which depends on the study's variables
// alone: NUMBER is float64; DATE is the text as entered, a date32 that is null when the date is
// partial, and a precision; everything else, unknown types included, is text. InferPlan reads the
// study once, may narrow types, and can add columns for undeclared keys; keep its result and give
// it to later runs.
//
// Every populated answer, which is one that is neither null nor the empty text, ends in exactly
// one place: a cell that holds its exact text or an equal number, an extra column, or a Reject
// with the JSON as it arrived. null, "" and an absent key are all null in a table. Rejects go to
// MapOptions.OnReject, and the counts of MapReport reconcile.
//
// Keys match variables whatever their case, an exact match first. Titles are unique whatever
// their case: names that several columns want become FORM.VARIABLE, labels "Label
// (FORM.VARIABLE)", and a variable's id is added where that is not enough. Field metadata say name,
// label, form, variableOid, declared type, revision and codelist.
//
// WithDeidentification hides who the subjects are: see Deidentification.
//
// # Queries
//
// QueryManagement lists open queries and those of a subject or a site, and counts them by state.
// The API gives a query no state: the comment with the highest sequence decides (StateOf).
// QueryMetrics tells, as of any moment, how old open queries are and how long answers and closes
// took, by site, form, variable and type.
//
// # Subjects and design
//
// SubjectData gathers visits, records, queries, and on request codings and revisions of one
// subject side by side; parts that fail are named in a *SubjectPartsError beside what succeeded.
// StudyStructure joins intervals, forms and variables, each once; a Structure is kept as JSON, and
// CompareStructures tells what changed in the design before data of the new shape are loaded.
//
// # Profiles
//
// SchemaProfiler reads every record once and describes each field: population and why answers
// are missing, types declared and observed, distinct answers, numbers, dates, codelist, by site. Its
// memory is bounded; beyond ProfileOptions.ExactValues distinct answers a figure is an estimate and
// says so. A profile shows no answer unless asked to, and none of a PHI or blinded field. It is
// kept as JSON, compared with a later one (CompareProfiles) and shown as one HTML page (WriteHTML).
//
// Workflows, the namespace, builds all of these over one Client.
//
// # Errors
//
// A workflow that fails says so with an *Error: operation, study, record and hint. No error text
// holds subject data. A failed fetch is an error, never an empty result.
package workflows
