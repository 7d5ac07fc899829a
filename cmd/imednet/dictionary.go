package main

import (
	"cmp"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/dictionary"
)

func newDictionary(a *app) *cobra.Command {
	cmd := parent("dictionary", "Read, compare and apply the design export of a study",
		newDictionaryRead(a), newDictionaryValidate(a), newDictionaryList(a), newDictionaryDiff(a), newDictionaryJoin(a), newDictionaryCheck(a), newDictionarySurvey(a), newDictionaryUAT(a), newDictionarySchema(a),
		newDictionaryCommit(a), newDictionaryLog(a), newDictionarySave(a))
	cmd.GroupID = groupData
	cmd.Long = "Read, compare and apply the design export of a study: a directory or ZIP with FORMS.csv,\nQUESTIONS.csv, CHOICES.csv and BUSINESS_LOGIC.csv, or a document of the Python toolkit. The\nhistory keeps versions of it, which every command takes as store:STUDY@VERSION."
	return cmd
}

func newDictionaryRead(a *app) *cobra.Command {
	var o dictionaryOptions
	var toolkit, withoutXML bool
	cmd := &cobra.Command{
		Use:         "read PATH",
		Short:       "Read an export and write it as one JSON document",
		Long:        "Read an export and write it as one JSON document: with --toolkit the document of the\nPython toolkit, byte for byte except for its date. The counts go to standard error.",
		Example:     "  imednet dictionary read export.zip >dictionary.json\n  imednet dictionary read export.zip --toolkit --study CARDIO >toolkit.json",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := o.dictionary(cmd.Context(), a, args[0])
			if err != nil {
				return err
			}
			if _, err := io.WriteString(a.errOut, d.String()+"\n"); err != nil {
				return err
			}
			if !toolkit {
				return d.WriteJSON(a.out)
			}
			_, err = d.Toolkit(dictionary.ToolkitOptions{WithoutXML: withoutXML}).WriteTo(a.out)
			return err
		},
	}
	o.argumentFlags(cmd)
	cmd.Flags().StringVar(&o.study, "study", "", "study of the export, which its files do not name")
	cmd.Flags().BoolVar(&toolkit, "toolkit", false, "write the document of the Python toolkit")
	cmd.Flags().BoolVar(&withoutXML, "no-raw-xml", false, "with --toolkit: omit the verbatim logic")
	return cmd
}

func newDictionarySchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "schema",
		Short:       "Print the JSON Schema of the Python toolkit's document",
		Long:        "Print the JSON Schema (2020-12) of the Python toolkit's document, which \"read --toolkit\"\nwrites and every command reads.",
		Example:     "  imednet dictionary schema >schema.json",
		Args:        cobra.NoArgs,
		Annotations: afterReading,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(dictionary.ToolkitSchema())
			return err
		},
	}
}

func newDictionaryValidate(a *app) *cobra.Command {
	var o dictionaryOptions
	var strict bool
	cmd := &cobra.Command{
		Use:         "validate PATH",
		Short:       "List what is wrong or unusual in an export",
		Long:        "List what is wrong or unusual in an export, without the contents of its cells. The exit\ncode is 6 if a file cannot be read or, with --strict, if there are warnings. Notes have no\neffect.",
		Example:     "  imednet dictionary validate export.zip --strict",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := o.readable(cmd.Context(), a, args[0])
			if d == nil {
				return understood(err)
			}
			if err := cmp.Or(a.noteNotRead(d), a.printDictionaryFindings(d)); err != nil {
				return err
			}
			if err == nil && strict {
				err = d.Strict()
			}
			if err != nil {
				return &invalidError{"the export has findings that are not allowed"}
			}
			return nil
		},
	}
	o.argumentFlags(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "also fail on warnings")
	return cmd
}

func (a *app) printDictionaryFindings(d *dictionary.Dictionary) error {
	if a.json {
		return a.writeJSON(append([]dictionary.Finding{}, d.Findings...))
	}
	for _, f := range d.Findings {
		if err := a.printf("%s\n", printable(f.String())); err != nil {
			return err
		}
	}
	return a.printf("%s\n", d)
}

