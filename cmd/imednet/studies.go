package main

import (
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
)

func newStudies(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "studies",
		GroupID:     groupData,
		Short:       "List the studies that the keys may read",
		Long:        "List the studies that the keys may read. The first column is what the other commands\ntake as STUDY.",
		Example:     "  imednet studies\n  imednet studies --json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := a.client()
			if err != nil {
				return err
			}
			_, err = writeRows(a, client.Studies(cmd.Context(), imednet.ListOptions{}), studyRows)
			return err
		},
	}
}

var studyRows = listing[imednet.Study]{
	columns: []string{"STUDY", "NAME", "TYPE", "MODIFIED"},
	cells: func(s imednet.Study) []string {
		return []string{s.StudyKey, textCell(s.StudyName), textCell(s.StudyType), timeCell(s.DateModified)}
	},
	encode: imednet.Encode[imednet.Study],
}
