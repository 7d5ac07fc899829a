// Package program says which build of this library is running, so that every file that it writes can
// name it.
package program

import (
	"runtime/debug"
	"sync"
)

// Module is the path of this module.
const Module = "github.com/imednetgo/imednet"

// Build is what the Go toolchain recorded of the running program.
type Build struct {
	Version string            `json:"version"` // of this module: a release, or "(devel)"
	Commit  string            `json:"commit"`  // of this module's sources, "" where the build did not record it
	Dirty   bool              `json:"dirty"`   // the sources differed from the commit
	Go      string            `json:"go"`      // the toolchain
	Modules map[string]string `json:"-"`       // versions of all modules that are linked, by path
}

// Info returns the build. It reads no file and runs no program.
var Info = sync.OnceValue(func() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Build{Version: "(unknown)", Modules: map[string]string{}}
	}
	return buildOf(info)
})

func buildOf(info *debug.BuildInfo) Build {
	b := Build{Version: "(devel)", Go: info.GoVersion, Modules: map[string]string{info.Main.Path: info.Main.Version}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		b.Modules[m.Path] = m.Version
	}
	if v := b.Modules[Module]; v != "" {
		b.Version = v
	}
	if info.Main.Path != Module {
		return b // the commit recorded is another module's
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Dirty = s.Value == "true"
		}
	}
	return b
}

// String is "imednet v0.3.0 (1a2b3c4d5e6f)", with "modified" where the sources differed from the commit.
func (b Build) String() string {
	text := "imednet " + b.Version
	if b.Commit == "" {
		return text
	}
	commit := b.Commit[:min(len(b.Commit), 12)]
	if b.Dirty {
		commit += ", modified"
	}
	return text + " (" + commit + ")"
}
