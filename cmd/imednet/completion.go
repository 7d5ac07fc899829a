package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/imednetgo/imednet/triage"
)

// choicesOf annotates a flag with the values that a shell offers.
const choicesOf = "choices"

// choices lets a shell complete the values of a flag. A misspelt flag is a fault of the program.
func choices(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.Flags().SetAnnotation(flag, choicesOf, values); err != nil {
		panic(err)
	}
}

// asksForCompletions reports whether a shell started the program to complete a command line.
func asksForCompletions(args []string) bool {
	return slices.Contains(args, cobra.ShellCompRequestCmd) || slices.Contains(args, cobra.ShellCompNoDescRequestCmd)
}

// completeFlags offers values of flags if a shell asks: what is registered stays in memory until the process ends.
func (a *app) completeFlags(cmd *cobra.Command) {
	if !a.completing {
		return
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if values, offered := f.Annotations[choicesOf]; offered {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		}
	})
	a.completeNames(cmd)
}

// reviewStatuses are the statuses of a review, in their order.
func reviewStatuses() []string {
	return []string{string(triage.StatusNew), string(triage.StatusUnderReview), string(triage.StatusResolved)}
}

// completeArguments offers files only to commands that read one.
func completeArguments(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 && !takesFiles(cmd) {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
}

// takesFiles reports whether an argument of the command is a file.
func takesFiles(cmd *cobra.Command) bool { return strings.Contains(cmd.Use, "FILE") }

// completeStatus offers the statuses as the second argument.
func completeStatus(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return reviewStatuses(), cobra.ShellCompDirectiveNoFileComp
}
