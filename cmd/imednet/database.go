package main

import (
	"context"
	"net/url"

	"github.com/imednetgo/imednet/postgres"
)

// inDatabase reports whether a store is in the deployment's database: unless the command line names its
// file.
func (a *app) inDatabase(path string) bool { return path == "" && a.settings.Database != "" }

// database opens the deployment's database, which is closed when the program ends.
func (a *app) database(ctx context.Context) (*postgres.DB, error) {
	if a.shared != nil {
		return a.shared, nil
	}
	db, err := postgres.Open(ctx, a.settings.Database)
	if err != nil {
		return nil, err
	}
	a.shared = db
	return db, nil
}

// refusePassword refuses a password on the command line, which every user of the computer can read.
func refusePassword(databaseURL string) error {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return nil //nolint:nilerr // whoever opens it says what is wrong
	}
	if _, given := u.User.Password(); given || u.Query().Has("password") {
		return usagef("--database has a password, which others on this computer can read: put it into ~/.pgpass or PGPASSWORD")
	}
	return nil
}

// close closes what commands share.
func (a *app) close() error {
	if a.shared == nil {
		return nil
	}
	return a.shared.Close()
}

// onlyFile refuses what is done to a file alone.
func (a *app) onlyFile(path, flag string) error {
	if a.inDatabase(path) {
		return usagef("this is done to a file: name it with --%s; the others are in the database", flag)
	}
	return nil
}
