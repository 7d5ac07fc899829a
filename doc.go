// Package imednet holds what every part of this library shares: the models of the iMednet EDC REST
// API, the Client interfaces, filters, times, errors, the clock, the study configuration, and what
// an answer means.
//
// # Where things are
//
//   - imednet: this package.
//   - rest: a Client over HTTPS. imednettest: an in-memory server and Client for tests.
//   - cache: an exact local mirror of a study in SQLite, and the worker that keeps it current.
//   - workflows: one package a workflow. tables (Arrow), queries, subjects, structure, profiles,
//     criteria, submissions, jobs; package workflows itself builds all of them over one Client.
//   - pipeline: bounded chunks to Parquet, CSV and NDJSON. arrow18: the same batches for arrow-go v18.
//   - extraction: canonical safety data by a study configuration, standards checks.
//   - dictionary: the study design export: choices, required fields, edit checks.
//   - warehouse: DuckDB. ledger: watermarks. triage: a review queue. versioning: the history of
//     configurations.
//
// # Reading
//
// Listings are iterators. An error comes once and last, breaking out releases everything, and the
// context ends requests and waits:
//
//	for rec, err := range client.Records(ctx, "DEMO", imednet.ListOptions{}) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Soft-deleted rows are listed and marked, in ascending order of the row's own id. Whatever needs
// only records takes a [RecordSource], which a Client and the mirror both are. Optional abilities
// ([RecordProber], [RecordPager], [SubjectRecordSource], [RecordHistorySource], [JobResultReader])
// are found by type assertion.
//
// # Nothing is lost or guessed
//
// The API writes "no value" as an absent member, null, "" or 0. An [Opt] keeps them apart, and a
// value of another type than documented is kept as a [Misfit] with its raw JSON instead of failing
// the row or becoming zero. Row.Raw has the whole row as it arrived, Row.Unknown the members that
// this library does not know. [RecordData] keeps the answers as JSON: the digits of numbers, the
// order of keys, keys that differ in case and repeated keys all survive.
// Models are read and written by [Decode] and [Encode], and are json.Marshaler and
// json.Unmarshaler to the same effect: encoding/json keeps a row's text but for the white space
// and its escapes of <, > and &.
//
// # What an answer means
//
// Every part of the library reads an answer by the same rules, so that a table, a profile,
// canonical data and the read-back of a submission never disagree:
//
//   - Missing: absent, null, or text of white space only ([Value.Missing]). An unanswered flag is
//     [Unknown], never No.
//   - White space around an answer makes it no other number, date or flag. The text as entered
//     stays in the record, and whoever reads it as something else counts it.
//   - A number is an exact decimal ([Number]). What overflows a float64, underflows, or has more
//     digits than one says so ([Accuracy]) and never becomes an infinity, 0 or a neighbour.
//   - A flag is one of ten words, or the numbers 1 and 0 ([ParseYesNo]).
//   - A date is ISO 8601 as CDISC uses it (SDTM Implementation Guide, section 4.4), each part known
//     or unknown ([PartialDate]). Other forms are read only where a plan or a configuration names
//     one ([DateFormat]). Comparing has four answers: before, after, equal, and [NotCertain].
//   - A key of recordData belongs to the variable of that name in any case, the exact spelling
//     first; of a repeated spelling the last one counts; two spellings without an exact one are
//     ambiguous, and none is chosen ([RecordData.Lookup]).
//   - A record is of the form with its id, or, where a side has no id, with its key; a contradiction
//     is reported, never resolved in silence ([FormIndex], [SubjectIndex]).
//   - Text that is no Unicode is kept byte for byte in the record and is no number, date or flag.
//
// An answer, and what it is as a number, a flag and a date:
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
// The API writes "2006-01-02 15:04:05", meaning UTC, and wants "2006-01-02T15:04:05Z" in filters.
// [Time] reads the former and more (see [ParseTime]) and renders both; [Date] is a day without a
// zone.
//
// # Filters
//
// A [Filter] is built from conditions and checked against the API's rules before anything is sent:
// attributes of the resource, each at most once, known operators, And or Or but not both, values
// that can be quoted. [Filter.Match] applies the same filter locally.
//
// # Errors
//
// Sentinels such as [ErrForbidden] are for errors.Is; [APIError], [TransportError],
// [ValidationError] and [DecodeError] carry the details. Every package wraps its failures in an
// [*Error]: operation, study, record, and what to do. A nil client and a bad option are a
// [*ValidationError] everywhere. [Retryable] is the only judge of whether a call may succeed later.
// Subject data can be in fields of errors but never in their text. A row printed or logged whole
// (fmt, log, log/slog) shows its id alone.
//
// # Conventions
//
// Keys are strings, ids are int64. Constructors take functional options that can fail; calls take
// option structs whose zero value is the documented default. A run returns what it counted; a
// stream is a run whose rows are ranged over and whose report is asked for afterwards. [Clock] is
// the only source of time, and [Progress] is reported by one goroutine at a time. Values given out
// by this package (Raw, Unknown, RecordData.Raw) are shared and must not be modified.
package imednet
