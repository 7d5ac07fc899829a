// Package wire reads and writes what goes over the wire between a client and an iMednet server, as
// the API contract has it: queries, pages, jobs and errors. It sends nothing. The clients of
// packages rest and imednettest stand on it, so that both read a reply by the same rules.
package wire

// Root is where all routes start (API contract, section 1).
const Root = "/api/v1/edc/studies"
