package phi

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPersonRecognisesWhatIdentifies(t *testing.T) {
	for _, v := range [][3]string{
		{"BRTHDTC", "", ""}, {"DM_BRTHDTC", "", ""}, {"DMDOB", "", ""}, {"dob", "", ""}, {"date_of_birth", "", ""}, {"DateOfBirth", "", ""}, {"DATE OF BIRTH", "", ""},
		{"Q1", "Birth date", ""}, {"Q1", "Subject's date of birth (dd-MMM-yyyy)", ""}, {"Q1", "Birth Date/Time", ""}, {"Q1", "", "IT.DM.BRTHDTC"}, {"Q1", "", "BIRTHDT"},
		{"ZIP", "", ""}, {"ZIPCODE", "", ""}, {"Q7", "ZIP code of residence", ""}, {"SUBJ_INITIALS", "", ""}, {"PATINIT", "", ""}, {"Q2", "Patient initials", ""},
		{"EMAIL1", "", ""}, {"email_address", "", ""}, {"Q3", "E-mail", ""}, {"HOMEPHONE", "Telephone (home)", ""}, {"PHONE", "", ""}, {"Q4", "Last name", ""}, {"NAME", "", ""},
		{"Q5", "Name", ""}, {"SSN", "", ""}, {"Q6", "Social Security number", ""}, {"MRN", "", ""}, {"ADDR", "", ""}, {"patientAddress", "", ""},
	} {
		require.True(t, Person(v[0], v[1], v[2]), "%q", v)
	}
}

func TestPersonLeavesOrdinaryVariablesAlone(t *testing.T) {
	for _, v := range [][3]string{
		{"AETERM", "Reported term", ""}, {"CMTRT", "Name of medication", ""}, {"AGE", "Age", ""}, {"SEX", "Sex", ""}, {"VSDTC", "Date of measurement", "IT.VS.VSDTC"},
		{"LBTEST", "Laboratory test name", ""}, {"BIRTHWT", "Birth weight (g)", ""}, {"PREGNANT", "Gave birth during the study", ""}, {"SITENAME", "Site", ""},
		{"TSADDR", "Device location", ""}, {"CAPACITY", "Bladder capacity", ""}, {"LBNAME", "Test", ""}, {"INITDOSE", "Initial dose", ""}, {"PARAMTEL", "", ""}, {"", "", ""},
	} {
		require.False(t, Person(v[0], v[1], v[2]), "%q", v)
	}
}
