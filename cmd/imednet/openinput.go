package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// openInput opens a file, or for - standard input.
func openInput(cmd *cobra.Command, name string) (io.ReadCloser, error) {
	if name == "-" {
		return interruptible(cmd.Context(), func() (io.ReadCloser, error) { return io.NopCloser(cmd.InOrStdin()), nil }), nil
	}
	return openFile(cmd.Context(), name)
}

// openFile opens a file. A pipe waits for somebody who writes to it, until an interrupt.
func openFile(ctx context.Context, name string) (io.ReadCloser, error) {
	info, err := os.Stat(name)
	if err != nil || info.Mode().IsRegular() {
		return os.Open(name)
	}
	return interruptible(ctx, func() (io.ReadCloser, error) { return os.Open(name) }), nil
}

// readInput reads a file as openFile opens it.
func readInput(ctx context.Context, name string) ([]byte, error) {
	file, err := openFile(ctx, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// interruptible reads what may never come, until the context ends.
func interruptible(ctx context.Context, open func() (io.ReadCloser, error)) io.ReadCloser {
	out, in := io.Pipe()
	go func() {
		from, err := open()
		if err == nil {
			_, err = io.Copy(in, from)
			err = errors.Join(err, from.Close())
		}
		in.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { in.CloseWithError(context.Cause(ctx)) })
	return out
}
