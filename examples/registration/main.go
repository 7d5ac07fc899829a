// Command registration registers subjects so that nothing is registered twice and nothing is lost,
// whatever dies on the way.
//
// Every step is in a journal on disk before it is taken. The program plays three processes: one
// whose data are wrong, and which sends nothing; one whose connection breaks after the server took
// the subjects; and one that opens the journal afterwards, finds out what happened, and sends only
// what the server is known not to have. Everything runs offline on a made-up study.
//
//	go run ./examples/registration
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "registration:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "imednet-registration-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	server := imednettest.NewServer(study)
	client := server.Client()
	poller, err := jobs.NewJobPoller(client, jobs.WithClock(imednettest.NewClock(study.Now()))) // never really waits
	if err != nil {
		return err
	}
	office := office{out: out, client: client, poller: poller, study: study.Key(), journal: filepath.Join(dir, "submissions.sqlite3")}

	fmt.Fprintln(out, "First process: the data are wrong.")
	office.register(ctx, imednet.Submission{FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": "forty", "Sex": "F"}})
	took(out, study)

	fmt.Fprintln(out, "\nSecond process: the connection breaks when the server has taken two subjects. Then the keys run out.")
	server.Inject(
		imednettest.Fault{Method: http.MethodPost, Reset: true, AfterApply: true},
		imednettest.Fault{Method: http.MethodPost, Status: http.StatusUnauthorized})
	office.register(ctx,
		imednet.Submission{FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": 41, "SEX": "F"}},
		imednet.Submission{FormKey: "DM", SiteName: "Site 02 - North; Annex", Data: map[string]any{"AGE": 52, "SEX": "M"}})
	office.register(ctx, imednet.Submission{FormKey: "DM", SiteName: "Site 03", Data: map[string]any{"AGE": 63, "SEX": "F"}})
	study.FinishJobs() // time passes
	took(out, study)

	for _, process := range []string{"Third", "Fourth"} {
		fmt.Fprintf(out, "\n%s process: look into the journal.\n", process)
		if err := office.recover(ctx); err != nil {
			return err
		}
		took(out, study)
	}
	return nil
}

// took shows what the server has: the proof that nothing was registered twice.
func took(out io.Writer, study *imednettest.Study) {
	different := map[string]bool{}
	for _, batch := range study.Submissions() {
		for _, item := range batch.Items {
			different[string(item.Raw)] = true
		}
	}
	stored := study.StoredItems()
	fmt.Fprintf(out, "  The server took %d new subjects, %d of them twice; the study has %d.\n", stored, stored-len(different), study.Count(imednet.Subjects))
}

// office registers subjects of one study.
type office struct {
	out            io.Writer
	client         imednet.Client // a *rest.Client in a program of yours
	poller         *jobs.JobPoller
	study, journal string // the latter is a file
}
