// Package sqljournal is the journal of package submissions in the tables of a SQL database: a SQLite file
// of package sqlitejournal, or a schema of package postgres.
package sqljournal
