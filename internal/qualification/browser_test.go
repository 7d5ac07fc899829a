package qualification_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/browsertest"
	"github.com/imednetgo/imednet/internal/qualification"
)

// pageOf is the page of a run with a deviation.
func pageOf(t *testing.T) string {
	wrong := adds
	wrong.ID, wrong.Run = "OQ-X-2", func(_ context.Context, t *qualification.Trial) error {
		t.Equal("<script>alert(1)</script>", `<img src="http://page.invalid/x.png">`, "&")
		return nil
	}
	dir, _, _ := qualify(t, nil, adds, wrong)
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	return string(page)
}

func TestThePageOpensInABrowser(t *testing.T) {
	page := pageOf(t)
	require.NotContains(t, page, "<script")
	seen := browsertest.Open(t, page, filepath.Join(t.TempDir(), "page.png"))
	assert.Empty(t, seen.Console)
	assert.Empty(t, seen.Requests)
}

func TestThePageIsAccessible(t *testing.T) {
	page := pageOf(t)
	for name, flags := range map[string][]string{"light": nil, "dark": {"--blink-settings=preferredColorScheme=0"}, "phone": {"--window-size=500,900"}} {
		assert.Empty(t, browsertest.Violations(t, page, "", flags...), name)
	}
}
