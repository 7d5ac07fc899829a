package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

const urlVariable = "IMEDNET_POSTGRES_URL"

var errNoPostgreSQL = errors.New("there is no PostgreSQL: install it (on Debian: apt-get install postgresql) or name a server in " + urlVariable)

// database is a PostgreSQL server with an empty schema of the fleet's own.
type database struct {
	url   string
	crash string // what a crash does
	fail  func(context.Context) error
	close func() error
}

// openDatabase takes the server that the environment names, or starts a private one.
func openDatabase(ctx context.Context) (*database, error) {
	if given := os.Getenv(urlVariable); given != "" {
		return useServer(ctx, given)
	}
	return startServer(ctx)
}

// keeper runs a server in a new folder and says where it is. Each line that it reads makes the server
// crash and start again. When its input ends, because the fleet has ended in whatever way, it stops the
// server and removes the folder. A folder of /tmp gives the socket a path that is short enough. With -F
// nothing is forced to the disk, which only a power failure would need: do not run yours with it.
const keeper = `
trap '' INT TERM
dir=$(mktemp -d /tmp/imednet-fleet-XXXXXX) || exit 1
initdb -D "$dir/data" -U fleet -A trust -E UTF8 --no-sync >"$dir/log" 2>&1 &&
pg_ctl -D "$dir/data" -l "$dir/log" -o "-F -k $dir -h ''" -w start >/dev/null && echo "$dir" || cat "$dir/log" >&2
while read -r line; do
	pg_ctl -D "$dir/data" -l "$dir/log" -m immediate -w restart >/dev/null && echo again
done
pg_ctl -D "$dir/data" -m immediate -w stop >/dev/null
rm -rf "$dir"`

func startServer(ctx context.Context) (*database, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	command := []string{"sh", "-c", keeper}
	if os.Getuid() == 0 { // whom PostgreSQL refuses
		command = append([]string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"}, command...)
	}
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec // ours
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "LC_ALL=C")
	cmd.Stderr = os.Stderr
	lines, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	said := bufio.NewScanner(stdout)
	stop := func() error { return errors.Join(lines.Close(), cmd.Wait()) }
	if !said.Scan() {
		return nil, errors.Join(errors.New("PostgreSQL did not start"), stop())
	}
	again := func(context.Context) error {
		if _, err := io.WriteString(lines, "crash\n"); err != nil {
			return err
		}
		if !said.Scan() {
			return errors.New("PostgreSQL did not start again")
		}
		return nil
	}
	u := "postgres:///postgres?" + url.Values{"host": {said.Text()}, "user": {"fleet"}}.Encode()
	return &database{url: u, crash: "the database crashed once", fail: again, close: stop}, nil
}

// programs returns the folder of PostgreSQL's programs: on the path, or where Debian puts them.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNoPostgreSQL
	}
	return filepath.Dir(slices.Max(found)), nil
}

// useServer makes a schema on a server, whose other users must not notice.
func useServer(ctx context.Context, given string) (*database, error) {
	schema := fmt.Sprintf("imednet_fleet_%d", os.Getpid())
	u, err := url.Parse(given)
	if err != nil {
		return nil, errors.New(urlVariable + " is no URL")
	}
	q := u.Query()
	q.Set("search_path", schema)
	q.Set("application_name", schema)
	u.RawQuery = q.Encode()
	do := func(ctx context.Context, statement string) error {
		conn, err := pgx.Connect(ctx, given)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, strings.ReplaceAll(statement, "FLEET", schema))
		return errors.Join(err, conn.Close(ctx))
	}
	return &database{
		url: u.String(), crash: "all connections cut once",
		fail: func(ctx context.Context) error {
			return do(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'FLEET'`)
		},
		close: func() error { return do(context.WithoutCancel(ctx), `DROP SCHEMA IF EXISTS FLEET CASCADE`) },
	}, do(ctx, `SELECT 1`)
}
