// Package submissions sends records and registrations to a study: checked before anything is sent,
// cut into batches, kept in a journal, and followed to their end.
//
//	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(journal))
//	if err != nil {
//		return err
//	}
//	err = update.CreateOrUpdateRecords(ctx, "DEMO", records, submissions.Options{Wait: true})
//
// # Checks
//
// A whole submission is checked against the study's forms and variables before its first batch is
// sent; everything wrong with it is one [*InvalidRecordsError]. [RecordUpdate.DryRun] shows the
// bodies byte for byte without sending any.
//
// # The journal
//
// Without a journal a crash loses track of what was sent. With one ([WithJournal]; package
// sqlitejournal keeps it in a file) every batch is on disk before it is sent, and
// [RecordUpdate.Resume] finds out what became of those that nobody followed to their end.
//
// # Registration
//
// [RegisterSubjects] checks sites first, and finds out the keys that the server gave.
//
// # Errors
//
// What was accepted before a failure is part of a [*PartialError]; a POST whose outcome nobody knows
// is an [*UnknownOutcomeError] and is never sent again by itself. No error text holds subject data.
package submissions
