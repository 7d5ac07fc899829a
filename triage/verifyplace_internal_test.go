package triage

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestTheFirstPlaceNamesNoItem: an error text has a place of the file whole, and of items the table alone.
func TestTheFirstPlaceNamesNoItem(t *testing.T) {
	for path, want := range map[string]string{
		"triage_events/7": "triage_events/7", "trigger/no_update": "trigger/no_update", "index/by_study": "index/by_study", "file/pages": "file/pages",
		"triage_items/ITEM-1": "triage_items", "triage_annotations/3": "triage_annotations",
	} {
		v := Verification{Problems: []imednet.Problem{{Path: path}}}
		require.Equal(t, want, v.firstPlace())
	}
}
