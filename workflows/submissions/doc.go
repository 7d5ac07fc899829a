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
// A whole submission is checked against the study's forms, variables and intervals before its first batch is
// sent; everything wrong with it is reported in one *[InvalidRecordsError]. The caller states the
// kind of write, or the record's keys determine it. It is never inferred from what is missing,
// because an update without its visit would create a new record. [RecordUpdate.DryRun] returns the
// kinds and the bodies, byte for byte, without sending anything.
//
// # Success
//
// The server answers a POST before it stores anything, and a job that completes can contain records
// that the server refused. The error of [RecordUpdate.CreateOrUpdateRecords] is therefore nil only
// if every record is stored or, without Wait, was accepted. Otherwise it is an [*IncompleteError]
// that names the others; the [Receipt] gives the [State] of every record. Items are settled by what
// was saved in the study since the POST: form, subject, site and interval are compared, and every
// value as the server stores it, numbers, flags, dates and times by their meaning. A record that is
// found settles one item only, and where it could belong to either of two items nothing is
// concluded. The results of a job say what to look for and why a record was refused; what they
// report as stored must also be found, and what they leave out is unknown. A record of which there
// is no sign is absent after a second look, a settle delay after the first ([WithSettleDelay]).
//
// # The journal
//
// Without a journal, a crash loses track of what was sent. With one ([WithJournal]; package
// sqlitejournal stores it in a file, package postgres in a server) every record is on disk before it is sent, and the journal
// decides in one transaction whether it may be sent: a record that is open in an older submission,
// or already stored, is refused with a *[ConflictError], whichever process sends it. [Preparation]
// states the rule; with [Options] the caller can state that a second record is intended.
//
// A record is the same as an older one if it has the same intent key, or asks for the same: the kind of write, the
// place, and every value as the server stores it. The order of members, 5 or 5.0 or 5e0, spellings of a date, white
// space around a text, and in a new record an answer that is missing make no other record. A character without
// width, such as U+200B, is a character of its text: it makes another record, and a name of nothing else is blank
// and refused ([imednet.IsBlank]). Nor does it matter
// whether form, site, interval or subject are named by name, id or OID, if the client can list them. A record that is
// named by its OID, or as a subject's at a visit, is not known to be the one that has an id; nor is a subject known
// by an earlier key.
//
// The process that sends a submission holds its lease. The lease ends when the process dies: at once
// if the journal can see that, as package sqlitejournal can on one computer and package postgres anywhere, otherwise when it was
// not renewed for [DefaultLease]. [RecordUpdate.Resume] then finds out what became of every record;
// [RecordUpdate.Resend] sends what is absent or was refused; [RecordUpdate.Discard] closes what has
// been dealt with by other means. Before a record that was sent is replaced, by Resend or by another
// submission of the same record, its job and the study are checked once more.
//
// # Assumptions
//
// The API has no key that distinguishes a second POST of a record from the first, and documents
// neither how long a listing lags nor the results of jobs. The package therefore relies on six
// assumptions:
//
//   - A listing shows what a job has stored at most a settle delay after the end of the job. A
//     record that appears later, and only after it was sent again, is stored twice.
//   - A 429 in the API's own envelope is given before a batch is looked at, as the API contract has
//     it. The batch is sent again after Retry-After, a settle delay and a look at the study: a batch
//     that was processed all the same is stored twice only if it has not appeared by then. No other
//     POST is ever repeated automatically, and a 429 from anything else proves nothing. The same
//     assumption holds for any other 4xx in the API's envelope; such a batch is repeated only by a
//     caller's own Resend.
//   - A record that equals what was sent in form, place and every value, and was created since the
//     POST, belongs to the item, unless another item of the journal may have created it. If someone
//     enters exactly the same data at the same time, the two cannot be distinguished.
//   - An update stands if its values do and its record was saved since the POST, whoever saved it.
//     If several equal updates of one record were sent, each of them needs a revision that no other
//     update in the journal can have written.
//   - A job that was created before the POST, or that does not say when, proves no absence. A later
//     job that belongs to someone else does: what is then not found is absent after two looks.
//   - What a POST causes gets revision ids above those listed before it, and dates that are at most ten
//     minutes before the server's time at its beginning. A server's time more than ten minutes ahead of
//     the caller's clock is not used; the caller's clock then takes its place. What only one of the
//     listings of records and of revisions shows leaves an item unknown.
//
// # Registration
//
// [RegisterSubjects] checks the sites first, and determines the keys that the server assigns.
//
// # Errors
//
// Any other failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError]. A
// POST with an unknown outcome is never resent automatically. Errors hold no answers. They name
// forms, variables and sites that the study has, and give only the place of any other name. They
// repeat codes, states and messages that the API is known to send, and batch ids that have the shape
// of one. Items hold subject data in Payload and ServerMessage, and print without them.
package submissions
