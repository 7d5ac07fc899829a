package main

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
)

// siteView is a client that lets through only what belongs to some sites. It does not embed the
// client that it wraps but has just the six methods that the workflow requires, so the compiler
// rather than a reviewer ensures that none of them lets everything through.
type siteView struct {
	client imednet.Client
	sites  map[int64]bool // by siteId
}

// Sites lists the sites that may be seen; to the workflow, no other site exists.
func (v siteView) Sites(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return only(v.client.Sites(ctx, studyKey, opts), func(s imednet.Site) bool { return v.sites[s.SiteID] })
}

// Subjects lists the subjects of these sites.
func (v siteView) Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return only(v.client.Subjects(ctx, studyKey, opts), func(s imednet.Subject) bool { return v.sites[s.SiteID.Or(0)] })
}

// Records lists the records of these sites.
func (v siteView) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return only(v.client.Records(ctx, studyKey, opts), func(r imednet.Record) bool { return v.sites[r.SiteID.Or(0)] })
}

// Queries lists the queries about subjects of these sites. A query does not name its site, so the
// subjects are listed first; a query about no subject stays hidden.
func (v siteView) Queries(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return func(yield func(imednet.Query, error) bool) {
		subjects := map[int64]bool{}
		for s, err := range v.Subjects(ctx, studyKey, imednet.ListOptions{}) {
			if err != nil {
				yield(imednet.Query{}, err)
				return
			}
			subjects[s.SubjectID] = true
		}
		only(v.client.Queries(ctx, studyKey, opts), func(q imednet.Query) bool { return subjects[q.SubjectID.Or(0)] })(yield)
	}
}

// Forms are the same for every user.
func (v siteView) Forms(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return v.client.Forms(ctx, studyKey, opts)
}

// Variables are the same for every user.
func (v siteView) Variables(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return v.client.Variables(ctx, studyKey, opts)
}

// only lets through the rows that may be seen, and every error: a listing that failed must never
// look like a short one.
func only[T any](rows iter.Seq2[T, error], seen func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			if (err != nil || seen(row)) && !yield(row, err) {
				return
			}
		}
	}
}
