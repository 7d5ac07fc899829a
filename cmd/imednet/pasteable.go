package main

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// commandLine is what a command that a hint names takes over from the one that was run, so that it can be
// pasted: the study, and the files that are not the usual ones.
type commandLine struct{ study, files, mirror string }

// readCommandLine remembers what the user gave.
func readCommandLine(cmd *cobra.Command, args []string) commandLine {
	var line commandLine
	if len(args) > 0 {
		line.study = args[0]
	}
	if flag := cmd.Flag("cache"); flag != nil {
		line.mirror = flag.Value.String()
	}
	for _, name := range []string{"journal", "config"} {
		if flag := cmd.Flag(name); flag != nil && flag.Changed {
			line.files += " --" + name + " " + shellQuoted(flag.Value.String())
		}
	}
	return line
}

// submitCommand is a command of a hint that reads the journal.
var submitCommand = regexp.MustCompile("`imednet submit [^`]*`")

// pasteable puts the study and the files into the commands of a text that read the journal.
func (l commandLine) pasteable(text string) string {
	return submitCommand.ReplaceAllStringFunc(text, func(command string) string {
		if l.study != "" {
			command = strings.Replace(command, " STUDY", " "+shellQuoted(l.study), 1)
		}
		return strings.TrimSuffix(command, "`") + l.files + "`"
	})
}

var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// shellQuoted is a word as a POSIX shell takes it.
func shellQuoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
