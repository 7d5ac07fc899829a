package dictionary

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/internal/fsync"
)

// The errors of a [TrialProgress].
var (
	ErrTrialRunning = errors.New("another process is at this trial")
	ErrOtherTrial   = errors.New("the progress is of another trial: its study, server, dictionary, place or rules differ")
)

// TrialProgress is a file that keeps what [Checker.Try] sends to a test study, and what came of it, so that a trial that
// ended early can be gone on with. Every record is on disk before it is sent. The file holds synthetic data only. It is used
// by one process at a time.
type TrialProgress struct {
	file    *os.File // nil: in memory
	claim   *filelock.Claim
	broken  error // of the first write that failed
	begun   *trialBegin
	sent    map[string]*sentRecord
	keys    []string // of sent, in order
	results []TrialResult
	tried   map[string]bool       // keys of records with a result
	done    map[string]*ruleDone  // by rule
	taken   map[int64]*sentRecord // by record id
}

// trialBegin says what a trial is of.
type trialBegin struct {
	Format       string    `json:"format"`
	Server       string    `json:"server,omitzero"`
	StudyKey     string    `json:"study"`
	Dictionary   string    `json:"dictionary"` // its hash
	SiteName     string    `json:"site,omitzero"`
	SubjectKey   string    `json:"subject,omitzero"`
	Registration string    `json:"registration,omitzero"`
	Rules        []string  `json:"rules,omitzero"`
	Most         int       `json:"most"`
	Time         time.Time `json:"time"`
}

const trialFormat = "imednet-trial-1"

// The states of a record that is sent.
const (
	sending  = "sending"   // whether the study took it is not known
	accepted = "accepted"  // the study named the job
	notTaken = "not taken" // the study certainly did not take it
	stored   = "stored"
	rejected = "refused"
)

// sentRecord is one record that was sent, and what is known of it.
type sentRecord struct {
	Key      string         `json:"key"`
	State    string         `json:"state"`
	Form     string         `json:"form"`
	After    int64          `json:"after"`            // the highest record id before it was sent
	Data     jsontext.Value `json:"data"`             // by the names of the study
	Cleared  []string       `json:"cleared,omitzero"` // answers that the rules clear
	BatchID  string         `json:"batch,omitzero"`
	RecordID int64          `json:"recordId,omitzero"`
}

// open reports whether it is not known what became of a record.
func (s *sentRecord) open() bool { return s.State == sending || s.State == accepted }

// ruleDone is a rule of which all records were tried.
type ruleDone struct {
	Key    string  `json:"key"`
	Untold *Untold `json:"untold,omitzero"`
}

// trialLine is one line of the file: one of its members.
type trialLine struct {
	Begin  *trialBegin  `json:"trial,omitzero"`
	Sent   *sentRecord  `json:"sent,omitzero"`
	Key    string       `json:"key,omitzero"` // of the result
	Result *TrialResult `json:"result,omitzero"`
	Done   *ruleDone    `json:"done,omitzero"`
}

func newTrialProgress() *TrialProgress {
	return &TrialProgress{sent: map[string]*sentRecord{}, tried: map[string]bool{}, done: map[string]*ruleDone{}, taken: map[int64]*sentRecord{}}
}

// OpenTrialProgress opens the progress of a trial, or begins one if there is no such file. It fails with [ErrTrialRunning] while
// another process has it open. A last line that was not written to its end is what a crash leaves behind, and is cut off: nothing
// was sent for it. Any other line that cannot be read is an error.
func OpenTrialProgress(path string) (*TrialProgress, error) {
	if err := argument.File("dictionary.OpenTrialProgress", "path", path); err != nil {
		return nil, err
	}
	p, err := openTrialProgress(path)
	if err != nil {
		return nil, failed("open the progress of a trial", path, err)
	}
	return p, nil
}

