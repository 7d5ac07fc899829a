package imednet_test

import (
	"context"
	"fmt"
	"log"

	"github.com/imednetgo/imednet"
)

// The id decides where both sides have one, else the key; what does not agree is reported.
func ExampleFormIndex() {
	x := imednet.NewFormIndex(
		[]imednet.Form{
			{FormID: 1, FormKey: imednet.Some("AE")},
			{FormID: 2, FormKey: imednet.Some("CM")},
		},
		[]imednet.Variable{
			{VariableID: 11, VariableName: imednet.Some("AETERM"), FormKey: imednet.Some("AE"), Sequence: imednet.Some(int64(2))},
			{VariableID: 12, VariableName: imednet.Some("AESEV"), FormID: imednet.Some(int64(1)), Sequence: imednet.Some(int64(1))},
		})
	for _, v := range x.Forms()[0].Variables {
		fmt.Println(v.VariableName.Or(""))
	}
	for _, r := range []imednet.Record{
		{RecordID: 101, FormID: imednet.Some(int64(1))},
		{RecordID: 102, FormKey: imednet.Some("CM")},
		{RecordID: 103, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("CM")},
		{RecordID: 104, FormKey: imednet.Some("VS")},
	} {
		form, c := x.OfRecord(&r)
		fmt.Printf("%d %t %q\n", r.RecordID, form != nil, c)
	}
	// Output:
	// AESEV
	// AETERM
	// 101 true ""
	// 102 true ""
	// 103 true "records 103: id-and-key-disagree: forms id 1 (key AE), key CM (id 2)"
	// 104 false "records 104: nothing-known: forms key VS"
}

// Asking for one form finds what picking it from all finds, records that carry only its id included.
func ExampleFormSelection_Records() {
	x := imednet.NewFormIndex([]imednet.Form{{FormID: 1, FormKey: imednet.Some("AE")}, {FormID: 2, FormKey: imednet.Some("CM")}}, nil)
	src := &shelf{records: []imednet.Record{
		{RecordID: 101, FormID: imednet.Some(int64(1))},
		{RecordID: 102, FormKey: imednet.Some("AE")},
		{RecordID: 103, FormID: imednet.Some(int64(2)), FormKey: imednet.Some("AE")},
		{RecordID: 104, FormID: imednet.Some(int64(1)), FormKey: imednet.Some("AE")},
	}}
	ae, err := x.Select("AE")
	if err != nil {
		log.Fatal(err)
	}
	for r, err := range ae.Records(context.Background(), src, "DEMO", imednet.ListOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.RecordID)
	}
	fmt.Println(src.asked)
	// Output:
	// 101
	// 102
	// 104
	// [formId==1 formKey==AE]
}

// A key from before a renaming does not lead to another patient.
func ExampleSubjectIndex() {
	x := imednet.NewSubjectIndex([]imednet.Subject{
		{SubjectID: 1, SubjectKey: imednet.Some("01-001")},
		{SubjectID: 2, SubjectKey: imednet.Some("01-002")},
	})
	r := imednet.Record{RecordID: 101, SubjectID: imednet.Some(int64(1)), SubjectKey: imednet.Some("01-002")}
	subject, c := x.OfRecord(&r)
	fmt.Println(subject.SubjectID, c)
	// Output:
	// 1 records 101: id-and-key-disagree: subjects id 1 (id 2)
}
