package imednet_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/imednetgo/imednet"
)

// One row as it arrives, with everything that can be odd about it.
func ExampleDecode() {
	rec, err := imednet.Decode[imednet.Record]([]byte(`{
		"recordId": 700002, "formKey": "AE", "visitId": null, "subjectKey": "", "siteId": "701",
		"dateModified": "2026-03-01 22:59:59", "parentRecordId": "none", "color": "red",
		"recordData": {"AETERM": "Bronchitis", "DOSE": 1.50, "dose": 2}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("visit:", rec.VisitID.Presence(), "subject:", rec.SubjectKey.Presence(), "oid:", rec.RecordOID.Presence())
	fmt.Println("site:", rec.SiteID.Or(0), "modified:", rec.DateModified.Or(imednet.Time{}).Filter())
	fmt.Println("parent:", rec.ParentRecordID.Presence(), string(rec.ParentRecordID.Raw()), "misfits:", imednet.Misfits(&rec))
	fmt.Println("unknown:", string(rec.Unknown))
	for name, v := range rec.RecordData.All() {
		fmt.Println(name, string(v.Raw()))
	}
	// Output:
	// visit: null subject: blank oid: absent
	// site: 701 modified: 2026-03-01T22:59:59Z
	// parent: misfit "none" misfits: [parentRecordId]
	// unknown: {"color":"red"}
	// AETERM "Bronchitis"
	// DOSE 1.50
	// dose 2
}

// A name in another case finds its answer, unless that would be a guess.
func ExampleRecordData_Lookup() {
	data, _ := imednet.NewRecordData([]byte(`{"aeterm": "Bronchitis", "DOSE": 1, "Dose": 2}`))
	v, n := data.Lookup("AETERM")
	fmt.Println(v.Text(), n)
	v, n = data.Lookup("dose")
	fmt.Printf("%q %d\n", v.Text(), n)
	// Output:
	// Bronchitis 1
	// "" 2
}

func ExampleFilter() {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f := imednet.Where("formKey", imednet.Equal, "AE").
		And("recordStatus", imednet.NotEqual, "Record Complete").
		And("dateModified", imednet.GreaterOrEqual, since)
	text, err := f.Encode(imednet.Records)
	fmt.Println(text, err)

	_, err = f.And("dateModified", imednet.Less, since.AddDate(0, 1, 0)).Encode(imednet.Records)
	fmt.Println(err)
	// Output:
	// formKey==AE;recordStatus!="Record Complete";dateModified>=2026-03-01T12:00:00Z <nil>
	// imednet: invalid filter: dateModified: the API accepts an attribute once per filter; send one bound and apply the other yourself
}

// The second bound that the API does not accept is applied locally.
func ExampleFilter_MatchRecord() {
	before := imednet.Where("dateModified", imednet.Less, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for _, modified := range []string{`"2026-03-31 23:59:59"`, `"2026-04-01 00:00:00"`, `null`} {
		rec, err := imednet.Decode[imednet.Record]([]byte(`{"recordId": 1, "dateModified": ` + modified + `}`))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(modified, before.MatchRecord(&rec))
	}
	// Output:
	// "2026-03-31 23:59:59" true
	// "2026-04-01 00:00:00" false
	// null false
}

// Everything wrong with a configuration is told at once, with its place.
func ExampleParseStudyConfiguration() {
	_, err := imednet.ParseStudyConfiguration([]byte(`{
		"study_key": "DEMO",
		"reportingProfile": "vaccine",
		"mappings": [
			{"domain": "AE", "targetField": "aeTerm", "sourceFormKey": "AE", "sourceVariableName": "AETERM"},
			{"domain": "AE", "targetField": "aeColor", "sourceFormKey": "", "sourceVariableName": "AECOL"}
		],
		"widgets": [{"widgetId": "w", "type": "bar", "title": "", "domain": "AE", "layoutCols": 13}]
	}`), imednet.ConfigurationOptions{})
	var invalid *imednet.ValidationError
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			fmt.Println(p.Path+":", p.Message)
		}
	}
	// Output:
	// /widgets/0/layoutCols: must be a whole number from 1 to 12
	// /reportingProfile: must be one of: device, drug, general
	// /mappings/1/sourceFormKey: must not be blank
	// /mappings/1/targetField: AE has no such field; it has subjectKey, aeTerm, aeDecod, aeSeverity, aeSerious, aeStartDate, aeEndDate, aeOutcome, aeRelationship, aeActionTaken
}

func ExampleRetryable() {
	for _, err := range []error{
		&imednet.APIError{Method: "GET", StatusCode: 503},
		&imednet.APIError{Method: "POST", StatusCode: 503},
		&imednet.APIError{Method: "POST", StatusCode: 429, Envelope: true},
		&imednet.APIError{Method: "GET", StatusCode: 401},
	} {
		fmt.Println(imednet.Retryable(err), err)
	}
	// Output:
	// true imednet: GET: status 503 (server error)
	// false imednet: POST: status 503 (server error)
	// true imednet: POST: status 429 (rate limited)
	// false imednet: GET: status 401 (unauthorized)
}
