package sqlitejournal_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// A POST is taken by the server, but the answer is lost. Nothing is sent again; the journal and
// the study tell what became of it.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "journal")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	j, err := sqlitejournal.Open(ctx, filepath.Join(dir, "submissions.sqlite3"))
	if err != nil {
		log.Fatal(err)
	}
	defer j.Close()

	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: 300})
	server := imednettest.NewServer(study)
	server.Inject(imednettest.Fault{Method: "POST", Reset: true, AfterApply: true})
	update, err := submissions.NewRecordUpdate(server.Client(), submissions.WithJournal(j, "anna"))
	if err != nil {
		log.Fatal(err)
	}
	subject, _ := study.Record(study.RecordIDs()[0])
	_, err = update.CreateNewRecord(ctx, "DEMO", submissions.FormByKey("AE"), submissions.SubjectByID(subject.SubjectID.Or(0)), map[string]any{"AETERM": "Headache"}, submissions.Options{})
	fmt.Println("outcome unknown:", errors.Is(err, submissions.ErrUnknownOutcome), "- may be retried:", imednet.Retryable(err))

	study.FinishJobs() // the server goes on meanwhile
	resumed, err := update.Resume(ctx, "DEMO", submissions.ResumeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("after a look at the study:", resumed[0].Items[0].State)
	fmt.Println("POSTs that the server took:", len(study.Submissions()))
	// Output:
	// outcome unknown: true - may be retried: false
	// after a look at the study: standing
	// POSTs that the server took: 1
}
