package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/workflows/structure"
)

func newStructure(a *app) *cobra.Command {
	cmd := parent("structure", "Show and compare the designs of studies", newStructureShow(a), newStructureCompare(a))
	cmd.GroupID = groupData
	return cmd
}

func newStructureShow(a *app) *cobra.Command {
	var source sourceOptions
	cmd := &cobra.Command{
		Use:         "show STUDY",
		Short:       "Show the design of a study: intervals, forms and variables",
		Long:        "Show the design of a study as a tree, or with --json as a document for\n`imednet structure compare`.",
		Example:     "  imednet structure show CARDIO\n  imednet structure show CARDIO --json >design.json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSource(cmd.Context(), source, func(s studySource) error {
				design, err := readDesign(cmd, s, args[0])
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(design)
				}
				return design.WriteTree(a.out)
			})
		},
	}
	source.flags(cmd)
	return cmd
}

func readDesign(cmd *cobra.Command, source studySource, study string) (*structure.Design, error) {
	workflow, err := structure.NewStudyStructure(source)
	if err != nil {
		return nil, err
	}
	return workflow.Structure(cmd.Context(), study)
}

func newStructureCompare(a *app) *cobra.Command {
	var source sourceOptions
	cmd := &cobra.Command{
		Use:         "compare FILE STUDY",
		Short:       "List what changed in the design since it was written to a file",
		Example:     "  imednet structure show CARDIO --json >design.json\n  imednet structure compare design.json CARDIO",
		Args:        cobra.ExactArgs(2),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := readDesignFile(args[0])
			if err != nil {
				return err
			}
			return a.withSource(cmd.Context(), source, func(s studySource) error {
				after, err := readDesign(cmd, s, args[1])
				if err != nil {
					return err
				}
				changes, err := structure.Compare(before, after)
				if err != nil {
					return err
				}
				return a.printChanges(changes)
			})
		},
	}
	source.flags(cmd)
	return cmd
}

func readDesignFile(path string) (*structure.Design, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	design, err := structure.Read(file)
	if err != nil && !errors.As(err, new(*fs.PathError)) {
		return nil, &invalidError{path + " is not a design written by `imednet structure show STUDY --json`"}
	}
	return design, err
}

func (a *app) printChanges(changes []structure.Change) error {
	if a.json {
		return a.writeJSON(append([]structure.Change{}, changes...))
	}
	if len(changes) == 0 {
		return a.printf("No changes.\n")
	}
	for _, c := range changes {
		if err := a.printf("%s\n", printable(c.String())); err != nil {
			return err
		}
	}
	return nil
}
