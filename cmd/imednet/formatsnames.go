package main

import (
	"encoding/json"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/cdisc"
	"github.com/imednetgo/imednet/cdisc/datasets"
)

func newFormatsNames(a *app) *cobra.Command {
	var prefix, format, output string
	var numericDates bool
	cmd := &cobra.Command{
		Use:   "names DIR",
		Short: "Propose names and labels that fit XPORT",
		Long: `Propose names and labels to replace those in the data set in DIR that XPORT cannot
hold: a JSON document for --names of formats export. Review it before you use it: the
names follow a rule, and you may know better ones.`,
		Example:     "  imednet formats names out --output names.json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--format", format, cdisc.XPT5, cdisc.XPT8); err != nil {
				return err
			}
			set, err := datasets.Open(args[0], prefix)
			if err != nil {
				return err
			}
			set.NumericDates = numericDates
			var list []cdisc.Dataset
			for _, src := range set.Sources() {
				list = append(list, src.Dataset())
			}
			names := cdisc.ProposeNames(list, cdisc.Format(format))
			if output == "" {
				return a.writeJSON(names)
			}
			return writeNames(output, names)
		},
	}
	cmd.Flags().StringVar(&prefix, "prefix", "", "`prefix` of the data set, if DIR has several")
	cmd.Flags().StringVar(&format, "format", string(cdisc.XPT5), "xpt5 or xpt8")
	choices(cmd, "format", "xpt5", "xpt8")
	cmd.Flags().StringVar(&output, "output", "", "`file` to write, which must not exist")
	cmd.Flags().BoolVar(&numericDates, "numeric-dates", false, "with the numeric dates that formats export adds")
	return cmd
}

// writeNames writes a proposal, and never overwrites a file, which may have been edited.
func writeNames(path string, names cdisc.Names) error {
	document, err := json.MarshalIndent(names, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(document, '\n'))
	return errors.Join(err, file.Close())
}
