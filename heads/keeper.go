package heads

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Store is a store whose heads are kept.
type Store struct {
	Kind string // such as "triage"
	// Name tells stores of one kind apart, such as the path of the file. A store that is moved needs
	// its old name for its old heads to be found.
	Name string
	// Heads returns the ends of all logs of the store, a line each.
	Heads func(context.Context) ([]string, error)
}

// Keeper writes signed heads to a place. It is safe for concurrent use, also by several keepers and
// processes with the same place.
type Keeper struct {
	Place  Place
	Clock  imednet.Clock    // nil means imednet.SystemClock()
	Signer imednet.Identity // who signs; its ID is required
	// Key returns the private key. It is called for every file, and the key is not retained.
	Key func() (ed25519.PrivateKey, error)
}

// Written is a file that [Keeper.Write] has stored.
type Written struct {
	Name string    // of the file
	At   time.Time // as signed
	// Heads is how many it holds.
	Heads int
}

// Write stores the heads of the stores in one new file. If the heads of a store cannot be read, or
// the place cannot be written, there is no file. Files of the place that cannot be read do not keep
// it from writing: [Open] reports them.
func (k *Keeper) Write(ctx context.Context, stores ...Store) (Written, error) {
	w, err := k.write(ctx, stores)
	return w, wrap("write", err)
}

func (k *Keeper) write(ctx context.Context, stores []Store) (w Written, err error) {
	if err := k.check(stores); err != nil {
		return w, err
	}
	s := Statement{Format: Format, Stores: []StoreHeads{}}
	for _, store := range stores {
		lines, err := store.Heads(ctx)
		if err != nil {
			return w, fmt.Errorf("the head of %s: %w", store, err)
		}
		s.Stores = append(s.Stores, StoreHeads{store.Kind, store.Name, append([]string{}, lines...)})
		w.Heads += len(lines)
	}
	if s.Previous, err = k.unnamed(ctx); err != nil {
		return w, err
	}
	key, err := k.Key()
	if err != nil {
		return w, err
	}
	s.WrittenAt = k.now()
	name, _, text, err := s.seal(key, k.Signer)
	if err == nil {
		err = k.Place.Create(ctx, name, text)
	}
	w.Name, w.At = name, s.WrittenAt
	return w, err
}

func (k *Keeper) check(stores []Store) error {
	const function = "heads.Keeper.Write"
	err := errors.Join(argument.Required(function, "Place", k.Place), argument.Required(function, "Key", k.Key), argument.Named(function, "Signer", k.Signer.ID))
	if len(stores) == 0 {
		err = errors.Join(err, argument.Invalid(function, "stores", "are missing"))
	}
	for _, s := range stores {
		err = errors.Join(err, argument.Named(function, "Kind", s.Kind), argument.Named(function, "Name", s.Name), argument.Required(function, "Heads", s.Heads))
	}
	return err
}

func (k *Keeper) now() time.Time {
	clock := k.Clock
	if clock == nil {
		clock = imednet.SystemClock()
	}
	return clock.Now().UTC().Truncate(time.Microsecond)
}

// unnamed returns the hashes of the statements that no file of the place names.
func (k *Keeper) unnamed(ctx context.Context) ([]string, error) {
	files, err := read(ctx, k.Place)
	if err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, f := range files.good {
		for _, hash := range f.Previous {
			named[hash] = true
		}
	}
	hashes := []string{}
	for _, f := range files.good {
		if !named[f.hash] {
			hashes = append(hashes, f.hash)
		}
	}
	slices.Sort(hashes)
	return hashes, nil
}

// String returns kind and name.
func (s Store) String() string { return strings.TrimSpace(s.Kind + " " + s.Name) }
