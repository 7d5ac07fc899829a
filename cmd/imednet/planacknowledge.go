package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
)

func newAcknowledge(a *app) *cobra.Command {
	var path string
	var version int64
	cmd := &cobra.Command{
		Use:   "acknowledge STUDY --version N --plan FILE",
		Short: "Go on with the changed design of a study",
		Long: `Go on with the changed design of a study, whose outputs a plan with
onDesignChange: pause has stopped making. --version is the version of the mirror whose
design you have looked at, which ` + "`imednet plan`" + ` shows with the changes: if the design has
changed again since, the outputs stay paused. The next refresh makes them.`,
		Example:     "  imednet plan acknowledge CARDIO --version 14 --plan study.yaml",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "`imednet plan --plan FILE` shows whether the design is acknowledged"},
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := readStudyPlan(path)
			if err != nil {
				return err
			}
			return a.acknowledgeVersion(cmd.Context(), p, args[0], imednet.MirrorVersion(version))
		},
	}
	planFlag(cmd, &path)
	cmd.Flags().Int64Var(&version, "version", 0, "`number` of the mirror's version whose design is acknowledged")
	_ = cmd.MarkFlagRequired("version") // the flag is there
	return cmd
}

// acknowledgedJSON is what `imednet plan acknowledge --json` writes.
type acknowledgedJSON struct {
	StudyKey      string                `json:"studyKey"`
	DesignVersion imednet.MirrorVersion `json:"designVersion"`
}

func (a *app) acknowledgeVersion(ctx context.Context, p *studyPlan, study string, version imednet.MirrorVersion) (err error) {
	switch {
	case !slices.Contains(p.studies, study):
		return usagef("the plan has no study %s", study)
	case !p.pauses():
		return usagef("the plan does not pause: it has no onDesignChange: pause")
	case version < 1:
		return usagef("--version must be at least 1")
	}
	mirror, err := a.readMirror(ctx, p.mirror)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	moment, err := mirror.AsOf(ctx, study, version)
	if err != nil {
		return err
	}
	if err := a.acknowledge(ctx, p, moment, study, time.Now()); err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(acknowledgedJSON{study, version})
	}
	return a.printf("The design of version %d of %s is acknowledged; the next refresh goes on if it is the newest.\n", version, study)
}
