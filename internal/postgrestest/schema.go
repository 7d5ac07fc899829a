package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// testMemory is little, since many servers run at a time.
const testMemory = "32MB"

// shared is the server of this process.
var shared = sync.OnceValues(func() (*Server, error) { return start(testMemory) })

// URL returns the URL of a schema that nobody else uses; it is removed when the test ends. Without a
// server the test is skipped.
func URL(t testing.TB) string {
	t.Helper()
	if given := os.Getenv(urlVariable); given != "" {
		return fresh(t, given)
	}
	s, err := shared()
	skipOrFail(t, err)
	waitFor(t, s)
	return fresh(t, s.url())
}

// Start returns a private server of the test's own, which it may restart, and the URL of a schema on it.
// Without the programs the test is skipped.
func Start(t testing.TB) (s *Server, schemaURL string) {
	t.Helper()
	s, err := start(testMemory)
	skipOrFail(t, err)
	t.Cleanup(func() {
		if err := s.tell("stop"); err != nil {
			t.Errorf("stop the server: %v", err)
		}
		if err := s.words.(interface{ Close() error }).Close(); err != nil {
			t.Errorf("leave the server: %v", err)
		}
	})
	waitFor(t, s)
	return s, withSchema(s.url(), newSchema())
}

// skipOrFail ends a test that has no server.
func skipOrFail(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errMissing) {
		t.Skip("no PostgreSQL server: " + err.Error())
	}
	if err != nil {
		t.Fatalf("start a PostgreSQL server: %v", err)
	}
}

// waitFor waits until the server answers.
func waitFor(t testing.TB, s *Server) {
	t.Helper()
	var err error
	for range 2000 {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(context.Background(), s.url()); err == nil {
			if err := conn.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			return
		}
		nap()
	}
	t.Fatalf("the server does not answer: %v\n%s", err, s.log())
}

func newSchema() string { return "test_" + strings.ToLower(rand.Text()) }

// fresh makes a schema for a test.
func fresh(t testing.TB, server string) string {
	t.Helper()
	schema := newSchema()
	t.Cleanup(func() { Exec(t, server, `DROP SCHEMA IF EXISTS `+schema+` CASCADE`) })
	return withSchema(server, schema)
}

// withSchema adds the schema to a URL.
func withSchema(server, schema string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic("postgrestest: the server's URL cannot be read")
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// Exec runs statements as any other program would.
func Exec(t testing.TB, databaseURL string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, s := range statements {
		if _, err := conn.Exec(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
