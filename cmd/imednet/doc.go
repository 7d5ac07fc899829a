// Imednet is the command line of package github.com/imednetgo/imednet: it reads, mirrors and
// exports studies of the iMednet EDC and keeps the ledger of what was taken over.
//
//	imednet demo                        # in one terminal: a study to try everything on
//	export IMEDNET_API_KEY=… IMEDNET_SECURITY_KEY=… IMEDNET_BASE_URL=…   # as demo prints them
//	imednet sync DEMO                   # in another: a mirror in ~/.imednet
//	imednet queries metrics DEMO
//	imednet export DEMO --cached --dir out
//
// # Keys and settings
//
// The two keys come from IMEDNET_API_KEY and IMEDNET_SECURITY_KEY alone. No flag and no file takes
// them, and no output shows them. IMEDNET_BASE_URL and IMEDNET_TIMEOUT (seconds, or 45s) name the
// server, IMEDNET_CONFIG_DB_PATH the file of the configuration history. What else is set stands in
// a file of YAML or JSON, named by --config, by default ~/.imednet/config.yaml if there is one:
//
//	baseURL: https://edc.example.com
//	timeout: 45s
//	dataDir: /srv/imednet               # default ~/.imednet
//	cache: /srv/imednet/mirror.sqlite3  # default DATADIR/cache/records_cache.sqlite3
//	ledger: /srv/imednet/ledger.json    # default DATADIR/pipeline_ledger.json
//	triage: /srv/imednet/triage.sqlite3 # default DATADIR/triage.sqlite3
//	configurations: /srv/imednet/c.db   # default DATADIR/config_versions.sqlite3
//	warehouse: /srv/imednet/w.duckdb    # default DATADIR/warehouse.duckdb
//	warehouseMemory: 512MB              # default: DuckDB's, most of what there is
//	warehouseTemp: /var/tmp/imednet     # default: beside the warehouse
//	journal: /srv/imednet/sent.sqlite3  # default DATADIR/submissions.sqlite3
//
// A flag wins over the environment, the environment over the file. A member that is not listed
// here is an error, so that a misspelt one is not silently ignored.
//
// # Output
//
// Results go to standard output, everything else to standard error. --json writes one JSON
// document instead of tables: rows of the API as the server sent them, reports of this library with
// every count; worker writes one object a line for each event. A listing is written while it is
// read; a document that lacks its last bracket was cut short, and the exit code says so too. With
// --json an error is one JSON object on standard error: {"error", "kind", "exitCode", "hint"}.
//
// Tables hide control characters of the data, and are cut to the width of a terminal but never in a
// file or pipe. NO_COLOR is honoured. --high-contrast, or IMEDNET_HIGH_CONTRAST=1, prints pages of
// HTML black on white; text on a terminal has no low contrast.
//
// The commands of the Python package's command line are here under their old names too: imednet
// workflows extract-records, sync-worker and state, and imednet subject-data. They are records
// extract, worker, state and subject, with the flags and lines that scripts know.
//
// # Exit codes
//
//	0    done
//	1    any other failure, such as a server that does not answer
//	2    the command line or the configuration file is wrong
//	3    the keys are missing or refused, or the study is not theirs
//	4    no such study, subject, record, item or file
//	5    somebody else is at it, or what was to be changed has changed: try again
//	6    something was checked and found wrong
//	130  interrupted; what was done is kept, and the last line says how to go on
//	141  nobody reads the output any more, as in: imednet … | head
package main
