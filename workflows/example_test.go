package workflows_test

import (
	"context"
	"fmt"
	"log"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows"
	"github.com/imednetgo/imednet/workflows/queries"
)

// demo is a generated study, served in memory. A program would use rest.New instead.
func demo() *imednettest.Client {
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
}

func ExampleWorkflows() {
	w, err := workflows.NewWorkflows(demo())
	if err != nil {
		log.Fatal(err)
	}
	counts, err := w.QueryManagement().QueryStateCounts(context.Background(), "DEMO", queries.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Open, "open", counts.Closed, "closed", counts.Unknown, "unknown")
	// Output:
	// 6 open 7 closed 5 unknown
}
