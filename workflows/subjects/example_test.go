package subjects_test

import (
	"context"
	"fmt"
	"log"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/subjects"
)

// demo is a generated study, served in memory. A program would use rest.New instead.
func demo() *imednettest.Client {
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
}

func ExampleSubjectData_AllSubjectData() {
	s, err := subjects.NewSubjectData(demo())
	if err != nil {
		log.Fatal(err)
	}
	data, err := s.AllSubjectData(context.Background(), "DEMO", "01-001", subjects.Options{Codings: true})
	if err != nil {
		log.Fatal(err) // a *SubjectPartsError comes with what succeeded
	}
	fmt.Println(len(data.Visits), "visits", len(data.Records), "records", len(data.Queries), "queries", len(data.Codings), "codings")
	// Output:
	// 6 visits 46 records 2 queries 14 codings
}
