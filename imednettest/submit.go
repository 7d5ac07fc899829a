package imednettest

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// item is one element of a POST body.
type item struct {
	raw   []byte
	ids   map[string]int64  // formId, siteId, subjectId, intervalId, recordId
	texts map[string]string // formKey, siteName, subjectKey, subjectOid, intervalName, recordOid
	data  []byte
}

// itemKeys are the keys that an item may have (contract section 6), and whether they are ids.
// The values go under data: recordData is the name for reading and is refused.
func itemKeys() map[string]bool {
	return map[string]bool{
		"formKey": false, "formId": true, "siteName": false, "siteId": true, "subjectKey": false, "subjectId": true, "subjectOid": false,
		"intervalName": false, "intervalId": true, "recordId": true, "recordOid": false,
	}
}

// readItems checks the shape of a POST body: a non-empty array of items. attribute names the
// first thing that is wrong.
func readItems(body []byte) (items []item, attribute string) {
	body = bytes.Trim(body, " \t\r\n") // what JSON calls white space
	if len(body) == 0 || body[0] != '[' || !jsontext.Value(body).IsValid() {
		return nil, "body"
	}
	for raw := range elements(body) {
		it, attribute := readItem(raw)
		if attribute != "" {
			return nil, attribute
		}
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil, "body"
	}
	return items, ""
}

func readItem(raw []byte) (it item, attribute string) {
	it = item{raw: bytes.Clone(raw), ids: map[string]int64{}, texts: map[string]string{}}
	if raw[0] != '{' {
		return it, "body"
	}
	keys := itemKeys()
	for m := range members(it.raw) {
		name, value := m.text(), it.raw[m.start:m.end]
		isID, known := keys[name]
		switch {
		case name == "data":
			it.data = value
		case !known:
			return it, name
		case isID:
			if it.ids[name] = intOf(value); it.ids[name] <= 0 || value[0] == '"' {
				return it, name
			}
		default:
			if value[0] != '"' || textOf(value) == "" {
				return it, name
			}
			it.texts[name] = textOf(value)
		}
	}
	if it.texts["formKey"] == "" && it.ids["formId"] == 0 {
		return it, "formKey"
	}
	if len(it.data) == 0 || it.data[0] != '{' {
		return it, "data"
	}
	for m := range members(it.data) {
		if c := it.data[m.start]; c == '{' || c == '[' {
			return it, m.text()
		}
	}
	return it, ""
}

func (it item) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return it.ids[name] != 0 || it.texts[name] != "" })
}
