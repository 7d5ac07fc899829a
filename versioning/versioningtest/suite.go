// Package versioningtest provides the contract of a configuration history as a test suite. Use
// [TestStore] to test a wrapper of [versioning.ConfigVersionStore] or another implementation of its
// methods.
package versioningtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/versioning"
)

// Store is the set of methods that the suite tests. *[versioning.ConfigVersionStore] implements it.
type Store interface {
	CommitConfig(ctx context.Context, studyKey string, config *imednet.StudyConfiguration, o versioning.CommitOptions) (versioning.Entry, error)
	History(ctx context.Context, studyKey string, o versioning.HistoryOptions) iter.Seq2[versioning.Entry, error]
	Head(ctx context.Context, studyKey string) (versioning.Head, error)
	DiffConfigs(ctx context.Context, commitA, commitB string) (versioning.Diff, error)
	RollbackConfig(ctx context.Context, studyKey, commitID string) (imednet.StudyConfiguration, error)
	CommitDictionary(ctx context.Context, studyKey string, files map[string][]byte, o versioning.CommitOptions) (versioning.Entry, error)
	Dictionary(ctx context.Context, studyKey, version string) (versioning.Dictionary, error)
	Verify(ctx context.Context, o versioning.VerifyOptions) (versioning.Verification, error)
}

// TestStore runs the suite. open must return a new, empty store that uses the clock.
func TestStore(t *testing.T, open func(t *testing.T, clock imednet.Clock) Store) {
	for name, test := range map[string]func(*bench){
		"Commit": (*bench).commit, "BackToAnOlderBody": (*bench).back, "Arguments": (*bench).arguments,
		"CompareAndAppend": (*bench).compareAndAppend, "Studies": (*bench).studies, "History": (*bench).history,
		"Unknown": (*bench).unknown, "Diff": (*bench).diff, "Race": (*bench).race, "Heads": (*bench).heads,
		"Dictionaries": (*bench).dictionaries,
	} {
		t.Run(name, func(t *testing.T) {
			clock := &fixedClock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
			b := &bench{T: t, ctx: t.Context(), clock: clock, store: open(t, clock)}
			test(b)
			_, err := b.store.Verify(b.ctx, versioning.VerifyOptions{})
			b.no(err)
		})
	}
}

// fixedClock stands still until it is told to move.
type fixedClock struct{ now time.Time }

func (c *fixedClock) Now() time.Time { return c.now }

func (c *fixedClock) Sleep(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }

// bench is one test of the suite.
type bench struct {
	*testing.T
	ctx   context.Context
	clock *fixedClock
	store Store
}

func (b *bench) no(err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("unexpected error: %v", err)
	}
}

func (b *bench) is(err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Fatalf("error is %v, want %v", err, want)
	}
}

func equal[T comparable](b *bench, what string, got, want T) {
	b.Helper()
	if got != want {
		b.Fatalf("%s is %v, want %v", what, got, want)
	}
}

var why = versioning.CommitOptions{Author: " anna ", Reason: " first\nmapping "}

// configuration returns a small configuration of a study; another variable makes another body.
func configuration(study, variable string) *imednet.StudyConfiguration {
	return &imednet.StudyConfiguration{StudyKey: study, Version: "1.2.0", Mappings: []imednet.MappingRule{
		{Domain: "AE", TargetField: "aeTerm", SourceFormKey: "AE", SourceVariableName: variable}}}
}

func (b *bench) put(study, variable string) versioning.Entry {
	b.Helper()
	b.clock.now = b.clock.now.Add(time.Minute)
	e, err := b.store.CommitConfig(b.ctx, study, configuration(study, variable), why)
	b.no(err)
	return e
}

func (b *bench) entries(study string, o versioning.HistoryOptions) []versioning.Entry {
	b.Helper()
	var out []versioning.Entry
	for e, err := range b.store.History(b.ctx, study, o) {
		b.no(err)
		out = append(out, e)
	}
	return out
}

