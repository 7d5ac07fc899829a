package profiles

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/page"
)

// heatForms is the number of forms side by side in the table of sites; more go into tables below
// one another, so that each fits a page.
const heatForms = 20

// heatBlock is the population by site of some of the forms.
type heatBlock struct {
	Forms []string
	Rows  []heatRow
}

type heatRow struct {
	Site  string
	Cells []heatCell
}

// heatCell is one form at one site; Alpha is how far it lags behind the best of the table.
type heatCell struct {
	Has                bool
	Text, Alpha, Title string
	rate               float64
}

// addHeat fills the table of mean population by site and form, all sites that have records.
func (v *reportView) addHeat(p *StudyProfile) {
	sites := slices.DeleteFunc(slices.Clone(p.Sites), func(s SiteCount) bool { return s.Records == 0 || s.SiteID == 0 })
	sortSites(sites)
	v.SitesAll = len(sites)
	forms := []*FormProfile{}
	for i := range p.Forms {
		if p.Forms[i].Records > 0 && len(sites) > 0 {
			forms = append(forms, &p.Forms[i])
		}
	}
	for some := range slices.Chunk(forms, heatForms) {
		v.Heat = append(v.Heat, newHeatBlock(some, sites))
	}
}

func newHeatBlock(forms []*FormProfile, sites []SiteCount) heatBlock {
	block := heatBlock{Rows: make([]heatRow, len(sites))}
	for i, s := range sites {
		block.Rows[i].Site = siteName(s.SiteID, sites)
	}
	for _, f := range forms {
		block.Forms = append(block.Forms, f.FormKey)
		for i, cell := range heatColumn(f, sites) {
			block.Rows[i].Cells = append(block.Rows[i].Cells, cell)
		}
	}
	return block
}

// heatColumn is the mean population of a form's living variables at each site.
func heatColumn(f *FormProfile, sites []SiteCount) []heatCell {
	sums, counts, records := map[int64]float64{}, map[int64]int{}, map[int64]int64{}
	for i := range f.Fields {
		if field := &f.Fields[i]; field.Declared && !field.Retired {
			for _, s := range field.Sites {
				sums[s.SiteID] += s.PopulationRate
				counts[s.SiteID]++
			}
		}
	}
	for _, s := range f.Sites {
		records[s.SiteID] = s.Records
	}
	column := make([]heatCell, len(sites))
	for i, s := range sites {
		if counts[s.SiteID] == 0 {
			continue
		}
		rate := sums[s.SiteID] / float64(counts[s.SiteID])
		title := fmt.Sprintf("%s, %s: %s of %s", siteName(s.SiteID, sites), f.FormKey, page.Rate(rate), page.Plural(records[s.SiteID], "record"))
		column[i] = heatCell{Has: true, rate: rate, Text: wholePercent(rate), Title: title}
	}
	shadeColumn(column)
	return column
}

// wholePercent rounds, but never to all or nothing.
func wholePercent(rate float64) string {
	text := fmt.Sprintf("%.0f", rate)
	switch {
	case text == "100" && rate < 100:
		return "99"
	case text == "0" && rate > 0:
		return "1"
	}
	return text
}

// heatSpan is the least difference, in percentage points, that takes the whole range of shades: sites
// that are nearly alike look so.
const heatSpan = 10

// shadeColumn shades each site by how far it lags behind the best of the same form, so that
// differences show where all are near one another and where all are low.
func shadeColumn(column []heatCell) {
	low, high := 100.0, 0.0
	for _, c := range column {
		if c.Has {
			low, high = min(low, c.rate), max(high, c.rate)
		}
	}
	for i := range column {
		column[i].Alpha = fmt.Sprintf("%.2f", 0.6*(high-column[i].rate)/max(high-low, heatSpan))
	}
}

// siteName is the name of a site, or its id where it has none.
func siteName(id int64, sites []SiteCount) string {
	for _, s := range sites {
		if s.SiteID == id && strings.TrimSpace(s.SiteName) != "" {
			return s.SiteName
		}
	}
	if id == 0 {
		return "no site"
	}
	return fmt.Sprint(id)
}
