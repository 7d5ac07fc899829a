package imednettest

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/imednetgo/imednet"
)

// suiteListing is one of the listings of a client, whatever its rows are.
type suiteListing struct {
	resource imednet.Resource
	// read reads it to its end, and calls each with the number of every row, from 1.
	read func(ctx context.Context, opts imednet.ListOptions, each func(row int)) error
}

// listings are all listings of the client.
func (s *suite) listings() []suiteListing {
	studies := func(ctx context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Study, error] {
		return s.client.Studies(ctx, opts)
	}
	return []suiteListing{
		listingOf(s, imednet.Studies, studies), listingOf(s, imednet.Sites, s.client.Sites), listingOf(s, imednet.Forms, s.client.Forms),
		listingOf(s, imednet.Intervals, s.client.Intervals), listingOf(s, imednet.Variables, s.client.Variables), listingOf(s, imednet.Users, s.client.Users),
		listingOf(s, imednet.Subjects, s.client.Subjects), listingOf(s, imednet.Visits, s.client.Visits), listingOf(s, imednet.Records, s.client.Records),
		listingOf(s, imednet.RecordRevisions, s.client.RecordRevisions), listingOf(s, imednet.Queries, s.client.Queries), listingOf(s, imednet.Codings, s.client.Codings),
	}
}

func listingOf[T any](s *suite, resource imednet.Resource, list lister[T]) suiteListing {
	isZero := func(row T) bool { return reflect.ValueOf(row).IsZero() }
	return suiteListing{resource, func(ctx context.Context, opts imednet.ListOptions, each func(row int)) error {
		return listingError(s, func(yield func(T, error) bool) {
			n := 0
			for row, err := range list(ctx, s.study.Key(), opts) {
				if err == nil {
					n++
					each(n)
				}
				if !yield(row, err) {
					return
				}
			}
		}, isZero)
	}}
}

// inPages are options under which a listing takes several pages.
func (s *suite) inPages(resource imednet.Resource) imednet.ListOptions {
	rows := 2 // studies
	if resource != imednet.Studies {
		rows = s.listed(resource)
	}
	return imednet.ListOptions{PageSize: min(rows/2, 50)}
}

// endsEarly answers every page but the first without rows, and with the total that is left. What came is no
// listing without an error.
func (s *suite) endsEarly() { s.endsWith(Fault{EmptyPage: true}) }

// vanishes answers them as if there were no rows at all.
func (s *suite) vanishes() { s.endsWith(Fault{Empty: true}) }

func (s *suite) endsWith(f Fault) {
	for _, listing := range s.listings() {
		f.Path, f.Skip, f.Times = "/"+string(listing.resource), 1, -1
		s.server.Inject(f)
		rows := 0
		err := listing.read(s.Context(), s.inPages(listing.resource), func(row int) { rows = row })
		s.check(errors.Is(err, imednet.ErrProtocol) || errors.Is(err, imednet.ErrUnstableListing), "%s: a listing that ends before its total gave %v after %d rows", listing.resource, err, rows)
	}
}
