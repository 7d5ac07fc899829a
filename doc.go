// Package imednet holds what every part of this library shares: the models of the iMednet EDC
// REST API, the Client interfaces, filters, times, errors, the clock and the study configuration.
//
// # Where things are
//
//   - imednet: this package.
//   - rest: a Client over HTTPS. imednettest: an in-memory server and Client for tests.
//   - cache: an exact local mirror of a study in SQLite, and the worker that keeps it current.
//   - workflows: records as Arrow tables, data queries, subjects, study structure, profiles,
//     registrations, updates, job polling.
//   - pipeline: bounded chunks to Parquet, CSV and NDJSON. arrow18: the same batches for arrow-go v18.
//   - extraction: canonical safety data by a study configuration, audit trails, standards checks.
//   - warehouse: DuckDB. ledger: marks. triage: a review queue. versioning: configuration history.
//
// # Reading
//
// Listings are iterators. An error comes once and last, breaking out releases everything, the
// context ends requests and waits:
//
//	for rec, err := range client.Records(ctx, "DEMO", imednet.ListOptions{}) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Soft-deleted rows are listed and marked, in ascending order of the row's own id. What only needs
// records takes a RecordSource, so that a Client and the mirror serve alike. Optional abilities
// (RecordProber, RecordPager, SubjectRecordSource, RecordHistorySource, JobResultReader) are
// found by type assertion.
//
// # Nothing is lost or guessed
//
// The API writes "no value" as an absent member, null, "" or 0. An Opt keeps them apart, and a
// value of another type than documented is kept as a Misfit with its raw JSON instead of failing
// the row or becoming zero. Row.Raw has the whole row as it arrived, Row.Unknown the members that
// this library does not know. RecordData keeps the answers as JSON: number text, order of keys,
// keys that differ in case and repeated keys all survive; Value types one answer on request. Models
// are read and written by Decode and Encode, and are json.Marshaler and json.Unmarshaler to the same
// effect: encoding/json keeps a row's text but for the white space and its escapes of <, > and &.
//
// # Times
//
// The API writes "2006-01-02 15:04:05", meaning UTC, and wants "2006-01-02T15:04:05Z" in filters.
// Time reads the former and more (see ParseTime) and renders both; Date is a day without a zone.
// Dates inside recordData are text as entered, because they can be partial.
//
// # Filters
//
// A Filter is built from conditions and checked against the API's rules before anything is sent:
// attributes of the resource, each at most once, known operators, And or Or but not both, values
// that can be quoted. Filter.Match applies the same filter locally.
//
// # Errors
//
// Sentinels such as ErrForbidden are for errors.Is; APIError, TransportError, ValidationError and
// DecodeError carry the details. Retryable is the only judge of whether a call may succeed later.
// Subject data can be in fields of errors but never in their text. A row printed or logged whole
// (fmt, log, log/slog) shows its id alone.
//
// # Conventions
//
// Keys are strings, ids are int64. Constructors take functional options that can fail, calls take
// option structs whose zero value is the documented default. Clock is the only source of time,
// and Progress is reported by one goroutine at a time. Values given out by this package (Raw,
// Unknown, RecordData.Raw) are shared and must not be modified.
package imednet
