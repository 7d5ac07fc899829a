package report

import (
	"encoding/json"
	"html/template"
)

// tableData is a table as the page's script reads it: cells are places in the list of texts.
type tableData struct {
	Title   string      `json:"title"`
	Unit    string      `json:"unit"`
	Columns [][2]string `json:"columns"`
	Cells   []int       `json:"cells"`
	Counts  []int64     `json:"counts"`
}

// pageData writes the rows for the script. The texts hold no "<", ">" or "&", nor line separators: they
// are escaped as JSON, so that none can end the element that holds them.
func pageData(r *Report) (template.JS, error) {
	data := struct {
		Limit   int                  `json:"limit"`
		Strings []string             `json:"strings"`
		Tables  map[string]tableData `json:"tables"`
	}{r.MaxRows, []string{}, map[string]tableData{}}
	places := map[string]int{}
	for _, t := range r.Tables {
		d := tableData{Title: t.Title, Unit: t.Counts, Columns: [][2]string{}, Cells: []int{}, Counts: []int64{}}
		for _, c := range t.Columns {
			d.Columns = append(d.Columns, [2]string{c.Key, c.Title})
		}
		for _, row := range t.Rows {
			d.Counts = append(d.Counts, row.Count)
			for _, cell := range row.Cells {
				at, known := places[cell]
				if !known {
					at = len(data.Strings)
					places[cell], data.Strings = at, append(data.Strings, cell)
				}
				d.Cells = append(d.Cells, at)
			}
		}
		data.Tables[t.Name] = d
	}
	text, err := json.Marshal(data)
	return template.JS(text), err
}
