package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/versioning"
)

// dictionaryOptions say how an export is read.
type dictionaryOptions struct {
	study   string
	missing []string
	latin   bool
	store   string // the history's file
	any     bool   // an export may be of another study
}

// argumentFlags are those of a command whose argument is an export.
func (o *dictionaryOptions) argumentFlags(cmd *cobra.Command) {
	o.readingFlags(cmd)
	historyFlag(cmd, &o.store)
}

// optionFlags are those of a command that may use an export.
func (o *dictionaryOptions) optionFlags(cmd *cobra.Command, path *string, use string) {
	cmd.Flags().StringVar(path, "dictionary", "", use+": `path` of a directory, a ZIP or a document of the Python toolkit, or store:STUDY@VERSION")
	o.besideFlags(cmd)
}

// besideFlags are those that say how an export is read that a flag names.
func (o *dictionaryOptions) besideFlags(cmd *cobra.Command) {
	o.readingFlags(cmd)
	cmd.Flags().StringVar(&o.store, "dictionary-store", "", "the history's `file` for store:STUDY@VERSION (default ~/.imednet/config_versions.sqlite3)")
}

func (o *dictionaryOptions) readingFlags(cmd *cobra.Command) {
	o.missingFlag(cmd)
	cmd.Flags().BoolVar(&o.latin, "windows-1252", false, "read files that are not UTF-8 as Windows-1252")
}

func (o *dictionaryOptions) missingFlag(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&o.missing, "may-miss", nil, "`files` that may be missing, such as BUSINESS_LOGIC.csv")
}

// anyStudyFlag is that of a command which may use the export of another study, on request.
func (o *dictionaryOptions) anyStudyFlag(cmd *cobra.Command, use string) {
	cmd.Flags().BoolVar(&o.any, "any-study", false, use)
}

// reading says how an export is read, and which study's it must be.
func (o dictionaryOptions) reading() dictionary.ReadOptions {
	opts := dictionary.ReadOptions{MayMiss: o.missing, Windows1252: o.latin}
	if !o.any {
		opts.StudyKey = o.study
	}
	return opts
}

// dictionary reads an export or a document. Findings that keep it from being read are an invalid input.
func (o dictionaryOptions) dictionary(ctx context.Context, a *app, source string) (*dictionary.Dictionary, error) {
	d, err := o.readable(ctx, a, source)
	if err == nil {
		err = a.noteNotRead(d)
	}
	if err == nil && len(d.Forms) == 0 {
		return nil, &invalidError{"the dictionary has no forms: name a design export or a document made of one"}
	}
	return d, understood(err)
}

// noteNotRead prints which files an export lacks.
func (a *app) noteNotRead(d *dictionary.Dictionary) error {
	for _, file := range d.NotRead() {
		if _, err := fmt.Fprintf(a.errOut, "Note: %s was not read: nothing is known, nor said, of what it holds\n", file); err != nil {
			return err
		}
	}
	return nil
}

// readable reads an export or a document. Whatever could be read is returned with the error.
func (o dictionaryOptions) readable(ctx context.Context, a *app, source string) (*dictionary.Dictionary, error) {
	stored, document := strings.HasPrefix(source, storedPrefix), strings.HasSuffix(strings.ToLower(source), ".json")
	if !stored && !document {
		return dictionary.Read(ctx, source, o.reading())
	}
	files, study, err := o.files(ctx, a, source)
	if err != nil {
		return nil, err
	}
	d, err := dictionary.ReadFiles(files, o.reading())
	if d != nil {
		d.StudyKey = cmp.Or(d.StudyKey, study)
	}
	return d, err
}

// files are the bytes of an export or a document, and the study if that is known.
func (o dictionaryOptions) files(ctx context.Context, a *app, source string) (files map[string][]byte, study string, err error) {
	if !strings.HasPrefix(source, storedPrefix) {
		files, err = dictionary.Files(ctx, source, o.reading())
		return files, "", err
	}
	stored, err := o.stored(ctx, a, source)
	if err == nil && !o.any && o.study != "" {
		err = dictionary.SameStudy(stored.Entry.StudyKey, o.study)
	}
	return stored.Files, stored.Entry.StudyKey, err
}

// storedPrefix begins the name of a dictionary of the history: store:STUDY@VERSION.
const storedPrefix = "store:"

// stored reads a dictionary of the history.
func (o dictionaryOptions) stored(ctx context.Context, a *app, source string) (d versioning.Dictionary, err error) {
	name := strings.TrimPrefix(source, storedPrefix)
	at := strings.LastIndex(name, "@")
	if at < 1 || at == len(name)-1 {
		return d, usagef("a dictionary of the history is store:STUDY@VERSION; `imednet dictionary log STUDY` lists the versions")
	}
	err = a.withHistory(ctx, o.store, false, func(s *versioning.ConfigVersionStore) error {
		d, err = s.Dictionary(ctx, name[:at], name[at+1:])
		return err
	})
	return d, err
}

// understood makes findings that keep an export from being read, what is no export or document or too large for one, and
// the export of another study an invalid input.
func understood(err error) error {
	var invalid *dictionary.InvalidError
	if errors.As(err, &invalid) {
		return &invalidError{invalid.Error()}
	}
	if errors.As(err, new(*imednet.DecodeError)) || errors.Is(err, dictionary.ErrOtherStudy) ||
		errors.Is(err, dictionary.ErrUnreadable) || errors.Is(err, dictionary.ErrTooLarge) {
		return &invalidError{err.Error()}
	}
	return err
}
