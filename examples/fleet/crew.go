package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/imednetgo/imednet/imednettest"
)

// world is the studies, and those who enter data meanwhile.
type world struct {
	random  *rand.Rand
	studies []*imednettest.Study
	keys    []string
	ids     [][]int64 // of the records that were there at the beginning
}

func (w *world) add(s *imednettest.Study) {
	s.SetJobPlan(imednettest.JobPlan{EndAfter: 3}) // jobs end whether or not anybody polls them
	w.studies, w.keys, w.ids = append(w.studies, s), append(w.keys, s.Key()), append(w.ids, s.RecordIDs())
}

// enterData changes an answer of one study's record and sometimes deletes another record.
func (w *world) enterData() error {
	i := w.random.IntN(len(w.studies))
	s, ids := w.studies[i], w.ids[i]
	if w.random.IntN(4) == 0 {
		return s.DeleteRecord(ids[0], true)
	}
	id := ids[1+w.random.IntN(len(ids)-1)]
	rec, _ := s.Record(id)
	for name := range rec.RecordData.All() {
		return s.EditRecord(id, name, fmt.Sprint("changed ", w.random.IntN(1000)))
	}
	return nil
}

// crew is the worker processes.
type crew struct {
	*world
	ctx   context.Context
	task  task // what the tasks of all have in common
	at    []*process
	hired int
}

// process is a worker, and what it says.
type process struct {
	cmd  *exec.Cmd
	said *bufio.Scanner
}

// underKills lets workers work, kills one after another, and all in the end. The database crashes once.
func (c *crew) underKills(kills int, db *database) error {
	for range workerCount {
		if err := c.hire(c.keys, false); err != nil {
			return err
		}
	}
	for n := range kills {
		if err := c.listen(1 + c.random.IntN(12)); err != nil {
			return err
		}
		if n == kills/2 {
			if err := db.fail(c.ctx); err != nil {
				return err
			}
		}
		if err := errors.Join(c.kill(c.random.IntN(workerCount)), c.hire(c.keys, false)); err != nil {
			return err
		}
	}
	return c.dismiss()
}

// hire starts this program once more, as a worker that begins with any study.
func (c *crew) hire(studies []string, once bool) error {
	c.hired++
	t := c.task
	from := c.random.IntN(len(studies))
	t.Name, t.Once, t.Studies = fmt.Sprint("worker ", c.hired), once, slices.Concat(studies[from:], studies[:from])
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(c.ctx, program) //nolint:gosec // ourselves
	cmd.Env = append(os.Environ(), taskVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.at = append(c.at, &process{cmd, bufio.NewScanner(out)})
	return cmd.Start()
}

// listen waits until workers have said n things, during which data are entered.
func (c *crew) listen(n int) error {
	for range n {
		if !c.at[c.random.IntN(len(c.at))].said.Scan() {
			return errors.New("a worker has ended by itself")
		}
		if err := c.enterData(); err != nil {
			return err
		}
	}
	time.Sleep(time.Duration(c.random.Int64N(int64(20 * time.Millisecond)))) // somewhere in its work
	return nil
}

// kill kills a worker (SIGKILL), which must not have ended by itself.
func (c *crew) kill(i int) error {
	p := c.at[i]
	c.at = append(c.at[:i], c.at[i+1:]...)
	err := p.cmd.Process.Kill()
	for p.said.Scan() {
	}
	if p.cmd.Wait() == nil || p.cmd.ProcessState.Exited() {
		return errors.Join(err, errors.New("a worker has ended by itself"))
	}
	return err
}

// dismiss kills all workers.
func (c *crew) dismiss() (err error) {
	for len(c.at) > 0 {
		err = errors.Join(err, c.kill(0))
	}
	return err
}

// lastRound lets workers visit every study once more, and ends when they have.
func (c *crew) lastRound() (err error) {
	share := studyCount / workerCount
	for i := range workerCount {
		err = errors.Join(err, c.hire(c.keys[i*share:(i+1)*share], true))
	}
	for _, p := range c.at {
		for p.said.Scan() {
		}
		err = errors.Join(err, p.cmd.Wait())
	}
	c.at = nil
	return err
}
