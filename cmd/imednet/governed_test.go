package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/policy"
)

// everyCommand calls do with each command that can be run, and its own name.
func everyCommand(do func(name string, cmd *cobra.Command)) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Runnable() && !onlyHelps(cmd) && cmd.HasParent() {
			do(ownName(cmd), cmd)
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(wholeRoot())
}

// TestEveryCommandIsGovernedOrSaysWhyNot: a new command has its actions, or a reason.
func TestEveryCommandIsGovernedOrSaysWhyNot(t *testing.T) {
	found := map[string]bool{}
	everyCommand(func(name string, cmd *cobra.Command) {
		found[name] = true
		needs, writes := governed[name]
		_, reason := ungoverned[name]
		require.True(t, writes != reason, "%s must be in governed, with its actions, or in ungoverned, with the reason", cmd.CommandPath())
		for _, need := range needs {
			for _, flag := range []string{need.with, need.not} {
				require.True(t, flag == "" || cmd.Flags().Lookup(flag) != nil, "%s has no flag %s", name, flag)
			}
		}
	})
	for _, name := range slices.Concat(slices.Collect(maps.Keys(governed)), slices.Collect(maps.Keys(ungoverned))) {
		require.True(t, found[name], "there is no command %s", name)
	}
}

// TestEveryActionIsOfACommand: what a policy can permit is what commands ask.
func TestEveryActionIsOfACommand(t *testing.T) {
	used := map[string]bool{}
	for _, needs := range governed {
		require.NotEmpty(t, needs)
		for _, need := range needs {
			used[need.action] = true
		}
	}
	for _, a := range policy.Actions() {
		require.True(t, used[a.Name], "no command asks for %s", a.Name)
		delete(used, a.Name)
	}
	require.Empty(t, used, "no policy can permit this")
}

const (
	actionsBegin = "<!-- generated: go test ./cmd/imednet -run TestThePageOfActions -update -->\n"
	actionsEnd   = "<!-- end of the actions -->\n"
)

// TestThePageOfActions compares the table of the page with what commands ask.
func TestThePageOfActions(t *testing.T) {
	commands := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(governed)) {
		for _, need := range governed[name] {
			commands[need.action] = append(commands[need.action], need.shown(name))
		}
	}
	var table strings.Builder
	table.WriteString("| action | who may | commands |\n| --- | --- | --- |\n")
	for _, a := range policy.Actions() {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", a.Name, a.Meaning, strings.Join(commands[a.Name], ", "))
	}
	table.WriteString("\nNothing is asked for the other commands:\n\n")
	whys := map[string][]string{}
	for name, why := range ungoverned {
		whys[why] = append(whys[why], "`"+name+"`")
	}
	for _, why := range slices.Sorted(maps.Keys(whys)) {
		slices.Sort(whys[why])
		fmt.Fprintf(&table, "* %s: %s\n", why, strings.Join(whys[why], ", "))
	}
	page := filepath.Join("..", "..", "docs", "formats", "policy.md")
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), actionsBegin)
	_, after, ends := strings.Cut(rest, actionsEnd)
	require.True(t, found && ends)
	current := before + actionsBegin + "\n" + table.String() + "\n" + actionsEnd + after
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(current), 0o600))
		return
	}
	require.Equal(t, current, string(text), "run the command that the page names")
}

// shown is a command as the page names it.
func (n asked) shown(name string) string {
	switch {
	case n.with != "":
		return "`" + name + " --" + n.with + "`"
	case n.not != "":
		return "`" + name + "` without `--" + n.not + "`"
	}
	return "`" + name + "`"
}

// lineFor is a command line of a governed command that would write, were it permitted, and what it needs: all of
// nothing that is there.
func lineFor(name string) []string {
	lines := map[string]string{
		"triage report": "S1 found.json", "triage claim": "--next S1", "triage release": "ITEM", "triage assign": "ITEM anna", "triage annotate": "ITEM text",
		"triage status": "ITEM resolved --comment seen", "triage confirm": "ITEM --comment seen", "triage sign": "ITEM --version 1 --meaning approval --key private.pem", "triage import": "",
		"config commit": "S2 a.json -m first", "config import": "", "config review": "S1 COMMIT -m read", "config approve": "S1 COMMIT -m read",
		"config sign": "S1 COMMIT --meaning approval --key private.pem", "dictionary commit": "S1 design -m built",
		"state set": "-s S1 -m records -t 2026-02-01", "state reset": "-s S1", "state import": "good.json", "state restore": "--reason why",
		"worker": "DEMO --once --stream records", "submit records": "DEMO new.json", "submit register": "DEMO new.json", "dictionary uat": "design --submit DEMO --test-study DEMO",
		"submit resume": "DEMO", "submit settle": "DEMO X", "submit resend": "DEMO X", "submit discard": "DEMO X --reason why",
		"cache cut": "DEMO --name first", "cache purge": "DEMO --study --reason ended", "plan acknowledge": "DEMO --version 1 --plan plan.yaml", "backup": "copies", "migrate": "",
	}
	args, known := lines[name]
	if !known {
		return nil
	}
	return append(strings.Fields(name), strings.Fields(args)...)
}

// TestNothingIsWrittenThatThePolicyDoesNotPermit runs every governed command under a policy that permits
// nothing, over stores that hold something and where there is none yet.
func TestNothingIsWrittenThatThePolicyDoesNotPermit(t *testing.T) {
	s := newShell(t)
	s.keys()
	s.write("none.yaml", "roles: {}\n")
	s.write("found.json", twoFindings)
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.write("new.json", `[]`)
	writeExport(s, "design", "DEMO")
	for _, filled := range []bool{false, true} {
		if filled {
			s.ok("triage", "report", "S1", "found.json")
			s.ok("config", "commit", "S1", "a.json", "-m", "first")
			s.ok("state", "set", "-s", "S1", "-m", "records", "-t", "2026-01-01")
			s.ok("state", "set", "-l", "good.json", "-s", "S1", "-m", "records", "-t", "2026-01-01")
			s.ok("sync", "DEMO")
		}
		before := hashesBelow(t, s.dir)
		for _, name := range slices.Sorted(maps.Keys(governed)) {
			line := lineFor(name)
			require.NotNil(t, line, "this test has no command line for %s", name)
			if name == "triage status" && !filled {
				continue // there is no item, which is what it says
			}
			line = append(line, "--policy", "none.yaml")
			_, problem := s.run(exitAuth, line...)
			require.Contains(t, problem, "not authorized", line)
			require.Equal(t, before, hashesBelow(t, s.dir), "%v wrote something", line)
		}
	}
}

// hashesBelow are the contents of all files but those with which SQLite lets readers see them.
func hashesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, path := range filesBelow(t, dir) {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !strings.HasSuffix(path, "-shm") {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			all[path] = string(text)
		}
	}
	return all
}
