package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// asked is an action of the policy that a command needs.
type asked struct {
	action string
	with   string // only with this flag
	not    string // not with this flag
	later  bool   // asked by the store alone, because only its arguments tell which action it is
}

// governed are the commands that write audited stores, and what of the policy they need. The stores ask again,
// of each item.
var governed = map[string][]asked{
	"triage report":   {{action: "triage.report"}},
	"triage claim":    {{action: "triage.claim"}},
	"triage release":  {{action: "triage.release"}},
	"triage assign":   {{action: "triage.assign"}},
	"triage annotate": {{action: "triage.annotate"}},
	"triage status": {
		{action: "triage.review", later: true}, {action: "triage.resolve", later: true}, {action: "triage.reopen", later: true},
	},
	"triage confirm":    {{action: "triage.confirm"}},
	"triage sign":       {{action: "triage.sign"}},
	"triage import":     {{action: "triage.import"}},
	"config commit":     {{action: "config.commit"}},
	"config import":     {{action: "config.import"}},
	"config review":     {{action: "config.review"}},
	"config approve":    {{action: "config.approve"}},
	"config sign":       {{action: "config.sign"}},
	"dictionary commit": {{action: "config.commit"}},
	"state set":         {{action: "ledger.set"}},
	"state reset":       {{action: "ledger.reset"}},
	"state import":      {{action: "ledger.import"}},
	"state restore":     {{action: "ledger.restore"}},
	"worker":            {{action: "ledger.run", with: "stream"}},
	"submit records":    {{action: "journal.send", not: "dry-run"}},
	"submit register":   {{action: "journal.send", not: "dry-run"}},
	"dictionary uat":    {{action: "journal.send", with: "submit"}},
	"submit resume":     {{action: "journal.settle"}, {action: "journal.resend", with: "resend"}},
	"submit settle":     {{action: "journal.settle"}},
	"submit resend":     {{action: "journal.resend"}},
	"submit discard":    {{action: "journal.discard"}},
	"cache cut":         {{action: "mirror.cut"}},
	"cache purge":       {{action: "mirror.purge"}},
	"plan acknowledge":  {{action: "plan.acknowledge"}},
	"backup":            {{action: "stores.backup"}},
	"migrate":           {{action: "stores.migrate"}},
}

// Why a command needs no action.
const (
	onlyReads    = "reads"
	ownFiles     = "writes files that the caller names, of which every one can be made again"
	addsHeads    = "adds signed files to a place of the caller's, overwrites none, and needs the key of the heads"
	followsStudy = "follows the server, whose keys decide who may read a study"
	noStore      = "has nothing to do with stores"
)

// ungoverned are all other commands, and why nothing is asked of the policy.
var ungoverned = map[string]string{
	"studies": onlyReads, "records list": onlyReads, "records extract": onlyReads, "subject": onlyReads, "who": onlyReads, "changes": onlyReads,
	"queries open": onlyReads, "queries list": onlyReads, "queries site": onlyReads, "queries subject": onlyReads, "queries counts": onlyReads, "queries metrics": onlyReads,
	"structure show": onlyReads, "structure compare": onlyReads, "explain": onlyReads, "validate": onlyReads, "jobs wait": onlyReads,
	"dictionary read": onlyReads, "dictionary validate": onlyReads, "dictionary list": onlyReads, "dictionary diff": onlyReads,
	"dictionary join": onlyReads, "dictionary check": onlyReads, "dictionary survey": onlyReads, "dictionary log": onlyReads, "plan": onlyReads,
	"triage queue": onlyReads, "triage show": onlyReads, "triage log": onlyReads, "triage verify": onlyReads,
	"config log": onlyReads, "config diff": onlyReads, "config rollback": onlyReads, "config verify": onlyReads,
	"state show": onlyReads, "state verify": onlyReads, "state export": onlyReads,
	"submit list": onlyReads, "submit show": onlyReads, "submit verify": onlyReads,
	"cache status": onlyReads, "cache verify": onlyReads, "cache history": onlyReads, "cache cuts": onlyReads, "cache verify-cut": onlyReads, "cache verify-purges": onlyReads,
	"warehouse query": onlyReads, "formats diff": onlyReads, "policy check": onlyReads, "qualify check": onlyReads,

	"heads": addsHeads,

	"export": ownFiles, "extract": ownFiles, "profile": ownFiles, "report": ownFiles, "probe": ownFiles, "qualify": ownFiles, "dictionary save": ownFiles,
	"triage export": ownFiles, "config export": ownFiles, "submit export": ownFiles,
	"formats names": ownFiles, "formats export": ownFiles, "formats odm": ownFiles, "formats odm-audit": ownFiles,

	"sync": followsStudy, "refresh": followsStudy, "warehouse ingest": followsStudy, "warehouse silver": followsStudy,

	"demo": noStore, "version": noStore, "dictionary schema": noStore, "policy schema": noStore, "help": noStore, "completion bash": noStore, "completion fish": noStore, "completion powershell": noStore, "completion zsh": noStore,
}

// ownName is the name of a command without the program's, and as this program calls it where it has the name
// of the Python package's.
func ownName(cmd *cobra.Command) string {
	name := strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), "imednet "), "workflows ")
	switch name {
	case "extract-records":
		return "records extract"
	case "sync-worker":
		return "worker"
	case "subject-data":
		return "subject"
	}
	return name
}
