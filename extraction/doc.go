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
// when the engine knows the study's structure ([WithStructure]).
//
// Nothing is guessed. A row is rejected when a required value is null or blank, a flag is neither yes
// nor no, a date is not in the calendar, an answer is not valid Unicode, a name is ambiguous, or an
// expression fails: it becomes a [RejectedRow] with what the rules gave and why. Dates keep the precision
// at which they were collected and numbers keep their digits; an unanswered flag is never treated as No.
// What is odd but was collected so (an end before its start, conflicting ADSL values, unmapped terms) is
// reported as a [Finding], and the row stays. Soft-deleted records are left out unless
// Options.IncludeDeleted is set. Every number of a run reconciles (in = out + rejected + excluded), or
// the run ends with [ErrUnbalanced].
//
// # Expressions
//
// businessLogic is one Python expression over value, record, payload, context, state, baseline and
// subject_key with float, int, str, bool, len, abs, min, max, round, and date(text), study_day(date,
// reference) and treatment_emergent(start, treatment start[, treatment end, days]). It runs in Starlark,
// without any access to the host; comparisons, arithmetic, text and conversions mean what Python means.
// Dates are compared and subtracted in days, and a comparison that their precision leaves open is an
// error. Source is at most 4 KiB; an evaluation makes at most 1 MiB in one value and 8 MiB in all. What
// is not supported is refused by NewEngine with what to write instead (see [CheckExpression]). An
// expression that gives None keeps the value before it, as in the Python package, and the report counts
// it; Settings.NullResult "clear" changes that.
//
// # Laboratory forms
//
// An ADLB target written PARAMCD.field, such as ALT.AVAL, belongs to one parameter: each record then
// gives one row for each parameter with a result. The member "extraction" of a configuration holds
// [Settings]: conditions on records, and the [Analysis] that derives study days, TRTEMFL, BASE, CHG, PCHG,
// ABLFL and ASEQ where no rule maps them.
//
// # Lineage
//
// [CanonicalRow.Lineage] names record, revision, variable, rule and configuration commit of every value;
// [Explain] puts it into a sentence. [Engine.Lineage] finds the values of a record or a subject, reading
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
