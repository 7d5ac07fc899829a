package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how wide a help page is, for terminals of the usual size.
const helpWidth = 80

// tidyHelp gives all help pages the same width, and shells what they complete.
func (a *app) tidyHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	refuseUnknownTopics(root)
	root.SetUsageTemplate(strings.NewReplacer(
		".LocalFlags.FlagUsages", ".LocalFlags.FlagUsagesWrapped 80",
		".InheritedFlags.FlagUsages", ".InheritedFlags.FlagUsagesWrapped 80",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`, "`{{.CommandPath}} COMMAND --help` shows details of a command.").Replace(root.UsageTemplate()))
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.Long = reflow(cmd.Long)
		show(cmd, args)
	})
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(tidyFlag) // its own: those of its parents join them with the help flag
		cmd.PersistentFlags().VisitAll(tidyFlag)
		cmd.InitDefaultHelpFlag()
		tidyFlag(cmd.Flags().Lookup("help"))
		a.completeStudies(cmd)
		a.completeFlags(cmd)
		completeArguments(cmd)
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(root)
}

// tidyFlag lets a flag be given once, if it selects rows, and hides the value of one that has none.
func tidyFlag(flag *pflag.Flag) {
	if _, done := flag.Value.(*onceValue); !done && flag.Value.Type() == "string" && slices.Contains(filterFlags, flag.Name) {
		flag.Value = &onceValue{Value: flag.Value}
	}
	if _, done := flag.Value.(plainBool); !done && flag.Value.Type() == "bool" {
		flag.Value, flag.NoOptDefVal = plainBool{flag.Value}, "true"
	}
}

// refuseUnknownTopics makes an unknown topic of the help, or an unknown shell, an error as any other command
// that there is not.
func refuseUnknownTopics(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args, cmd.RunE, cmd.Annotations = cobra.ArbitraryArgs, helpOnly, onlyHelp
		case "help":
			show := cmd.Run
			cmd.Run, cmd.RunE = nil, func(cmd *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err == nil && len(rest) > 0 && found.HasSubCommands() {
					return helpOnly(found, rest)
				}
				if err != nil {
					return helpOnly(root, args)
				}
				show(cmd, args)
				return nil
			}
		}
	}
}

// filterFlags select rows by one value each.
var filterFlags = []string{"form", "site", "subject", "variable", "user", "state", "since", "older-than", "visit"}

// onceValue is a flag that is given once: of two values, one would be left out in silence.
type onceValue struct {
	pflag.Value
	given bool
}

// Set takes the first value, and the same one again: completion reads a command line twice.
func (v *onceValue) Set(text string) error {
	if v.given && text != v.String() {
		return errors.New("it is given twice; run the command once for each")
	}
	v.given = true
	return v.Value.Set(text)
}

// plainBool is a boolean flag behind whose name a help page does not say [=true|false].
type plainBool struct{ pflag.Value }

// reflow breaks the paragraphs anew that have lines wider than a help page.
func reflow(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, paragraph := range paragraphs {
		for line := range strings.Lines(paragraph) {
			if columnsOf(strings.TrimSpace(line)) > helpWidth {
				paragraphs[i] = wrap(strings.Fields(paragraph))
				break
			}
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

func wrap(words []string) string {
	var b strings.Builder
	column := 0
	for i, word := range words {
		width := columnsOf(word)
		switch {
		case i == 0:
		case column+1+width > helpWidth:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += width
	}
	return b.String()
}
