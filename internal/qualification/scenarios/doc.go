// Package scenarios holds the acceptance scenarios that `imednet qualify` runs: what the library promises,
// tried with synthetic studies on an embedded server that answers on a port of this computer.
//
// What a scenario expects comes from the generated study, from counting without the code under test, or
// from reading the server's answers with nothing but net/http and encoding/json. [All] lists them; a test
// holds that each names requirements that exist.
package scenarios

import (
	"maps"

	"github.com/imednetgo/imednet/internal/qualification"
)

// All lists the scenarios in the order in which they run. The last ones need the pilot study and are left
// out without.
func All(pilot bool) []qualification.Scenario {
	all := []qualification.Scenario{
		listings, keysAndRedirects, wrongReplies, mirrorEqualsServer, mirrorFollows, mirrorGuards, mirrorKilled, dataCut, retentionAndPurges,
		noValueIsLost, dataSetsAreReplacedWhole, deidentification, warehouseTwice,
		safetyData, expressions,
		submitOnce, submitKilled, submitRefused,
		queriesAndReports,
		ledgerMarks, reviewQueue, configurations, journalForged, backups, policies, keptHeads,
		exchangeFormats,
	}
	if pilot {
		all = append(all, pilotStudy)
	}
	return all
}

// Children are the tasks of other processes, for [qualification.RunAsChild].
func Children() map[string]qualification.Work {
	children := maps.Clone(qualification.Children())
	children["sync"] = syncUntilKilled
	children["submit"] = submitUntilKilled
	return children
}