func newDictionaryList(a *app) *cobra.Command {
	var o dictionaryOptions
	var form string
	var shown listOptions
	cmd := &cobra.Command{
		Use:         "list PATH",
		Short:       "List the questions of an export with their choices",
		Example:     "  imednet dictionary list export.zip --form AE",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := o.dictionary(cmd.Context(), a, args[0])
			if err != nil {
				return err
			}
			rows := codebook(d, form)
			if form != "" && len(rows) == 0 {
				if _, known := d.Form(form); !known {
					return usagef("the export has no form %q", form)
				}
			}
			return a.printCodebook(rows, shown)
		},
	}
	o.argumentFlags(cmd)
	shown.flags(cmd)
	cmd.Flags().StringVar(&form, "form", "", "only this form, by its `key`")
	return cmd
}

// codebookRow is one question as a data manager looks it up.
type codebookRow struct {
	Form     string   `json:"form"`
	Question string   `json:"question"`
	Type     string   `json:"type"`
	Required string   `json:"required"`
	Label    string   `json:"label"`
	Choices  []string `json:"choices"` // "code=text", or the text where there is no code
}

func codebook(d *dictionary.Dictionary, only string) []codebookRow {
	rows := []codebookRow{}
	for _, f := range d.Forms {
		if only != "" && f.Key != only {
			continue
		}
		for _, q := range f.Questions {
			row := codebookRow{Form: f.Key, Question: q.Name, Type: q.Type, Required: string(q.Required), Label: q.PlainLabel(), Choices: []string{}}
			for _, c := range q.Ordered() {
				text := c.Text
				if c.Code != "" {
					text = c.Code + "=" + c.Text
				}
				row.Choices = append(row.Choices, text)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (a *app) printCodebook(rows []codebookRow, shown listOptions) error {
	if a.json {
		return a.writeJSON(rows)
	}
	_, err := list(a, shown, codebookColumns, values(rows))
	return err
}

var codebookColumns = []column[codebookRow]{
	{"form", "FORM", func(r codebookRow) any { return r.Form }},
	{"question", "QUESTION", func(r codebookRow) any { return r.Question }},
	{"type", "TYPE", func(r codebookRow) any { return r.Type }},
	{"required", "REQUIRED", func(r codebookRow) any { return r.Required }},
	{"label", "LABEL", func(r codebookRow) any { return r.Label }},
	{"choices", "CHOICES", func(r codebookRow) any { return strings.Join(r.Choices, ", ") }},
}

func newDictionaryDiff(a *app) *cobra.Command {
	var o dictionaryOptions
	var format string
	var differs bool
	cmd := &cobra.Command{
		Use:         "diff OLD NEW",
		Short:       "List the changes between two exports, with their effects",
		Long:        "List the changes from one export to a later one. After a breaking change existing answers\nlose their question or meaning; after a tightening one they would be rejected; all others\ndo neither. A file without which both were read is listed as not compared.",
		Example:     "  imednet dictionary diff old.zip new.zip\n  imednet dictionary diff old.zip new.zip --format html >changes.html",
		Args:        cobra.ExactArgs(2),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			before, err := o.dictionary(cmd.Context(), a, args[0])
			if err != nil {
				return err
			}
			after, err := o.dictionary(cmd.Context(), a, args[1])
			if err != nil {
				return err
			}
			changes, err := dictionary.Diff(before, after)
			if err != nil {
				return err
			}
			if err := a.printDictionaryChanges(changes, format); err != nil {
				return err
			}
			if !differs || len(changes) == 0 {
				return nil
			}
			if changes[len(changes)-1].Action == dictionary.NotCompared {
				return &differError{"the exports were not compared as a whole"}
			}
			return &differError{"the exports differ"}
		},
	}
	o.argumentFlags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text, md or html")
	cmd.Flags().BoolVar(&differs, "exit-code", false, "exit with code 7 if there are changes, or a file was not compared")
	return cmd
}

func (a *app) printDictionaryChanges(changes []dictionary.Change, format string) error {
	switch {
	case a.json:
		return a.writeJSON(append([]dictionary.Change{}, changes...))
	case format == "md":
		return dictionary.WriteMarkdown(a.out, changes)
	case format == "html":
		return dictionary.WriteHTML(a.out, changes)
	case format != "text":
		return usagef("--format must be text, md or html")
	case len(changes) == 0:
		return a.printf("No changes.\n")
	}
	for _, c := range changes {
		if err := a.printf("%s\n", printable(c.String())); err != nil {
			return err
		}
	}
	return nil
}
