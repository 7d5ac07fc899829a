package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/audit"
)

// purgeFlags are those of a purge, as they are given.
type purgeFlags struct {
	path, before, key string
	cache.PurgeOptions
}

func newCachePurge(a *app) *cobra.Command {
	var o purgeFlags
	cmd := &cobra.Command{
		Use:   "purge STUDY",
		Short: "Permanently remove data from the mirror",
		Long: `Permanently remove data from the mirror: with --before, states superseded before a
moment; with --study, everything that the file holds about the study. Data cuts that
need what would be removed are named, and kept without --break-cuts. The command
succeeds only when the bytes are gone: while another program reads the file it waits,
names that program, and ends with exit code 5 after 30 seconds; run it again in that
case. A tombstone remains, which says what was removed, when, by whom and why, and is
signed with --key; imednet cache verify-purges shows it.`,
		Example:     "  imednet cache purge CARDIO --before 2025-01-01 --reason 'retention ended'\n  imednet cache purge CARDIO --study --reason 'closed' --key anna.pem",
		Args:        cobra.ExactArgs(1),
		Annotations: map[string]string{afterInterrupt: "`imednet cache status` shows what remains; run the same command again"},
		RunE:        func(cmd *cobra.Command, args []string) error { return a.cachePurge(cmd.Context(), args[0], o) },
	}
	cacheFlag(cmd, &o.path)
	cmd.Flags().StringVar(&o.before, "before", "", "superseded before this `time`, such as "+time.DateOnly)
	cmd.Flags().BoolVar(&o.Study, "study", false, "the whole study")
	cmd.Flags().BoolVar(&o.BreakCuts, "break-cuts", false, "also remove the data cuts that need the removed data")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the tombstone; without subject data")
	cmd.Flags().StringVar(&o.key, "key", "", "`file` with the private key that signs the tombstone, Ed25519 in PEM (PKCS #8)")
	cmd.MarkFlagsOneRequired("before", "study")
	cmd.MarkFlagsMutuallyExclusive("before", "study")
	required(cmd, "reason")
	return cmd
}

func (a *app) cachePurge(ctx context.Context, study string, o purgeFlags) (err error) {
	if audit.Blank(o.Reason) {
		return usagef("--reason is blank")
	}
	if o.before != "" {
		if o.Before, err = parseISO(o.before); err != nil {
			return err
		}
	}
	if o.key == "" && a.policy != nil && a.policy.RequiresSignature("mirror") {
		return fmt.Errorf("%w: the policy demands that purges are signed; name the key with --key", imednet.ErrNotAuthorized)
	}
	if o.key != "" {
		if o.Key, err = privateKey(o.key); err != nil {
			return err
		}
	}
	if o.By, err = a.acting(ctx, ""); err != nil {
		return err
	}
	if err := a.ownKey(o.By, o.Key); err != nil {
		return err
	}
	bar := a.progress()
	defer bar.finish()
	mirror, err := a.readMirror(ctx, o.path, cache.WithProgress(bar.report))
	if err != nil {
		return err
	}
	return errors.Join(a.purge(ctx, mirror, study, o.PurgeOptions), mirror.Close())
}

// mustKnowOrHavePurged is mustKnow for a purge, which may have to be finished.
func mustKnowOrHavePurged(ctx context.Context, m *cache.CachedRecordsLoader, study string) error {
	status, err := m.Status(ctx, study)
	if err != nil || status.Purged > 0 {
		return err
	}
	return mustKnow(ctx, m, study)
}

func (a *app) purge(ctx context.Context, m *cache.CachedRecordsLoader, study string, o cache.PurgeOptions) error {
	if err := mustKnowOrHavePurged(ctx, m, study); err != nil {
		return err
	}
	r, err := m.Purge(ctx, study, o)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(map[string]any{"studyKey": study, "records": r.Records, "tombstones": r.Tombstones,
			"history": r.History, "log": r.Log, "structure": r.Structure, "cuts": append([]string{}, r.Cuts...)})
	}
	return a.printf("%s\n", r)
}

