package policy_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet/internal/policy"
)

// fits reports whether a value fits the part of JSON Schema that the schema of policies uses.
func fits(t *testing.T, schema map[string]any, v any) bool {
	t.Helper()
	for word := range schema {
		require.Contains(t, []string{"$schema", "title", "description", "type", "additionalProperties", "properties", "propertyNames", "required",
			"items", "enum", "uniqueItems", "minLength", "maxLength", "pattern"}, word)
	}
	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, v) {
		return false
	}
	switch schema["type"] {
	case "object":
		object, ok := v.(map[string]any)
		return ok && fitsObject(t, schema, object)
	case "array":
		list, ok := v.([]any)
		return ok && fitsList(t, schema, list)
	case "string":
		text, ok := v.(string)
		return ok && fitsText(schema, text)
	}
	return true
}

func fitsObject(t *testing.T, schema, object map[string]any) bool {
	known, _ := schema["properties"].(map[string]any)
	others, _ := schema["additionalProperties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := object[name.(string)]; !there {
			return false
		}
	}
	for name, value := range object {
		of, ok := known[name].(map[string]any)
		if !ok {
			of = others
		}
		if of == nil || !fits(t, of, value) {
			return false
		}
		if names, ok := schema["propertyNames"].(map[string]any); ok && !fits(t, names, name) {
			return false
		}
	}
	return true
}

func fitsList(t *testing.T, schema map[string]any, list []any) bool {
	for i, item := range list {
		if !fits(t, schema["items"].(map[string]any), item) || schema["uniqueItems"] == true && slices.Contains(list[:i], item) {
			return false
		}
	}
	return true
}

func fitsText(schema map[string]any, text string) bool {
	least, _ := schema["minLength"].(float64)
	most, limited := schema["maxLength"].(float64)
	pattern, _ := schema["pattern"].(string)
	return len(text) >= int(least) && (!limited || len(text) <= int(most)) && regexp.MustCompile(pattern).MatchString(text)
}

// policySchema is the schema, whose patterns Go's regular expressions understand too.
func policySchema(t *testing.T) (schema map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(policy.Schema(), &schema))
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", schema["$schema"])
	return schema
}

// TestTheSchemaListsTheActions: an action that is added, or renamed, stands in the schema.
func TestTheSchemaListsTheActions(t *testing.T) {
	var want, stores []string
	for _, a := range policy.Actions() {
		want = append(want, a.Name)
		store, _, _ := strings.Cut(a.Name, ".")
		if !slices.Contains(stores, store+".*") {
			stores = append(stores, store+".*")
		}
	}
	role := policySchema(t)["properties"].(map[string]any)["roles"].(map[string]any)["additionalProperties"].(map[string]any)
	var got []string
	for _, name := range role["items"].(map[string]any)["enum"].([]any) {
		got = append(got, name.(string))
	}
	require.Equal(t, append(want, stores...), got)
}

// TestTheSchemaSaysWhatIsAPolicy: what Parse accepts fits, and what has another form does not.
func TestTheSchemaSaysWhatIsAPolicy(t *testing.T) {
	schema := policySchema(t)
	key := inPEM(t, key(1))
	for text, good := range map[string]bool{
		`{}`: true,
		"roles: {reviewer: [triage.claim, config.*]}\nusers:\n  anna: {roles: [reviewer]}\n  Bert B.:\n    roles: []\n    subject: \"7\"\n    publicKey: |\n      " + key +
			"\nclaimed: [reviewer]\ntwoPersons: {config: required, triage: required}\nsignatures: {mirror: required}\noidc: {issuer: https://login.example.org/x, audience: a, keys: k}\n": true,
		`rules: {}`:                                     false,
		`roles: {a: [resolve]}`:                         false,
		`roles: {a: ["*"]}`:                             false,
		`roles: {a: triage.claim}`:                      false,
		`roles: {a: [triage.claim, triage.claim]}`:      false,
		`roles: {"": []}`:                               false,
		`users: {" anna": {}}`:                          false,
		`users: {anna: {rolls: []}}`:                    false,
		`users: [anna]`:                                 false,
		`users: {anna: {publicKey: abc}}`:               false,
		`twoPersons: {ledger: required}`:                false,
		`twoPersons: {config: optional}`:                false,
		`signatures: {triage: required}`:                false,
		`oidc: {issuer: "https://a.org", audience: a}`:  false,
		`oidc: {issuer: a.org, audience: a, keys: k}`:   false,
		`{roles: {}, users: {}, claimed: {}, oidc: []}`: false,
	} {
		_, err := policy.Parse([]byte(text))
		require.Equal(t, good, err == nil, "%s: %v", text, err)
		var document map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &document))
		require.Equal(t, good, fits(t, schema, document), text)
	}
}
