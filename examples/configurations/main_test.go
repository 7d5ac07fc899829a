package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOutput(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, want, out.String())
}

const want = `Committed twice, kept once: true
Bob decided on entry 1; the history has 2: look again before you commit.

What Anna changed:
changed setting version: "1.0.0" → "1.1.0"
added mapping AE.aeSeverity from form AE: sourceVariableName "AESEV"
added term AE.aeSeverity: 3: "SEVERE"

The same as a JSON Patch:
{"op":"add","path":"/mappings/1","value":{"businessLogic":null,"domain":"AE","fallbackValue":null,"isBaseline":false,"sourceFormKey":"AE","sourceVariableName":"AESEV","targetField":"aeSeverity"}}
{"op":"add","path":"/terminologyLookups/AE.aeSeverity/3","value":"SEVERE"}
{"op":"test","path":"/version","value":"1.0.0"}
{"op":"replace","path":"/version","value":"1.1.0"}

The history after the rollback:
  1  2026-03-02 09:00  4a74d0530d9f  1.0.0  anna: first mapping
  2  2026-03-02 10:00  33327e09617e  1.1.0  anna: map the severity
  3  2026-03-03 10:00  4a74d0530d9f  1.0.0  bob: severity was mapped too early

The auditor, who has the exported head:
  configurations.sqlite3  3 entries, 2 bodies, 0 faults
  forged.sqlite3          3 entries, 2 bodies, 1 faults
    config_entries/DEMO/2: was changed: its hash does not match what it holds
  cut.sqlite3             2 entries, 2 bodies, 1 faults
    config_entries/DEMO/3: the history ends before the exported head: its tail was cut
`
