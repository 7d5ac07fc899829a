package profiles

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/crowd"
	"github.com/imednetgo/imednet/internal/program"
)

// profile turns what was counted into figures.
func (r *profileRun) profile(at time.Time) *StudyProfile {
	p := &StudyProfile{
		StudyKey: r.studyKey, ProfiledAt: at, Program: program.Info().String(), Records: r.read - r.deleted, Deleted: r.deleted, Doubtful: r.doubtful,
		ExactValues: r.settings.exactValues, ShowValues: r.settings.showValues, GroupSize: r.settings.groupSize, Sites: []SiteCount{}, Forms: []FormProfile{},
	}
	for _, t := range r.forms {
		p.Forms = append(p.Forms, t.finish(r.siteList))
	}
	p.NoForm, p.DesignContradictions = r.finishNoForm(), r.index.Contradictions()
	if len(r.contradictions) > 0 {
		p.Contradictions = r.contradictions
	}
	p.Sites = append(p.Sites, r.siteList...)
	sortSites(p.Sites)
	return p
}

func sortSites(sites []SiteCount) {
	slices.SortFunc(sites, func(a, b SiteCount) int { return cmp.Compare(a.SiteID, b.SiteID) })
}

func (t *formTally) finish(sites []SiteCount) FormProfile {
	p := t.profile
	p.Sites, p.Fields = []SiteCount{}, []FieldProfile{}
	for i, n := range t.siteCounts {
		if n > 0 {
			p.Sites = append(p.Sites, SiteCount{SiteID: sites[i].SiteID, SiteName: sites[i].SiteName, Records: n})
		}
	}
	sortSites(p.Sites)
	for _, f := range t.declared {
		p.Fields = append(p.Fields, f.finish(t, sites))
	}
	for i, key := range slices.Sorted(maps.Keys(t.undeclared)) {
		f := t.undeclared[key]
		f.info.name = t.settings.undeclaredName(i+1, key)
		f.info.label = f.info.name
		p.Fields = append(p.Fields, f.finish(t, sites))
	}
	return p
}

func (t *fieldTally) finish(form *formTally, sites []SiteCount) FieldProfile {
	t.perSubject = form.repeats.most
	unique := t.unique()
	list := t.inOrder()
	for _, v := range list {
		t.absorb(v.class, v.text, v.count)
	}
	p := FieldProfile{
		Variable: t.info.name, Label: t.info.label, Declared: t.info.declared, DeclaredType: t.info.declaredType,
		Retired: t.info.retired, Blinded: t.info.blinded, Masked: t.info.masked,
		Spellings: slices.Sorted(maps.Keys(t.spellings)), Populated: t.populated, Missing: t.missing,
		PopulationRate: percent(t.populated, form.profile.Records), Placeholders: t.holders, Types: t.types, Unique: unique,
	}
	p.Missing.NoData = form.profile.NoData
	p.Missing.Absent = form.profile.Records - t.populated - p.Missing.Total()
	p.Types.JSONNumbers, p.Types.JSONBooleans = t.json.JSONNumbers, t.json.JSONBooleans
	p.Types.JSONTexts, p.Types.JSONOthers = t.json.JSONTexts, t.json.JSONOthers
	t.describeType(&p)
	p.Sites = t.siteFigures(form, sites)
	t.describeValues(&p, list)
	return p
}

// describeValues adds what tells about the answers themselves, unless the field is masked.
func (t *fieldTally) describeValues(p *FieldProfile, list []keyedValue) {
	if t.populated == 0 || p.Masked != "" {
		return
	}
	p.Lengths = t.describeLengths()
	if t.types.Numeric > 0 {
		p.Numbers = t.describeNumbers()
	}
	if t.types.Dates > 0 || p.Inferred == DateField {
		p.Dates = t.describeDates()
	}
	if t.exact != nil && isChoice(t.info.declaredType) {
		p.Codelist = observedCodelist(list, t.populated, t.values)
	}
	if t.values {
		p.Samples = t.samples
		p.Top = t.topValues(list)
	}
}

