package dictionary

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// checkPlace refuses a site or subject that the study does not have: every record would be refused for it, as if by the
// study's checks.
func (t *tryout) checkPlace(ctx context.Context) error {
	if err := t.checkSite(ctx); err != nil {
		return err
	}
	return t.checkSubject(ctx)
}

func (t *tryout) checkSite(ctx context.Context) error {
	reader, ok := t.study.(imednet.SiteReader)
	if !ok || t.opts.SiteName == "" {
		return nil
	}
	for site, err := range reader.Sites(ctx, t.opts.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if site.SiteName.Or("") == t.opts.SiteName {
			return nil
		}
	}
	return t.unknownPlace("SiteName", "site", t.opts.SiteName)
}

func (t *tryout) checkSubject(ctx context.Context) error {
	reader, ok := t.study.(imednet.SubjectReader)
	if !ok || t.opts.SubjectKey == "" {
		return nil
	}
	for subject, err := range reader.Subjects(ctx, t.opts.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if subject.SubjectKey.Or("") == t.opts.SubjectKey && !subject.Deleted.Or(false) {
			return nil
		}
	}
	return t.unknownPlace("SubjectKey", "subject", t.opts.SubjectKey)
}

func (t *tryout) unknownPlace(option, what, name string) error {
	return argument.Invalid("dictionary.Checker.Try", "opts."+option, fmt.Sprintf("is %q, and study %s has no such %s: nothing was sent", name, t.opts.StudyKey, what))
}
