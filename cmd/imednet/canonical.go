package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/extraction"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/versioning"
)

// canonicalOptions say which configuration is applied to which records.
type canonicalOptions struct {
	source  sourceOptions
	file    string
	commit  string
	store   string
	deleted bool
	draft   bool            // a configuration that is not approved may be looked at, because nothing is made of it
	recipe  pipeline.Recipe // of the plan that wants it

	dictionary givenDictionary
}

func (o *canonicalOptions) flags(cmd *cobra.Command) {
	o.source.flags(cmd)
	cmd.Flags().StringVar(&o.file, "configuration", "", "the study configuration's `file`")
	cmd.Flags().StringVar(&o.commit, "configuration-commit", "", "take the configuration from the history: `STUDY@COMMIT`")
	historyFlag(cmd, &o.store)
	cmd.Flags().BoolVar(&o.deleted, "include-deleted", false, "include soft-deleted records, and those of soft-deleted subjects")
	o.dictionary.flags(cmd, "read answers as the texts of the choices in the study's design export")
	cmd.MarkFlagsOneRequired("configuration", "configuration-commit")
	cmd.MarkFlagsMutuallyExclusive("configuration", "configuration-commit")
}

// configuration reads the configuration, and the commit that it is when it comes from the history.
func (a *app) configuration(ctx context.Context, o canonicalOptions) (config imednet.StudyConfiguration, commit string, err error) {
	if o.commit == "" {
		text, err := readInput(ctx, o.file)
		if err != nil {
			return config, "", err
		}
		config, err = imednet.ParseStudyConfiguration(text, imednet.ConfigurationOptions{})
		return config, "", err
	}
	at := strings.LastIndex(o.commit, "@")
	if at < 1 || at == len(o.commit)-1 {
		return config, "", usagef("--configuration-commit must be STUDY@COMMIT; `imednet config log STUDY` lists the commits")
	}
	study, commit := o.commit[:at], o.commit[at+1:]
	err = a.withHistory(ctx, o.store, false, func(s *versioning.ConfigVersionStore) error {
		if a.twoPersons("config") && !o.draft {
			if _, err := s.ApprovalOf(ctx, study, commit); err != nil {
				return err
			}
		}
		config, err = s.RollbackConfig(ctx, study, commit)
		return err
	}, versioning.WithTwoPersons())
	return config, commit, err
}

// canonicalRun is a configuration ready to be applied to the records of its study.
type canonicalRun struct {
	engine  *extraction.Engine
	config  imednet.StudyConfiguration
	source  studySource
	options extraction.Options

	dictionary string // its hash; "" if there is none
}

// canonical runs do over the configuration and the source that the options name.
func (a *app) canonical(ctx context.Context, o canonicalOptions, do func(canonicalRun) error) error {
	config, commit, err := a.configuration(ctx, o)
	if err != nil {
		return err
	}
	bar := a.progress()
	defer bar.finish()
	return a.withSource(ctx, o.source, func(s studySource) error {
		shown, err := a.withChoices(ctx, o.dictionary, dictionary.ChoicesAsText, s, config.StudyKey)
		if err != nil {
			return err
		}
		structure, err := extraction.ReadStructure(ctx, shown.source, config.StudyKey)
		if err != nil {
			return err
		}
		engine, err := extraction.NewEngine(config, extraction.WithStructure(structure), extraction.WithCommit(commit))
		if err != nil {
			return err
		}
		for _, w := range engine.Warnings() {
			fmt.Fprintf(a.errOut, "Warning: %s\n", safeText(w.Path+" "+w.Message))
		}
		// The mirror serves subject by subject, the server does so at a listing for each.
		options := extraction.Options{IncludeDeleted: o.deleted, InMemory: !o.source.cached, Progress: bar.report, Translate: shown.translate}
		return orFirst(do(canonicalRun{engine, config, s, options, shown.hash}), shown.told())
	})
}