func (b *bench) commit() {
	e := b.put("S", "A")
	_, id, err := versioning.Canonical(configuration("S", "A"))
	b.no(err)
	equal(b, "commit id", e.CommitID, id)
	equal(b, "sequence", e.Sequence, 1)
	equal(b, "author", e.Author, "anna")
	equal(b, "reason", e.Reason, "first\nmapping")
	equal(b, "version", e.VersionTag, "1.2.0")
	equal(b, "time", e.Timestamp, b.clock.now)
	equal(b, "parent", e.ParentHash, "")
	if e.EntryID == "" || e.Hash == "" || e.Imported() || e.Fault != nil {
		b.Fatalf("incomplete entry: %+v", e)
	}
	if back := b.entries("S", versioning.HistoryOptions{})[0]; !reflect.DeepEqual(back, e) {
		b.Fatalf("the entry read back is %+v, want %+v", back, e)
	}
	_, err = b.store.CommitConfig(b.ctx, "S", configuration("S", "A"), why)
	b.is(err, versioning.ErrDuplicate)
	equal(b, "entries", len(b.entries("S", versioning.HistoryOptions{})), 1)
}

// back commits A, B, reads A again and commits it: three entries.
func (b *bench) back() {
	first := b.put("S", "A")
	second := b.put("S", "B")
	old, err := b.store.RollbackConfig(b.ctx, "S", first.CommitID)
	b.no(err)
	equal(b, "entries after a rollback", len(b.entries("S", versioning.HistoryOptions{})), 2)
	_, err = b.store.CommitConfig(b.ctx, "S", &old, why)
	b.is(err, versioning.ErrRollback)
	back := why
	back.AllowRollback = true
	third, err := b.store.CommitConfig(b.ctx, "S", &old, back)
	b.no(err)
	equal(b, "replaces", third.Details.Replaces, second.CommitID)
	equal(b, "commit id", third.CommitID, first.CommitID)
	equal(b, "parent", third.ParentHash, second.Hash)
	equal(b, "entries", len(b.entries("S", versioning.HistoryOptions{})), 3)
}

func (b *bench) arguments() {
	invalid := func(err error) {
		b.Helper()
		var v *imednet.ValidationError
		if !errors.As(err, &v) {
			b.Fatalf("error is %v, want a validation error", err)
		}
		if strings.Contains(err.Error(), "Jane") {
			b.Fatalf("the error repeats its argument: %v", err)
		}
	}
	for _, bad := range []string{"", " \t", "Jane\x00", "Jane\xff"} {
		_, err := b.store.CommitConfig(b.ctx, "S", configuration("S", "A"), versioning.CommitOptions{Author: bad, Reason: "r"})
		invalid(err)
		_, err = b.store.CommitConfig(b.ctx, "S", configuration("S", "A"), versioning.CommitOptions{Author: "a", Reason: bad})
		invalid(err)
		_, err = b.store.CommitConfig(b.ctx, bad, configuration("S", "A"), why)
		invalid(err)
	}
	_, err := b.store.CommitConfig(b.ctx, "S", nil, why)
	invalid(err)
	wrong := configuration("S", "A")
	wrong.ReportingProfile = "Jane"
	_, err = b.store.CommitConfig(b.ctx, "S", wrong, why)
	invalid(err)
	_, err = b.store.CommitConfig(b.ctx, "S", configuration("T", "A"), why)
	b.is(err, versioning.ErrOtherStudy)
	equal(b, "entries", len(b.entries("S", versioning.HistoryOptions{})), 0)
}

func (b *bench) compareAndAppend() {
	commit := func(variable string, head versioning.Head) error {
		o := why
		o.IfHead = &head
		_, err := b.store.CommitConfig(b.ctx, "S", configuration("S", variable), o)
		return err
	}
	empty, err := b.store.Head(b.ctx, "S")
	b.no(err)
	equal(b, "empty head", empty, versioning.Head{StudyKey: "S"})
	b.no(commit("A", versioning.Head{}))
	err = commit("B", empty)
	b.is(err, versioning.ErrHeadMoved)
	var refusal *versioning.HeadError
	if !errors.As(err, &refusal) || refusal.Head.Sequence != 1 {
		b.Fatalf("the error does not carry the head as it is: %+v", refusal)
	}
	b.no(commit("B", refusal.Head))
	b.is(commit("C", refusal.Head), versioning.ErrHeadMoved)
}

func (b *bench) studies() {
	b.put("S", "A")
	b.put("T", "A")
	e := b.put("S", "B")
	equal(b, "sequence", e.Sequence, 2)
	equal(b, "entries of T", len(b.entries("T", versioning.HistoryOptions{})), 1)
	_, err := b.store.RollbackConfig(b.ctx, "T", e.CommitID)
	b.is(err, imednet.ErrNotFound)
	equal(b, "entries of nobody", len(b.entries("U", versioning.HistoryOptions{})), 0)
}

