// Package tables maps the records of a study to Apache Arrow tables.
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
// # One table per form, or one wide table
//
// [RecordMapper.MapForms] produces one typed table per form and is where most users should start.
// [RecordMapper.MapForm] produces the table of a single form, and [RecordMapper.Map] one wide table
// of all forms. [RecordMapper.Hierarchy] nests records by subject, visit and form. A run yields
// batches ([Run.Batches]), an array.RecordReader that can be used from any goroutine or thread
// ([Run.Reader], or [Run.Reader18] for arrow-go v18), or the whole table ([Run.Table]), and counts
// what it reads ([Run.Report]).
//
// # Columns
//
// A [Plan] fixes the columns before the first record is read and depends only on the study's
// variables. NUMBER becomes float64. DATE becomes three columns: the text as entered, a date32 that
// is null if the date is partial, and a precision. Every other type, including an unknown one,
// becomes text. [RecordMapper.InferPlan] reads the study once; it may narrow types and can add
// columns for undeclared keys. Store its result and pass it to later runs.
//
// [imednet.FormIndex] decides which form a variable or a record belongs to: by id, or else by key.
// Contradictions are counted ([MapReport.Contradictions]). Requesting one form finds the same
// records as requesting all and picking that form.
//
// # Every answer is accounted for
//
// A populated answer, one that is neither null nor empty text, ends up in exactly one place: a cell
// that holds its exact text or an equal number, an extra column, or a [Reject] with the JSON as it
// arrived. null, "" and an absent key all become null in a table. White space only is a missing
// answer: columns of text keep it, and all others hold null and count it ([MapReport.Missing]).
// Rejects are passed to [MapOptions.OnReject], and the counts of [MapReport] reconcile. White space
// around a number does not change the number and is counted ([FormReport.Padded]).
//
// Keys match variables case-insensitively, and an exact match takes precedence. Column titles are
// unique even if case is ignored: names used by several columns become FORM.VARIABLE, labels become
// "Label (FORM.VARIABLE)", and the variable's id is added if that is not enough. Field metadata
// contain name, label, form, variableOid, declared type, revision and codelist.
//
// # Memory
//
// A batch takes only the memory of what it holds: columns without an answer share one array of
// nulls. All unfinished batches of a run together stay below four times the size set by
// [WithBatchBytes].
//
// # De-identification
//
// [WithDeidentification] hides the identity of subjects and passes only values that are known to be
// safe: see [Deidentification].
//
// # Errors
//
// A failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError]. A failed
// fetch never produces an empty table. The text of an error holds no subject data; the fields of a
// [Reject] do.
package tables
