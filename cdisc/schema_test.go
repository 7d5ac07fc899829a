package cdisc

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// describedTables are two tables with everything that Define-XML says of one.
func describedTables(t *testing.T) []memory {
	all := allKinds(t)
	all.dataset.Class, all.dataset.SubClass, all.dataset.Purpose, all.dataset.Structure = "OCCURRENCE DATA STRUCTURE", "ADVERSE EVENT", "Analysis", "One record per event"
	all.dataset.Standard, all.dataset.Comment, all.dataset.Domain = "STD.1", "A comment on the dataset", "AE"
	v := all.dataset.Variables
	v[0].Origin, v[0].Mandatory = Origin{Type: "Protocol", Source: "Sponsor"}, true
	v[1].Origin, v[1].Method = Origin{Type: "Derived", Source: "Sponsor"}, `Study & subject, "joined"`
	v[2].Origin, v[2].Codelist = Origin{Type: "Collected", Source: "Investigator"}, &Codelist{Name: "Terms", Dictionary: "MedDRA", DictionaryVersion: "26.1"}
	v[4].Origin, v[4].Codelist = Origin{Type: "Assigned", Source: "Sponsor"}, &Codelist{OID: "CL.NY", Name: "No Yes", Standard: "STD.2", NCICode: "C66742", Items: []CodelistItem{{"N", "No"}, {"Y", "Yes"}}}
	v[5].Origin, v[5].Comment = Origin{Type: "Predecessor", Description: "AE.AESTDTC"}, "A comment on the variable"
	one := column(Variable{Name: "A_NAME_OF_MORE_THAN_8", Type: Datetime, Format: "E8601DT19.", Codelist: nil}, Value{})
	one.dataset.Name, one.dataset.OneRow, one.dataset.ReferenceData = "SECOND_TABLE", true, true
	one.dataset.Variables = append(one.dataset.Variables, Variable{Name: "GRADE", Type: WholeNumber, Codelist: &Codelist{Name: "GRADE", Items: []CodelistItem{{Code: "1"}, {Code: "2"}}}},
		Variable{Name: "DOSE", Type: Double, Codelist: &Codelist{Name: "DOSE", Items: []CodelistItem{{"0.5", "Half"}, {"1", ""}}}}, Variable{Name: "TM", Type: Time}, Variable{Name: "DTC", Type: ISODate})
	one.rows[0] = append(one.rows[0], Integer(2), Float(0.5), Integer(3600*microsPerSecond), Text("2026-03-01T08:00"))
	return []memory{all, one}
}

// TestDocumentsAreThoseThatTheSchemasTook compares with documents that were read by the schemas of
// Define-XML 2.1, ODM 1.3.2 and ODM 2.0. IMEDNET_DOCUMENTS names a directory to write them to, for
// another look.
func TestDocumentsAreThoseThatTheSchemasTook(t *testing.T) {
	o := defineOptions()
	o.StudyName, o.StudyDescription, o.ProtocolName, o.MetaDataVersionName, o.MetaDataVersionDescription, o.Comment = "Name", "Description", "Protocol", "Version", "About the version", "About all"
	o.Originator, o.SourceSystem, o.SourceSystemVersion, o.FileOID = "Org", "EDC", "1", "F.1"
	o.Standards = []Standard{{"STD.1", "ADaMIG", "IG", "1.3", "Final", ""}, {"STD.2", "CDISC/NCI", "CT", "2024-03-29", "Final", "SDTM"}}
	define, err := writeDefine(t, o, describedTables(t)...)
	require.NoError(t, err)
	documents := map[string]string{"define": define}
	for name, options := range map[string]ODMOptions{
		"odm": {Originator: "Org", SourceSystem: "EDC", SourceSystemVersion: "1", AsOf: made}, "odm2": {Version: "2.0"},
		"transactions": {Transactional: true}, "transactions2": {Version: "2.0", Transactional: true},
	} {
		forms := odmForms(t)
		if !options.Transactional {
			ae := forms[0].Source.(memory)
			ae.rows = ae.rows[2:]
			forms[0].Source = ae
		}
		site := forms[1].Source.(memory)
		site.dataset.Variables[1].Codelist = &Codelist{Name: "PI", Dictionary: "PEOPLE", DictionaryVersion: "1"}
		site.dataset.Variables[1].Alias = "4711"
		forms[1].Record = []string{"time"}
		documents[name], _, err = writeODM(t, forms, options)
		require.NoError(t, err)
	}
	got := map[string]string{}
	for name, document := range documents {
		sum := sha256.Sum256([]byte(document))
		got[name] = hex.EncodeToString(sum[:6])
		if dir := os.Getenv("IMEDNET_DOCUMENTS"); dir != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name+".xml"), []byte(document), 0o600))
		}
	}
	require.Equal(t, map[string]string{"define": "2320ade37191", "odm": "35afac805670", "odm2": "b6ab5f2ba160", "transactions": "0f61166286f8", "transactions2": "bc211fea12f3"}, got)
}
