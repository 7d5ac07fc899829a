package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/qualification"
	"github.com/imednetgo/imednet/internal/qualification/scenarios"
)

type qualifyOptions struct{ out, pilot, key string }

func newQualify(a *app) *cobra.Command {
	var o qualifyOptions
	cmd := &cobra.Command{
		Use:     "qualify",
		GroupID: groupHelp,
		Short:   "Examine this installation, and write the evidence",
		Long: `Examine this installation on this computer, and write what was seen to a new directory:
the program and its modules, the machine, what the file systems of the directory and of
the local files do when they are tried, and acceptance scenarios, run with synthetic
studies on an embedded server. No server is contacted, and no API key is needed.

index.html is for people, with requirements, deviations and a place for signatures;
report.json is for programs; manifest.json has the hash of every file. Keep the head
that is printed where nobody can change it, or sign the bundle with --key.

The bundle is evidence of what this program does on this computer. It does not say that
a system complies with a regulation. Exit code 6 means that there are deviations.`,
		Example:     "  imednet qualify --out qualification\n  imednet qualify --out qualification --key quality.pem\n  imednet qualify check qualification",
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{afterInterrupt: "the bundle is incomplete: remove its directory and run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return helpOnly(cmd, args)
			}
			return a.qualify(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "", "the new `directory`")
	cmd.Flags().StringVar(&o.pilot, "pilot", "", "also work with the study in the NDJSON files of this `directory`; the bundle gets counts and hashes of it")
	cmd.Flags().StringVar(&o.key, "key", "", "sign with the private key in this `file`, Ed25519 in PEM (PKCS #8)")
	required(cmd, "out")
	cmd.AddCommand(newQualifyCheck(a))
	return cmd
}

// qualifiedJSON says what a run of qualify came to.
type qualifiedJSON struct {
	Dir        string                    `json:"dir"`
	Head       string                    `json:"head"`
	Outcome    qualification.Status      `json:"outcome"`
	Summary    string                    `json:"summary"`
	Deviations []qualification.Deviation `json:"deviations"`
}

func (a *app) qualify(ctx context.Context, o qualifyOptions) error {
	options, err := a.qualification(ctx, o)
	if err != nil {
		return err
	}
	bar := a.progress()
	defer bar.finish()
	options.Progress = bar.report
	run, err := qualification.New(options)
	if err != nil {
		return err
	}
	report, head, err := run.Run(ctx)
	if err != nil {
		return err
	}
	bar.finish()
	if err := a.writeQualified(qualifiedJSON{o.out, head, report.Outcome, report.String(), report.Deviations}); err != nil {
		return err
	}
	if report.Outcome != qualification.Passed {
		return &invalidError{fmt.Sprintf("%d deviations, listed in the bundle", len(report.Deviations))}
	}
	return nil
}

// qualification gathers what a run needs from the command line, the settings and the computer.
func (a *app) qualification(ctx context.Context, o qualifyOptions) (options qualification.Options, err error) {
	var key ed25519.PrivateKey
	if o.key != "" {
		if key, err = privateKey(o.key); err != nil {
			return options, err
		}
	}
	if o.pilot != "" {
		if _, err := os.Stat(o.pilot); err != nil {
			return options, err
		}
	}
	who, err := osUser(ctx)
	if err != nil {
		return options, err
	}
	executable, err := os.Executable()
	if err != nil {
		return options, err
	}
	clock := imednet.SystemClock()
	v := currentVersion()
	return qualification.Options{
		Out: o.out, Data: a.settings.DataDir, Executable: executable, Environment: os.Environ(), Executor: who, Key: key, Clock: clock,
		Components: []qualification.Component{{Name: "SQLite", Version: v.SQLite}, {Name: "DuckDB for Go", Version: v.DuckDB}, {Name: "Arrow", Version: v.Arrow}, {Name: "Starlark", Version: v.Starlark}},
		Scenarios:  scenarios.All(o.pilot != ""), Pilot: o.pilot,
		TrialClock: func() imednet.Clock { return imednettest.NewClock(clock.Now()) },
	}, nil
}

func (a *app) writeQualified(q qualifiedJSON) error {
	if a.json {
		return a.writeJSON(q)
	}
	for _, d := range q.Deviations {
		if err := a.printf("deviation %d, in %s: %s\n", d.Number, d.Result, d.What); err != nil {
			return err
		}
	}
	return a.printf("%s\nWritten to %s\nhead %s\n", q.Summary, q.Dir, q.Head)
}

type qualifyCheckOptions struct {
	head string
	keys []string
	here bool
}

func newQualifyCheck(a *app) *cobra.Command {
	var o qualifyCheckOptions
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "Decide whether a bundle is evidence of a qualification",
		Long: `Decide whether a bundle of "imednet qualify" is evidence of a qualification: nothing in it
failed, every file is there, byte for byte, and no other, and the page for people and the
traceability are what follows from the results. Otherwise it is NOT QUALIFIED, and the
exit code 6.

A bundle that somebody made anew as a whole is found only by the head that was kept
elsewhere (--head), or by the key of who may sign (--public-key). --here demands that it
was made by this very program on this computer; without it, a difference is only told.`,
		Example:     "  imednet qualify check qualification\n  imednet qualify check qualification --here --public-key quality.pub\n  imednet qualify check qualification --head \"$(cat head.txt)\"",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.checkQualification(args[0], o)
		},
	}
	cmd.Flags().StringVar(&o.head, "head", "", "the `head` that was kept elsewhere")
	cmd.Flags().BoolVar(&o.here, "here", false, "demand that this program made it on this computer")
	keysFlag(cmd, &o.keys)
	return cmd
}

func (a *app) checkQualification(dir string, o qualifyCheckOptions) error {
	keys, err := publicKeys(o.keys)
	if err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	verdict, err := qualification.Check(dir, qualification.CheckOptions{Head: o.head, Keys: keys, Executable: executable, Scenarios: scenarios.All(true), Here: o.here})
	if err != nil {
		return err
	}
	if err := a.writeVerdict(verdict); err != nil {
		return err
	}
	if !verdict.Qualified {
		return &invalidError{"the bundle is no evidence of a qualification"}
	}
	return nil
}

func (a *app) writeVerdict(v *qualification.Verdict) error {
	if a.json {
		return a.writeJSON(v)
	}
	lines := []string{v.String()}
	lines = append(lines, v.Problems...)
	if v.Program != "" {
		lines = append(lines, v.Program, fmt.Sprintf("on %s (%s), %s, by %s", v.Machine.Host, v.Machine.System, clockCell(v.StartedAt), v.Executor.ID), v.Summary)
	}
	for _, how := range v.Elsewhere {
		lines = append(lines, "made by "+how)
	}
	lines = append(lines, signedBy(v))
	if v.Head != "" {
		lines = append(lines, "head "+v.Head)
	}
	for _, line := range lines {
		if err := a.printf("%s\n", printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// signedBy says what a signature proves.
func signedBy(v *qualification.Verdict) string {
	switch {
	case v.Signer == nil:
		return "not signed"
	case v.Proven:
		return fmt.Sprintf("signed by %s with the key %s", v.Signer.Identity.ID, v.Signer.KeyID)
	}
	return fmt.Sprintf("signed by %s, as the bundle claims, with the key %s; --public-key proves it", v.Signer.Identity.ID, v.Signer.KeyID)
}
