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
	if fault := kind.impossible(r); fault != "" {
		k.found.Add(r.place(), "%s", fault)
		return
	}
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

// impossible says why no call of this library can have written an entry: its kind, or who acted. It is empty if one can.
func (kind EntryKind) impossible(r *entryRow) string {
	switch kind {
	case KindCommitted, KindReviewed, KindApproved, KindSigned, KindDictionary:
	case KindImported:
		return "" // the author is the one whom the Python package names
	default:
		return "is of a kind that there is not"
	}
	if audit.Blank(r.Author) {
		return "names nobody who acted"
	}
	if d, err := r.details(); err == nil && d.Actor != nil && d.Actor.ID != r.Author {
		return "names another than the one who was identified"
	}
	return ""
}
