package versioning

import (
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// The members that the Python package's models know, by their wire names.
var (
	configurationMembers = []string{"version", "studyKey", "reportingProfile", "mappings", "terminologyLookups", "widgets", "phiFields"}
	ruleMembers          = []string{"domain", "targetField", "sourceFormKey", "sourceVariableName", "fallbackValue", "businessLogic", "isBaseline"}
	widgetMembers        = []string{"widgetId", "type", "title", "domain", "xAxis", "yAxis", "layoutCols"}
)

// takeUnknown moves what is not known out of a tree, into an object of the tree's shape.
func takeUnknown(config map[string]any) map[string]any {
	unknown := takeOthers(config, configurationMembers)
	for list, members := range map[string][]string{"mappings": ruleMembers, "widgets": widgetMembers} {
		elements, _ := config[list].([]any)
		taken := map[string]any{}
		for i, element := range elements {
			if others := takeOthers(asObject(element), members); len(others) > 0 {
				taken[strconv.Itoa(i)] = others
			}
		}
		if len(taken) > 0 {
			unknown[list] = taken
		}
	}
	return unknown
}

func takeOthers(object map[string]any, known []string) map[string]any {
	others := maps.Clone(object)
	if others == nil {
		others = map[string]any{}
	}
	for name := range others {
		if slices.Contains(known, name) {
			delete(others, name)
		} else {
			delete(object, name)
		}
	}
	return others
}

// withUnknown puts unknown members back to where they stood in a document.
func withUnknown(body []byte, unknown jsontext.Value) ([]byte, error) {
	if len(unknown) == 0 {
		return body, nil
	}
	tree, err := parseNode(body)
	if err != nil {
		return nil, err
	}
	others, err := parseNode(unknown)
	if err != nil {
		return nil, err
	}
	config := asObject(tree)
	for name, value := range asObject(others) {
		elements, ok := config[name].([]any)
		if !ok {
			config[name] = value
			continue
		}
		for index, members := range asObject(value) {
			if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(elements) {
				maps.Copy(asObject(elements[i]), asObject(members))
			}
		}
	}
	return appendNode(nil, config), nil
}
