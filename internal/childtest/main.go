// Package childtest starts the processes that tests need beside their own, in one way: the test
// binary runs again with a task in its environment, says on its standard output what it has reached,
// line by line, and is waited for or killed (SIGKILL).
package childtest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"

	"github.com/imednetgo/imednet/internal/testheap"
)

// taskVariable holds the task of a test binary that is a child, as JSON.
const taskVariable = "IMEDNET_TEST_CHILD_TASK"

// Say reports a line to the parent. Any goroutine may call it.
type Say func(line string)

// Main runs the tests, or the child if the binary was started with a task. TestMain calls it.
func Main[Task any](m *testing.M, child func(ctx context.Context, task Task, say Say) error) {
	text, isChild := os.LookupEnv(taskVariable)
	if !isChild {
		testheap.Grow()
		os.Exit(m.Run())
	}
	if err := run(text, child); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run[Task any](text string, child func(ctx context.Context, task Task, say Say) error) error {
	var task Task
	if err := json.Unmarshal([]byte(text), &task); err != nil {
		return err
	}
	var mu sync.Mutex
	return child(context.Background(), task, func(line string) {
		mu.Lock()
		defer mu.Unlock()
		io.WriteString(os.Stdout, line+"\n")
	})
}
