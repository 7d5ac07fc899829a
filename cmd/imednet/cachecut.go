package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/cache"
)

func newCacheCut(a *app) *cobra.Command {
	var path string
	var o cache.CutOptions
	cmd := &cobra.Command{
		Use:   "cut STUDY --name NAME",
		Short: "Save the current state of the mirror as a data cut",
		Long: `Save the current state of the mirror as a named data cut, and write its manifest: version,
server time, and count and hash of each resource. Sync first. Later syncs do not change
the cut: --cut NAME reads it, ` + "`imednet cache verify-cut`" + ` verifies it, and a purge
that would break it fails. Store the manifest where no one can change it.`,
		Example:     "  imednet cache cut CARDIO --name 'IA1 2026-11-30' >ia1.json",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "`imednet cache cuts STUDY` shows whether the cut was saved"},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Program = "imednet " + currentVersion().Version
			return a.withMirror(cmd.Context(), path, func(m *cache.CachedRecordsLoader) error {
				manifest, err := m.Cut(cmd.Context(), args[0], o)
				if err != nil {
					return err
				}
				return a.writeJSON(manifest)
			})
		},
	}
	cacheFlag(cmd, &path)
	cmd.Flags().StringVar(&o.Name, "name", "", "`name` of the cut, unique in the study")
	_ = cmd.MarkFlagRequired("name") // the flag is there
	return cmd
}

func newCacheCuts(a *app) *cobra.Command {
	var path string
	var shown listOptions
	cmd := &cobra.Command{
		Use:         "cuts STUDY",
		Short:       "List the data cuts of a study",
		Example:     "  imednet cache cuts CARDIO",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withMirror(cmd.Context(), path, func(m *cache.CachedRecordsLoader) error {
				return a.listCuts(cmd.Context(), m, args[0], shown)
			})
		},
	}
	cacheFlag(cmd, &path)
	shown.flags(cmd)
	return cmd
}

func (a *app) listCuts(ctx context.Context, m *cache.CachedRecordsLoader, study string, shown listOptions) error {
	if err := mustKnow(ctx, m, study); err != nil {
		return err
	}
	cuts, err := m.Cuts(ctx, study)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(append([]cache.Manifest{}, cuts...))
	}
	_, err = list(a, shown, cutColumns, values(cuts))
	return err
}

var cutColumns = []column[cache.Manifest]{
	{"name", "NAME", func(c cache.Manifest) any { return c.Name }},
	{"version", "VERSION", func(c cache.Manifest) any { return int64(c.Version) }},
	{"serverTime", "SERVER TIME", func(c cache.Manifest) any { return isoTime(c.ServerTime) }},
	{"madeAt", "MADE AT", func(c cache.Manifest) any { return isoTime(c.MadeAt) }},
	{"program", "PROGRAM", func(c cache.Manifest) any { return c.Program }},
}

func newCacheVerifyCut(a *app) *cobra.Command {
	var path, name, manifest string
	cmd := &cobra.Command{
		Use:   "verify-cut STUDY --name NAME",
		Short: "Verify that a data cut is unchanged",
		Long: `Count and hash a data cut again, without contacting the server. With --manifest it is
compared with a manifest that was stored elsewhere. The exit code is 6 if anything
differs.`,
		Example:     "  imednet cache verify-cut CARDIO --name 'IA1 2026-11-30' --manifest ia1.json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			kept, err := readManifest(manifest)
			if err != nil {
				return err
			}
			return a.withMirror(cmd.Context(), path, func(m *cache.CachedRecordsLoader) error {
				report, err := m.VerifyCut(cmd.Context(), args[0], name, kept)
				if err != nil {
					return err
				}
				return a.printCutReport(report)
			})
		},
	}
	cacheFlag(cmd, &path)
	cmd.Flags().StringVar(&name, "name", "", "`name` of the cut")
	cmd.Flags().StringVar(&manifest, "manifest", "", "`file` with the stored manifest")
	_ = cmd.MarkFlagRequired("name") // the flag is there
	return cmd
}

func readManifest(path string) (*cache.Manifest, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var m cache.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, usagef("--manifest: %s does not contain a manifest", path)
	}
	return &m, nil
}

func (a *app) printCutReport(r cache.CutReport) error {
	var err error
	if a.json {
		err = a.writeJSON(map[string]any{"ok": r.OK(), "manifest": r.Manifest, "findings": append([]string{}, r.Findings...)})
	} else {
		err = a.printf("%s\n", r)
		for _, finding := range r.Findings {
			err = errors.Join(err, a.printf("%s\n", finding))
		}
	}
	if err == nil && !r.OK() {
		return &invalidError{"the data cut has changed"}
	}
	return err
}
