package qualification

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// childVariable makes this program do a task for another process of itself instead of a command.
const childVariable = "IMEDNET_QUALIFICATION_TASK"

// Task is what another process of this program does.
type Task struct {
	Name string
	Args []string
}

// Work does a task. It says what it has reached, line by line, and ends when its input does.
type Work func(ctx context.Context, args []string, in *bufio.Scanner, say func(string)) error

// RunAsChild does the task that this process was started for. It reports false if there is none.
func RunAsChild(works map[string]Work) (code int, isChild bool) {
	text, isChild := os.LookupEnv(childVariable)
	if !isChild {
		return 0, false
	}
	var task Task
	if err := json.Unmarshal([]byte(text), &task); err != nil || works[task.Name] == nil {
		return 2, true
	}
	say := func(line string) { fmt.Println(line) }
	if err := works[task.Name](context.Background(), task.Args, bufio.NewScanner(os.Stdin), say); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1, true
	}
	return 0, true
}

// Process is another process of this program that does a task.
type Process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan string
	ended chan struct{}
}

// Start starts one. The end of ctx kills it.
func Start(ctx context.Context, executable string, task Task) (*Process, error) {
	text, err := json.Marshal(task)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, executable)
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd, in, make(chan string, 64), make(chan struct{})}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.lines <- lines.Text()
		}
		close(p.ended)
		close(p.lines)
	}()
	return p, nil
}

// Ended is closed when the process says no more.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Next waits for the next line that the process says; "" is its end.
func (p *Process) Next() string { return <-p.lines }

// Ask sends a line and waits for the answer.
func (p *Process) Ask(line string) (string, error) {
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		return "", err
	}
	return p.Next(), nil
}

// End closes the input of the process and waits until it has ended.
func (p *Process) End() error {
	err := p.in.Close()
	p.drain()
	return errors.Join(err, p.cmd.Wait())
}

// Kill ends the process without asking it (SIGKILL).
func (p *Process) Kill() error {
	err := p.cmd.Process.Kill()
	p.drain()
	var exit *exec.ExitError
	if waited := p.cmd.Wait(); !errors.As(waited, &exit) {
		err = errors.Join(err, waited)
	}
	return err
}

func (p *Process) drain() {
	for range p.lines {
	}
}
