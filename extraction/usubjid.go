package extraction

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// usubjidField is the variable that identifies a subject across studies (SDTM, ADaM).
const usubjidField = "USUBJID"

// identity is what a template of USUBJID can name of a subject; a part that is not known is "".
type identity struct {
	studyKey, siteID, siteName, subjectID, subjectKey string
}

// identityParts are the placeholders of a template.
var identityParts = map[string]func(identity) string{
	"studyKey":      func(i identity) string { return i.studyKey },
	"siteId":        func(i identity) string { return i.siteID },
	"siteName":      func(i identity) string { return i.siteName },
	"subjectId":     func(i identity) string { return i.subjectID },
	subjectKeyField: func(i identity) string { return i.subjectKey },
}

// template is a parsed Settings.USUBJID: texts and placeholders in turn, beginning with a text.
type template []string

// parseTemplate splits a template at its placeholders.
func parseTemplate(text string) (t template, problem string) {
	for {
		before, rest, open := strings.Cut(text, "{")
		t = append(t, before)
		if !open {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if _, known := identityParts[name]; !closed || !known {
			return nil, "placeholders are " + strings.Join(slices.Sorted(maps.Keys(identityParts)), ", ") + ", each in braces"
		}
		t, text = append(t, name), after
	}
	if !slices.Contains(t, subjectKeyField) && !slices.Contains(t, "subjectId") {
		return nil, "must hold {subjectKey} or {subjectId}: without it subjects share their USUBJID"
	}
	return t, ""
}

// fill puts the subject in; missing is a placeholder that nothing is known for.
func (t template) fill(who identity) (text, missing string) {
	var b strings.Builder
	for i, part := range t {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		value := identityParts[part](who)
		if imednet.IsMissing(value) {
			return "", part
		}
		b.WriteString(value)
	}
	return b.String(), ""
}

// parts are the placeholders of the template.
func (t template) parts() []string {
	var names []string
	for i := 1; i < len(t); i += 2 {
		names = append(names, t[i])
	}
	return names
}

// subjectName tells subjects apart: by id or, for records that carry none, by key.
type subjectName struct {
	id  int64
	key string
}

// identify makes the subject's USUBJID, where the configuration asks for one, and reports why there is
// none, and a subject before that has the same.
func (p *pass) identify(g subjectGroup, listed *imednet.Subject) {
	p.usubjid = nil
	if p.plan.usubjid == nil {
		return
	}
	made := cell{field: usubjidField, trace: newTrace("the template "+strconv.Quote(p.plan.settings.USUBJID), nil)}
	made.trace.phi = p.plan.usubjidIsPHI()
	defer func() { p.usubjid = &made }()
	text, missing := p.plan.usubjid.fill(p.identityOf(g, listed))
	if missing != "" {
		p.find(Finding{Code: FindingNotDerived, Field: usubjidField, Message: "the subject's " + missing + " is not known"}, nil)
		return
	}
	made.value = TextValue(text)
	name := subjectName{g.id, g.key}
	if other, taken := p.identified[text]; taken && other != name {
		p.find(Finding{Code: FindingUSUBJID, Field: usubjidField, Message: "another subject has the same USUBJID"}, nil)
	}
	p.identified[text] = name
}

// identityOf is what is known of a subject: its listing says, or else its records where they agree.
func (p *pass) identityOf(g subjectGroup, listed *imednet.Subject) identity {
	who := identity{studyKey: p.plan.configuration.StudyKey, subjectKey: p.out.SubjectKey}
	if g.id != 0 {
		who.subjectID = strconv.FormatInt(g.id, 10)
	}
	site := siteOf(g.records)
	if listed != nil {
		site, who.siteName = listed.SiteID, listed.SiteName.Or("")
	}
	if id, ok := site.Get(); ok {
		who.siteID = strconv.FormatInt(id, 10)
	}
	return who
}

// siteOf is the site that all records of a subject name; unset where they differ.
func siteOf(records []imednet.Record) imednet.Opt[int64] {
	var site imednet.Opt[int64]
	for i := range records {
		if !records[i].SiteID.IsSet() {
			continue
		}
		if site.IsSet() && site != records[i].SiteID {
			return imednet.Opt[int64]{}
		}
		site = records[i].SiteID
	}
	return site
}

// usubjidIsPHI reports whether the template names something that the configuration counts as PHI.
func (p *plan) usubjidIsPHI() bool {
	return slices.ContainsFunc(append(p.usubjid.parts(), usubjidField), func(name string) bool { return p.secret.Has("", name) })
}

// readTemplate parses Settings.USUBJID, which no rule may give besides.
func (p *plan) readTemplate() {
	if p.settings.USUBJID == "" {
		return
	}
	parsed, problem := parseTemplate(p.settings.USUBJID)
	if problem != "" {
		p.problem("/extraction/usubjid", "%s", problem)
		return
	}
	p.usubjid = parsed
	for _, domain := range p.domains {
		if p.hasField(domain, usubjidField) {
			p.problem("/extraction/usubjid", "a rule gives %s.USUBJID: leave one of them out", domain)
		}
	}
}
