package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/internal/fsync"
	"github.com/imednetgo/imednet/versioning"
)

func newDictionaryCommit(a *app) *cobra.Command {
	var o dictionaryOptions
	var message, author string
	cmd := &cobra.Command{
		Use:   "commit STUDY PATH",
		Short: "Add an export to a study's history, as its next version",
		Long: `Add an export to a study's history, byte for byte, as version 1, 2, … of the study's
dictionary. It must be readable, and other than the newest version. The history is that
of "imednet config", which verifies and exports both. Every command takes the version as
store:STUDY@VERSION, by its number or by its hash.`,
		Example:     "  imednet dictionary commit CARDIO export.zip --author anna \\\n    -m 'amendment 2'\n  imednet export CARDIO --dir out --dictionary store:CARDIO@2",
		Args:        cobra.ExactArgs(2),
		Annotations: map[string]string{afterInterrupt: "`imednet dictionary log STUDY` shows whether there is a new version; otherwise run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.study = args[0]
			files, _, err := o.files(cmd.Context(), a, args[1])
			if err != nil {
				return understood(err)
			}
			if err := dictionary.CheckFiles(files, o.reading()); err != nil {
				return understood(err)
			}
			debug.FreeOSMemory() // of the check, before the history copies the files
			return a.withHistory(cmd.Context(), o.store, true, func(s *versioning.ConfigVersionStore) error {
				entry, err := s.CommitDictionary(cmd.Context(), args[0], files, versioning.CommitOptions{Author: author, Reason: message})
				if err != nil {
					return err
				}
				if a.json {
					return a.writeJSON(newEntryJSON(entry))
				}
				return a.printf("Committed version %s of the dictionary of study '%s' as %s\n", entry.VersionTag, entry.StudyKey, entry.CommitID)
			}, a.asAuthor(author)...)
		},
	}
	o.argumentFlags(cmd)
	authorFlag(cmd, &author)
	cmd.Flags().StringVarP(&message, "message", "m", "", "why")
	required(cmd, "message")
	return cmd
}

func newDictionaryLog(a *app) *cobra.Command {
	var path string
	var shown listOptions
	cmd := &cobra.Command{
		Use:         "log STUDY",
		Short:       "List the versions of a study's dictionary, the newest first",
		Example:     "  imednet dictionary log CARDIO",
		Args:        cobra.ExactArgs(1),
		Annotations: afterReading,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withHistory(cmd.Context(), path, false, func(s *versioning.ConfigVersionStore) error {
				return a.historyLog(cmd.Context(), s, args[0], shown, versionColumns, func(e versioning.Entry) bool { return e.Kind == versioning.KindDictionary })
			})
		},
	}
	historyFlag(cmd, &path)
	shown.flags(cmd)
	return cmd
}

var versionColumns = []column[entryJSON]{
	{"version", "VERSION", func(e entryJSON) any { return e.VersionTag }},
	{"commitId", "HASH", func(e entryJSON) any { return e.CommitID }},
	{"author", "AUTHOR", func(e entryJSON) any { return e.Author }},
	{"timestamp", "WHEN", func(e entryJSON) any { return clockText(e.Timestamp) }},
	{"reason", "REASON", func(e entryJSON) any { return e.Reason }},
}

func newDictionarySave(a *app) *cobra.Command {
	var o dictionaryOptions
	cmd := &cobra.Command{
		Use:         "save PATH DIR",
		Short:       "Write the files of an export to a new directory",
		Long:        "Write the files of an export to a new directory, byte for byte and under their standard\nnames: those of a version of the history, or of an archive. A file that is missing or\nempty is an error, and nothing is written; --may-miss names what may be missing.",
		Example:     "  imednet dictionary save store:CARDIO@1 cardio-1",
		Args:        cobra.ExactArgs(2),
		Annotations: map[string]string{afterInterrupt: "the directory was not made; run the command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			files, _, err := o.files(cmd.Context(), a, args[0])
			if err != nil {
				return understood(err)
			}
			if err := writeNewDir(args[1], files); err != nil {
				return err
			}
			if err := a.noteNotSaved(files); err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(map[string]any{"dir": args[1], "files": len(files)})
			}
			return a.printf("%d files written to %s\n", len(files), printable(args[1]))
		},
	}
	o.missingFlag(cmd)
	historyFlag(cmd, &o.store)
	return cmd
}

// noteNotSaved prints which files of an export there were not.
func (a *app) noteNotSaved(files map[string][]byte) error {
	if _, whole := files[dictionary.ToolkitFile]; whole {
		return nil
	}
	for _, file := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile, dictionary.RulesFile} {
		if _, has := files[file]; has {
			continue
		}
		if _, err := fmt.Fprintf(a.errOut, "Note: %s was not saved: the export has none\n", file); err != nil {
			return err
		}
	}
	return nil
}

// writeNewDir writes files for their owner alone to a directory that does not exist before they are complete.
func writeNewDir(dir string, files map[string][]byte) error {
	if _, err := os.Lstat(dir); err == nil {
		return usagef("%s exists already: nothing is written over", printable(dir))
	}
	parent := filepath.Dir(filepath.Clean(dir))
	made, err := os.MkdirTemp(parent, ".imednet-*.tmp") // 0700
	if err != nil {
		return err
	}
	defer os.RemoveAll(made) //nolint:errcheck // moved away, or of no use
	for name, data := range files {
		if !filepath.IsLocal(name) || filepath.Base(name) != name {
			return fmt.Errorf("the dictionary has a file whose name cannot be written")
		}
		path := filepath.Join(made, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
		if err := fsync.File(path); err != nil {
			return err
		}
	}
	if err := fsync.Dir(made); err != nil {
		return err
	}
	if err := os.Rename(made, dir); err != nil {
		return err
	}
	return fsync.Dir(parent)
}
