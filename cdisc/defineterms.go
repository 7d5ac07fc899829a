package cdisc

import (
	"slices"
	"strings"
)

// The words that the schema of Define-XML takes.
var (
	originTypes       = []string{"Assigned", "Collected", "Derived", "Not Available", "Other", "Predecessor", "Protocol"}
	originSources     = []string{"Investigator", "Sponsor", "Subject", "Vendor"}
	purposes          = []string{"Tabulation", "Analysis"}
	standardNames     = []string{"ADaMIG", "BIMO", "CDISC/NCI", "SDTMIG", "SDTMIG-AP", "SDTMIG-MD", "SENDIG", "SENDIG-AR", "SENDIG-DART"}
	standardTypes     = []string{"IG", "CT"}
	standardStatuses  = []string{"Final", "Draft", "Provisional"}
	publishingSets    = []string{"ADaM", "CDASH", "DEFINE-XML", "SDTM", "SEND"}
	datasetSubClasses = []string{"ADVERSE EVENT", "MEDICAL DEVICE TIME-TO-EVENT", "NON-COMPARTMENTAL ANALYSIS", "POPULATION PHARMACOKINETIC ANALYSIS", "TIME-TO-EVENT"}
	datasetClasses    = []string{"ADAM OTHER", "BASIC DATA STRUCTURE", "DEVICE LEVEL ANALYSIS DATASET", "EVENTS", "FINDINGS", "FINDINGS ABOUT", "INTERVENTIONS",
		"MEDICAL DEVICE BASIC DATA STRUCTURE", "MEDICAL DEVICE OCCURRENCE DATA STRUCTURE", "OCCURRENCE DATA STRUCTURE", "RELATIONSHIP", "SPECIAL PURPOSE", "STUDY REFERENCE",
		"SUBJECT LEVEL ANALYSIS DATASET", "TRIAL DESIGN"}
)

// term finds a word that the schema does not take. An empty one is left out of the file.
func (c *checker) term(variable, what, word string, words []string) {
	c.flag(variable, RuleTerm, word != "" && !slices.Contains(words, word), "the %s is none of %s", what, strings.Join(words, ", "))
}

// xmlTexts counts texts of a place that XML cannot hold.
func (c *checker) xmlTexts(variable, what string, list ...string) {
	var n int64
	for _, text := range list {
		count(&n, !isXMLText(text))
	}
	c.add(variable, RuleXMLCharacter, n, "%s with a character that XML cannot hold", what)
}

// uniqueOIDs finds identifiers that two elements of a file have, of whatever kinds.
type uniqueOIDs struct {
	seen  map[string]bool
	check *checker
}

func (d uniqueOIDs) add(dataset, variable, oid string) {
	d.check.dataset = dataset
	d.check.flag(variable, RuleOID, d.seen[oid], "another element of the file has this OID")
	d.seen[oid] = true
}
