package dictionary_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// TestBuildsOfOtherKindsAreFound has builds that hold for blanks as well, or for two blanks no more, that take an answer of no for a tick, that read the current date in the
// stead of a question, or whose constants are off by less than answers can be.
func TestBuildsOfOtherKindsAreFound(t *testing.T) {
	for _, c := range []struct{ meant, from, to string }{
		{"<or><equals>{R}<value>Mild</value></equals></or>", "<equals>{R}<value>Mild</value></equals>", "<or><equals>{R}<value>Mild</value></equals><blank>{R}</blank></or>"},
		{"<or><checked>{C}</checked></or>", "<checked>{C}</checked>", "<or><checked>{C}</checked><blank>{C}</blank></or>"},
		{"<or><checked>{C}</checked><like>{T}<value>^a</value></like></or>", "<checked>{C}</checked>", "<not><blank>{C}</blank></not>"},
		{"<or><blank>{C}</blank><blank>{T}</blank></or>", "<blank>{C}</blank>", "<not><checked>{C}</checked></not>"},
		{"<and><equals>{R}<value>Mild</value></equals><lte>{N}{M}</lte></and>", "{N}", "<sub><value>0</value>{N}</sub>"},
		{"<and><gt>{X}{E}</gt><not><blank>{N}</blank></not></and>", "<gt>{X}{E}</gt>", "<or><gt>{X}{E}</gt><blank>{E}</blank></or>"},
		{"<or><equals>{N}{M}</equals></or>", "<equals>{N}{M}</equals>", "<and><equals>{N}{M}</equals><not><blank>{M}</blank></not></and>"},
		{"<equals>{W}<floor><div>{V}<value>7</value></div></floor></equals>", "<equals>{W}<floor><div>{V}<value>7</value></div></floor></equals>", "<and><equals>{W}<floor><div>{V}<value>7</value></div></floor></equals><not><blank>{W}</blank></not></and>"},
		{"<and><equals><add>{N}{M}{W}</add><value>2</value></equals></and>", "<equals><add>{N}{M}{W}</add><value>2</value></equals>", "<or><equals><add>{N}{M}{W}</add><value>2</value></equals><blank>{N}</blank></or>"},
		{"<and><lte>{X}{E}</lte></and>", "{E}", "<current_date_only></current_date_only>"},
		{"<or><gt><trunc_date>{X}</trunc_date>{E}</gt><checked>{C}</checked></or>", "{E}", "<current_date_only></current_date_only>"},
		{"<equals>{W}<floor><div>{V}<value>10</value></div></floor></equals>", ">10<", ">9.9<"},
		{"<lt><div>{W}<mul>{L}{L}</mul></div><value>-1</value></lt>", ">-1<", ">-1.01<"},
		{"<and><lt><add>{V}{N}{V}</add><value>24</value></lt></and>", "<add>{V}{N}{V}</add>", "<add>{N}{V}</add>"},
		{"<lt><add>{N}{M}{W}</add><value>0.5</value></lt>", "{W}", "<mul>{W}<value>10</value></mul>"},
		{"<lt><div>{W}<mul>{P}{P}</mul></div><value>42</value></lt>", "{W}", "<add>{W}<value>1</value></add>"},
		{"<or><gte>{L}<value>10</value></gte><checked>{C}</checked></or>", ">10<", ">9.9<"},
		{"<lte>{L}<value>-10</value></lte>", "-10", "-9"},
	} {
		parse := func(text string) *node {
			return parseNode(t, strings.NewReplacer("{", "<question>", "}", "</question>").Replace(text))
		}
		meant, built := parse(c.meant), parse(strings.ReplaceAll(c.meant, c.from, c.to))
		require.NotEqual(t, meant.String(), built.String())
		result := acceptanceOf(t, meant)
		require.Empty(t, result.Uncovered, c.meant)
		shows := func(one dictionary.CaseResult) bool { return showsApart(meant, built, answersOf(one.Data)) }
		require.True(t, slices.ContainsFunc(result.Cases, shows), "%s: %s → %s", c.meant, c.from, c.to)
	}
}
