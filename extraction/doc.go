// Package extraction derives canonical safety data from a study's records and checks them against
// standards.
//
// # Canonical data sets
//
// A study configuration ([imednet.StudyConfiguration]) maps forms to AE, PD and DD (adverse events,
// protocol deviations, device deficiencies) and to the analysis data sets ADSL, ADAE and ADLB.
// [NewEngine] checks and compiles the whole configuration before any record is read. [Engine.Run]
// returns a run over the records: [Run.Subjects] streams subject by subject, [Run.Batches] yields
// Arrow batches, and [Run.Report] returns the counts once a stream has ended. [Engine.Extract]
// collects everything in an [ExtractionResult].
//
//	run := engine.Run(ctx, client, extraction.Options{})
//	for subject, err := range run.Subjects() { … }
//	report := run.Report()
//
// The records of a subject are processed in order of creation; records without a creation time come
// last, and ties are broken by record id. For each record, and each domain with rules for its form,
// the rules run in the order of the document. What an expression reads from state is what the records
// before it gave; if the subject's ADSL row holds another value in the end, that is a finding. Each rule reads the source, applies the fallback if
// the source is missing, the terminology lookup (DOMAIN.field before field) and the expression, and
// then sets the target in payload, state and, for the first value of a rule with isBaseline,
// baseline. A source name without a dot denotes a member of the record if that has a value, and
// otherwise an answer; "recordData.NAME" always denotes an answer; intervalName is the name of the
// visit if the engine knows the study's structure ([WithStructure]). "coding.NAME.code" is the
// dictionary term that a coder chose for the answer (see Options.Codings): that of the coding with
// the highest revision, provided that it was made for the answer as it is now. A coding that does
// not qualify is a Finding, and "coding.NAME.status" gives the reason.
//
// No value is guessed. A row is rejected if a required value is missing or has the wrong kind, an
// answer is not valid Unicode, a name is ambiguous, or an expression fails. It then becomes a
// [RejectedRow] with the values that the rules produced and the reasons.
//
// A value that an optional field cannot hold (a flag that is neither yes nor no, a day that does
// not exist, "<0.2" as a number) becomes null; its text is kept ([CanonicalRow.AsCollected]) and
// reported as a [Finding] of severity ERROR. An event whose seriousness is unanswered is also such
// a finding: an unanswered flag is never treated as No, and a rule that makes "not serious" of a
// missing answer, or of words or number codes that do not say so, leaves the flag empty.
// terminologyLookups state which words and codes mean No; of numbers only 0 does by itself, and the letter F does not.
// What a rule finds in state or baseline of another record is no answer to whether this event is serious.
// The flags of death, AESDTH and DTHFL, follow the same rule ([FindingDeathUnknown]). Dates keep the precision at which they were
// collected, and numbers keep their digits. Implausible data that were collected as such (an end
// certainly before its start, unmapped terms) are also findings, and the row is kept.
//
// If records of a subject give an ADSL field different values, the mapping's choose decides;
// without it the field is empty. A No of DTHFL does not stand beside an answer of another record that was read as neither Yes nor No. Soft-deleted records, and records of subjects that the source
// lists as soft-deleted, are left out and counted apart ([ExcludedDeleted],
// [ExcludedDeletedSubject]) unless [Options.IncludeDeleted] is set, in which case their rows are
// marked; "Which records count" in docs/guide.md says why tables do otherwise. Rows carry the current key and the id of the subject. A record that carries a key
// only belongs to the listed subject with the key ([imednet.SubjectIndex]). All counts of a run
// reconcile (in = out + rejected + excluded); otherwise the run ends with [ErrUnbalanced].
//
// # Expressions
//
// businessLogic is a single Python expression over value, record, payload, context, state, baseline
// and subject_key. It can call float, int, str, bool, len, abs, min, max, round, date(text),
// study_day(date, reference) and treatment_emergent(start, treatment start[, treatment end, days]).
// It runs without access to the host, each part at most once; comparisons, arithmetic, text and conversions
// have the semantics of Python. Subtracting dates gives days. Dates are compared by time of day if
// both hours are known, and otherwise by day; a result that their precision leaves open is null and
// a finding. The source is limited to 4 KiB, and an evaluation to 1 MiB in one value and 8 MiB in
// total. [NewEngine] rejects unsupported Python and suggests an alternative (see
// [CheckExpression]). An expression that evaluates to None clears the value; with
// [Settings.NullResult] "keep" the previous value is kept, as in the Python package, provided it
// fits the field's kind and terminology. The report counts both cases.
//
// # Laboratory forms
//
// An ADLB target written as PARAMCD.field, such as ALT.AVAL, belongs to one parameter: each record
// then gives one row per parameter with a result. The member "extraction" of a configuration holds
// [Settings]: conditions on records, and the [Analysis] that derives study days, TRTEMFL, BASE, CHG,
// PCHG, ABLFL and ASEQ if no rule maps them for the form and the parameter of the row. They are
// empty, with a finding that gives the reason, if dates do not decide, if the start of treatment is
// not known, or if results are in different units.
//
// # Lineage
//
// [CanonicalRow.Lineage] names the record, revision, variable, rule and configuration commit of
// every value, and of every value from which it was computed. [Explain] describes it in a sentence
// and [Lineage.Tree] as a tree. Values that depend on a PHI variable in any way are masked in
// lineage, rejected rows and findings. [Engine.Lineage] finds the values of a record or a subject,
// and the rows that were rejected, by reading only that subject's records.
//
// # Standards
//
// [StandardsReadinessValidator] scores rows against a [Profile] (general, drug, device, or one read
// by [ParseProfile]). [Conformance] runs rules across fields and records and reports in the format
// of CDISC CORE.
//
// # Errors
//
// A stream yields an error once, as its last element: an *[imednet.Error] that names the operation,
// the study and, if applicable, the record. An invalid configuration is an
// *[imednet.ValidationError] with every problem and its place. Error texts hold no subject data.
package extraction
