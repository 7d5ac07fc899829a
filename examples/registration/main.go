// Command registration registers subjects so that nothing is registered twice and nothing is lost,
// whichever process dies on the way.
//
// Every record is in a journal on disk before it is sent. The program plays several processes: one
// whose data are wrong and which sends nothing; one of whose subjects the server refuses one; one
// that is killed midway; one that learns of it, waits until the lease of the dead process has
// expired, and settles everything; and one that gets the same file again. Everything runs offline on
// a synthetic study.
//
//	go run ./examples/registration
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "registration:", err)
		os.Exit(1)
	}
}

// office is where subjects of one study are registered.
type office struct {
	out    io.Writer
	server *imednettest.Server
	client imednet.Client // a *rest.Client in your own program
	clock  *imednettest.Clock
	study  string
	file   string // the journal's
	ids    int
}

func (o *office) nextID() string {
	o.ids++
	return fmt.Sprintf("submission-%d", o.ids)
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-registration-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	o := &office{
		out: out, server: server, client: server.Client(), study: study.Key(), file: filepath.Join(dir, "submissions.sqlite3"),
		clock: imednettest.NewClock(study.Now()), // never really waits
	}
	for _, scene := range []func(context.Context, *imednettest.Study) error{o.wrongData, o.refused, o.killed, o.second, o.repeated} {
		if err := scene(ctx, study); err != nil {
			return err
		}
		took(out, study)
	}
	return nil
}

// subject is a registration, as on line n of a file.
func subject(n int, site string, data map[string]any) imednet.Submission {
	return imednet.Submission{Kind: imednet.RegisterSubject, Line: n, FormKey: "DM", SiteName: site, Data: data}
}

func (o *office) wrongData(ctx context.Context, _ *imednettest.Study) error {
	fmt.Fprintln(o.out, "First process: the data are wrong.")
	p, err := o.start(ctx, "first", o.client)
	if err != nil {
		return err
	}
	p.register(ctx, []imednet.Submission{subject(1, "Site 01", map[string]any{"AGE": "forty", "Sex": "F"})})
	return p.end()
}

func (o *office) refused(ctx context.Context, study *imednettest.Study) error {
	fmt.Fprintln(o.out, "\nSecond process: the job completes, but the server has refused one subject.")
	study.PlanJobs(imednettest.JobPlan{ShowResults: true, Reject: map[int]string{1: "the site is closed"}})
	p, err := o.start(ctx, "second", o.client)
	if err != nil {
		return err
	}
	id := p.register(ctx, []imednet.Submission{
		subject(1, "Site 01", map[string]any{"AGE": 41, "SEX": "F"}),
		subject(2, "Site 02 - North; Annex", map[string]any{"AGE": 52, "SEX": "M"}),
	})
	took(o.out, study)
	fmt.Fprintln(o.out, "  The site is open again: the refused subject is sent once more.")
	receipt, err := p.update.Resend(ctx, o.study, id, nil, submissions.Options{Wait: true})
	p.tell(receipt, err)
	return p.end()
}

// file is what the third and later processes register, two subjects per batch.
func file() []imednet.Submission {
	return []imednet.Submission{
		subject(1, "Site 01", map[string]any{"AGE": 61, "SEX": "F"}), subject(2, "Site 01", map[string]any{"AGE": 62, "SEX": "M"}),
		subject(3, "Site 03", map[string]any{"AGE": 63, "SEX": "F"}),
	}
}

func (o *office) killed(ctx context.Context, _ *imednettest.Study) error {
	fmt.Fprintln(o.out, "\nThird process: killed after the server accepted two of three subjects, before the answer arrives.")
	p, err := o.start(ctx, "third", &dying{o.client})
	if err != nil {
		return err
	}
	dies(func() {
		_, _ = p.update.CreateOrUpdateRecords(ctx, o.study, file(), submissions.Options{Wait: true, MaxItems: 2})
	})
	return p.end() // as its operating system does
}

func (o *office) second(ctx context.Context, study *imednettest.Study) error {
	fmt.Fprintln(o.out, "\nFourth process: it has the same file, learns of the third one, waits until its lease expires, and settles.")
	study.FinishJobs() // the server has continued meanwhile
	p, err := o.start(ctx, "fourth", o.client)
	if err != nil {
		return err
	}
	p.register(ctx, file())
	p.settle(ctx)
	return p.end()
}

func (o *office) repeated(ctx context.Context, _ *imednettest.Study) error {
	fmt.Fprintln(o.out, "\nFifth process: the same file once more, with one subject added at the front.")
	p, err := o.start(ctx, "fifth", o.client)
	if err != nil {
		return err
	}
	p.settle(ctx)
	p.register(ctx, append([]imednet.Submission{subject(1, "Site 03", map[string]any{"AGE": 64, "SEX": "F"})}, file()...))
	v, err := p.journal.Verify(ctx, "")
	if err != nil {
		return err
	}
	fmt.Fprintf(o.out, "  The journal is verified: %d events of %d records.\n", v.Events, v.Items)
	return p.end()
}

// took shows what the server has: the proof that nothing was registered twice.
func took(out io.Writer, study *imednettest.Study) {
	stored := map[string]int{}
	for _, batch := range study.Submissions() {
		for _, item := range batch.Items {
			if item.Stored {
				stored[string(item.Raw)]++
			}
		}
	}
	fmt.Fprintf(out, "  The server has %d new subjects, %d of them twice; the study has %d.\n", study.StoredItems(), study.StoredItems()-len(stored), study.Count(imednet.Subjects))
}

// dying is a client whose process is killed right after its POST.
type dying struct{ imednet.Client }

type death struct{}

// SubmitRecords sends the records and dies.
func (d *dying) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	_, _ = d.Client.SubmitRecords(ctx, study, items, opts)
	panic(death{})
}

// dies runs a function that ends in the process's death.
func dies(run func()) {
	defer func() {
		if r := recover(); r != (death{}) {
			panic(r)
		}
	}()
	run()
}
