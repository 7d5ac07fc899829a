package main

import (
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
)

func newStudies(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "studies",
		GroupID:     groupData,
		Short:       "List the studies that the API keys can access",
		Long:        "List the studies that the API keys can access. The first column is the STUDY of the other\ncommands.",
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
