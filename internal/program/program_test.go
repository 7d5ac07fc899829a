package program

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABuildOfOurOwn(t *testing.T) {
	b := buildOf(&debug.BuildInfo{
		GoVersion: "go1.26.8", Main: debug.Module{Path: Module, Version: "v0.3.0"},
		Deps:     []*debug.Module{{Path: "example.org/a", Version: "v1.0.0"}, {Path: "example.org/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/b", Version: "v2.0.0"}}},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}},
	})
	require.Equal(t, "imednet v0.3.0 (0123456789ab, modified)", b.String())
	require.Equal(t, "v1.0.0", b.Modules["example.org/a"])
	require.Equal(t, "v2.0.0", b.Modules["example.org/b"])
	require.Equal(t, "go1.26.8", b.Go)
}

func TestABuildOfAnotherProgram(t *testing.T) {
	b := buildOf(&debug.BuildInfo{
		Main: debug.Module{Path: "example.org/service", Version: "v9.0.0"}, Deps: []*debug.Module{{Path: Module, Version: "v0.3.0"}},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}},
	})
	require.Equal(t, "imednet v0.3.0", b.String(), "the commit is the service's")
	require.Equal(t, "imednet (devel)", buildOf(&debug.BuildInfo{}).String())
}
