// Package extraction turns a study's records into canonical safety data, and checks it.
//
// # Canonical data sets
//
// A study configuration ([imednet.StudyConfiguration]) says how forms map to AE, PD and DD (adverse
// events, protocol deviations, device deficiencies) and to the analysis sets ADSL, ADAE and ADLB.
// [NewEngine] checks the whole configuration and compiles it before any record is read. [Engine.Run]
// starts a run over the records: [Run.Subjects] streams one subject after the other, [Run.Batches] yields
// Arrow batches, and [Run.Report] holds the numbers once a stream has ended. [Engine.Extract] gathers
// everything in an [ExtractionResult].
//
//	run := engine.Run(ctx, client, extraction.Options{})
//	for subject, err := range run.Subjects() { … }
//	report := run.Report()
//
// Records of a subject are read in order of creation; records without a creation time come last and
// ties are decided by the record id. For each record and domain with rules for its form, each rule
// runs in the order of the document: source, fallback when the source is missing, terminology lookup
// (DOMAIN.field before field), expression, then the target's payload, state and, for the first value
// of a rule with isBaseline, baseline. A name without a dot is a member of the record if that has
// a value, otherwise an answer; "recordData.NAME" is an answer only; intervalName is the visit's name
// when the engine knows the study's structure ([WithStructure]). "coding.NAME.code" is the dictionary term
// that a coder chose for the answer (see Options.Codings): the coding of the highest revision, where it was
// made for the answer as it is now; what does not count is a Finding, and "coding.NAME.status" says why.
//
// Nothing is guessed. A row is rejected when a required value is missing or not of its kind, an answer is
// not valid Unicode, a name is ambiguous, or an expression fails: it becomes a [RejectedRow] with what the
// rules gave and why. A value that another field cannot hold (a flag that is neither yes nor no, a day that
// is in no calendar, "<0.2" as a number) is null, with its text beside it ([CanonicalRow.AsCollected]) and a
// [Finding] of severity ERROR. So is an event of which nobody said whether it is serious: an unanswered flag
// is never treated as No. Dates keep the precision at which they were collected and numbers keep their
// digits. What is odd but was collected so (an end certainly before its start, unmapped terms) is a Finding
// too, and the row stays. Where records of a subject give an ADSL field different values, the mapping's
// choose decides, and without it the field is empty. Soft-deleted records, and those of subjects that the
// source lists as soft-deleted, are left out unless Options.IncludeDeleted is set, which marks their rows.
// Rows carry the key that the subject has now, and its id. Every number of a run reconciles (in = out + rejected + excluded), or
// the run ends with [ErrUnbalanced].
//
// # Expressions
//
// businessLogic is one Python expression over value, record, payload, context, state, baseline and
// subject_key with float, int, str, bool, len, abs, min, max, round, and date(text), study_day(date,
// reference) and treatment_emergent(start, treatment start[, treatment end, days]). It runs in Starlark,
// without any access to the host; comparisons, arithmetic, text and conversions mean what Python means.
// Dates are subtracted in days and compared by the clock where both hours are known, else by the day. What
// their precision leaves open gives null and a finding. Source is at most 4 KiB; an evaluation makes at most 1 MiB in one value and 8 MiB in all. What
// is not supported is refused by NewEngine with what to write instead (see [CheckExpression]). An
// expression that gives None leaves nothing; Settings.NullResult "keep" keeps the value before it, as the
// Python package does, where it is one of the field's kind and terminology. The report counts both.
//
// # Laboratory forms
//
// An ADLB target written PARAMCD.field, such as ALT.AVAL, belongs to one parameter: each record then
// gives one row for each parameter with a result. The member "extraction" of a configuration holds
// [Settings]: conditions on records, and the [Analysis] that derives study days, TRTEMFL, BASE, CHG, PCHG,
// ABLFL and ASEQ where no rule maps them, for the form and the parameter of the row. Where dates do not
// decide, where the start of treatment is not known, or where results stand in different units, they
// are empty and a finding says so.
//
// # Lineage
//
// [CanonicalRow.Lineage] names record, revision, variable, rule and configuration commit of every value,
// and of every value that it was made of; [Explain] puts it into a sentence and [Lineage.Tree] into a tree.
// Values behind which a PHI variable stands are masked in lineage, rejected rows and findings, however it
// was read. [Engine.Lineage] finds the values of a record or a subject, reading
// that subject's records only, and the rows that were rejected.
//
// # Standards
//
// [StandardsReadinessValidator] scores rows against a [Profile] (general, drug, device, or one read by
// [ParseProfile]). [Conformance] runs rules across fields and records and reports in the manner of CDISC
// CORE.
//
// # Errors
//
// A stream yields an error once, as its last element: an [*imednet.Error] that names operation, study and, where
// one is concerned, record. A configuration that cannot be used is an [*imednet.ValidationError] with
// every problem and its place. Error texts hold no subject data.
package extraction
