package qualification

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/program"
)

// Program is what ran: a file, and what the Go toolchain recorded in it.
type Program struct {
	program.Build
	SHA256  string   `json:"sha256"` // of the file
	Bytes   int64    `json:"bytes"`
	Modules []Module `json:"modules"`
}

// Module is a Go module that is linked.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Sum     string `json:"sum"` // as in go.sum; "" of a module that the build took from a directory
}

func thisProgram(executable string) (Program, error) {
	p := Program{Build: program.Info(), Modules: modules()}
	file, err := os.Open(executable)
	if err != nil {
		return p, err
	}
	defer file.Close()
	hash := sha256.New()
	p.Bytes, err = io.Copy(hash, file)
	p.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return p, err
}

func modules() []Module {
	all := []Module{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return all
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, Module{m.Path, m.Version, m.Sum})
	}
	slices.SortFunc(all, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// settings of the build that are recorded; others can hold paths.
var settings = []string{"-buildmode", "-compiler", "-tags", "-trimpath", "CGO_ENABLED", "GOARCH", "GOOS", "GOAMD64", "GOARM64", "vcs.time"}

// result begins the one that records the program.
func (p Program) result() *Result {
	r := &Result{ID: "IQ-01", Title: "Program", Requirements: []string{"CMD-22"}}
	r.Note("version", p.Version)
	r.Note("commit of the sources", orNone(p.Commit))
	r.Note("sources differ from the commit", p.Dirty)
	r.Note("Go", p.Go)
	r.Note("SHA-256 of the program", p.SHA256)
	r.Note("bytes of the program", p.Bytes)
	return r
}

// program records the program, and expects every module to have the checksum that the build verified.
func (q *Qualification) program(p Program) *Result {
	r := p.result()
	for _, c := range q.options.Components {
		r.Note(c.Name, c.Version)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if slices.Contains(settings, s.Key) {
				r.Note("build: "+s.Key, s.Value)
			}
		}
	}
	without := []string{}
	for _, m := range p.Modules {
		if m.Sum == "" {
			without = append(without, m.Path)
		}
	}
	r.Note("linked modules", len(p.Modules))
	r.Equal("linked modules without a verified checksum", "none", orNone(strings.Join(without, ", ")))
	again, err := thisProgram(q.options.Executable)
	if err != nil {
		r.Problem = err.Error()
	}
	r.Equal("SHA-256 of the program, read again", p.SHA256, again.SHA256)
	return r
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// Component is a part of the program that tells its version itself.
type Component struct{ Name, Version string }

// String is one line.
func (p *Program) String() string { return fmt.Sprintf("%s, SHA-256 %s", p.Build, p.SHA256) }
