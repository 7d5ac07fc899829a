package pipeline

import (
	"bytes"
	"io"
)

// tellingWriter knows how much was written.
type tellingWriter struct {
	out  io.Writer
	at   int64
	copy *bytes.Buffer // gets what is written too, unless it is nil
}

func (w *tellingWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.at += int64(n)
	if w.copy != nil {
		w.copy.Write(p[:n])
	}
	return n, err
}

func (w *tellingWriter) Tell() int64 { return w.at }
