package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/heads"
)

// keptOptions name the heads that a verification demands.
type keptOptions struct {
	dir, name string
	keys      []string
	maxAge    time.Duration
}

func (o *keptOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.dir, "heads", "", "`directory` with signed heads, all of which are compared")
	f.StringArrayVar(&o.keys, "heads-public-key", nil, "`file` with the public key of whose heads count (default: --public-key); repeatable")
	f.StringVar(&o.name, "heads-name", "", "the `name` of the store in the heads, if its file was moved (default: its path)")
	f.DurationVar(&o.maxAge, "heads-max-age", 0, "age of the newest head beyond which one is missing; 0 means no limit")
}

// keptHeads are the heads of one store that were read from a directory.
type keptHeads struct {
	*heads.Kept // nil if no directory was named
	of          []imednet.KeptHead
	others      int
}

// keptOf reads the heads of a store. Keys are those of --public-key.
func (a *app) keptOf(ctx context.Context, o keptOptions, kind, named, path string, keys []ed25519.PublicKey) (k keptHeads, err error) {
	if o.dir == "" {
		if len(o.keys) > 0 || o.name != "" || o.maxAge != 0 {
			return k, usagef("--heads-public-key, --heads-name and --heads-max-age need a directory: name it with --heads")
		}
		return k, nil
	}
	if len(o.keys) > 0 {
		if keys, err = publicKeys(o.keys); err != nil {
			return k, err
		}
	}
	if len(keys) == 0 {
		return k, usagef("--heads needs the public key of who signs heads: --public-key, or --heads-public-key")
	}
	if o.maxAge < 0 {
		return k, usagef("--heads-max-age is negative")
	}
	name := o.name
	if name == "" {
		if name, err = a.storeName(ctx, named, path); err != nil {
			return k, err
		}
	}
	if k.Kept, err = heads.Open(ctx, heads.Dir(o.dir), heads.Options{Keys: keys, MaxAge: o.maxAge}); err != nil {
		return k, err
	}
	if k.of, k.others, err = k.Of(kind, name); err != nil {
		return k, orFirst(k.Err(), err) // of a directory with faults, they say why
	}
	return k, nil
}

// headsJSON is what verify says of kept heads.
type headsJSON struct {
	Files    int               `json:"files"`
	Compared int               `json:"compared"`
	Others   int               `json:"others"`
	Faults   int               `json:"faults"`
	Problems []headProblemJSON `json:"problems"`
}

type headProblemJSON struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// report is what is found of heads: in their directory, and in the store.
func (k *keptHeads) report(inStore []imednet.Problem) *headsJSON {
	if k.Kept == nil {
		return nil
	}
	r := &headsJSON{Files: k.Files, Compared: len(k.of), Others: k.others, Problems: []headProblemJSON{}}
	for _, p := range append(k.Problems[:len(k.Problems):len(k.Problems)], inStore...) {
		if p.Path == "heads" || strings.HasPrefix(p.Path, "heads/") {
			r.Problems = append(r.Problems, headProblemJSON{p.Path, p.Message})
		}
	}
	r.Faults = len(r.Problems)
	return r
}

// add adds the report to what a verification writes as JSON.
func (r *headsJSON) add(to map[string]any) map[string]any {
	if r != nil {
		to["keptHeads"] = r
	}
	return to
}

// print writes the report for people.
func (r *headsJSON) print(a *app) error {
	if r == nil {
		return nil
	}
	for _, p := range r.Problems {
		if err := a.printf("%s: %s\n", printable(p.Path), printable(p.Message)); err != nil {
			return err
		}
	}
	return a.printf("%d kept heads compared, %d of other stores\n", r.Compared, r.Others)
}

// notIntactLine comes before everything else that a verification of something that is not intact prints. No head follows,
// and a count only of a log that has faults of its own.
const notIntactLine = "not intact:\n"

// onlyIf is a head of what is intact: another is not to be kept.
func onlyIf(ok bool, head string) string {
	if !ok {
		return ""
	}
	return head
}

// verified is what a verification came to, for people.
type verified struct {
	list     func() error // what was verified; nil lists nothing
	counts   fmt.Stringer
	faults   int64
	problems []imednet.Problem // that are shown
	heads    []string          // of what is intact
}

// printVerified writes the problems and counts, and the heads of what is intact.
func (a *app) printVerified(ok bool, v verified, kept *headsJSON) error {
	if !ok {
		if err := a.printf(notIntactLine); err != nil {
			return err
		}
	}
	if v.list != nil {
		if err := v.list(); err != nil {
			return err
		}
	}
	if err := kept.print(a); err != nil {
		return err
	}
	for _, p := range v.problems {
		if err := a.printf("%s: %s\n", printable(p.Path), printable(p.Message)); err != nil {
			return err
		}
	}
	if ok || v.faults > 0 {
		if err := a.printf("%s\n", v.counts); err != nil {
			return err
		}
	}
	if !ok {
		return nil
	}
	for _, head := range v.heads {
		if err := a.printf("head %s\n", head); err != nil {
			return err
		}
	}
	return nil
}

// fault is the error of a verification: of the store, or else of the heads.
func (k *keptHeads) fault(err error) error {
	if k.Kept == nil {
		return err
	}
	return orFirst(err, k.Err())
}
