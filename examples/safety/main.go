// Command safety extracts canonical safety data from a study, explains where one value comes from,
// and scores the data against the standards profile of its configuration.
//
//	go run ./examples/safety              a generated study
//	go run ./examples/safety -data DIR    the CDISC pilot study, for which cdiscpilot01.json is ready
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/imednettest"
)

//go:embed demo.json
var demoConfiguration []byte

//go:embed cdiscpilot01.json
var pilotConfiguration []byte

func main() {
	data := flag.String("data", "", "folder of the pilot study in NDJSON; empty generates a study")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *data); err != nil {
		fmt.Fprintln(os.Stderr, "safety:", err)
		os.Exit(1)
	}
}

// openStudy returns a generated study, or the one in a directory, with its configuration.
func openStudy(dir string) (*imednettest.Study, []byte, error) {
	if dir == "" {
		return imednettest.Generate(imednettest.GenerateOptions{}), demoConfiguration, nil
	}
	study, err := imednettest.LoadDir(dir)
	return study, pilotConfiguration, err
}

func run(ctx context.Context, out io.Writer, dir string) error {
	study, document, err := openStudy(dir)
	if err != nil {
		return err
	}
	client := imednettest.NewServer(study).Client() // a *rest.Client in your own program
	cfg, err := imednet.ParseStudyConfiguration(document, imednet.ConfigurationOptions{})
	if err != nil {
		return err
	}
	structure, err := extraction.ReadStructure(ctx, client, cfg.StudyKey)
	if err != nil {
		return err
	}
	engine, err := extraction.NewEngine(cfg, extraction.WithStructure(structure))
	if err != nil {
		return err
	}
	result, err := engine.Extract(ctx, client, extraction.Options{InMemory: true})
	if err != nil {
		return err
	}
	printCounts(out, cfg.StudyKey, result)
	if err := printLineage(out, result); err != nil {
		return err
	}
	return printStandards(out, cfg, result)
}
