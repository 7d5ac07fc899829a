package heads

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Options configures [Open].
type Options struct {
	// Keys are the public keys of those whose heads count. At least one is required: a head that
	// anybody could have written proves nothing.
	Keys []ed25519.PublicKey
	// MaxAge is the age beyond which the newest file is overdue, which is a fault: the newest files
	// may have been removed. 0 means no limit.
	MaxAge time.Duration
	Clock  imednet.Clock // for MaxAge; nil means imednet.SystemClock()
}

// Kept is all that a place holds.
type Kept struct {
	Files  int // of heads, faulty ones included
	Others int // files that have no name of a file of heads
	Faults int // all faults
	// Problems lists the faults. Path is "heads/NAME", or "heads" for a file that is missing or overdue.
	Problems []imednet.Problem
	files    []kept
}

// Open reads and proves every file of a place. An empty place is [ErrEmpty]. Faults are not an
// error: [Kept.Err] is, and the heads of the files that are intact can be used nevertheless.
func Open(ctx context.Context, p Place, o Options) (*Kept, error) {
	err := argument.Required("heads.Open", "p", p)
	if err == nil && len(o.Keys) == 0 {
		err = argument.Invalid("heads.Open", "Keys", "are missing: heads that are not checked by a key prove nothing")
	}
	if err == nil && o.MaxAge < 0 {
		err = argument.Invalid("heads.Open", "MaxAge", "must not be negative")
	}
	if err != nil {
		return nil, wrap("open", err)
	}
	all, err := read(ctx, p)
	if err == nil && len(all.good)+len(all.problems) == 0 {
		err = ErrEmpty
	}
	if err != nil {
		return nil, wrap("open", err)
	}
	k := &Kept{Files: len(all.good) + len(all.problems), Others: all.others, Problems: all.problems}
	k.prove(all.good, o.Keys)
	k.checkChain(all.good)
	k.checkAge(o)
	k.Faults = len(k.Problems)
	return k, nil
}

// Err is [ErrIntegrity] if the place has faults.
func (k *Kept) Err() error {
	if k.Faults == 0 {
		return nil
	}
	first := k.Problems[0]
	return wrap("open", fmt.Errorf("%w: %d faults, the first at %s: %s", ErrIntegrity, k.Faults, first.Path, first.Message))
}

// Of returns the heads of one store, the oldest first, and how many there are of others. If there
// are none of the store the error is [ErrNoneOfStore] and names those that there are.
func (k *Kept) Of(kind, name string) (of []imednet.KeptHead, others int, err error) {
	known := map[string]bool{}
	for _, f := range k.files {
		for _, s := range f.Stores {
			if s.Kind != kind || s.Name != name {
				others += len(s.Heads)
				known[Store{Kind: s.Kind, Name: s.Name}.String()] = true
				continue
			}
			for _, line := range s.Heads {
				of = append(of, imednet.KeptHead{Name: f.name, Line: line})
			}
		}
	}
	if len(of) == 0 {
		names := make([]string, 0, len(known))
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		return nil, others, wrap("find", fmt.Errorf("%w %s; it holds those of: %s", ErrNoneOfStore, Store{Kind: kind, Name: name}, strings.Join(names, ", ")))
	}
	return of, others, nil
}

// Newest returns when the newest file that is intact was written, as signed; zero if there is none.
func (k *Kept) Newest() (at time.Time) {
	for _, f := range k.files {
		if f.WrittenAt.After(at) {
			at = f.WrittenAt
		}
	}
	return at
}

func (k *Kept) add(path, format string, args ...any) {
	k.Problems = append(k.Problems, imednet.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// prove keeps the files that one of the keys signed.
func (k *Kept) prove(files []kept, keys []ed25519.PublicKey) {
	for _, f := range files {
		if err := f.signedBy(keys); err != nil {
			k.add("heads/"+f.name, "%v", err)
			continue
		}
		k.files = append(k.files, f)
	}
}

// checkChain demands every file that another one names. A name of it that is wrongly signed was noted.
func (k *Kept) checkChain(readable []kept) {
	at := map[string]time.Time{}
	for _, f := range readable {
		at[f.hash] = f.WrittenAt
	}
	missing := map[string]bool{}
	for _, f := range k.files {
		for _, hash := range f.Previous {
			before, there := at[hash]
			switch {
			case !there && !missing[hash]:
				missing[hash] = true
				k.add("heads", "the file that %s follows is missing or was altered: its name ends with %s", f.name, shortHash(hash)+suffix)
			case there && f.WrittenAt.Before(before.Add(-clockTolerance)):
				k.add("heads/"+f.name, "is dated before a file that it follows")
			}
		}
	}
}

// clockTolerance is what the clocks of computers that write to one place may differ by.
const clockTolerance = 10 * time.Second

func shortHash(hash string) string { return hash[:min(16, len(hash))] }

func (k *Kept) checkAge(o Options) {
	if o.MaxAge == 0 {
		return
	}
	clock := o.Clock
	if clock == nil {
		clock = imednet.SystemClock()
	}
	newest := k.Newest()
	age := clock.Now().Sub(newest)
	switch {
	case newest.IsZero():
		k.add("heads", "there is no head that counts, and so none that is younger than %v", o.MaxAge)
	case age > o.MaxAge:
		k.add("heads", "the newest head is overdue: it is of %s, and must not be older than %v", newest.Format(time.RFC3339), o.MaxAge)
	case age < -clockTolerance:
		k.add("heads", "the newest head is of %s, which has not come yet", newest.Format(time.RFC3339))
	}
}

// contents is what a place holds, before any key is asked.
type contents struct {
	good     []kept // by name, which is by time
	problems []imednet.Problem
	others   int
}

func read(ctx context.Context, p Place) (c contents, err error) {
	names, err := p.Names(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	slices.Sort(names)
	for _, name := range names {
		if !strings.HasSuffix(name, suffix) {
			c.others++
			continue
		}
		text, err := p.Read(ctx, name)
		if err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
		k, err := parse(name, text)
		if err != nil {
			c.problems = append(c.problems, imednet.Problem{Path: "heads/" + name, Message: err.Error()})
			continue
		}
		c.good = append(c.good, k)
	}
	return c, nil
}
