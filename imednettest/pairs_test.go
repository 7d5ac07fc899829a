package imednettest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Every two sides of any two settings meet, counted apart from how they are made.
func TestSettingsPairsHaveEveryPair(t *testing.T) {
	all := imednettest.SettingsPairs()
	require.Equal(t, imednettest.Settings{}, all[0])
	require.Equal(t, all, imednettest.SettingsPairs(), "the same in every run")
	sides := map[string]map[string]bool{}
	met := map[string]bool{}
	for _, s := range all {
		v := reflect.ValueOf(s)
		for p := range v.NumField() {
			name := v.Type().Field(p).Name
			if sides[name] == nil {
				sides[name] = map[string]bool{}
			}
			sides[name][fmt.Sprint(v.Field(p))] = true
			for q := range p {
				met[fmt.Sprint(v.Type().Field(q).Name, v.Field(q), name, v.Field(p))] = true
			}
		}
	}
	want := 0
	names := reflect.VisibleFields(reflect.TypeFor[imednettest.Settings]())
	for p, f := range names {
		n := map[reflect.Kind]int{reflect.Bool: 2, reflect.Int: 2}[f.Type.Kind()]
		if n == 0 {
			n = map[string]int{"FailedJobs": 4, "RoleDates": 6}[f.Name]
		}
		require.Len(t, sides[f.Name], n, f.Name)
		for _, g := range names[:p] {
			want += n * len(sides[g.Name])
		}
	}
	require.Len(t, met, want)
	require.Less(t, len(all), 32)
	t.Logf("%d settings for %d pairs", len(all), want)
}

// The in-memory client keeps the contract under every second of them, under all with IMEDNET_LONG=1. That of rest keeps
// it under all, by the same suite.
func TestInMemoryClientPassesTheContractUnderEverySetting(t *testing.T) {
	for i, settings := range imednettest.SettingsPairs() {
		if testing.Short() && i > 1 {
			break
		}
		if i%2 == 1 && os.Getenv("IMEDNET_LONG") == "" {
			continue
		}
		name, err := json.Marshal(settings)
		require.NoError(t, err)
		t.Run(string(name), func(t *testing.T) {
			imednettest.TestClient(t, func(_ *testing.T, s *imednettest.Server) imednet.Client {
				s.Configure(settings)
				return s.Client()
			})
		})
	}
}
