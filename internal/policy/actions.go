package policy

import "strings"

// Action is something that is done to an audited store, of which a policy says who may.
type Action struct {
	Name    string // the store and what is done, such as triage.resolve
	Meaning string
}

// actions are all that a policy can permit, by store.
var actions = []Action{
	{"triage.report", "add or update findings"},
	{"triage.claim", "claim an item for a time"},
	{"triage.release", "end one's own claim"},
	{"triage.assign", "assign an item to somebody"},
	{"triage.annotate", "add a comment"},
	{"triage.review", "begin the review of an item, or take a resolved one up again"},
	{"triage.resolve", "decide that an item is resolved"},
	{"triage.reopen", "set an item back to NEW"},
	{"triage.confirm", "confirm, as a second person, that an item is resolved"},
	{"triage.sign", "sign an item"},
	{"triage.import", "import a review queue of the Python package"},
	{"config.commit", "add a configuration, or a version of a dictionary"},
	{"config.import", "import configurations that the Python package committed"},
	{"config.review", "review, as a second person, a configuration"},
	{"config.approve", "approve, as a second person, a configuration that was reviewed"},
	{"config.sign", "sign a configuration"},
	{"ledger.run", "move marks forward by working on a stream"},
	{"ledger.set", "set a mark by hand"},
	{"ledger.reset", "remove entries"},
	{"ledger.import", "add or replace entries from a file"},
	{"ledger.restore", "restore the last good state"},
	{"journal.send", "send records or registrations"},
	{"journal.settle", "determine, and write down, what became of what was sent"},
	{"journal.resend", "send absent or refused records again"},
	{"journal.discard", "close records that were dealt with by hand"},
	{"mirror.cut", "save the state of the mirror as a data cut"},
	{"mirror.purge", "remove data from the mirror for good"},
	{"plan.acknowledge", "let a plan go on with the changed design of a study"},
	{"stores.backup", "copy all stores"},
	{"stores.migrate", "copy stores into a database, or back"},
}

// Actions lists all that a policy can permit, those of a store one after the other.
func Actions() []Action { return append([]Action(nil), actions...) }

// grants reports whether what a role lists permits an action: its name, or its store followed by .*
func grants(listed, action string) bool {
	store, every := strings.CutSuffix(listed, ".*")
	if !every {
		return listed == action
	}
	of, _, _ := strings.Cut(action, ".")
	return store == of
}

// known reports whether a role may list a name: one that permits nothing would protect otherwise than it
// seems to.
func known(listed string) bool {
	for _, a := range actions {
		if grants(listed, a.Name) {
			return true
		}
	}
	return false
}
