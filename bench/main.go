package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if was, err := child(ctx); was {
		exitOn(err)
		return
	}
	exitOn(run(ctx, parseOptions(), os.Stdout))
}

func exitOn(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	list, err := o.list()
	if err != nil {
		return err
	}
	switch {
	case o.space:
		return space(ctx, o, out)
	case o.against != "":
		return compare(ctx, o, list, out)
	case o.growth:
		g, err := grow(ctx, o, list)
		if err != nil {
			return err
		}
		return g.print(out)
	}
	m, err := measureJobs(ctx, o, list)
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(out).Encode(m)
	}
	if err := m.print(out); err != nil || !o.results {
		return err
	}
	g, err := grow(ctx, o, list)
	if err != nil {
		return err
	}
	return errors.Join(g.print(out), writeResults(m, g))
}
