// Package imednet contains what every part of this library shares: the models of the iMednet EDC
// REST API, the [Client] interfaces, filters, times, errors, the clock, the study configuration,
// and the rules for reading an answer.
//
// # Packages
//
//   - imednet: this package.
//   - rest: a Client over HTTPS. imednettest: an in-memory server and Client for tests.
//   - cache: an exact local mirror of a study in SQLite, and the worker that keeps it current.
//   - workflows: one package per workflow: tables (Arrow), queries, subjects, structure, profiles,
//     report, criteria, submissions and jobs, which package workflows itself builds over one Client;
//     and probe, which examines a live server.
//   - pipeline: records written in bounded chunks to Parquet, CSV and NDJSON. arrow18: the same
//     batches for arrow-go v18.
//   - extraction: canonical safety data derived from a study configuration, and standards checks.
//   - dictionary: the study design export, with its choices, required fields and edit checks.
//   - cdisc: data sets as Dataset-JSON, SAS transport files, Define-XML and ODM.
//   - warehouse: studies in DuckDB.
//   - ledger: sync watermarks. triage: a review queue. versioning: the history of study
//     configurations. postgres: these stores and the journal of submissions in PostgreSQL.
//
// # Reading
//
// Listings are iterators. An error is yielded once, as the last element. Breaking out of the loop
// releases every resource, and cancelling the context ends requests and waits:
//
//	for rec, err := range client.Records(ctx, "DEMO", imednet.ListOptions{}) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Rows are listed in ascending order of their id. Soft-deleted rows are included and marked;
// what leaves them out is under "Which records count" in docs/guide.md. Code
// that needs only records takes a [RecordSource]; both a [Client] and the mirror implement it.
// Optional interfaces ([RecordProber], [RecordPager], [RowProber], [SubjectRecordSource],
// [RecordHistorySource], [JobResultReader]) are detected by type assertion.
//
// # No value is lost or guessed
//
// The API represents "no value" as an absent member, null, "" or 0. An [Opt] distinguishes them. A
// value whose type differs from the documented one is kept as a [Misfit] with its raw JSON; it
// neither fails the row nor becomes zero. Row.Raw holds the whole row as it arrived, and
// Row.Unknown the members that this library does not know. [RecordData] keeps the answers as JSON,
// preserving the digits of numbers, the order of keys, keys that differ only in case, and repeated
// keys.
//
// [Decode] and [Encode] read and write models. Models also implement json.Marshaler and
// json.Unmarshaler with the same result, except that encoding/json changes the white space of a row
// and escapes <, > and &.
//
// # What an answer means
//
// Every part of the library reads answers by the same rules, so that a table, a profile, canonical
// data and the read-back of a submission never disagree:
//
//   - An answer is missing when it is absent, null, or text that is only white space
//     ([Value.Missing]). An unanswered flag is [Unknown], never No.
//   - White space around an answer does not change the number, date or flag that it denotes. The
//     text as entered stays in the record, and code that reads it as another type counts it.
//   - A number is an exact decimal ([Number]). A number that overflows or underflows a float64, or
//     has more digits than one can hold, is reported as such ([Accuracy]) and never silently
//     becomes an infinity, 0 or a nearby value.
//   - A flag is one of ten words, or the numbers 1 and 0 ([ParseYesNo]).
//   - A date is ISO 8601 as CDISC uses it (SDTM Implementation Guide, section 4.4), with each part
//     known or unknown ([PartialDate]). Other formats are read only where a plan or a configuration
//     names one ([DateFormat]). A comparison has four results: before, after, same, and
//     [NotCertain].
//   - A key of recordData belongs to the variable with that name, ignoring case. The exact spelling
//     takes precedence, and the last occurrence of a repeated spelling counts. Two spellings of
//     which neither is exact are ambiguous, and neither is chosen ([RecordData.Lookup]).
//   - A record belongs to the form that has its form id or, if either side has no id, its form key.
//     A contradiction is reported, never resolved silently ([FormIndex], [SubjectIndex]).
//   - A variableType comes from an open vocabulary and denotes a kind ([VariableKindOf]), which
//     decides the column of a table, what a profile expects and what a submission accepts.
//   - Text that is not valid Unicode is kept byte for byte in the record and is never a number,
//     date or flag.
//
// Examples of answers read as a number, a flag and a date:
//
//	answer                   number      flag  date
//	null                     -           -     -
//	" "                      -           -     -
//	"5"                      5           -     -
//	" 5"                     5           -     -
//	1e3                      1000        -     -
//	"9E350"                  9e350       -     -
//	"<0.2"                   -           -     -
//	1                        1           Y     -
//	"0"                      0           N     -
//	"Yes"                    -           Y     -
//	5.9                      5.9         -     -
//	"2014-02-03"             -           -     2014-02-03
//	" 2014-02"               -           -     2014-02
//	"2003---15"              -           -     2003---15
//	"2014-02-03T10:00+0100"  -           -     2014-02-03T10:00+01:00
//	"2014-02-30"             -           -     -
//	"UN-UNK-2024"            -           -     -
//
// # Times
//
// The API writes times as "2006-01-02 15:04:05" in UTC and expects "2006-01-02T15:04:05Z" in
// filters. [Time] reads the former and several variants (see [ParseTime]) and renders both. [Date]
// is a calendar day without a time zone.
//
// # Filters
//
// A [Filter] is built from conditions and checked against the API's rules before anything is sent:
// every attribute belongs to the resource and occurs at most once, operators are known, conditions
// are joined by And or by Or but not both, and values can be quoted. [Filter.Match] applies the
// same filter locally.
//
// # Errors
//
// Test for sentinels such as [ErrForbidden] with errors.Is. [APIError], [TransportError],
// [ReplyError], [ValidationError] and [DecodeError] carry the details. Every package wraps its
// failures in an *[Error], which names the operation, the study, the record, and what to do. Every
// constructor and call reports a nil client or an invalid option as a *[ValidationError].
// [Retryable] alone decides whether the same call may succeed later. Fields of errors can hold
// subject data; their text never does. Subject-level rows that are printed or logged whole (fmt,
// log, log/slog) show only their id.
//
// # Conventions
//
// Keys are strings and ids are int64. Constructors take functional options, which can fail; calls
// take option structs whose zero value means the documented defaults. A run returns what it
// counted. A stream is a run whose rows are ranged over first and whose report is read afterwards.
// [Clock] is the only source of time. [Progress] is never reported by two goroutines at once. Byte
// slices that this package returns (Raw, Unknown, RecordData.Raw) are shared and must not be
// modified.
package imednet
