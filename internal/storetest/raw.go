package storetest

import (
	"context"
	"database/sql/driver"

	"github.com/mattn/go-sqlite3"
)

// Driver is part of driver.Connector.
func (c rawConnector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// Connect is part of driver.Connector.
func (c rawConnector) Connect(context.Context) (driver.Conn, error) {
	return (&sqlite3.SQLiteDriver{}).Open("file:" + string(c) + "?_busy_timeout=10000&_synchronous=OFF")
}
