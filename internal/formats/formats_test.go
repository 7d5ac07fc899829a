//go:build cgo && !race

package formats

import (
	"testing"
)

// DuckDB under the race detector takes minutes to build, and nothing here runs side by side: hence
// the build tag.
//
// One test, because its last step is that no table of the pages was left unchecked.
func TestThePagesAreCompleteAndTrue(t *testing.T) {
	d := readDocument(t)
	for _, page := range []struct {
		name  string
		check func(*document)
	}{
		{"mirror", checkMirror}, {"ledger", checkLedger}, {"journal", checkJournal}, {"triage", checkTriage}, {"configurations", checkConfigurations},
		{"warehouse", checkWarehouse}, {"datasets", checkDatasets}, {"canonical", checkCanonical}, {"documents", checkDocuments},
		{"qualification", checkQualification}, {"heads", checkHeads},
	} {
		t.Run(page.name, func(t *testing.T) {
			d.t = t
			page.check(d)
		})
	}
	d.t = t
	d.checkAll()
}
