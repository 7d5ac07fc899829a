// Package imednettest is an in-memory iMednet EDC server for the tests of this library and of
// programs that use it.
//
//	study := imednettest.Generate(imednettest.GenerateOptions{Records: 20_000})
//	server := imednettest.NewServer(study)
//	client := server.Client()               // an imednet.Client without a network, or
//	baseURL := imednettest.Start(t, server) // over HTTP, with APIKey and SecurityKey
//
// # Studies
//
// [Generate] makes a study from a seed: equal options give equal bytes on every machine. Its rows
// agree with one another. It has the forms DM, VS, LB (scheduled), AE, CM, LOG and NOTE
// (unscheduled), SITE (site-level) and OLD (disabled); variables of every documented type; eight
// records a visit; an audit trail in which about one record in a hundred was deleted, a third of
// them without a moved dateModified; queries that are open, closed, reopened and without comments;
// codings with and without a code and coded twice; users of whom two are inactive, with role dates
// of five to seven parts. NOTE holds what a careless reader damages: numbers beyond 2^63, -0.0,
// trailing zeros, keys that differ in case, an empty key, line separators, formulas, texts of 20 kB,
// an empty, null or absent recordData. Rows are computed when they are asked for: 1,000,000 records
// start at once and cost no memory until they are edited.
//
// [LoadDir] reads a study from a directory of NDJSON. With recordVersions.ndjson in it,
// [Study.SetTime] shows the study as it was at any moment.
//
// Both kinds of study can be changed while clients read them:
//
//	edit                         dateModified  revision  row
//	EditRecord, SetStatus        moves         yes       listed
//	DeleteRecord, RestoreRecord  as asked      yes       listed, flagged
//	InsertRecord                 is set        yes       listed last
//	RemoveRecord                 -             no        gone
//	SetKeywords, RenameSubject   stays         no        listed
//
// The server's clock ([Study.Now], metadata.timestamp) advances by one second with each edit that
// writes a revision, unless [Study.SetTime] fixes it.
//
// Changes that a server's own programs make: [Study.StampRecords] sets many rows to one instant,
// [Study.EditSilently] changes answers without a revision, [Study.MoveSubject] moves a subject to
// another site, and [Study.SetCommitLag] lists new rows and edits after others that were begun
// later. [Study.HoldRows] holds back everything new until it is released. [Study.PlanChanges]
// schedules changes that happen while a client reads.
//
// [GenerateLifelike] makes a study with the proportions of a real one, and with everything that
// makes real studies awkward.
//
// # Server
//
// [Server] answers as the API contract says. Where the contract leaves something open, it is strict:
// whatever it accepts is safe to send to iMednet. Missing or wrong keys are answered with 401, a
// wrong study with 403, missing Accept or Content-Type headers with 406 and 415; a page size over
// 500, an unknown or repeated parameter, an attribute that is unknown or occurs twice in a filter, a
// date in wire format, a boolean, blanks around operators, connectors that are mixed or words, and
// unknown operators are answered with 400, code 1000 and the parameter's name. Variables and codings are sorted by the form alone
// unless the caller says otherwise, as documented. Rows that tie in a sort order without the row's
// own id come in a different order on every page, so a client that forgets the id loses rows here
// too. Sorting by attributes other than the id, the attribute deleted in a filter, and pages past
// the end are refused. [Settings] lists every open question with both of its answers;
// [SettingsPairs] is a small set of settings in which any two answers meet.
//
// A condition can hold for a row only if the attribute has a value: absent, null and "" satisfy
// only !=. In a recordDataFilter, == and != compare text, < and > compare numbers if both sides are
// numbers, and =~ takes a regular expression and ignores case.
//
// [Study.SetRights] limits what the API keys can access: resources, forms, sites.
//
// # Faults and counters
//
// [Server.Inject] plays a [Fault]. A fault says which requests it hits (path, parameters, the nth, a
// share of them by a seed, those over a number of rows, bytes, requests a second or at a time), and
// what happens to them: any status, header, redirect and body, Retry-After in each of its forms,
// delay, hang, reset, slow and cut bodies, damaged JSON, wrong totals, sizes and page numbers, rows
// that are repeated, left out, exchanged or cut off, rows that are skipped or doubled where two pages
// meet or in a page that is full again, listings from an old state of the study, filters and sorts
// that are ignored, empty pages, a study's clock that jumps, and a POST that is accepted before its
// answer is lost. [ReadScenario] reads faults, settings, rights and job plans from JSON, for
// [Server.Play] and for "imednet demo --faults FILE", and refuses what cannot be played. The first fault
// that hits a request is the only one: a fault that does nothing lets what it hits past those behind it.
//
//	{"seed": 7, "faults": [
//	   {"path": "records", "query": {"page": "2"}, "times": 2, "status": 502, "body": "<html>"},
//	   {"skip": 100, "times": -1, "status": 401},
//	   {"method": "GET", "overRows": 100, "times": -1, "status": 413},
//	   {"probability": 0.1, "times": -1, "status": 429, "retryAfterDate": "30s"},
//	   {"method": "POST", "reset": true, "afterApply": true}],
//	 "changes": [{"kind": "stamp", "after": 5, "rows": 300}, {"kind": "silent", "every": 2}],
//	 "connection": {"tls": "expired", "handshakes": 2}}
//
// [Server.Requests] returns every request; [Server.OnRequest] runs a function before each, for
// example to change the study between two pages. [Server.Client] and [Server.Transport] use the
// same handler without a network and encounter the same faults.
//
// # Limitations
//
// Failures before a request reaches a server are played by [Connection], over real sockets: TLS
// handshakes that fail (all of them or the first few), and base URLs that lead nowhere (a name under
// .invalid, or a port on which nothing listens). Names that resolve only sometimes or to a wrong
// address, and connections that hang while opening, are not played. [BrokenTransport] plays any such
// error within one process. Jobs end and rows commit after requests, not after hours. A reset is a
// closed connection; the TCP segment that closes it is not modelled. The API does not show how the
// real server orders ties, how it words its errors, which answers are required, or what the choice
// lists are. Here a choice is any text, and no answer is required. Consent, locks and signatures are not
// modelled, and edit checks only where [Study.EnforceChecks] asks for them. All keys see the same data.
//
// # Submissions
//
// A POST of records is accepted at once and stored when its job ends: at the poll that first shows a
// final state, after as many requests as [JobPlan] says, or at [Study.FinishJobs]. A program that
// does not wait finds nothing. Form and site register a subject, whose key the server assigns; form,
// subject and interval update the scheduled record; form and subject add a record, of a form that has
// unscheduled visits; a recordId or
// recordOid updates that record. Answers become text, as in the vendor's sample, and replace what a
// record shows for their variables, in whatever case it writes the keys. Items that cannot
// be stored fail one by one: those with identifiers that name different rows, such as a subjectKey and
// the subjectId of somebody else, those that name what the keys may not see, and those with answers
// that their form does not have. [Study.PlanJobs] scripts the next jobs, [Study.SetJobPlan] all others;
// [Study.Submissions] and [Study.StoredItems] show what arrived and how often.
//
// # Design and edit checks
//
// [Study.DesignExport] is the design export of a study, for package dictionary, and
// [Study.EnforceChecks] runs the edit checks of one over every submitted record.
//
// # Contract suite
//
// [TestClient] checks any imednet.Client against a Server.
package imednettest