// history reads forwards and backwards, over more than one page.
func (b *bench) history() {
	const n = 230
	for i := range n {
		b.put("S", fmt.Sprintf("V%d", i))
	}
	all := b.entries("S", versioning.HistoryOptions{})
	equal(b, "entries", len(all), n)
	for i := range all {
		equal(b, "sequence", all[i].Sequence, int64(i+1))
	}
	slices.Reverse(all)
	back := b.entries("S", versioning.HistoryOptions{Newest: true})
	if !reflect.DeepEqual(all, back) {
		b.Fatal("backwards is not the reverse of forwards")
	}
	equal(b, "after 200", len(b.entries("S", versioning.HistoryOptions{After: 200})), 30)
	equal(b, "before 3", len(b.entries("S", versioning.HistoryOptions{After: 3, Newest: true})), 2)
	for range b.store.History(b.ctx, "S", versioning.HistoryOptions{}) {
		break
	}
}

func (b *bench) unknown() {
	e := b.put("S", "A")
	none := strings.Repeat("0", 64)
	_, err := b.store.RollbackConfig(b.ctx, "S", none)
	b.is(err, imednet.ErrNotFound)
	_, err = b.store.DiffConfigs(b.ctx, e.CommitID, none)
	b.is(err, imednet.ErrNotFound)
}

func (b *bench) diff() {
	x, y := b.put("S", "A"), b.put("T", "B")
	d, err := b.store.DiffConfigs(b.ctx, x.CommitID, y.CommitID)
	b.no(err)
	equal(b, "changed", len(d.Changed), 2)
	before, _, err := versioning.Canonical(configuration("S", "A"))
	b.no(err)
	after, _, err := versioning.Canonical(configuration("T", "B"))
	b.no(err)
	got, err := d.Patch.Apply(before)
	b.no(err)
	equal(b, "patched body", string(got), string(after))
}

// race has writers compare and append at once: each body gets in exactly once, in one chain.
func (b *bench) race() {
	const writers, each = 8, 5
	var wg sync.WaitGroup
	errs := make([]error, writers)
	for i := range writers {
		wg.Go(func() {
			for j := range each {
				if errs[i] = b.insist(configuration("S", fmt.Sprintf("V%d_%d", i, j))); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	b.no(errors.Join(errs...))
	bodies := map[string]bool{}
	for _, e := range b.entries("S", versioning.HistoryOptions{}) {
		bodies[e.CommitID] = true
	}
	equal(b, "bodies", len(bodies), writers*each)
	equal(b, "entries", len(b.entries("S", versioning.HistoryOptions{})), writers*each)
}

// insist commits on top of whatever head it sees, until nobody was faster.
func (b *bench) insist(c *imednet.StudyConfiguration) error {
	for {
		head, err := b.store.Head(b.ctx, "S")
		if err != nil {
			return err
		}
		o := why
		o.IfHead = &head
		if _, err = b.store.CommitConfig(b.ctx, "S", c, o); !errors.Is(err, versioning.ErrHeadMoved) {
			return err
		}
	}
}

// heads are exported, read back, and still hold after the history has grown.
func (b *bench) heads() {
	b.put("a study", "A")
	early, err := b.store.Head(b.ctx, "a study")
	b.no(err)
	b.put("a study", "B")
	parsed, err := versioning.ParseHead(early.String())
	b.no(err)
	early.CommitID = ""
	equal(b, "parsed head", parsed, early)
	v, err := b.store.Verify(b.ctx, versioning.VerifyOptions{Heads: []versioning.Head{parsed, {StudyKey: "none"}}})
	b.no(err)
	equal(b, "heads", len(v.Heads), 1)
	for _, wrong := range []versioning.Head{{StudyKey: "a study", Sequence: 2, Hash: early.Hash}, {StudyKey: "a study", Sequence: 3, Hash: early.Hash}, {StudyKey: "none", Sequence: 1, Hash: early.Hash}} {
		_, err = b.store.Verify(b.ctx, versioning.VerifyOptions{Heads: []versioning.Head{wrong}})
		b.is(err, versioning.ErrIntegrity)
	}
}
