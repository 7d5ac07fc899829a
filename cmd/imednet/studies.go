package main

import (
	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
)

func newStudies(a *app) *cobra.Command {
	var source sourceOptions
	var shown listOptions
	cmd := &cobra.Command{
		Use:         "studies",
		GroupID:     groupData,
		Short:       "List the studies that the API keys can access",
		Long:        "List the studies that the API keys can access, or with --cached those that the mirror\nholds. The first column is the STUDY of the other commands.",
		Example:     "  imednet studies\n  imednet studies --cached --json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withSource(cmd.Context(), source, func(s studySource) error {
				_, err := writeRows(a, shown, s.Studies(cmd.Context(), imednet.ListOptions{}), studyRows)
				return err
			})
		},
	}
	source.cachedFlags(cmd)
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
