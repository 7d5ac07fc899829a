package main

import (
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
)

func newStudies(a *app) *cobra.Command {
	var shown listOptions
	cmd := &cobra.Command{
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
			_, err = writeRows(a, shown, client.Studies(cmd.Context(), imednet.ListOptions{}), studyRows)
			return err
		},
	}
	shown.flags(cmd)
	return cmd
}

var studyRows = listing[imednet.Study]{
	columns: []column[imednet.Study]{
		{"study", "STUDY", func(s imednet.Study) any { return s.StudyKey }},
		{"name", "NAME", func(s imednet.Study) any { return textCell(s.StudyName) }},
		{"type", "TYPE", func(s imednet.Study) any { return textCell(s.StudyType) }},
		{"modified", "MODIFIED", func(s imednet.Study) any { return timeCell(s.DateModified) }},
	},
	encode: imednet.Encode[imednet.Study],
}
