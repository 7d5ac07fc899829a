package cache

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// WithRetention sets the rules that refuse purges before a date; by default nothing is refused. A purge of
// former states is counted from its limit ([PurgeOptions.Before]), and one of a whole study from the server's
// time of the last run that changed it, or from now if that is not known.
func WithRetention(rules imednet.RetentionRules) Option {
	return option(func(c *config) error {
		if err := rules.Validate(); err != nil {
			return argument.Invalid("cache.WithRetention", "rules", err.Error())
		}
		c.rules = rules
		return nil
	})
}

// permitted returns the error of a purge that the rule of its study refuses. Where nothing is left to remove
// nothing is refused, so that a purge whose bytes can still be read can be finished.
func (l *CachedRecordsLoader) permitted(ctx context.Context, st *study, opts PurgeOptions) error {
	ended := opts.Before
	switch {
	case opts.Study && st.id == 0:
		if held, err := l.holdsRowsOf(ctx, st.key); err != nil || !held {
			return err
		}
		ended = st.asOf
	case opts.Study:
		ended = st.asOf
	case opts.Before.IsZero():
		return nil
	}
	now := l.cfg.clock.Now()
	if ended.IsZero() {
		ended = now
	}
	return l.cfg.rules.For(st.key).Permits(now, ended)
}

// holdsRowsOf reports whether another program has stored records of a study that no run of ours has seen.
func (l *CachedRecordsLoader) holdsRowsOf(ctx context.Context, studyKey string) (held bool, err error) {
	err = l.db.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM record_cache WHERE study_key = ?)`, studyKey).Scan(&held)
	})
	return held, err
}
