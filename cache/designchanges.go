package cache

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
)

// designResources are what a study's design is made of.
var designResources = []imednet.Resource{imednet.Forms, imednet.Variables, imednet.Intervals, imednet.Sites}

// DesignChanges yields the changes of a study's forms, variables, intervals and sites from when the mirror
// first held each of them whole, up to the view's version. What Purge has removed is not among them. Each
// resource is in ascending order of version and id.
func (v *View) DesignChanges(ctx context.Context, studyKey string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		err := v.eachDesignChange(ctx, studyKey, func(c Change) bool { return yield(c, nil) })
		if err != nil {
			yield(Change{}, wrap("changes", studyKey, err))
		}
	}
}

func (v *View) eachDesignChange(ctx context.Context, studyKey string, yield func(Change) bool) error {
	version, err := v.pin(ctx, studyKey)
	if err != nil {
		return err
	}
	st, err := v.mirror.study(ctx, studyKey)
	if err != nil {
		return err
	}
	st.version = version
	d := &differ{db: v.mirror, st: st, study: studyKey, wanted: anyRow, yield: func(c Change, _ changingRow) bool { return yield(c) }}
	for _, name := range designResources {
		state, err := v.mirror.loadResource(ctx, st.id, name)
		if err != nil {
			return err
		}
		if !state.since.Valid {
			continue
		}
		if err := d.rows(ctx, name, imednet.MirrorVersion(max(state.since.Int64, st.purged))); err != nil || d.stopped {
			return err
		}
	}
	return nil
}
