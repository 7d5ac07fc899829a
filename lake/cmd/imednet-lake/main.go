package main

import (
	"io"
	"log"
	"os"
	"syscall"

	_ "github.com/apache/iceberg-go/io/gocloud/s3" // s3:// as a warehouse

	"github.com/imednetgo/imednet/internal/interrupt"
	"github.com/imednetgo/imednet/lake"
)

func main() {
	lake.UsePrivateFiles()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code. The first interrupt ends the command in good
// order; a second one ends the program at once.
func run(args []string, out, errOut io.Writer) int {
	log.SetOutput(io.Discard) // libraries write what they read there, and it may be of a subject
	ctx, stop := interrupt.Context(os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := &app{out: out, errOut: errOut}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	return a.fail(err, ctx.Err() != nil)
}
