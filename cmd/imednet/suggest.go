package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/internal/shown"
)

// unknownName is an error about a name that a study or program does not have, with the names that come
// near to it.
func unknownName(kind, name string, known []string) error {
	near := shown.Near(name, known)
	if len(near) == 0 {
		return &notFoundError{kind, name, ""}
	}
	return &notFoundError{kind, name, "did you mean " + strings.Join(near, " or ") + "?"}
}

// unknownFlag adds the flags that come near to one that a command does not have.
func unknownFlag(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) {
		return err
	}
	var known []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { known = append(known, flag.Name) })
	near := shown.Near(missing.GetSpecifiedName(), known)
	if len(near) == 0 {
		return err
	}
	return &usageError{err.Error(), "did you mean --" + strings.Join(near, " or --") + "?"}
}

// nearStudy adds to an error about a study that neither mirror nor server may have those of the mirror that
// come near to what was typed.
func (a *app) nearStudy(f *failure, err error) {
	if a.line.study == "" || !isAny(err, cache.ErrNotSynced, imednet.ErrForbidden) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	mirror, err := a.readMirror(ctx, a.line.mirror)
	if err != nil {
		return
	}
	defer mirror.Close()
	known, err := mirror.StudyKeys(ctx)
	if err != nil || slices.Contains(known, a.line.study) {
		return
	}
	if near := shown.Near(a.line.study, known); len(near) > 0 {
		f.Hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
}

// notFoundError is something that was named and is not there.
type notFoundError struct{ kind, name, hint string }

func (e *notFoundError) Error() string { return "there is no " + e.kind + " " + quoted(e.name) }

func (e *notFoundError) Unwrap() error { return errNotFound }

func quoted(name string) string { return "'" + printable(name) + "'" }
