// Package criteria selects the records of a study by conditions on records, answers, subjects and
// visits, and reads its audit trail.
//
// # Records
//
// [DataExtraction.Extract] returns a [RecordRun]. [RecordRun.Records] streams the records in
// ascending order of recordId, and [RecordRun.Report] accounts for every row that was read:
//
//	run := extraction.Extract(ctx, "DEMO", criteria.RecordCriteria{
//		Records:  imednet.Where("formKey", imednet.Equal, "AE"),
//		Subjects: imednet.Where("siteName", imednet.Equal, "Site 01"),
//	})
//	for record, err := range run.Records() { … }
//	report := run.Report()
//
// A record is selected if its attributes and answers match, its subject matches, and its visit
// matches and belongs to that subject. Soft-deleted records, and records of soft-deleted subjects
// and visits, are left out and counted unless IncludeDeleted is set ("Which records count" in
// docs/guide.md compares this with tables and lists).
//
// If there are filters for them, subjects are listed first and then visits; if either filter
// matches nothing, no records are requested. The server receives the
// filters for records and answers, and the subjects if there are few of them ([WithSubjectFanOut]).
// Conditions that cannot be sent are applied locally, to answers by the variables of their form.
// It is not asked for a site or an interval, because a record may name another than its subject or
// its visit does. The rest is filtered locally as records stream, so that only the list of subjects
// and the matching visits are held in memory.
//
// # Audit trail
//
// [DataExtraction.AuditTrail] returns an [AuditRun]. [AuditRun.Revisions] streams who saved which
// record, when and why, for the period From <= dateCreated < To. Adjacent periods share no row.
// Revisions hold no values; the changes in a record are in the history that the mirror keeps.
//
// # Errors
//
// A stream yields an error once, as its last element: an *[imednet.Error] that names the operation
// and the study. Invalid criteria fail before any request; the error then wraps an
// *[imednet.ValidationError] that names every problem and its place. Error texts hold no filter
// values and no subject data.
//
// Breaking out of either stream ends its requests. Ranging over a stream again reads it again and
// restarts its report.
package criteria
