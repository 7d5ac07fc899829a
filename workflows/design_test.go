package workflows_test

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
)

// designClient serves an oddDesign.
type designClient struct{ design oddDesign }

func (c designClient) Intervals(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Interval, error] {
	return rowsOf(c.design.intervals)
}

func (c designClient) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return rowsOf(c.design.forms)
}

func (c designClient) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return rowsOf(c.design.variables)
}

func (c designClient) Sites(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return rowsOf([]imednet.Site{{SiteID: 10, SiteName: imednet.Some("North")}})
}

// profileSource is a designClient without records of its own.
type profileSource struct{ designClient }

func (profileSource) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return rowsOf[imednet.Record](nil)
}
