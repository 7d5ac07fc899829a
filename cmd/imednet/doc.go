// Imednet is the command line interface of package github.com/imednetgo/imednet. It reads, mirrors
// and exports studies of the iMednet EDC and keeps a ledger of what has been processed.
//
//	imednet demo                        # in one terminal: a study to try everything on
//	export IMEDNET_API_KEY=… IMEDNET_SECURITY_KEY=… IMEDNET_BASE_URL=…   # as demo prints them
//	imednet sync DEMO                   # in another: a mirror in ~/.imednet
//	imednet queries metrics DEMO
//	imednet export DEMO --cached --dir out
//
// # Keys and settings
//
// The two API keys are read only from IMEDNET_API_KEY and IMEDNET_SECURITY_KEY. No flag or file
// accepts them, and no output shows them. IMEDNET_BASE_URL and IMEDNET_TIMEOUT (seconds, or 45s)
// set the server and its timeout, and IMEDNET_CONFIG_DB_PATH the file of the configuration history.
// All other settings are in a YAML or JSON file given by --config, by default
// ~/.imednet/config.yaml if it exists:
//
//	baseURL: https://edc.example.com
//	timeout: 45s
//	dataDir: /srv/imednet               # default ~/.imednet
//	database: postgres:///imednet       # mirror, ledger, queue, history and journal; default: the files below
//	cache: /srv/imednet/mirror.sqlite3  # default DATADIR/cache/records_cache.sqlite3
//	ledger: /srv/imednet/ledger.json    # default DATADIR/pipeline_ledger.json
//	triage: /srv/imednet/triage.sqlite3 # default DATADIR/triage.sqlite3
//	configurations: /srv/imednet/c.db   # default DATADIR/config_versions.sqlite3
//	warehouse: /srv/imednet/w.duckdb    # default DATADIR/warehouse.duckdb
//	warehouseMemory: 512MB              # default: DuckDB's, most of the memory
//	warehouseTemp: /var/tmp/imednet     # default: next to the warehouse
//	journal: /srv/imednet/sent.sqlite3  # default DATADIR/submissions.sqlite3
//	capabilities: /srv/imednet/cap.json # what `imednet probe --out` found; default: nothing is known
//	policy: /etc/imednet/policy.yaml    # who may review and approve; default: everyone may everything
//	identityKey: /home/anna/anna.pem    # proves who acts; default: the user of the operating system
//
// Flags override the environment, which overrides the file. A member that is not listed here is an
// error, so that a misspelt one is not silently ignored.
//
// # Output
//
// Results go to standard output, and everything else to standard error. --json writes one JSON
// document instead of tables: rows of the API as the server sent them, and reports of this library
// with every count. The worker command writes one object per line for each event. Listings are
// written as they are read: a document without its final bracket is incomplete, which the exit code
// also shows. An error is one sentence; --verbose adds the packages and operations that it went
// through. With --json an error is one JSON object on standard error: {"error", "kind", "exitCode",
// "hint", "chain"}, and "problems" with every problem of records that were not submitted.
//
// Tables hide control characters in the data and are truncated to the width of a terminal, but
// never in a file or pipe. NO_COLOR is honoured. --high-contrast, or IMEDNET_HIGH_CONTRAST=1,
// writes HTML pages in black on white; text on a terminal has no low contrast.
//
// The commands of the Python package's command line are also available under their original names:
// imednet workflows extract-records, sync-worker and state, and imednet subject-data. They are the
// same as records extract, worker, state and subject, with the flags and output lines that existing
// scripts expect.
//
// # Exit codes
//
//	0    success
//	1    any other failure, such as a server that does not respond
//	2    invalid command line or configuration file
//	3    the API keys are missing or rejected, or have no access to the study
//	4    no such study, subject, record, item or file
//	5    locked by another process, or changed since it was read: try again
//	6    a check found a problem
//	7    a comparison found a difference
//	130  interrupted; completed work is kept, and the last line says how to continue
//	141  the reader of the output has gone, as in: imednet … | head
package main
