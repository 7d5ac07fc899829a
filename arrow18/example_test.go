package arrow18_test

import (
	"context"
	"fmt"
	"log"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/imednetgo/imednet/arrow18"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// A form's records as batches of arrow-go v18.
func ExampleReader() {
	ctx := context.Background()
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 300}))
	mapper, err := tables.NewRecordMapper(server.Client())
	if err != nil {
		log.Fatal(err)
	}
	reader, err := mapper.MapForm(ctx, "DEMO", "DM", tables.MapOptions{Variables: []string{"AGE", "SEX"}}).Reader()
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Release()
	converted, err := arrow18.Reader(reader)
	if err != nil {
		log.Fatal(err)
	}
	defer converted.Release()
	for batch, err := range array.IterFromReader(converted) {
		if err != nil {
			log.Fatal(err)
		}
		last := batch.Schema().NumFields() - 1
		fmt.Println(batch.Schema().Field(last-1).Name, batch.Schema().Field(last).Name, batch.NumRows() > 0)
	}
	// Output: AGE SEX true
}
