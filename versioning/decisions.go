package versioning

import (
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// decisionChecker replays who decided on what in histories that are read in order, by the rules that ReviewConfig and
// ApproveConfig always have: another person than the one who committed, and a review before an approval.
type decisionChecker struct {
	commits map[string]decided
	found   *audit.Findings
}

// decided is what is known of a commit since it was last brought to its study.
type decided struct {
	author   string
	proof    *imednet.Identity // nil: the author is only claimed
	reviewed bool
}

func (k *decisionChecker) entry(r *entryRow) {
	key := r.StudyKey + "\x00" + r.CommitID
	kind := EntryKind(r.Kind)
	if !kind.bringsConfiguration() && kind != KindReviewed && kind != KindApproved {
		return
	}
	d, err := r.details()
	if err != nil {
		return // a fault that is found where the entry is read
	}
	if kind.bringsConfiguration() {
		k.commits[key] = decided{author: r.Author, proof: d.authorProof()}
		return
	}
	commit, known := k.commits[key]
	switch {
	case !known:
		k.found.Add(r.place(), "decides on a configuration that the history does not have before it")
	case audit.SameActor(commit.author, commit.proof, r.Author, d.Actor):
		k.found.Add(r.place(), "is a decision of the person who committed the configuration")
	case kind == KindApproved && !commit.reviewed:
		k.found.Add(r.place(), "approves a configuration that nobody has reviewed since it was committed")
	}
	commit.reviewed = commit.reviewed || kind == KindReviewed
	k.commits[key] = commit
}
