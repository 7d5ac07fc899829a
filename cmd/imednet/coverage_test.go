package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

// way is a command that was run, with --json or without.
type way struct {
	path string
	json bool
}

// ran is every way in which a command was run and gave a result.
var ran = struct {
	sync.Mutex
	ways map[way]bool
}{ways: map[way]bool{}}

// neverAsJSON are the commands whose output is text by its nature.
var neverAsJSON = map[string]string{
	"imednet completion bash":       "a script",
	"imednet completion zsh":        "a script",
	"imednet completion fish":       "a script",
	"imednet completion powershell": "a script",
	"imednet help":                  "for people",
	"imednet dictionary schema":     "a JSON Schema, whatever the flags",
	"imednet policy schema":         "a JSON Schema, whatever the flags",
}

// commands is the tree of the commands, to look them up in.
var commands = sync.OnceValue(wholeRoot)

func noteRun(args []string) {
	cmd, _, err := commands().Find(args)
	if err != nil {
		return
	}
	ran.Lock()
	defer ran.Unlock()
	ran.ways[way{cmd.CommandPath(), slices.Contains(args, "--json")}] = true
}

// leaves are the commands that do something.
func leaves() []*cobra.Command {
	var all []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Runnable() && !cmd.HasSubCommands() {
			all = append(all, cmd)
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(wholeRoot())
	return all
}

// wholeRoot has the commands that cobra adds too.
func wholeRoot() *cobra.Command {
	root := newRoot(&app{})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

// forgotten lists the ways in which no test ran a command, once all tests have run.
func forgotten() []string {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return nil // not all tests have run
		}
	}
	var missing []string
	for _, cmd := range leaves() {
		path := cmd.CommandPath()
		if !ran.ways[way{path, false}] {
			missing = append(missing, path)
		}
		if _, exempt := neverAsJSON[path]; !exempt && !ran.ways[way{path, true}] {
			missing = append(missing, path+" --json")
		}
	}
	return missing
}

// complete fails a whole run of the tests that left a command out.
func complete(code int) int {
	if missing := forgotten(); code == 0 && len(missing) > 0 {
		fmt.Printf("no test ran:\n  %s\n", strings.Join(missing, "\n  "))
		return 1
	}
	return code
}
