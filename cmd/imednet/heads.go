package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/heads"
)

// headsOptions say where heads are kept, and who signs them.
type headsOptions struct{ dir, key string }

func (o *headsOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.dir, "heads", "", "the `directory` for signed heads, where nobody who can write to the stores can")
	cmd.Flags().StringVar(&o.key, "heads-key", "", "`file` with the private key that signs heads, Ed25519 in PEM (PKCS #8)")
}

// keeper writes signed heads; nil if none are asked for.
func (a *app) keeper(ctx context.Context, o headsOptions, clock imednet.Clock) (*heads.Keeper, error) {
	dir, key := cmp.Or(o.dir, a.settings.Heads), cmp.Or(o.key, a.settings.HeadsKey)
	switch {
	case dir == "" && o.key == "":
		return nil, nil
	case dir == "":
		return nil, usagef("--heads-key needs a directory: name it with --heads")
	case key == "":
		return nil, usagef("heads are signed: name the file with the private key with --heads-key")
	}
	if _, err := privateKey(key); err != nil {
		return nil, err
	}
	who, err := osUser(ctx)
	return &heads.Keeper{Place: heads.Dir(dir), Clock: clock, Signer: who, Key: func() (ed25519.PrivateKey, error) { return privateKey(key) }}, err
}

func newHeads(a *app) *cobra.Command {
	var o headsOptions
	cmd := &cobra.Command{
		Use:     "heads",
		GroupID: groupState,
		Short:   "Write the signed heads of all audited stores to another place",
		Long: `Write the heads of the ledger, the review queue, the configuration history, the journal
and the mirror's purges, as far as they exist, to a new signed file in a directory. Given
to verify (of the mirror: cache verify-purges) with --heads and --public-key, they prove
that no store was cut, replaced or rebuilt since. Nothing in the directory is ever
overwritten. A store that does not follow its heads in the directory, or that had some
and is gone, is a fault: the others' heads are written, and the exit code is 6. imednet worker --heads does the same on schedule.`,
		Example:     "  imednet heads --heads /mnt/heads --heads-key heads.pem\n  imednet triage verify --heads /mnt/heads --public-key heads.pub",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{afterInterrupt: "a whole file of heads was written, or none; run the same command again"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.writeHeads(cmd.Context(), o) },
	}
	o.flags(cmd)
	return cmd
}

func (a *app) writeHeads(ctx context.Context, o headsOptions) error {
	keeper, err := a.keeper(ctx, o, imednet.SystemClock())
	if err != nil {
		return err
	}
	if keeper == nil {
		return usagef("there is no directory for heads: name it with --heads")
	}
	w, err := a.keepHeads(ctx, keeper, storePaths{})
	if err != nil && w.Name != "" {
		return fmt.Errorf("%s has the heads of the other stores only: %w", w.Name, err)
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(map[string]any{"file": w.Name, "writtenAt": isoTime(w.At), "heads": w.Heads})
	}
	return a.printf("%s: %d heads\n", w.Name, w.Heads)
}

// keepHeads writes the heads of all stores that there are and that follow their kept heads. One that does not, or that had heads
// and is gone, is the error, after the heads of the others were written.
func (a *app) keepHeads(ctx context.Context, keeper *heads.Keeper, named storePaths) (w heads.Written, err error) {
	audited, err := a.auditedStores(ctx, named)
	if err != nil {
		return w, err
	}
	kept, err := ownHeads(ctx, keeper)
	if err != nil {
		return w, err
	}
	names, err := a.storeNames(ctx, named)
	if err != nil {
		return w, err
	}
	lost := vanished(kept, audited, names)
	var stores []heads.Store
	for _, s := range audited {
		err := s.follows(ctx, keptOfStore(kept, s.Kind, s.Name))
		if err != nil && !notIntact(err) {
			return w, err
		}
		if err != nil {
			lost = errors.Join(lost, fmt.Errorf("%s: %w", s.Store, err))
			continue
		}
		stores = append(stores, s.Store)
	}
	if len(stores) == 0 {
		return w, orFirst(lost, &imednet.Error{Package: "imednet", Op: "write heads", Err: fmt.Errorf("there is no store with a log: %w", errNotFound),
			Hint: "none of the files named by the settings exists; check --config and the home directory"})
	}
	if w, err = keeper.Write(ctx, stores...); err != nil {
		return w, errors.Join(lost, err)
	}
	return w, lost
}

// ownHeads are the heads of the place that the keeper's key signed; nil if there are none yet.
func ownHeads(ctx context.Context, keeper *heads.Keeper) (*heads.Kept, error) {
	key, err := keeper.Key()
	if err != nil {
		return nil, err
	}
	kept, err := heads.Open(ctx, keeper.Place, heads.Options{Keys: []ed25519.PublicKey{ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])}})
	if errors.Is(err, heads.ErrEmpty) {
		return nil, nil
	}
	return kept, err
}

func keptOfStore(kept *heads.Kept, kind, name string) []imednet.KeptHead {
	if kept == nil {
		return nil
	}
	of, _, err := kept.Of(kind, name)
	if err != nil {
		return nil // there are none of it
	}
	return of
}

// vanished are the stores of the settings that had heads and are no more.
func vanished(kept *heads.Kept, audited []auditedStore, names map[string]string) (lost error) {
	for _, kind := range slices.Sorted(maps.Keys(names)) {
		name := names[kind]
		there := slices.ContainsFunc(audited, func(s auditedStore) bool { return s.Kind == kind })
		if of := keptOfStore(kept, kind, name); !there && len(of) > 0 {
			lost = errors.Join(lost, &imednet.Error{Package: "imednet", Op: "write heads", Err: fmt.Errorf("%w: %s %s is gone, of which %s has a head", heads.ErrIntegrity, kind, name, of[len(of)-1].Name),
				Hint: "bring it back from a backup; if it was removed on purpose, begin a new directory of heads"})
		}
	}
	return lost
}
