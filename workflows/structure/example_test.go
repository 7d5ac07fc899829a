package structure_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/structure"
)

// demo is a generated study, served in memory. A program would use rest.New instead.
func demo() *imednettest.Client {
	return imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 500})).Client()
}

func ExampleStudyStructure_Structure() {
	s, err := structure.NewStudyStructure(demo())
	if err != nil {
		log.Fatal(err)
	}
	structure, err := s.Structure(context.Background(), "DEMO")
	if err != nil {
		log.Fatal(err)
	}
	var tree strings.Builder
	if err := structure.WriteTree(&tree); err != nil {
		log.Fatal(err)
	}
	for _, line := range strings.SplitN(tree.String(), "\n", 9)[:8] {
		fmt.Println(line)
	}
	// Output:
	// DEMO
	// ├── intervals (7)
	// │   ├── Registration
	// │   │   ├── DM Demographics
	// │   │   ├── VS Vital Signs
	// │   │   └── LB Laboratory
	// │   ├── Day 30
	// │   │   ├── VS Vital Signs
}

func ExampleCompare() {
	client := demo()
	s, err := structure.NewStudyStructure(client)
	if err != nil {
		log.Fatal(err)
	}
	today, err := s.Structure(context.Background(), "DEMO")
	if err != nil {
		log.Fatal(err)
	}
	text, err := today.MarshalJSON()
	if err != nil {
		log.Fatal(err)
	}
	text = bytes.Replace(text, []byte(`"variableType":"NUMBER"`), []byte(`"variableType":"TEXT"`), 1)
	earlier, err := structure.Read(bytes.NewReader(text))
	if err != nil {
		log.Fatal(err)
	}
	changes, err := structure.Compare(earlier, today)
	if err != nil {
		log.Fatal(err)
	}
	for _, change := range changes {
		fmt.Println(change, "changes the shape of data:", change.ChangesShape())
	}
	// Output:
	// DM.AGE type changed: TEXT → NUMBER changes the shape of data: true
}