func openTrialProgress(path string) (*TrialProgress, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	claim, held, err := filelock.TryClaim(path + ".lock")
	if err != nil {
		return nil, err
	}
	if !held {
		return nil, ErrTrialRunning
	}
	p := newTrialProgress()
	p.claim = claim
	p.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = errors.Join(p.load(), fsync.Dir(filepath.Dir(path)))
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Close ends the use of the file.
func (p *TrialProgress) Close() error {
	var err error
	if p.file != nil {
		err = p.file.Close()
		p.file, p.broken = nil, fs.ErrClosed
	}
	if p.claim != nil {
		err = errors.Join(err, p.claim.Release())
		p.claim = nil
	}
	return err
}

// Sent returns the number of records that were sent so far, with those that were refused or may not have arrived.
func (p *TrialProgress) Sent() int { return len(p.sent) }

// load reads the file and cuts off a last line that was not written to its end.
func (p *TrialProgress) load() error {
	data, err := io.ReadAll(p.file)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	for n, line := range bytes.Split(data[:whole], []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var l trialLine
		if err := json.Unmarshal(line, &l, json.RejectUnknownMembers(true)); err != nil || !p.take(l) {
			return fmt.Errorf("line %d is not of the progress of a trial, or damaged: %w", n+1, ErrNotRead)
		}
	}
	if p.begun == nil && whole > 0 {
		return fmt.Errorf("it is not the progress of a trial: %w", ErrNotRead)
	}
	if whole == len(data) {
		return nil
	}
	if p.begun == nil && !bytes.HasPrefix([]byte(`{"trial":{"format":"`+trialFormat), data[:min(len(data), len(trialFormat))]) {
		return fmt.Errorf("it is not the progress of a trial: %w", ErrNotRead)
	}
	if err := p.file.Truncate(int64(whole)); err != nil {
		return err
	}
	_, err = p.file.Seek(int64(whole), io.SeekStart)
	return err
}

// take takes a line over, and reports whether it can stand where it does.
func (p *TrialProgress) take(l trialLine) bool {
	switch {
	case l.Begin != nil:
		if l.Begin.Format != trialFormat || p.begun != nil && !p.begun.same(l.Begin) {
			return false
		}
		p.begun = l.Begin
	case p.begun == nil:
		return false
	case l.Sent != nil:
		if p.sent[l.Sent.Key] == nil {
			p.keys = append(p.keys, l.Sent.Key)
		}
		p.sent[l.Sent.Key] = l.Sent
		if l.Sent.State == stored {
			p.taken[l.Sent.RecordID] = l.Sent
		}
	case l.Result != nil && l.Key != "":
		p.tried[l.Key] = true
		p.results = append(p.results, *l.Result)
	case l.Done != nil:
		p.done[l.Done.Key] = l.Done
	default:
		return false
	}
	return true
}

// write takes a line over after it is on disk.
func (p *TrialProgress) write(l trialLine) error {
	if p.broken != nil {
		return p.broken
	}
	if p.file != nil {
		line, err := json.Marshal(l)
		if err == nil {
			_, err = p.file.Write(append(line, '\n'))
		}
		if err == nil {
			err = p.file.Sync()
		}
		if err != nil {
			p.broken = fmt.Errorf("the progress of the trial could not be written: %w", err)
			return p.broken
		}
	}
	p.take(l)
	return nil
}

func (p *TrialProgress) note(s sentRecord) error { return p.write(trialLine{Sent: &s}) }

// begin begins a trial, or goes on with it, and returns the time by which its records are made. That is the time of the trial's
// latest beginning if it is of the same day.
func (p *TrialProgress) begin(b trialBegin) (time.Time, error) {
	b.Format = trialFormat
	if p.begun != nil && !p.begun.same(&b) {
		return b.Time, ErrOtherTrial
	}
	if p.begun != nil && p.begun.Time.Format(time.DateOnly) == b.Time.Format(time.DateOnly) {
		return p.begun.Time, nil
	}
	return b.Time, p.write(trialLine{Begin: &b})
}

// same reports whether two beginnings are of one trial.
func (b *trialBegin) same(other *trialBegin) bool {
	one, two := *b, *other
	one.Rules, two.Rules = nil, nil
	one.Time, two.Time = time.Time{}, time.Time{}
	return slices.Equal(b.Rules, other.Rules) && reflect.DeepEqual(one, two)
}

// rivals are the other records of a form that may be in the study without being known yet.
func (p *TrialProgress) rivals(s *sentRecord) (all []*sentRecord) {
	for _, key := range p.keys {
		if other := p.sent[key]; key != s.Key && other.Form == s.Form && other.open() {
			all = append(all, other)
		}
	}
	return all
}
