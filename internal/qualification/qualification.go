package qualification

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
)

// Options say what is examined, and where the bundle goes.
type Options struct {
	Out        string // the new folder of the bundle
	Data       string // the directory of local files, in which the scenarios work
	Executable string // the file of this program
	// Environment is what [os.Environ] returns; the bundle has no values of the program's own variables.
	Environment []string
	Components  []Component
	Scenarios   []Scenario
	Pilot       string // folder of a study in NDJSON; "" has none
	Executor    imednet.Identity
	Key         ed25519.PrivateKey // signs the bundle; nil leaves it unsigned
	Clock       imednet.Clock
	// TrialClock gives each scenario a clock that does not wait.
	TrialClock func() imednet.Clock
	// Progress is told the result before each that is worked on.
	Progress func(imednet.Progress)
}

// Meaning is what the signature of a bundle means.
const Meaning = "execution of the qualification"

// Qualification is one run.
type Qualification struct {
	options Options
	bundle  *bundle
	work    string
}

// New prepares a run. The folder of the bundle must not exist.
func New(o Options) (*Qualification, error) {
	b, err := newBundle(o.Out)
	if err != nil {
		return nil, err
	}
	o.Data = absolute(o.Data)
	b.dir = absolute(b.dir)
	return &Qualification{options: o, bundle: b}, nil
}

// Run examines everything and writes the bundle, also if something failed. An error means that there is
// none: what was written so far has no manifest. The head recognises the bundle.
func (q *Qualification) Run(ctx context.Context) (report *Report, head string, err error) {
	remove, err := q.makeWork()
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, remove()) }()
	running, err := thisProgram(q.options.Executable)
	if err != nil {
		return nil, "", err
	}
	report = &Report{Format: format, Executor: q.options.Executor, StartedAt: q.options.Clock.Now().UTC(), Program: running, Machine: thisMachine()}
	report.Installation = q.installation(ctx, report)
	if report.Operation, err = q.operation(ctx); err != nil {
		return nil, "", err
	}
	report.EndedAt = q.options.Clock.Now().UTC()
	made, err := ofThisProgram()
	if err != nil {
		return nil, "", err
	}
	report.conclude(made)
	head, err = q.write(report)
	return report, head, err
}

// makeWork makes the directory in which scenarios work: beside the local files, whose file system they are
// to try. A directory of local files that did not exist before does not stay.
func (q *Qualification) makeWork() (remove func() error, err error) {
	data := q.options.Data
	_, statErr := os.Stat(data)
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	q.work, err = os.MkdirTemp(data, ".qualify-")
	return func() error {
		err := os.RemoveAll(q.work)
		if errors.Is(statErr, fs.ErrNotExist) {
			err = errors.Join(err, os.Remove(data))
		}
		return err
	}, err
}

// write completes the bundle.
func (q *Qualification) write(r *Report) (head string, err error) {
	text, err := document(r)
	if err != nil {
		return "", err
	}
	page, err := r.page()
	if err != nil {
		return "", err
	}
	if err := errors.Join(q.bundle.write(reportFile, text), q.bundle.write(pageFile, page)); err != nil {
		return "", err
	}
	return q.bundle.finish(q.options.Key, q.options.Executor, Meaning, r.EndedAt)
}

func (q *Qualification) installation(ctx context.Context, r *Report) []Result {
	results := []Result{*q.program(r.Program), *q.machine(r.Machine)}
	results = append(results, *q.fileSystem(ctx, "IQ-03", "the folder of this bundle", q.bundle.dir))
	results = append(results, *q.fileSystem(ctx, "IQ-04", "the directory of local files", q.options.Data))
	return results
}

func (q *Qualification) operation(ctx context.Context) ([]Result, error) {
	results := []Result{}
	for i, s := range q.options.Scenarios {
		q.options.Progress(imednet.Progress{Op: "qualify", Done: int64(i), Total: int64(len(q.options.Scenarios))})
		result, err := q.run(ctx, s)
		if err != nil {
			return nil, err
		}
		results = append(results, *result)
	}
	return results, nil
}

// absolute is a path that means the same to who reads the bundle elsewhere.
func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}
