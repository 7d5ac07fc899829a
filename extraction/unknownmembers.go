package extraction

import (
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// warnUnknown warns of members of the document, its rules and its widgets that are kept, but have no effect: one may
// be a misspelt expression.
func (p *plan) warnUnknown(cfg imednet.StudyConfiguration) {
	p.warnMembers("", cfg.Unknown)
	for i, mapping := range cfg.Mappings {
		p.warnMembers(jsontext.Pointer("/mappings").AppendToken(strconv.Itoa(i)), mapping.Unknown)
	}
	for i, widget := range cfg.Widgets {
		p.warnMembers(jsontext.Pointer("/widgets").AppendToken(strconv.Itoa(i)), widget.Unknown)
	}
}

func (p *plan) warnMembers(at jsontext.Pointer, unknown jsontext.Value) {
	if unknown == nil {
		return
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(unknown, &members, jsontext.AllowInvalidUTF8(true)); err != nil {
		p.warn(string(at), "has members that are unknown and have no effect")
		return
	}
	if at == "" {
		delete(members, "extraction")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		p.warn(string(at.AppendToken(name)), "is unknown and has no effect")
	}
}
