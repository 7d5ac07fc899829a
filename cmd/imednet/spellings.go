package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// envHighContrast is what --high-contrast is to the Python command; "1" sets it here too.
const envHighContrast = "IMEDNET_HIGH_CONTRAST"

// newWorkflows has the commands of the Python package's command line under the names that they
// have there, so that scripts written for it go on.
func newWorkflows(a *app) *cobra.Command {
	cmd := parent("workflows", "The workflows under the names of the Python command",
		respelled(newRecordsExtract(a), "imednet records extract", "imednet workflows extract-records"),
		respelled(newWorker(a), "imednet worker", "imednet workflows sync-worker"),
		respelled(newState(a), "imednet state", "imednet workflows state"))
	cmd.GroupID = groupPython
	return cmd
}

func newSubjectData(a *app) *cobra.Command {
	cmd := respelled(newSubject(a), "imednet subject", "imednet subject-data")
	cmd.GroupID = groupPython
	return cmd
}

// respelled gives a command another name. Its help names the command that it is.
func respelled(cmd *cobra.Command, from, to string) *cobra.Command {
	_, arguments, _ := strings.Cut(cmd.Use, " ")
	name := to[strings.LastIndexByte(to, ' ')+1:]
	cmd.Use = strings.TrimSpace(name + " " + arguments)
	cmd.Short = "The same as `" + from + "`"
	cmd.GroupID = ""
	replaceInHelp(cmd, from, to)
	return cmd
}

func replaceInHelp(cmd *cobra.Command, from, to string) {
	cmd.Long = strings.ReplaceAll(cmd.Long, from, to)
	cmd.Example = strings.ReplaceAll(cmd.Example, from, to)
	for _, child := range cmd.Commands() {
		replaceInHelp(child, from, to)
	}
}