// unique must be asked before the exact counts are absorbed.
func (t *fieldTally) unique() UniqueCount {
	if t.exact != nil {
		return UniqueCount{Count: int64(len(t.exact))}
	}
	return UniqueCount{Count: int64(t.sketch.Estimate()), Approximate: true}
}

// keyedValue is an answer that was counted exactly.
type keyedValue struct {
	key string
	*countedValue
}

// inOrder lists the exactly counted answers by their text, so that a repeated run gives the same
// figures to the last digit.
func (t *fieldTally) inOrder() []keyedValue {
	list := make([]keyedValue, 0, len(t.exact))
	for key, v := range t.exact {
		list = append(list, keyedValue{key, v})
	}
	slices.SortFunc(list, func(a, b keyedValue) int { return strings.Compare(a.key, b.key) })
	return list
}

func (t *fieldTally) topValues(list []keyedValue) []ValueCount {
	if t.exact == nil {
		return t.tops.list(topCount)
	}
	all := make([]ValueCount, len(list))
	for i, v := range list {
		all[i] = ValueCount{Value: v.text, Count: v.count}
	}
	return firstValues(all, topCount)
}

func (t *fieldTally) siteFigures(form *formTally, sites []SiteCount) []FieldSite {
	figures := []FieldSite{}
	withheld := t.withheldMeans()
	for i, records := range form.siteCounts {
		if records == 0 {
			continue
		}
		var s siteTally
		if i < len(t.sites) {
			s = t.sites[i]
		}
		f := FieldSite{SiteID: sites[i].SiteID, Populated: s.populated, PopulationRate: percent(s.populated, records), Numbers: s.numbers.Count()}
		switch {
		case t.info.masked != "" || s.numbers.Count() == 0:
		case t.numberCrowd == nil:
			f.Mean = new(s.numbers.Mean())
		case !withheld[i]:
			f.Mean = crowd.Rounded(s.numbers.Mean())
		}
		figures = append(figures, f)
	}
	slices.SortFunc(figures, func(a, b FieldSite) int { return cmp.Compare(a.SiteID, b.SiteID) })
	return figures
}

// withheldMeans are the sites whose means are not shown: those of fewer subjects than a group, those whose mean tells
// about one number, and as many of the others, the smallest first, as make the rest of a sum no such mean: what is
// left when the means that are shown are taken from that of all. A subject of several sites counts once.
func (t *fieldTally) withheldMeans() map[int]bool {
	if t.numberCrowd == nil {
		return nil
	}
	size := t.numberCrowd.Size()
	var rest siteGroup
	var others []int
	for i := range t.sites {
		switch s := &t.sites[i]; {
		case s.numbers.Count() == 0:
		case (&siteGroup{subjects: s.subjects, numbers: s.spread()}).isShown(size):
			others = append(others, i)
		default:
			rest.join(i, s)
		}
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(t.sites[a].numbers.Count(), t.sites[b].numbers.Count()) })
	for _, i := range others {
		if len(rest.sites) == 0 || rest.isShown(size) {
			break
		}
		rest.join(i, &t.sites[i])
	}
	return rest.sites
}

// siteGroup is several sites, of which one mean can be known.
type siteGroup struct {
	sites    map[int]bool // by index
	subjects fewSeen
	numbers  crowd.Spread
}

func (g *siteGroup) join(i int, s *siteTally) {
	if g.sites == nil {
		g.sites = map[int]bool{}
	}
	g.sites[i] = true
	g.subjects.join(s.subjects)
	g.numbers = g.numbers.Join(s.spread())
}

// isShown reports whether the mean tells about a whole group of subjects.
func (g *siteGroup) isShown(size int) bool { return g.subjects.atLeast(size) && !g.numbers.TellsOne() }

func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return roundTo(float64(part)/float64(whole)*100, 2)
}

func roundTo(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
