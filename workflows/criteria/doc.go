// Package criteria finds the records of a study by conditions on records, answers, subjects and
// visits, and reads its audit trail.
//
// # Records
//
// [DataExtraction.Extract] starts a [RecordRun]; [RecordRun.Records] streams the records in ascending
// recordId and [RecordRun.Report] accounts for every row that was read:
//
//	run := extraction.Extract(ctx, "DEMO", criteria.RecordCriteria{
//		Records:  imednet.Where("formKey", imednet.Equal, "AE"),
//		Subjects: imednet.Where("siteName", imednet.Equal, "Site 01"),
//	})
//	for record, err := range run.Records() { … }
//	report := run.Report()
//
// A record is selected when its own attributes and answers match, its subject matched, and its visit
// matched and belongs to that subject. Soft-deleted records, and those of soft-deleted subjects and
// visits, are left out and counted unless IncludeDeleted is set.
//
// Subjects are listed first, when there is a filter for them, then visits; if either matches nothing,
// no records are requested. The server is sent whatever it can filter: the filters themselves, the
// site and the interval when all matches share one, and the subjects when they are few
// ([WithSubjectFanOut]). The rest is sorted out while records stream, so that only the ids of matching
// subjects and visits are held in memory.
//
// # Audit trail
//
// [DataExtraction.AuditTrail] starts an [AuditRun]; [AuditRun.Revisions] streams who saved which
// record, when and why, for the period From <= dateCreated < To. Periods that touch share no row. The
// revisions hold no values: what changed in a record is in the history that the mirror keeps.
//
// # Errors
//
// A stream yields an error once, as its last element: an [*imednet.Error] that names operation and study.
// Criteria that cannot be sent fail before any request, with an [*imednet.ValidationError] inside that
// names every problem and its place. Error texts hold no values of a filter and no subject data.
//
// Both streams can be left at any time; the requests behind them end with it. Ranging over a stream
// again reads it again, and starts its report anew.
package criteria
