// Package tables turns the records of a study into Apache Arrow tables, and is all of this library
// that knows Arrow.
//
//	mapper, err := tables.NewRecordMapper(client)
//	if err != nil {
//		return err
//	}
//	run := mapper.MapForms(ctx, "DEMO", tables.MapOptions{})
//	for batch, err := range run.Batches() {
//		…
//	}
//	fmt.Println(run.Report())
//
// # One table a form, or one wide table
//
// [RecordMapper.MapForms] gives a typed table per form, which is the default for new users,
// [RecordMapper.MapForm] that of one form, and [RecordMapper.Map] one wide table over all forms.
// [RecordMapper.Hierarchy] nests records by subject, visit and form. A run yields batches
// ([Run.Batches]), an array.RecordReader that works from any thread ([Run.Reader], [Run.Reader18] for
// arrow-go v18) or the whole table ([Run.Table]), and counts what it reads ([Run.Report]).
//
// # Columns
//
// The columns are fixed before the first record by a [Plan], which depends on the study's variables
// alone: NUMBER is float64; DATE is the text as entered, a date32 that is null when the date is
// partial, and a precision; everything else, unknown types included, is text.
// [RecordMapper.InferPlan] reads the study once, may narrow types, and can add columns for undeclared
// keys; keep its result and give it to later runs.
//
// Which form a variable or a record is of is decided by [imednet.FormIndex]: by id, else by key.
// What does not agree is counted ([MapReport].Contradictions). Asking for one form finds the same
// records as picking it from all.
//
// # Every answer is in one place
//
// A populated answer, which is one that is neither null nor the empty text, ends in exactly one
// place: a cell that holds its exact text or an equal number, an extra column, or a [Reject] with
// the JSON as it arrived. null, "" and an absent key are all null in a table. Rejects go to
// [MapOptions].OnReject, and the counts of [MapReport] reconcile. White space around a number makes it
// no other number, and is counted ([FormReport].Padded).
//
// Keys match variables whatever their case, an exact match first. Titles are unique whatever their
// case: names that several columns want become FORM.VARIABLE, labels "Label (FORM.VARIABLE)", and a
// variable's id is added where that is not enough. Field metadata say name, label, form,
// variableOid, declared type, revision and codelist.
//
// # Memory
//
// A batch costs what it holds: columns without an answer share one array of nulls. All unfinished
// batches of a run together stay below four times [WithBatchBytes].
//
// # De-identification
//
// [WithDeidentification] hides who the subjects are, and lets pass only what is known to be safe: see
// [Deidentification].
//
// # Errors
//
// A failure is an [*imednet.Error], a wrong argument an [*imednet.ValidationError]. A failed fetch is
// never an empty table. No error text holds subject data; a [Reject] does, in fields.
package tables
