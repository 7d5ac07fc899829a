// Package submissions sends records and registrations to a study: checked before anything is sent,
// cut into batches, kept in a journal, and settled one by one.
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
// sent; everything wrong with it is one [*InvalidRecordsError]. What kind of write a record is, the
// caller says or its keys show; it is never guessed from what is missing, because an update without
// its visit would make a new record. [RecordUpdate.DryRun] shows the kinds and the bodies, byte for
// byte, without sending any.
//
// # Success
//
// The server answers a POST before it stores anything, and a job that completes can hold records that
// the server refused. So the error of [RecordUpdate.CreateOrUpdateRecords] is nil only if every record
// stands, with Wait, or was accepted, without. Otherwise it is an [*IncompleteError] that names the
// others; the [Receipt] says of every record which [State] it is in. Items are settled by the results
// of their job where it has any, else by what was saved in the study since the POST: form, subject,
// site and interval are compared, and every value as the server stores it. What is found counts for
// one item only, and where two items may be meant nothing is concluded.
//
// # The journal
//
// Without a journal a crash loses track of what was sent. With one ([WithJournal]; package
// sqlitejournal keeps it in a file) every record is on disk before it is sent, and the journal decides
// in one transaction whether it may be: a record that an older submission holds open, or that stands,
// is refused with a [*ConflictError], whichever process sends it and whatever else is in the file.
// [Preparation] has the rule, [Options] say when a second one is meant.
//
// Whoever sends a submission has its lease, which ends by itself when its process dies.
// [RecordUpdate.Resume] then finds out what became of every record; [RecordUpdate.Resend] sends what is
// certainly absent or was refused; [RecordUpdate.Discard] closes what somebody has dealt with.
//
// # What is taken on trust
//
// A job's results that name a record are believed if the record shows a revision since the POST: its
// values are not compared. A listing that lags behind the end of a job makes a record absent that
// shows later, so look before you resend what a completed job left absent. A 429 in the API's own
// envelope counts as not processed, and the request is repeated.
//
// # Registration
//
// [RegisterSubjects] checks sites first, and finds out the keys that the server gave.
//
// # Errors
//
// Any other failure is an [*imednet.Error], a wrong argument an [*imednet.ValidationError]. A POST
// whose outcome nobody knows is never sent again by itself. Errors hold no answers. They name forms,
// variables and sites that the study has, and any other name by its place; they repeat codes, states and
// messages that the API is known to send, and ids of batches by their shape. Items hold data of subjects, in
// Payload and ServerMessage, and print without them.
package submissions