func newCacheVerifyPurges(a *app) *cobra.Command {
	var path, head string
	var signed signers
	var kept keptOptions
	var o cache.PurgeVerifyOptions
	cmd := &cobra.Command{
		Use:   "verify-purges",
		Short: "Verify and list the tombstones of purges",
		Long: `Verify and list the tombstones that purges left in the mirror, and print their head.
Store the head elsewhere: --head then detects that the newest were removed with all
other traces. --heads does so with all signed heads that imednet heads or a worker
wrote. With --public-key every signature must be by one of these keys, and with
--signed every tombstone must have one. Purges from before there were tombstones are
listed without any. The exit code is 6 if a tombstone or a head is not intact.`,
		Example:     "  imednet cache verify-purges --public-key anna.pub --signed\n  imednet cache verify-purges --heads /mnt/heads --heads-public-key heads.pub",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if head != "" {
				earlier, err := cache.ParsePurgeHead(head)
				if err != nil {
					return usagef("--head: %v", err)
				}
				o.Head = &earlier
			}
			if o.Keys, o.Signers, err = signed.read(); err != nil {
				return err
			}
			elsewhere, err := a.keptOf(cmd.Context(), kept, kindMirror, path, a.settings.Cache, o.Keys)
			if err != nil {
				return err
			}
			o.Kept = elsewhere.of
			return a.withMirror(cmd.Context(), path, func(m *cache.CachedRecordsLoader) error {
				v, err := m.VerifyPurges(cmd.Context(), o)
				if err != nil && !notIntact(err) {
					return err
				}
				err = elsewhere.fault(err)
				return orFirst(err, a.printPurges(err == nil, v, elsewhere.report(v.Problems)))
			})
		},
	}
	cacheFlag(cmd, &path)
	cmd.Flags().StringVar(&head, "head", "", "`line` that an earlier run printed")
	signed.flags(cmd)
	cmd.Flags().BoolVar(&o.Signed, "signed", false, "every tombstone must be signed")
	kept.flags(cmd)
	return cmd
}

// purgeJSON is a tombstone, for machines.
type purgeJSON struct {
	cache.PurgeStatement
	Hash      string             `json:"hash"`
	Signature *imednet.Signature `json:"signature,omitempty"`
}

// formerPurgeJSON is a purge from before there were tombstones.
type formerPurgeJSON struct {
	StudyKey string `json:"studyKey"`
	Whole    int64  `json:"whole"`
	Version  int64  `json:"version"`
}

// printPurges lists the tombstones, what is wrong with them, and their head.
func (a *app) printPurges(ok bool, v cache.PurgeVerification, kept *headsJSON) error {
	if a.json {
		all, former := []purgeJSON{}, []formerPurgeJSON{}
		for _, t := range v.Tombstones {
			all = append(all, purgeJSON{t.PurgeStatement, t.Hash, t.Signature})
		}
		for _, f := range v.Former {
			former = append(former, formerPurgeJSON{f.StudyKey, int64(f.Whole), int64(f.Version)})
		}
		return a.writeJSON(kept.add(map[string]any{"ok": ok, "purges": all, "former": former, "unsigned": v.Unsigned,
			"head": onlyIf(ok, v.Head.String()), "faults": v.Faults, "problems": append([]imednet.Problem{}, v.Problems...)}))
	}
	return a.printVerified(ok, verified{list: func() error { return a.listPurges(v) }, counts: v, faults: v.Faults, problems: v.Problems, heads: []string{v.Head.String()}}, kept)
}

func (a *app) listPurges(v cache.PurgeVerification) error {
	t := newTable(a.out, "NO", "AT", "STUDY", "PURGED", "ROWS", "BY", "SIGNED BY", "REASON")
	for _, f := range v.Former {
		what := fmt.Sprintf("up to version %d", max(f.Version, f.Whole))
		if err := t.add("-", "", f.StudyKey, what+", before there were tombstones", "", "", "", ""); err != nil {
			return err
		}
	}
	for _, p := range v.Tombstones {
		if err := t.add(purgeCells(p)...); err != nil {
			return err
		}
	}
	return t.flush()
}

func purgeCells(p cache.PurgeTombstone) []string {
	what := "the whole study"
	if !p.Whole {
		what = "superseded before " + clockText(isoTime(p.Before))
	}
	var rows int64
	for _, removed := range p.Removed {
		rows += removed.Rows
	}
	by, signer := p.By.ID, ""
	switch {
	case by != "" && p.By.Authenticated == "":
		by += " (claimed)"
	case by != "":
		by += " (" + p.By.Authenticated + ")"
	}
	if p.Signature != nil {
		signer = "key " + p.Signature.KeyID
	}
	return []string{strconv.FormatInt(p.Sequence, 10), clockText(isoTime(p.PurgedAt)), p.StudyKey, what, strconv.FormatInt(rows, 10), by, signer, p.Reason}
}
