package main

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/queries"
)

func main() {
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 100})).Client()
	management, err := queries.NewQueryManagement(client)
	if err == nil {
		fmt.Println(management.QueryStateCounts(context.Background(), "DEMO", queries.Options{}))
	}
}
