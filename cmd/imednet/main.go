package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/interrupt"
	"github.com/imednetgo/imednet/internal/policy"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/internal/qualification/scenarios"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/postgres"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code. The first interrupt ends the command
// in good order; a second one ends the program at once.
func run(args []string, out, errOut io.Writer) int {
	if code, isChild := qualification.RunAsChild(scenarios.Children()); isChild {
		return code
	}
	log.SetOutput(io.Discard) // net/http writes bytes of a server's there, and they may be of a subject
	ignoreSignals()
	ctx, stop := interrupt.Context(endingSignals()...)
	defer stop()

	a := &app{out: out, errOut: errOut, completing: asksForCompletions(args)}
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err = errors.Join(err, a.close()); err == nil {
		return exitOK
	}
	return a.fail(cmd, err, ctx.Err() != nil)
}

// endingSignals end a command in good order: an interrupt, a service manager's request, and a terminal
// that is closed, unless nohup asked to outlive it.
func endingSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// app is what every command shares: where it writes and what was set for it.
type app struct {
	out, errOut  io.Writer
	json         bool
	configPath   string
	databaseURL  string
	databaseWait time.Duration
	highContrast bool
	words        bool // show what a server said
	verbose      bool // show all that an error went through
	completing   bool // a shell asks what a command line may go on with
	policyPath   string
	given        proof // on the command line
	settings     settings
	policy       *policy.Policy     // nil: nothing is refused
	proof        proof              // by which who acts is identified
	who          imednet.Identifier // nil before it is first asked
	bar          *progress          // of the work under way; nil before the first
	line         commandLine
	shared       *postgres.DB // nil before the first command that needs it
	started      bool         // the command line was understood: errors are no longer about usage
}

// groups of commands in the help.
const (
	groupData   = "data"
	groupState  = "state"
	groupPython = "python"
	groupHelp   = "help"
)

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "imednet",
		Short:         "Read, mirror and export studies of the iMednet EDC",
		Long:          "Read, mirror and export studies of the iMednet EDC.\n\nThe keys are read from IMEDNET_API_KEY and IMEDNET_SECURITY_KEY. To try everything\nwithout access to a server, run `imednet demo`.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE:          helpOnly,
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error {
			return a.start(cmd, args)
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	root.PersistentFlags().BoolVar(&a.json, "json", false, "write one JSON document instead of text")
	root.PersistentFlags().StringVar(&a.configPath, "config", "", "configuration `file` (default ~/.imednet/config.yaml)")
	root.PersistentFlags().StringVar(&a.databaseURL, "database", "", "keep mirror, ledger, review queue, configurations and journal in the PostgreSQL database at this `URL` instead of files")
	root.PersistentFlags().DurationVar(&a.databaseWait, "database-wait", 0, "wait so long for a database server that is away, at the start too (not given: 30s, and not at the start)")
	root.PersistentFlags().BoolVar(&a.highContrast, "high-contrast", false, "write HTML pages in black on white, without greys")
	root.PersistentFlags().BoolVar(&a.verbose, "verbose", false, "show the packages and operations that an error went through")
	a.identityFlags(root)
	root.SetFlagErrorFunc(unknownFlag)
	root.PersistentFlags().BoolVar(&a.words, "show-server-messages", false, "show what the server said, even if it may hold data of subjects")
	root.AddGroup(
		&cobra.Group{ID: groupData, Title: "Studies:"},
		&cobra.Group{ID: groupState, Title: "Local files:"},
		&cobra.Group{ID: groupPython, Title: "Names used by the Python command:"},
		&cobra.Group{ID: groupHelp, Title: "Help:"})
	root.SetHelpCommandGroupID(groupHelp)
	root.SetCompletionCommandGroupID(groupHelp)
	root.AddCommand(
		newStudies(a), newRecords(a), newQueries(a), newSubject(a), newChanges(a), newWho(a), newStructure(a), newDictionary(a), newProfile(a), newReport(a), newExport(a),
		newExtract(a), newFormats(a), newExplain(a), newValidate(a), newSubmit(a), newJobs(a),
		newSync(a), newWorker(a), newPlan(a), newRefresh(a), newCache(a), newState(a), newTriage(a), newConfig(a), newWarehouse(a), newBackup(a), newHeads(a), newPolicy(a), newMigrate(a),
		newWorkflows(a), newSubjectData(a),
		newDemo(a), newProbe(a), newQualify(a), newVersion(a), newExitCodes())
	a.tidyHelp(root)
	return root
}

// start ends the part of a run in which every error is one of usage.
func (a *app) start(cmd *cobra.Command, args []string) error {
	if cmd.Name() == cobra.ShellCompRequestCmd {
		return nil // a shell asks in the middle of a command line
	}
	if err := errors.Join(cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups(), nothingEmpty(cmd, args)); err != nil {
		return err
	}
	settings, err := readSettings(a.configPath)
	if err = errors.Join(err, refusePassword(a.databaseURL)); err != nil {
		return err
	}
	a.settings = settings
	a.settings.Database = cmp.Or(a.databaseURL, settings.Database)
	if a.databaseWait < 0 || a.databaseWait == 0 && cmd.Flags().Changed("database-wait") {
		return usagef("--database-wait must be greater than zero")
	}
	a.settings.DatabaseWait = cmp.Or(a.databaseWait, settings.DatabaseWait)
	if err := a.readPolicy(); err != nil {
		return err
	}
	a.started, a.line = true, readCommandLine(cmd, args)
	return a.authorize(cmd)
}

// nothingEmpty refuses what a script gives whose variable is not set. Taken as not given, an empty
// --stream would reset all streams and an empty --head would verify nothing.
func nothingEmpty(cmd *cobra.Command, args []string) (err error) {
	if slices.Contains(args, "") {
		return usagef("an argument is empty")
	}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if flag.Name != "comment" && (len(values) == 0 || slices.Contains(values, "")) {
			err = usagef("--%s is empty", flag.Name)
		}
	})
	return err
}

// parent is a command that only has subcommands.
func parent(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: helpOnly, Annotations: onlyHelp}
	cmd.AddCommand(children...)
	return cmd
}

// onlyHelps reports whether a command has nothing but subcommands.
func onlyHelps(cmd *cobra.Command) bool { return cmd.Annotations["only-help"] != "" }

// onlyHelp annotates such a command.
var onlyHelp = map[string]string{"only-help": "yes"}

// helpOnly is what a command without an action of its own does.
func helpOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	err := &usageError{text: fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath())}
	var known []string
	for _, child := range cmd.Commands() {
		if !child.Hidden {
			known = append(known, child.Name())
		}
	}
	if near := shown.Near(args[0], known); len(near) > 0 {
		err.hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return err
}
