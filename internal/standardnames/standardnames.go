// Package standardnames knows the names and labels that SDTM, ADaM and the Python package have for what
// has another name here.
package standardnames

import "strings"

// variables are the SDTM variables of the fields of AE, PD and DD, whose names are the Python package's.
var variables = map[string]string{
	"aeTerm": "AETERM", "aeDecod": "AEDECOD", "aeSeverity": "AESEV", "aeSerious": "AESER", "aeStartDate": "AESTDTC", "aeEndDate": "AEENDTC",
	"aeOutcome": "AEOUT", "aeRelationship": "AEREL", "aeActionTaken": "AEACN",
	"dvTerm": "DVTERM", "dvCategory": "DVCAT", "dvSeverity": "DVSEV", "dvStatus": "DVSTAT", "dvDate": "DVSTDTC",
	"ddTerm": "DETERM", "ddCategory": "DECAT", "ddSerious": "DESER", "ddDate": "DESTDTC",
}

// Variable returns the name of a canonical field in a submission: the SDTM variable that it stands for,
// else its own name in upper case.
func Variable(field string) string {
	if name, ok := variables[field]; ok {
		return name
	}
	return strings.ToUpper(field)
}

var labels = map[string]string{
	"USUBJID": "Unique Subject Identifier", "AVALU": "Analysis Value Unit", "AENDTF": "Analysis End Date Imputation Flag",
	"AETERM": "Reported Term for the Adverse Event", "AEDECOD": "Dictionary-Derived Term", "AESEV": "Severity/Intensity", "AESER": "Serious Event", "AESTDTC": "Start Date/Time of Adverse Event",
	"AEENDTC": "End Date/Time of Adverse Event", "AEOUT": "Outcome of Adverse Event", "AEREL": "Causality", "AEACN": "Action Taken with Study Treatment", "AEBODSYS": "Body System or Organ Class",
	"DVTERM": "Protocol Deviation Term", "DVCAT": "Category for Protocol Deviation", "DVSEV": "Severity of Protocol Deviation", "DVSTAT": "Status of Protocol Deviation", "DVSTDTC": "Start Date/Time of Deviation",
	"DETERM": "Device Deficiency Term", "DECAT": "Category of Device Deficiency", "DESER": "Serious Device Deficiency", "DESTDTC": "Start Date/Time of Device Deficiency",
	"AGE": "Age", "AGEU": "Age Units", "SEX": "Sex", "RACE": "Race", "ETHNIC": "Ethnicity", "ARM": "Description of Planned Arm", "ACTARM": "Description of Actual Arm", "COUNTRY": "Country",
	"TRT01P": "Planned Treatment for Period 01", "TRT01A": "Actual Treatment for Period 01", "TRTSDT": "Date of First Exposure to Treatment", "TRTEDT": "Date of Last Exposure to Treatment",
	"SAFFL": "Safety Population Flag", "ITTFL": "Intent-To-Treat Population Flag", "EFFFL": "Efficacy Population Flag", "DTHFL": "Subject Death Flag", "DTHDT": "Date of Death",
	"ASTDT": "Analysis Start Date", "AENDT": "Analysis End Date", "ASTDY": "Analysis Start Relative Day", "AENDY": "Analysis End Relative Day", "ADT": "Analysis Date", "ADY": "Analysis Relative Day",
	"TRTEMFL": "Treatment Emergent Analysis Flag", "ASEQ": "Analysis Sequence Number", "PARAM": "Parameter", "PARAMCD": "Parameter Code", "AVAL": "Analysis Value", "AVALC": "Analysis Value (C)",
	"BASE": "Baseline Value", "CHG": "Change from Baseline", "PCHG": "Percent Change from Baseline", "ABLFL": "Baseline Record Flag", "ANRIND": "Analysis Reference Range Indicator", "AVISIT": "Analysis Visit",
	"AVISITN": "Analysis Visit (N)", "LBSTRESU": "Standard Units", "ASTDTF": "Analysis Start Date Imputation Flag",
}

// Label returns the label that the standards give a variable; "" when they, or this table, have none.
func Label(variable string) string { return labels[variable] }

// Snake turns a wire name into the Python package's attribute name: "phiFields" to "phi_fields".
func Snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
