package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/triage"
)

// choices lets a shell complete the values of a flag. A misspelt flag is a fault of the program.
func choices(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
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
