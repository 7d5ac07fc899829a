// Package postgrestest gives tests a real PostgreSQL server: the one that IMEDNET_POSTGRES_URL names, or
// a private one that is started from initdb and postgres where they are installed. Without either, the
// test is skipped and says so.
//
// A private server listens on a Unix socket in a folder that only its owner may enter, trusts whoever
// reaches it, and is gone when the process that asked for it is, however that ends. It runs with fsync
// off: what was committed survives the death of any process, the server's own included, because the
// system has it; it would not survive a power failure, which no test here plays. synchronous_commit
// stays on: a commit is answered after it was handed to the system.
package postgrestest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// urlVariable names a server to use instead of a private one. Its user must be allowed to make schemas.
const urlVariable = "IMEDNET_POSTGRES_URL"

// keeper starts and stops the server as its standard input says, one word a line: in folder $1, by way of
// the command $2, with $3 of memory for pages. When the input ends, with the process at its other end, it stops the server and removes
// the folder.
const keeper = `
trap '' INT # which a terminal sends to all, and only the tests should end of
while read -r word; do
	case $word in
	start) $2 postgres -D "$1/data" -k "$1" -h '' -F -c full_page_writes=off -c max_connections=200 -c shared_buffers=$3 -c log_min_messages=fatal >>"$1/log" 2>&1 & ;;
	stop) kill -QUIT $!; wait $! ;;
	esac
	echo "$word"
done
kill -QUIT $! 2>/dev/null
wait $!
rm -rf "$1"`

// Server is a private server.
type Server struct {
	dir   string
	words io.Writer // to the keeper
	said  io.Reader
	mu    sync.Mutex
}

// errMissing says why there is no server.
var errMissing = errors.New("initdb and postgres are not installed, and " + urlVariable + " names no server")

// start makes a database cluster and starts its server with so much memory for pages.
func start(memory string) (s *Server, err error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	as, err := owner(dir)
	if err != nil {
		return nil, err
	}
	sh := func(script string) *exec.Cmd {
		cmd := exec.Command("/bin/sh", "-c", script, "sh", dir, as, memory)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "LC_ALL=C")
		return cmd
	}
	out, err := sh(`$2 initdb -D "$1/data" -U imednet -A trust -E UTF8 --no-sync`).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	keep := sh(keeper)
	words, err := keep.StdinPipe()
	if err != nil {
		return nil, err
	}
	said, err := keep.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := keep.Start(); err != nil {
		return nil, err
	}
	s = &Server{dir: dir, words: words, said: said}
	return s, s.tell("start")
}

// tell says a word to the keeper and waits until it has done so.
func (s *Server) tell(word string) error {
	if _, err := io.WriteString(s.words, word+"\n"); err != nil {
		return err
	}
	_, err := io.ReadFull(s.said, make([]byte, len(word)+1))
	return err
}

// url returns the server's URL.
func (s *Server) url() string {
	return "postgres:///postgres?" + url.Values{"host": {s.dir}, "user": {"imednet"}}.Encode()
}

// log returns what the server has written down.
func (s *Server) log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// programs returns the folder that has initdb and postgres: on the path, or where Debian puts them.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errMissing
	}
	slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) + strings.Compare(a, b) })
	return filepath.Dir(found[len(found)-1]), nil
}

// Restart stops the server at once, as if its processes had been killed, and starts it again. Every
// connection is lost; what was committed is recovered.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, word := range []string{"stop", "start"} {
		if err := s.tell(word); err != nil {
			t.Fatalf("%s the server: %v", word, err)
		}
	}
	waitFor(t, s)
}
