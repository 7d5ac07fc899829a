// Package submissions sends records and registrations to a study: they are validated before
// anything is sent, divided into batches, recorded in a journal, and settled one by one.
//
//	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(journal, "anna"))
//	if err != nil {
//		return err
//	}
//	receipt, err := update.CreateOrUpdateRecords(ctx, "DEMO", records, submissions.Options{Wait: true})
//	fmt.Println(receipt)
//
// # Checks
//
// A whole submission is checked against the study's forms and variables before its first batch is
// sent; everything wrong with it is reported in one *[InvalidRecordsError]. The caller states the
// kind of write, or the record's keys determine it; it is never inferred from what is missing,
// because an update without its visit would create a new record. [RecordUpdate.DryRun] returns the
// kinds and the bodies, byte for byte, without sending anything.
//
// # Success
//
// The server answers a POST before it stores anything, and a job that completes can hold records that
// the server refused. So the error of [RecordUpdate.CreateOrUpdateRecords] is nil only if every record
// stands, with Wait, or was accepted, without. Otherwise it is an [*IncompleteError] that names the
// others; the [Receipt] says of every record which [State] it is in. Items are settled by what was saved
// in the study since the POST: form, subject, site and interval are compared, and every value as the
// server stores it. What is found counts for one item only, and where two items may be meant nothing is
// concluded. The results of a job say what to look for and why a record was refused; what they call
// stored must be found, and what they leave out is unknown. What nothing shows of is absent after a
// second look, a settle delay after the first ([WithSettleDelay]).
//
// # The journal
//
// Without a journal, a crash loses track of what was sent. With one ([WithJournal]; package
// sqlitejournal stores it in a file) every record is on disk before it is sent, and the journal
// decides in one transaction whether it may be sent: a record that is open in an older submission,
// or already stored, is refused with a *[ConflictError], whichever process sends it. [Preparation]
// states the rule; with [Options] the caller can state that a second record is intended.
//
// Whoever sends a submission has its lease. It ends when its process dies: at once where the journal can
// see that, as package sqlitejournal can on one computer, else when it was not renewed for [DefaultLease].
// [RecordUpdate.Resume] then finds out what became of every record; [RecordUpdate.Resend] sends what is
// absent or was refused; [RecordUpdate.Discard] closes what somebody has dealt with. Before anything
// takes the place of a record that was sent, by Resend or by another submission of the same, its job and
// the study are asked once more.
//
// # Assumptions
//
// The API has no key by which a second POST of a record could be told from the first, and documents
// neither how long a listing lags nor the results of jobs. So four things are taken on trust:
//
//   - A listing shows what a job has stored at most a settle delay after the end of the job. A record that
//     shows later, and later than it is sent again, stands twice.
//   - A 429 in the API's own envelope is given before a batch is looked at, as the API contract has it.
//     The batch is sent again, after Retry-After and a settle delay, and after a look at the study: one
//     that was processed all the same stands twice only if it does not show by then. No other POST is
//     ever repeated by itself, and a 429 of anybody else proves nothing. The same goes for any other
//     4xx in the API's envelope, which only a caller's own Resend repeats.
//   - A record that equals what was sent in form, place and every value, and was made since the POST, is
//     the item's, unless another item of the journal may have made it. Somebody who enters the very same
//     at the same time cannot be told from it.
//   - A job that was made before the POST is not believed to be its own; a later one of somebody else's is,
//     and what is not found then is absent after two looks.
//
// # Registration
//
// [RegisterSubjects] checks sites first, and determines the keys that the server assigned.
//
// # Errors
//
// Any other failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError]. A
// POST with an unknown outcome is never resent automatically. Errors hold no answers. They name
// forms, variables and sites that the study has, and any other name by its place; they repeat
// codes, states and messages that the API is known to send, and ids of batches by their shape.
// Items hold data of subjects, in Payload and ServerMessage, and print without them.
package submissions
