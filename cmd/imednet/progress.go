package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"github.com/imednetgo/imednet"
)

// progressStep is after how many rows a plain line is written while the total is not known.
const progressStep = 50_000

// progressSmall is work that is done before a line about it is read.
const progressSmall = 100

// progress shows on standard error how far long work has come: a bar on a terminal, a line every
// tenth of the way elsewhere.
type progress struct {
	w      io.Writer
	bar    *progressbar.ProgressBar
	op     string
	onTTY  bool
	colour bool
	told   int64 // the last step that a line told of
}

func (a *app) progress() *progress {
	_, onTTY := terminalWidth(a.errOut)
	a.bar = &progress{w: a.errOut, onTTY: onTTY, colour: os.Getenv("NO_COLOR") == ""}
	return a.bar
}

// endProgress takes the bar away before the results are written.
func (a *app) endProgress() {
	if a.bar != nil {
		a.bar.finish()
	}
}

// report is what the packages call.
func (p *progress) report(now imednet.Progress) {
	title := now.StudyKey + ": " + now.Op
	if title != p.op {
		p.finish()
		p.op, p.told = title, 0
	}
	if p.onTTY {
		p.draw(title, now)
		return
	}
	step := now.Done / progressStep
	if now.Total > 0 {
		step = now.Done * 10 / now.Total
	}
	if step <= p.told {
		return
	}
	p.told = step
	switch {
	case now.Total > 0 && now.Total < progressSmall:
		return
	case now.Total > 0:
		fmt.Fprintf(p.w, "%s %d of %d\n", title, now.Done, now.Total)
		return
	}
	fmt.Fprintf(p.w, "%s %d\n", title, now.Done)
}

func (p *progress) draw(title string, now imednet.Progress) {
	total := now.Total
	if total == 0 {
		total = -1
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(title),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(p.colour),
			progressbar.OptionSetWidth(20), progressbar.OptionSetSpinnerChangeInterval(0)) // no goroutine that draws after the end
	}
	if total > 0 {
		p.bar.ChangeMax64(total)
	}
	_ = p.bar.Set64(now.Done) // a bar that cannot be drawn is no failure
}

// finish takes the bar away.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
