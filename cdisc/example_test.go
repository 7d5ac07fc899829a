package cdisc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/imednetgo/imednet/cdisc"
)

// visits is a source of two rows.
type visits struct{}

func (visits) Dataset() cdisc.Dataset {
	return cdisc.Dataset{Name: "VS", Label: "Vital Signs", Variables: []cdisc.Variable{
		{Name: "USUBJID", Label: "Unique Subject Identifier", Type: cdisc.Character, Key: 1},
		{Name: "VSSTRESN", Label: "Numeric Result", Type: cdisc.Double},
		{Name: "TEMPERATURE", Label: "Temperature as Written", Type: cdisc.Decimal},
	}}
}

func (visits) Rows(context.Context) iter.Seq2[cdisc.Row, error] {
	return func(yield func(cdisc.Row, error) bool) {
		_ = yield(cdisc.Row{cdisc.Text("DEMO-01"), cdisc.Float(118.5), cdisc.Text("36.60")}, nil) &&
			yield(cdisc.Row{cdisc.Text("DEMO-02"), {}, cdisc.Text("37.1")}, nil)
	}
}

// A survey finds what a format cannot hold, before anything is written. Dataset-JSON takes the long
// name, XPORT 5 does not.
func Example() {
	ctx := context.Background()
	created := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	survey, err := cdisc.NewSurvey(ctx, visits{})
	if err != nil {
		fmt.Println(err)
		return
	}

	var file bytes.Buffer
	err = cdisc.WriteXPT(ctx, &file, visits{}, survey, cdisc.XPTOptions{Created: created})
	var unfit *cdisc.UnfitError
	if errors.As(err, &unfit) {
		fmt.Println(unfit.Problems[0])
	}

	if err := cdisc.WriteDatasetJSON(ctx, &file, visits{}, survey, cdisc.JSONOptions{Format: cdisc.NDJSON, Created: created}); err != nil {
		fmt.Println(err)
		return
	}
	back, err := cdisc.NewJSONReader(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range back.Rows(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		digits, _ := row[2].Text()
		fmt.Println(digits)
	}
	// Output:
	// VS.TEMPERATURE: variable-name (1): no name of SAS of at most 8 letters, digits and underscores
	// 36.60
	// 37.1
}
