package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/imednetgo/imednet"
)

// bar shows progress on a terminal and nothing elsewhere.
type bar struct {
	file    *os.File
	current *progressbar.ProgressBar
}

func newBar(file *os.File) *bar {
	if !term.IsTerminal(int(file.Fd())) {
		return &bar{}
	}
	return &bar{file: file}
}

func (b *bar) show(p imednet.Progress) {
	if b.file == nil {
		return
	}
	total := p.Total
	if total == 0 {
		total = -1 // a spinner
	}
	if b.current == nil {
		b.current = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.file), progressbar.OptionSetDescription(p.Op),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
	b.current.ChangeMax64(total)
	_ = b.current.Set64(p.Done) // a bar that cannot be drawn must not stop the work
}

func (b *bar) done() {
	if b.current != nil {
		_ = b.current.Finish()
		b.current = nil
	}
}
