package main

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	lists "github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/whose"
	"github.com/imednetgo/imednet/triage"
)

// ofWhom is the site and the subject whose records a command is asked for; "" is any.
type ofWhom struct{ site, subject string }

func (o *ofWhom) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.site, "site", "", "only records of this `site`, by its name")
	cmd.Flags().StringVar(&o.subject, "subject", "", "only records of the subject of this `key`")
}

// read returns what finds whose records are. A name that the study does not have is an error: it would
// select nothing.
func (o ofWhom) read(ctx context.Context, source whose.Source, study string) (*whose.Finder, error) {
	finder, err := whose.Read(ctx, source, study)
	if err != nil {
		return nil, err
	}
	if known := finder.SiteNames(); o.site != "" && !slices.Contains(known, o.site) {
		return nil, unknownName("site", o.site, known)
	}
	if o.subject != "" && !finder.HasSubject(o.subject) {
		return nil, unknownName("subject", o.subject, nil) // whom else the study has is nobody's business
	}
	return finder, nil
}

// readFormIndex reads the forms and variables of a study.
func readFormIndex(ctx context.Context, source studySource, study string) (*imednet.FormIndex, error) {
	forms, err := lists.Collect(source.Forms(ctx, study, imednet.ListOptions{}))
	if err != nil {
		return nil, err
	}
	variables, err := lists.Collect(source.Variables(ctx, study, imednet.ListOptions{}))
	return imednet.NewFormIndex(forms, variables), err
}

// placeOfRecord is the site and the subject of a record.
type placeOfRecord struct{ site, subject string }

// whoseInMirror finds the sites and subjects of the items' records in the mirror. The review queue keeps neither; without
// a mirror of the study they stay blank.
func (a *app) whoseInMirror(ctx context.Context, study string, items []triage.Item) (map[int64]placeOfRecord, error) {
	mirror, err := a.readMirror(ctx, "")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	of, err := placesOf(ctx, mirror.Client(), study, items)
	if errors.Is(err, cache.ErrNotSynced) {
		err = nil
	}
	return of, errors.Join(err, mirror.Close())
}

func placesOf(ctx context.Context, source studySource, study string, items []triage.Item) (map[int64]placeOfRecord, error) {
	finder, err := whose.Read(ctx, source, study)
	if err != nil {
		return nil, err
	}
	of := map[int64]placeOfRecord{}
	for _, i := range items {
		id := i.Link.RecordID
		if _, known := of[id]; known || id == 0 {
			continue
		}
		for r, err := range source.Records(ctx, study, imednet.ListOptions{Filter: imednet.Where("recordId", imednet.Equal, id)}) {
			if err != nil {
				return nil, err
			}
			of[id] = placeOfRecord{finder.Site(&r), finder.SubjectKey(&r)}
		}
	}
	return of, nil
}
